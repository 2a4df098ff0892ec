"""Importing: previewed, all or nothing, repeatable, within what a role may bring in; the same on both databases."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session, sessionmaker

import models
from models.sorting import thai_sort_key
from planner.errors import ForbiddenError, InvalidInputError
from planner.i18n import to_words, translator
from planner.services.importing import apply_import, preview_import, write_export, write_template
from planner.services.permissions import OPERATOR, Actor
from planner.services.problems import load_problem
from planner.services.rows.targets import Database
from planner.services.sample import build_sample, sample_workbook
from planner.text import LocalText
from reports.reader import read_workbook
from reports.sheets import REGISTER
from reports.template import Exchange, write_workbook

TABLES = models.Base.metadata.sorted_tables


@cache
def small_sample() -> bytes:
    """A small sample with one requirement in five, and without the register of staff."""
    whole = build_sample(requirements=400)
    stream = io.BytesIO()
    staff = {sheet.key for sheet in REGISTER}
    rows = {key: rows for key, rows in whole.rows.items() if key not in staff}
    rows["requirements"] = rows["requirements"][::5]
    write_workbook(replace(whole, rows=rows), translator("th"), "th", stream)
    return stream.getvalue()


def sample() -> io.BytesIO:
    return io.BytesIO(small_sample())


def workbook_of(rows: dict[str, Any], **more: Any) -> io.BytesIO:
    """A workbook of some sheets over the years and resource types of the sample."""
    stream = io.BytesIO()
    content = Exchange(LocalText("ทดสอบ", "Test"), rows, (2027, 2028, 2029), {"vcpu": "vCPU", "hot": "TB"}, **more)
    write_workbook(content, translator("th"), "th", stream)
    stream.seek(0)
    return stream


def edited(change: Callable[[Any], None]) -> io.BytesIO:
    """The sample workbook after somebody typed into it."""
    workbook = load_workbook(sample())
    change(workbook)
    stream = io.BytesIO()
    workbook.save(stream)
    stream.seek(0)
    return stream


def contents(session: Session) -> dict[str, list[Any]]:
    """Every row of every table but the record of imports."""
    return {
        table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
        for table in TABLES
        if table.name != "import_batch"
    }


def actor(role: models.Role, session: Session, ministry: str | None = None) -> Actor:
    """A stored account, as the one who imports."""
    found = session.scalar(select(models.Ministry).where(models.Ministry.code == ministry)) if ministry else None
    user = models.User(username=str(role), full_name=str(role), password_hash="-", role=role, ministry=found)
    session.add(user)
    session.flush()
    return Actor(user.id, user.username, user.full_name, role, found and found.id, found and found.code)


def faults_of(session: Session, stream: io.BytesIO, who: Actor = OPERATOR) -> dict[str, str]:
    """The faults of an upload by address; applying it must raise and leave the database as it was."""
    before = contents(session)
    preview = preview_import(session, who, io.BytesIO(stream.getvalue()), "upload.xlsx")
    with pytest.raises(InvalidInputError) as caught:
        apply_import(session, who, stream, "upload.xlsx")
    assert caught.value.faults == preview.faults
    assert all(to_words(fault.message, language) for fault in preview.faults for language in ("th", "en"))
    assert contents(session) == before
    return {fault.address: fault.code for fault in preview.faults}


def requirement(**values: Any) -> dict[str, Any]:
    return {
        "code": "R-NEW",
        "title": "ระบบใหม่",
        "agency": "11000001",
        "priority": "normal",
        "clearance": "open",
        "start_year": 2027,
        "status": "draft",
        "demand": {("vcpu", 2027): 4.0, ("vcpu", 2028): 5.0},
    } | values


@pytest.fixture
def loaded(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """A database that holds the sample."""
    with sessions.begin() as session:
        apply_import(session, OPERATOR, sample(), "sample.xlsx")
    return sessions


def test_the_sample_is_stored_whole_and_recorded(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        apply_import(session, OPERATOR, io.BytesIO(sample_workbook(150)), "sample.xlsx")
    with sessions() as session:
        batch = session.scalars(select(models.ImportBatch)).one()
        assert (batch.file_name, batch.synthetic, batch.imported_by_id) == ("sample.xlsx", True, None)
        assert batch.counts["requirements"] == {"added": 150, "changed": 0, "unchanged": 0}
        wanted = build_sample(requirements=150).rows
        stored = session.scalar(select(func.count()).select_from(models.DemandLine))
        assert stored == sum(len(row["demand"]) for row in wanted["requirements"])  # type: ignore[arg-type]
        problem = load_problem(session)  # which raises unless every rule holds
        assert len(problem.requirements) == 150


def test_a_second_time_changes_nothing_and_records_nothing(loaded: sessionmaker[Session]) -> None:
    with loaded.begin() as session:
        before = contents(session)
        result = apply_import(session, OPERATOR, sample(), "sample.xlsx")
        assert not result.stored
        assert sum(sheet.added + sheet.changed for sheet in result.changes) == 0
        assert contents(session) == before
        assert session.scalar(select(func.count()).select_from(models.ImportBatch)) == 1


def test_a_preview_writes_nothing(session: Session) -> None:
    before = contents(session)
    preview = preview_import(session, OPERATOR, sample(), "sample.xlsx")
    assert (preview.faults, preview.synthetic) == ((), True)
    assert {sheet.sheet: sheet.added for sheet in preview.changes}["agencies"] == 247
    assert contents(session) == before


@pytest.mark.parametrize("language", ["th", "en"])
def test_our_own_export_is_an_upload_that_changes_nothing(
    loaded: sessionmaker[Session], language: str, tmp_path: Path
) -> None:
    path = tmp_path / "export.xlsx"
    with loaded() as session, path.open("wb") as stream:
        line = session.scalars(select(models.DemandLine).limit(1)).one()
        line.amount = 1 / 3  # more digits than Excel keeps
        session.flush()
        write_export(session, OPERATOR, language, stream)
        with path.open("rb") as upload:
            preview = preview_import(session, OPERATOR, upload, "export.xlsx")
    assert preview.faults == ()
    assert sum(sheet.added + sheet.changed for sheet in preview.changes) == 0
    assert preview.synthetic  # what came from made-up data stays marked


def test_a_template_lists_the_codes_there_are(loaded: sessionmaker[Session]) -> None:
    with loaded() as session:
        stream = io.BytesIO()
        write_template(session, actor(models.Role.MINISTRY_PLANNER, session, "04000"), "th", stream)
    stream.seek(0)
    assert set(read_workbook(stream).sheets) == {"datasets", "requirements"}
    lists = load_workbook(stream)["รายการรหัส"]
    columns = {column[0]: [code for code in column[1:] if code] for column in lists.iter_cols(values_only=True)}
    assert columns["หน่วยงาน"] == ["04000001"]  # a ministry sees its own alone
    assert columns["ภูมิภาค"] == ["central", "north", "northeast", "south"]


def test_rows_are_changed_by_code_and_the_rest_stays(loaded: sessionmaker[Session]) -> None:
    with loaded.begin() as session:
        codes = select(models.Requirement.code).order_by(models.Requirement.code)
        first, second = session.scalars(codes.limit(2)).all()
        others = {
            (line.resource_type.code, line.year): line.amount
            for line in session.scalars(select(models.DemandLine).where(models.DemandLine.requirement.has(code=first)))
            if line.year > 2029 or line.resource_type.code not in {"vcpu", "hot"}
        }
        assert others  # for which the file has no columns
        rows = [
            requirement(code=first, regions=("north",), sites=("CNX1", "PTE1"), incumbent="CNX1", copies=2),
            requirement(),
        ]
        result = apply_import(session, OPERATOR, workbook_of({"requirements": rows}), "part.xlsx")
        (sheet,) = result.changes
        assert (sheet.added, sheet.changed, sheet.unchanged) == (1, 1, 0)
    with loaded() as session:
        by_code = {row.code: row for row in session.scalars(select(models.Requirement))}
        changed = by_code[first]
        assert len(by_code) == 81
        assert (changed.title, changed.version, by_code[second].version) == ("ระบบใหม่", 2, 1)
        assert changed.title_key == thai_sort_key("ระบบใหม่")
        assert ([row.code for row in changed.regions], [row.code for row in changed.sites]) == (
            ["north"],
            ["CNX1", "PTE1"],
        )
        assert {(line.resource_type.code, line.year): line.amount for line in changed.demand} == {
            **others,
            ("vcpu", 2027): 4.0,
            ("vcpu", 2028): 5.0,
        }
        assert len(by_code[second].demand) > 2


def test_columns_that_the_file_does_not_have_stay_as_they_are(loaded: sessionmaker[Session]) -> None:
    with loaded.begin() as session:
        row = session.scalars(
            select(models.Requirement).where(models.Requirement.incumbent_site_id.is_not(None))
        ).first()
        assert row is not None
        code, incumbent, lines = row.code, row.incumbent_site_id, len(row.demand)

        sheet = load_workbook(sample())["ความต้องการ"]
        header = [cell.value for cell in sheet[1]]
        assert header[5:10] == ["น้ำหนัก", "จำนวนสำเนา", "จัดสรรบางส่วนได้", "ตั้งแต่ปีงบประมาณ", "ถึงปีงบประมาณ"]

        def keep_what_must_be_there(workbook: Any) -> None:
            sheet = workbook["ความต้องการ"]
            sheet.delete_cols(10, 100)
            sheet.delete_cols(6, 3)
            number = next(cell.row for cell in sheet["A"] if cell.value == code)
            values = [cell.value for cell in sheet[number]]
            sheet.delete_rows(2, 500)
            for position, value in enumerate(values, start=1):
                sheet.cell(2, position, value)
            sheet["B2"] = "ชื่อใหม่"

        result = apply_import(session, OPERATOR, edited(keep_what_must_be_there), "part.xlsx")
        assert {sheet.sheet: sheet.changed for sheet in result.changes}["requirements"] == 1
        session.refresh(row)
        assert (row.title, row.incumbent_site_id, len(row.demand)) == ("ชื่อใหม่", incumbent, lines)


def test_capacity_is_replaced_by_the_rows_cells(loaded: sessionmaker[Session]) -> None:
    row = {
        "site": "BKK1",
        "resource_type": "vcpu",
        "overcommit": 3.0,
        "reserve_margin": 0.2,
        "nameplate": {("", 2027): 100.0, ("", 2028): 0.0},
        "running_cost": {("", 2027): 9.5},
    }
    with loaded.begin() as session:
        apply_import(session, OPERATOR, workbook_of({"capacity": [row]}), "capacity.xlsx")
        site = session.scalars(select(models.Site).where(models.Site.code == "BKK1")).one()
        (resource,) = [found for found in site.resources if found.resource_type.code == "vcpu"]
        assert (resource.overcommit, resource.reserve_margin) == (3.0, 0.2)
        assert [(year.year, year.nameplate, year.running_cost) for year in resource.years] == [(2027, 100.0, 9.5)]


def test_two_rows_can_swap_a_number_that_may_not_repeat(loaded: sessionmaker[Session]) -> None:
    def swap(workbook: Any) -> None:
        sheet = workbook["ระดับชั้นข้อมูล"]
        sheet["D2"], sheet["D3"] = sheet["D3"].value, sheet["D2"].value

    with loaded.begin() as session:
        apply_import(session, OPERATOR, edited(swap), "swap.xlsx")
        order = session.scalars(select(models.Clearance.code).order_by(models.Clearance.level)).all()
        assert order == ["protected", "open", "restricted"]


def test_every_fault_is_found_at_its_cell_and_nothing_is_stored(loaded: sessionmaker[Session]) -> None:
    def spoil(workbook: Any) -> None:
        sheet = workbook["ความต้องการ"]
        sheet["A3"] = "R-000001"
        sheet["C4"] = "99999999"
        sheet["D5"] = "urgent"
        sheet["J6"] = 2569
        sheet["I6"] = 2570
        sheet["K7"] = "north, moon"
        sheet["I8"] = 2580
        sheet["P9"] = -4
        sheet["P10"] = "=1+1"
        workbook["ศูนย์ข้อมูล"]["G2"] = 2560
        workbook["ลำดับความสำคัญ"]["E2"] = 3
        workbook["กระทรวง"]["G2"] = "1/1/2500"
        workbook["หน่วยงาน"]["B2"] = "00000"

    with loaded() as session:
        found = faults_of(session, edited(spoil))
    assert (
        found.items()
        >= {
            "ความต้องการ!A3": "duplicate_code",
            "ความต้องการ!C4": "unknown_code",
            "ความต้องการ!D5": "unknown_code",
            "ความต้องการ!J6": "ends_before_start",
            "ความต้องการ!K7": "unknown_code",
            "ความต้องการ!I8": "unknown_year",
            "ความต้องการ!P9": "negative",
            "ความต้องการ!P10": "formula",
            "ศูนย์ข้อมูล!G2": "ends_before_start",
            "ลำดับความสำคัญ!E2": "weight_unless_statutory",
            "กระทรวง!G2": "ends_before_start",
            "หน่วยงาน!B2": "unknown_code",
        }.items()
    )
    rows = [int(number) for number in re.findall(r"ความต้องการ![A-Z]+(\d+)", " ".join(found))]
    assert rows == sorted(rows)  # from the top of the sheet down, as it is mended


def test_each_amount_that_is_none_and_each_mix_of_eras_leaves_the_database_as_it_was(
    loaded: sessionmaker[Session],
) -> None:
    def spoil(cell: str, value: object) -> Callable[[Any], None]:
        def change(workbook: Any) -> None:
            workbook["ความต้องการ"][cell] = value

        return change

    with loaded() as session:
        before = contents(session)
        for cell, value, code in (
            ("P9", -4, "negative"),
            ("P9", "NaN", "not_finite"),
            ("P9", "=1+1", "formula"),
            ("P9", "มาก", "not_a_number"),
            ("I9", 2027, "mixed_eras"),
            ("C9", "99999999", "unknown_code"),
            ("A9", "R-000001", "duplicate_code"),
        ):
            assert faults_of(session, edited(spoil(cell, value))).get(f"ความต้องการ!{cell}") == code, value
        assert contents(session) == before


def test_headers_of_unknown_years_and_types_are_named(session: Session) -> None:
    found = faults_of(session, workbook_of({"requirements": ()}))
    assert found == {f"ความต้องการ!{letter}1": code for letter, code in zip("PQRSTU", ["unknown_code"] * 6, strict=True)}


def test_demand_outside_the_years_of_need_is_named(loaded: sessionmaker[Session]) -> None:
    row = requirement(start_year=2028, end_year=2028, demand={("vcpu", 2027): 1.0, ("hot", 2029): 1.0})
    with loaded() as session:
        found = faults_of(session, workbook_of({"requirements": [row]}))
    assert found == {"ความต้องการ!P2": "outside_period", "ความต้องการ!U2": "outside_period"}


def test_fiscal_years_follow_one_another(loaded: sessionmaker[Session]) -> None:
    with loaded() as session:
        assert faults_of(session, workbook_of({"fiscal_years": [{"year": 2033}]})) == {"ปีงบประมาณ!A2": "year_gap"}


def test_a_number_of_a_row_that_the_file_does_not_name_counts_too(loaded: sessionmaker[Session]) -> None:
    row = {"code": "secret", "name_th": "ลับ", "name_en": "Secret", "level": 2}
    with loaded() as session:
        assert faults_of(session, workbook_of({"clearances": [row]})) == {"ระดับชั้นข้อมูล!D2": "not_unique"}


def test_a_file_that_cannot_be_opened_leaves_the_database_as_it_was(loaded: sessionmaker[Session]) -> None:
    with loaded() as session:
        before = contents(session)
        with pytest.raises(InvalidInputError):
            apply_import(session, OPERATOR, io.BytesIO(sample().getvalue()[:5000]), "sample.xlsx")
        assert contents(session) == before


def test_a_ministry_brings_in_its_own_requirements_alone(loaded: sessionmaker[Session]) -> None:
    with loaded() as session:
        who = actor(models.Role.MINISTRY_PLANNER, session, "11000")
        result = apply_import(session, who, workbook_of({"requirements": [requirement()]}), "own.xlsx")
        assert result.changes[0].added == 1
        assert session.scalars(select(models.ImportBatch.imported_by_id)).all() == [None, who.user_id]

        theirs = session.scalars(
            select(models.Requirement.code).join(models.Agency).where(models.Agency.code.startswith("04000"))
        ).first()
        for row, place, code in (
            (requirement(code="R-2", agency="04000001"), "C2", "other_ministry"),
            (requirement(code=theirs), "C2", "other_ministry"),  # nor take over the code of another's
            (requirement(code="R-2", status="approved"), "N2", "status_not_allowed"),
        ):
            found = faults_of(session, workbook_of({"requirements": [row]}), who)
            assert found == {f"ความต้องการ!{place}": code}
        assert faults_of(session, workbook_of({"regions": ()}), who) == {"ภูมิภาค!": "sheet_not_allowed"}


def test_a_file_tells_a_ministry_nothing_of_another_ones_row(loaded: sessionmaker[Session]) -> None:
    with loaded() as session:
        who = actor(models.Role.MINISTRY_PLANNER, session, "11000")
        of_theirs = select(models.Requirement.code).join(models.Agency).where(models.Agency.code == "04000001")
        code = session.scalars(of_theirs.limit(1)).one()
        whole = Database(session, {"requirements": [code]}).rows("requirements")[code,].values
        guesses = (
            dict(whole),
            requirement(code=code, end_year=2020),
            requirement(code=code, demand={("vcpu", 2028): 1.0}),
        )
        answers = []
        for guess in guesses:
            preview = preview_import(session, who, workbook_of({"requirements": [guess]}), "guess.xlsx")
            (sheet,) = preview.changes
            assert [found.code for found in preview.faults if "R" not in found.address] == ["other_ministry"]
            answers.append((sheet.added, sheet.changed, sheet.unchanged, preview.rows))
        assert answers == [(0, 0, 0, ())] * 3


def test_a_change_of_what_is_approved_waits_for_approval(loaded: sessionmaker[Session]) -> None:
    with loaded() as session:
        who = actor(models.Role.MINISTRY_PLANNER, session, "11000")
        row = session.scalars(
            select(models.Requirement).join(models.Agency).where(models.Agency.code.startswith("11000"))
        ).first()
        assert row is not None
        changed = requirement(code=row.code, agency=row.agency.code, status="approved")
        title = row.title
        preview = preview_import(session, who, workbook_of({"requirements": [changed]}), "own.xlsx")
        assert [(shown.code, shown.proposed) for shown in preview.rows] == [(row.code, True)]
        for stored in (True, False):  # the second time it is there already
            result = apply_import(session, who, workbook_of({"requirements": [changed]}), "own.xlsx")
            assert result.stored is stored
        assert (row.title, row.open_revision.row["title"]) == (title, "ระบบใหม่")
        stream = io.BytesIO()
        write_export(session, who, "th", stream)
        stream.seek(0)
        preview = preview_import(session, who, stream, "own.xlsx")
        assert (preview.faults, preview.changes[0].changed) == ((), 0)  # the own export, unchanged, is welcome


def test_an_administrator_keeps_reference_data_and_no_requirements(loaded: sessionmaker[Session]) -> None:
    with loaded() as session:
        who = actor(models.Role.ADMINISTRATOR, session)
        regions = [{"code": "east", "name_th": "ภาคตะวันออก", "name_en": "East"}]
        assert apply_import(session, who, workbook_of({"regions": regions}), "regions.xlsx").stored
        found = faults_of(session, workbook_of({"requirements": [requirement()]}), who)
        assert found == {"ความต้องการ!": "sheet_not_allowed"}


@pytest.mark.parametrize("role", [models.Role.MANAGER, models.Role.AUDITOR])
def test_others_may_not_import(session: Session, role: models.Role) -> None:
    who = replace(OPERATOR, user_id=1, role=role)
    for use in (preview_import, apply_import):
        with pytest.raises(ForbiddenError):
            use(session, who, sample(), "sample.xlsx")


def test_the_number_of_statements_does_not_grow_with_the_rows(sessions: sessionmaker[Session]) -> None:
    statements: list[str] = []
    with sessions() as session:
        event.listen(session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))
        apply_import(session, OPERATOR, sample(), "sample.xlsx")
    assert len(statements) < 120
