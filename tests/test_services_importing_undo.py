"""Undoing an import: everything as it was before, or nothing where something later would be lost."""

import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

import models
from planner.errors import ConflictError, ForbiddenError, NotFoundError
from planner.services.editing import RowEdit, load_rows, save_rows
from planner.services.importing import apply_import, get_import, list_imports, undo_import, write_export
from planner.services.importing.undoing import UndoRefusedError
from planner.services.permissions import OPERATOR, Actor
from planner.services.subjects import find_subject

SHEET = "ความต้องการ"
HEADS = {"รหัส": "R-000100", "ชื่อระบบ": "ระบบเพิ่ม", "หน่วยงาน": "11004", "ลำดับความสำคัญ": "normal"}
NEW = {**HEADS, "ระดับชั้นข้อมูล": "open", "ตั้งแต่ปีงบประมาณ": 2570, "สถานะ": "draft", "vcpu 2570": 3}


@pytest.fixture
def planner(world: sessionmaker[Session], person: Callable[..., Actor]) -> Actor:
    return person(models.Role.MINISTRY_PLANNER, "11000")


def edited(session: Session, actor: Actor, change: Callable[[Any, dict[str, int]], None]) -> io.BytesIO:
    """The actor's own export after somebody typed into its requirements."""
    stream = io.BytesIO()
    write_export(session, actor, "th", stream)
    workbook = load_workbook(stream)
    sheet = workbook[SHEET]
    change(sheet, {str(cell.value).removesuffix(" *").split(" (")[0]: cell.column for cell in sheet[1]})
    stream = io.BytesIO()
    workbook.save(stream)
    stream.seek(0)
    return stream


def change_two_rows(sheet: Any, columns: dict[str, int]) -> None:
    """Rename the draft, change its amounts, and add a row."""
    row = next(cells[0].row for cells in sheet.iter_rows(min_row=2) if cells[0].value == "R-000005")
    sheet.cell(row, columns["ชื่อระบบ"], "ชื่อจากแฟ้ม")
    sheet.cell(row, columns["vcpu 2571"], 9)
    sheet.cell(row, columns["hot_tb 2570"]).value = None
    last = sheet.max_row + 1
    for header, value in NEW.items():
        sheet.cell(last, columns[header], value)


@pytest.fixture
def number(world: sessionmaker[Session], planner: Actor) -> int:
    """The number of an import that changed one row and added one."""
    with world.begin() as session:
        result = apply_import(session, planner, edited(session, planner, change_two_rows), "ของเรา.xlsx")
    assert result.number is not None
    return result.number


def test_an_import_is_kept_cell_by_cell(world: sessionmaker[Session], planner: Actor, number: int) -> None:
    with world() as session:
        detail = get_import(session, planner, number)
        assert (detail.file_name, detail.undoable, detail.undone_at) == ("ของเรา.xlsx", True, None)
        assert [(row.code, row.added) for row in detail.rows] == [("R-000005", False), ("R-000100", True)]
        changed = {str(getattr(cell.label, "th", "amount")): (cell.old, cell.new) for cell in detail.rows[0].cells}
        assert changed["ชื่อระบบ"] == ("แบบร่าง", "ชื่อจากแฟ้ม")
        assert len(detail.rows[0].cells) == 3
        listing = list_imports(session, planner)
        assert listing.table.column("file_name") == ("ของเรา.xlsx",)
        assert listing.table.column("added") == listing.table.column("changed") == (1,)


def test_undoing_puts_everything_back(world: sessionmaker[Session], planner: Actor, number: int) -> None:
    with world.begin() as session:
        undo_import(session, planner, number)
    with world() as session:
        (row,) = load_rows(session, planner, ["R-000005"])
        assert {name: cell for name, cell in row.cells.items() if name == "title" or name.startswith("demand.")} == {
            "title": "แบบร่าง",
            **{f"demand.vcpu.{year}": 5.0 for year in (2027, 2028, 2029)},
            **{f"demand.hot_tb.{year}": 1.25 for year in (2027, 2028, 2029)},
        }
        assert session.scalar(select(func.count()).where(models.Requirement.code == "R-000100")) == 0
        detail = get_import(session, planner, number)
        assert (detail.undone_by, detail.undoable) == (planner.full_name, False)
        actions = session.execute(
            select(models.AuditEntry.action, models.AuditEntry.subject).order_by(models.AuditEntry.position)
        ).all()
        assert actions[-3:] == [
            ("undone", "requirement:R-000005"),
            ("undone", "requirement:R-000100"),
            ("undone", f"import:{number}"),
        ]
    with world() as session, pytest.raises(ConflictError):
        undo_import(session, planner, number)


def test_nothing_is_undone_where_a_later_edit_would_be_lost(
    world: sessionmaker[Session], planner: Actor, number: int
) -> None:
    with world.begin() as session:
        save_rows(
            session,
            planner,
            [
                RowEdit("R-000005", None, {"title": "ชื่อภายหลัง"}),
                RowEdit("R-000100", None, {"note": "เพิ่มภายหลัง", "demand.vcpu.2027": 4}),
            ],
        )
    with world() as session, pytest.raises(UndoRefusedError) as caught:
        undo_import(session, planner, number)
    assert {fault.address: fault.code for fault in caught.value.faults} == {
        "R-000005/title": "changed_since",
        "R-000100/note": "changed_since",
        "R-000100/demand.vcpu.2027": "changed_since",
    }
    with world() as session:
        rows = load_rows(session, planner, ["R-000005", "R-000100"])
        assert [row.cells["title"] for row in rows] == ["ชื่อภายหลัง", "ระบบเพิ่ม"]
        assert get_import(session, planner, number).undoable


