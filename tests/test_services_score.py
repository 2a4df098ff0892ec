"""The score of the review is DE's to set: whatever way a ministry sends a row, it stays as it was."""

import io

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

import models
from planner.i18n import translator
from planner.services.editing import RowEdit, check_rows, load_columns, load_rows, save_rows
from planner.services.importing import apply_import, preview_import
from planner.services.permissions import Actor
from planner.text import LocalText
from reports.template import Exchange, write_workbook

NEW = {"title": "ระบบใหม่", "agency": "11004", "priority": "normal", "clearance": "open", "start_year": 2027}
ROW = NEW | {"code": "R-000005", "title": "แบบร่าง", "status": "draft", "demand": {("vcpu", 2027): 5.0}}


@pytest.fixture
def scored(world: sessionmaker[Session]) -> sessionmaker[Session]:
    """The small world after DE gave the draft a score of 2.5."""
    with world.begin() as session:
        session.execute(update(models.Requirement).where(models.Requirement.code == "R-000005").values(weight=2.5))
    return world


@pytest.fixture
def planner(scored: sessionmaker[Session], person) -> Actor:
    return person(models.Role.MINISTRY_PLANNER, "11000")


@pytest.fixture
def reviewer(scored: sessionmaker[Session], person) -> Actor:
    return person(models.Role.DE_PLANNER)


def workbook_of(row: dict[str, object]) -> io.BytesIO:
    stream = io.BytesIO()
    content = Exchange(LocalText("ทดสอบ", "Test"), {"requirements": [row]}, (2027,), {"vcpu": "vCPU"})
    write_workbook(content, translator("th"), "th", stream)
    stream.seek(0)
    return stream


def score(session: Session, code: str) -> float:
    return session.scalars(select(models.Requirement.weight).where(models.Requirement.code == code)).one()


def test_a_ministry_may_send_the_score_as_it_is_or_leave_it_empty(
    scored: sessionmaker[Session], planner: Actor
) -> None:
    for version, cell in enumerate(("2.5", "", None, 2.5), start=1):
        with scored.begin() as session:
            cells = {"title": f"ชื่อที่ {version}", "weight": cell}
            assert save_rows(session, planner, [RowEdit("R-000005", version, cells)]).versions == (version + 1,)
            assert score(session, "R-000005") == 2.5
    with scored.begin() as session:
        saved = save_rows(session, planner, [RowEdit(None, None, {**NEW, "weight": "1"})])
        assert score(session, saved.codes[0]) == 1.0


def test_a_ministrys_change_of_the_score_is_a_fault_at_its_cell(scored: sessionmaker[Session], planner: Actor) -> None:
    edits = [
        RowEdit("R-000005", 1, {"weight": 1}),
        RowEdit("R-000002", 1, {"weight": "9"}),
        RowEdit(None, None, {**NEW, "weight": 2}),
    ]
    with scored() as session:
        assert {fault.address: fault.code for fault in check_rows(session, planner, edits).faults} == {
            "R-000005/weight": "locked_column",
            "R-000002/weight": "locked_column",
            "+3/weight": "locked_column",
        }


def test_a_ministrys_workbook_keeps_the_score(scored: sessionmaker[Session], planner: Actor) -> None:
    with scored() as session:
        preview = preview_import(session, planner, workbook_of({**ROW, "weight": 1.0}), "score.xlsx")
        assert [(fault.address, fault.code) for fault in preview.faults] == [("ความต้องการ!F2", "locked_column")]
    for row in ({**ROW, "weight": 2.5, "title": "หนึ่ง"}, {**ROW, "weight": None, "title": "สอง"}):
        with scored.begin() as session:
            assert apply_import(session, planner, workbook_of(row), "score.xlsx").stored
            assert score(session, "R-000005") == 2.5


def test_de_sets_the_score_and_an_empty_cell_leaves_it(scored: sessionmaker[Session], reviewer: Actor) -> None:
    with scored.begin() as session:
        save_rows(session, reviewer, [RowEdit("R-000005", 1, {"weight": "3"})])
        assert score(session, "R-000005") == 3.0
        save_rows(session, reviewer, [RowEdit("R-000005", 2, {"weight": "", "title": "ชื่อใหม่"})])
        assert score(session, "R-000005") == 3.0


def test_a_ministrys_change_of_a_revision_keeps_the_score_that_de_proposed(
    scored: sessionmaker[Session], planner: Actor, reviewer: Actor
) -> None:
    with scored.begin() as session:
        save_rows(session, reviewer, [RowEdit("R-000002", 1, {"weight": "4"})])
    with scored.begin() as session:
        row = NEW | {"code": "R-000002", "title": "ชื่อใหม่", "priority": "high", "clearance": "protected"}
        row |= {"status": "approved", "weight": 1.0, "demand": {("vcpu", 2027): 30.0}}
        apply_import(session, planner, workbook_of(row), "revision.xlsx")
    with scored() as session:
        (found,) = load_rows(session, planner, ["R-000002"])
        assert (found.cells["title"], found.cells["weight"]) == ("ชื่อใหม่", 4.0)


def test_the_column_is_locked_for_those_who_do_not_review(
    scored: sessionmaker[Session], planner: Actor, reviewer: Actor
) -> None:
    with scored() as session:
        assert [column.key for column in load_columns(session, planner) if column.locked] == ["weight"]
        assert not any(column.locked for column in load_columns(session, reviewer))
