"""Editing rows: read as a workbook's rows are, saved all or none, and never over what somebody else wrote."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

import models
from planner.errors import ForbiddenError, InvalidInputError, NotFoundError
from planner.services.editing import RowEdit, StaleRowsError, check_rows, load_columns, load_rows, save_rows
from planner.services.permissions import Actor

NEW = {
    "title": "ระบบใหม่",
    "agency": "11004",
    "priority": "normal",
    "clearance": "open",
    "start_year": "๒๕๗๐",
    "demand.vcpu.2027": "1,200.5",
    "demand.hot_tb.2028": 3,
}


@pytest.fixture
def planner(world: sessionmaker[Session], person) -> Actor:
    return person(models.Role.MINISTRY_PLANNER, "11000")


def faults_of(session: Session, actor: Actor, *edits: RowEdit) -> dict[str, str]:
    """The faults of edits by address; saving them must be refused with the same ones."""
    checked = check_rows(session, actor, edits)
    if checked.faults:
        with pytest.raises(InvalidInputError) as caught:
            save_rows(session, actor, edits)
        assert caught.value.faults == checked.faults
    return {fault.address: fault.code for fault in checked.faults}


def test_a_new_row_is_stored_under_the_next_code_as_a_draft(world: sessionmaker[Session], planner: Actor) -> None:
    with world.begin() as session:
        saved = save_rows(session, planner, [RowEdit(None, None, NEW), RowEdit(None, None, NEW)])
        assert (saved.codes, saved.versions) == (("R-000007", "R-000008"), (1, 1))
    with world() as session:
        (row,) = load_rows(session, planner, ["R-000007"])
        assert row.cells == {
            "code": "R-000007",
            "title": "ระบบใหม่",
            "agency": "11004",
            "priority": "normal",
            "clearance": "open",
            "weight": 1.0,
            "copies": 1,
            "divisible": True,
            "start_year": 2027,
            "status": "draft",
            "demand.vcpu.2027": 1200.5,
            "demand.hot_tb.2028": 3.0,
        }
        entry = session.scalars(select(models.AuditEntry).order_by(models.AuditEntry.position)).first()
        assert entry is not None
        assert (entry.action, entry.subject) == ("created", "requirement:R-000007")
        assert entry.changes["demand.vcpu.2027"] == [None, 1200.5]


def test_only_the_cells_that_are_named_change(world: sessionmaker[Session], planner: Actor) -> None:
    cells = {"title": "ชื่อใหม่", "demand.vcpu.2028": "", "demand.hot_tb.2027": "2"}
    with world.begin() as session:
        (before,) = load_rows(session, planner, ["R-000005"])
        assert save_rows(session, planner, [RowEdit("R-000005", 1, cells)]).versions == (2,)
    with world() as session:
        (after,) = load_rows(session, planner, ["R-000005"])
        kept = {name: cell for name, cell in before.cells.items() if name != "demand.vcpu.2028"}
        assert after.cells == {**kept, "title": "ชื่อใหม่", "demand.hot_tb.2027": 2.0}
        entry = session.scalars(select(models.AuditEntry)).one()
        assert entry.changes == {
            "title": ["แบบร่าง", "ชื่อใหม่"],
            "demand.vcpu.2028": [5.0, None],
            "demand.hot_tb.2027": [1.25, 2.0],
        }


def test_every_fault_is_found_at_its_row_and_column(world: sessionmaker[Session], planner: Actor) -> None:
    edits = [
        RowEdit("R-000005", 1, {"title": " ", "demand.vcpu.2029": "มาก", "status": "approved"}),
        RowEdit(None, None, {"agency": "21004", "start_year": 2570, "end_year": 2029, "demand.moon.2027": 1}),
        RowEdit(None, None, {**NEW, "regions": ["north", "moon"], "copies": 3, "colour": "red", "start_year": "2571"}),
        RowEdit(None, None, {**NEW, "end_year": 2569}),
    ]
    with world() as session:
        assert faults_of(session, planner, *edits) == {
            "R-000005/title": "missing",
            "R-000005/demand.vcpu.2029": "not_a_number",
            "R-000005/status": "fixed_column",
            "+2/end_year": "mixed_eras",
            "+2/demand.moon.2027": "fixed_column",
            "+2/title": "missing",
            "+2/priority": "missing",
            "+2/clearance": "missing",
            "+2/agency": "other_ministry",
            "+3/regions": "unknown_code",
            "+3/copies": "out_of_range",
            "+3/colour": "fixed_column",
            "+3/demand.vcpu.2027": "outside_period",
            "+4/end_year": "ends_before_start",
            "+4/demand.vcpu.2027": "outside_period",
            "+4/demand.hot_tb.2028": "outside_period",
        }
        assert session.scalars(select(func.max(models.Requirement.code))).one() == "R-000006"


def test_the_second_of_two_people_is_told_and_sees_both(world: sessionmaker[Session], planner: Actor) -> None:
    with world.begin() as session:
        save_rows(session, planner, [RowEdit("R-000005", 1, {"title": "ของคนแรก"})])
    edit = RowEdit("R-000005", 1, {"title": "ของคนที่สอง", "note": "หมายเหตุ"})
    with world() as session, pytest.raises(StaleRowsError) as caught:
        save_rows(session, planner, [edit, RowEdit(None, None, NEW)])
    (conflict,) = caught.value.conflicts
    assert (conflict.code, conflict.version, conflict.differing) == ("R-000005", 2, ("title", "note"))
    assert (conflict.theirs["title"], conflict.mine["title"]) == ("ของคนแรก", "ของคนที่สอง")
    with world.begin() as session:
        assert save_rows(session, planner, [RowEdit("R-000005", conflict.version, edit.cells)]).versions == (3,)


def test_sending_the_same_twice_is_harmless(world: sessionmaker[Session], planner: Actor) -> None:
    edits = [RowEdit(None, None, NEW, key="made-in-a-browser"), RowEdit("R-000005", 1, {"title": "ชื่อใหม่"})]
    for _ in range(2):
        with world.begin() as session:
            saved = save_rows(session, planner, edits)
            assert (saved.codes, saved.versions) == (("R-000007", "R-000005"), (1, 2))
    with world() as session:
        assert len(session.scalars(select(models.AuditEntry)).all()) == 2


def test_a_row_cannot_be_edited_twice_at_once(world: sessionmaker[Session], planner: Actor) -> None:
    edits = [RowEdit("R-000005", 1, {"title": "หนึ่ง"}), RowEdit("R-000005", 1, {"title": "สอง"})]
    with world() as session:
        assert faults_of(session, planner, *edits) == {"R-000005/": "duplicate_code"}


def test_a_row_of_another_ministry_is_not_there(world: sessionmaker[Session], planner: Actor) -> None:
    with world() as session:
        for code in ("R-000001", "R-000099"):
            with pytest.raises(NotFoundError):
                save_rows(session, planner, [RowEdit(code, 1, {"title": "x"})])
            with pytest.raises(NotFoundError):
                load_rows(session, planner, [code])


def test_who_may_only_read_cannot_save(world: sessionmaker[Session], person) -> None:
    auditor = person(models.Role.AUDITOR)
    with world() as session, pytest.raises(ForbiddenError):
        save_rows(session, auditor, [RowEdit("R-000005", 1, {})])


def test_columns_tell_what_may_be_chosen(world: sessionmaker[Session], planner: Actor) -> None:
    with world() as session:
        columns = {column.key: column for column in load_columns(session, planner)}
    assert [choice.code for choice in columns["agency"].choices] == ["11003", "11004"]
    assert columns["status"].fixed
    assert not columns["code"].required
    assert [choice.code for choice in columns["regions"].choices] == ["central", "north"]
    assert [key for key in columns if key.startswith("demand.vcpu")] == [
        "demand.vcpu.2027",
        "demand.vcpu.2028",
        "demand.vcpu.2029",
    ]