def test_later_edits_of_other_cells_stay(world: sessionmaker[Session], planner: Actor, number: int) -> None:
    with world.begin() as session:
        save_rows(session, planner, [RowEdit("R-000005", None, {"note": "เพิ่มภายหลัง"})])
        undo_import(session, planner, number)
    with world() as session:
        (row,) = load_rows(session, planner, ["R-000005"])
        assert (row.cells["title"], row.cells["note"]) == ("แบบร่าง", "เพิ่มภายหลัง")


def test_a_row_that_is_gone_or_in_review_stands_against_undoing(
    world: sessionmaker[Session], planner: Actor, number: int
) -> None:
    with world.begin() as session:
        rows = {row.code: row for row in session.scalars(select(models.Requirement))}
        session.delete(rows["R-000100"])
        rows["R-000005"].status = models.RequirementStatus.SUBMITTED
    with world() as session, pytest.raises(UndoRefusedError) as caught:
        undo_import(session, planner, number)
    assert {fault.address: fault.code for fault in caught.value.faults} == {
        "R-000100": "gone",
        "R-000005/code": "refused",
    }


def test_imports_of_other_ministries_are_not_there(
    world: sessionmaker[Session], planner: Actor, number: int, person: Callable[..., Actor]
) -> None:
    with world.begin() as session:
        session.scalars(select(models.User)).one().username = "somebody-else"
    other = person(models.Role.MINISTRY_PLANNER, "21000")
    auditor, administrator = person(models.Role.AUDITOR), person(models.Role.ADMINISTRATOR)
    with world() as session:
        for use in (get_import, undo_import):
            for stranger in (other, administrator):
                with pytest.raises(NotFoundError):
                    use(session, stranger, number)
            with pytest.raises(ForbiddenError):
                use(session, auditor, number)
        assert list_imports(session, other).total == list_imports(session, administrator).total == 0


def test_reference_data_goes_back_too_unless_it_is_used(world: sessionmaker[Session]) -> None:
    def add_region_and_site(workbook: Any) -> None:
        regions, sites = workbook["ภูมิภาค"], workbook["ศูนย์ข้อมูล"]
        regions.append(["east", "ภาคตะวันออก", "East"])
        regions["C2"] = "Central Thailand"
        copied = [cell.value for cell in sites[2]]
        sites.append(["RYG1", "ระยอง", "Rayong", "east", *copied[4:]])

    with world.begin() as session:
        stream = io.BytesIO()
        write_export(session, OPERATOR, "th", stream)
        workbook = load_workbook(stream)
        add_region_and_site(workbook)
        changed = io.BytesIO()
        workbook.save(changed)
        changed.seek(0)
        number = apply_import(session, OPERATOR, changed, "regions.xlsx").number
        assert number is not None
    with world.begin() as session:
        region = session.scalars(select(models.Region).where(models.Region.code == "east")).one()
        session.scalars(select(models.Site).where(models.Site.code == "BKK1")).one().region = region
    with world() as session, pytest.raises(ConflictError, match="is used by now"):
        undo_import(session, OPERATOR, number)
    with world.begin() as session:
        region = session.scalars(select(models.Region).where(models.Region.code == "central")).one()
        session.scalars(select(models.Site).where(models.Site.code == "BKK1")).one().region = region
    with world.begin() as session:
        undo_import(session, OPERATOR, number)
    with world() as session:
        assert session.execute(
            select(models.Region.code, models.Region.name_en).order_by(models.Region.code)
        ).all() == [
            ("central", "Central"),
            ("north", "North"),
        ]
        assert session.scalar(select(func.count()).select_from(models.Site)) == 2


def test_an_import_stays_with_its_ministry_when_its_person_moves(
    world: sessionmaker[Session], planner: Actor, number: int, person: Callable[..., Actor]
) -> None:
    colleague = person(models.Role.MINISTRY_PLANNER, "11000", "colleague")
    other = person(models.Role.MINISTRY_PLANNER, "21000", "other")
    with world.begin() as session:
        session.get_one(models.User, planner.user_id).ministry_id = other.ministry_id
    with world() as session:
        assert [list_imports(session, actor).total for actor in (colleague, other)] == [1, 0]
        with pytest.raises(NotFoundError):
            get_import(session, other, number)
        with pytest.raises(NotFoundError):
            find_subject(session, other, f"import:{number}")


def test_undoing_waits_for_an_edit_at_the_same_moment_and_loses_none_of_it(
    world: sessionmaker[Session], planner: Actor, number: int
) -> None:
    refused: list[bool] = []

    def undo() -> None:
        try:
            with world.begin() as session:
                undo_import(session, planner, number)
        except UndoRefusedError:
            refused.append(True)

    thread = threading.Thread(target=undo)
    with world.begin() as session:
        save_rows(session, planner, [RowEdit("R-000100", 1, {"title": "ชื่อที่เพิ่งแก้"})])
        thread.start()
        thread.join(0.5)  # long enough to read what was there before
    thread.join()
    assert refused == [True]
    with world() as session:
        assert load_rows(session, planner, ["R-000100"])[0].cells["title"] == "ชื่อที่เพิ่งแก้"
