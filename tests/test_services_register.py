"""The register by form, grid and Excel: the same rules, each ministry its own, and nothing of people in the log."""

import datetime as dt
import io
import json
from typing import Any

import pytest
from sqlalchemy import delete, func, select

import models
from models import Role
from planner.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from planner.i18n import translator
from planner.services import audit
from planner.services.editing import RowEdit, StaleRowsError
from planner.services.importing import apply_import, get_import, list_imports, preview_import, undo_import, write_export
from planner.services.lists import ListFilter
from planner.services.permissions import OPERATOR
from planner.services.reference import list_rows, load_form, remove_row, save_row
from planner.services.register import grid
from planner.services.register.listing import list_table
from planner.services.register.people import PeopleFilter, list_people, load_choices, load_person
from planner.services.register.privacy import erase_person, export_person
from planner.services.register.tables import PEOPLE_TABLES, TABLES, table_named
from planner.text import LocalText
from reports.template import Exchange, write_workbook
from reports.workbook import render_report

NEW: dict[str, dict[str, str]] = {
    "positions": {"agency": "11003", "role": "steward", "from_year": "๒๕๗๐", "authorised": "2", "funded": "1.5"},
    "people": {"code": "P9", "full_name": "ชูใจ เลิศล้ำ", "agency": "21004", "retires_on": "30/9/2575"},
    "person_roles": {"person": "P3", "role": "steward", "fte": "0.4", "level": "working", "level_on": "1/10/2569"},
    "planned_leaves": {"person": "P1", "year": "2570", "away": "25"},
    "secondments": {"person": "P1", "from_year": "2571", "to_year": "2572", "agency": "21004"},
    "enrolments": {"person": "P3", "cohort": "eng-2-70"},
    "agency_duties": {"agency": "21004", "accountable": "P4", "deputy": "P5"},
    "dataset_duties": {"dataset": "D-000001", "accountable": "P4", "acting": "yes", "expires_on": "30/9/2570"},
    "work_roles": {"code": "dpo", "name_th": "ดีพีโอ", "name_en": "DPO", "position": "3", "attrition": "5"},
    "skill_levels": {"code": "expert", "name_th": "เชี่ยวชาญ", "name_en": "Expert", "rank": "3", "factor": "1"},
    "courses": {
        "code": "up", "name_th": "หลักสูตร", "name_en": "Up", "from_role": "steward", "from_level": "working",
        "role": "steward", "level": "practitioner", "price": "20,000",
    },
    "cohorts": {"code": "new", "course": "eng-2", "year": "2571", "seats": "12", "starts_on": "1/10/2570"},
}  # fmt: skip
"""What somebody types into the form of each table, all of it right."""
FAULTY: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "positions": (
        {"funded": "3", "frozen": "4"},
        {"funded": "more_than_authorised", "frozen": "more_than_funded"},
    ),
    "people": (
        {"code": "1103700123456", "starts_on": "1/1/2576"},
        {"code": "citizen_number", "retires_on": "ends_before_start"},
    ),
    "person_roles": ({"person": "P99", "fte": "1.2"}, {"person": "unknown_code", "fte": "out_of_range"}),
    "planned_leaves": ({"away": "nan"}, {"away": "not_finite"}),
    "secondments": (
        {"person": "P4", "agency": "21004", "to_year": "2570"},
        {"agency": "own_agency", "to_year": "ends_before_start"},
    ),
    "enrolments": ({"person": "P1"}, {"person": "not_their_role"}),
    "agency_duties": ({"deputy": "P4"}, {"deputy": "own_deputy"}),
    "dataset_duties": ({"accountable": ""}, {"acting": "nobody_acting"}),
    "work_roles": ({"position": "1", "hire_cost": "5"}, {"position": "not_unique", "hire_level": "hire_terms"}),
    "skill_levels": ({"factor": "-1"}, {"factor": "negative"}),
    "courses": ({"level": "working"}, {"level": "leads_nowhere"}),
    "cohorts": ({"starts_on": "30/9/2570", "ends_on": "29/9/2570"}, {"starts_on": "outside_year"}),
}
"""What is wrong about a row, and the code of the fault of each field."""


def faults_of(error: pytest.ExceptionInfo[InvalidInputError]) -> dict[str, str]:
    return {fault.address: fault.code for fault in error.value.faults}


def entries(session: Any, subject: str) -> list[models.AuditEntry]:
    query = select(models.AuditEntry).where(models.AuditEntry.subject == subject)
    return list(session.scalars(query.order_by(models.AuditEntry.position)))


def workbook_of(rows: dict[str, Any]) -> io.BytesIO:
    stream = io.BytesIO()
    content = Exchange(LocalText("ทะเบียน", "Register"), rows, (2027, 2028, 2029), {})
    write_workbook(content, translator("th"), "th", stream)
    stream.seek(0)
    return stream


@pytest.fixture
def hr(staffed, person):
    """Human resources of the whole government."""
    return person(Role.HR)


@pytest.fixture
def own_hr(staffed, person):
    """Human resources of the Ministry of Public Health."""
    return person(Role.HR, "21000", "own")


@pytest.mark.parametrize("key", TABLES)
def test_a_row_of_every_table_is_added_changed_and_removed(staffed, hr, key):
    table = TABLES[key]
    with staffed.begin() as session:
        code = save_row(session, hr, table, NEW[key])
    with staffed.begin() as session:
        form = load_form(session, hr, table, code)
        typed = {field.entry.name: field.entry.text for field in form.fields}
        assert (form.version, form.editable) == (1, True)
        assert save_row(session, hr, table, typed, code=code, version=1) == code
    with staffed.begin() as session:
        assert load_form(session, hr, table, code).version == 1
        remove_row(session, hr, table, code, 1)
    with staffed() as session, pytest.raises(NotFoundError):
        load_form(session, hr, table, code)


@pytest.mark.parametrize("key", TABLES)
def test_everything_that_is_wrong_is_said_at_its_field_and_nothing_stored(staffed, hr, key):
    typed, expected = FAULTY[key]
    with staffed.begin() as session, pytest.raises(InvalidInputError) as refused:
        save_row(session, hr, TABLES[key], NEW[key] | typed)
    assert expected.items() <= faults_of(refused).items()
    with staffed() as session:
        assert session.scalar(select(func.count()).select_from(models.AuditEntry)) == 0


def test_secondments_of_a_person_do_not_overlap(staffed, hr):
    row = {"person": "P4", "from_year": "2570", "to_year": "2571", "agency": "11004"}
    with staffed() as session, pytest.raises(InvalidInputError) as refused:
        save_row(session, hr, TABLES["secondments"], row)
    assert faults_of(refused) == {"from_year": "overlap"}


def test_there_are_no_more_enrolments_than_seats(staffed, hr):
    with staffed.begin() as session:
        session.query(models.Cohort).update({"seats": 1})
    with staffed() as session, pytest.raises(InvalidInputError) as refused:
        save_row(session, hr, TABLES["enrolments"], NEW["enrolments"])
    assert faults_of(refused) == {"cohort": "no_seat"}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.HR])
def test_nobody_else_changes_anything_or_sees_people(staffed, person, role):
    actor = person(role, "21000" if role is Role.MINISTRY_PLANNER else None)
    with staffed() as session:
        for table in TABLES.values():
            with pytest.raises(ForbiddenError):
                save_row(session, actor, table, NEW[table.key])
        for key in PEOPLE_TABLES:
            with pytest.raises(ForbiddenError):
                list_rows(session, actor, TABLES[key], ListFilter())
        for look in (load_person, export_person):
            with pytest.raises(ForbiddenError):
                look(session, actor, "P4")
        with pytest.raises(ForbiddenError):
            list_people(session, actor, PeopleFilter())


def test_hr_of_a_ministry_keeps_its_own_rows_and_not_what_is_everybodys(staffed, own_hr):
    with staffed.begin() as session:
        for key, table in TABLES.items():
            if key in {"work_roles", "skill_levels", "courses", "cohorts"}:
                with pytest.raises(ForbiddenError):
                    save_row(session, own_hr, table, NEW[key])
        assert save_row(session, own_hr, TABLES["people"], NEW["people"]) == "P9"
        listed = list_rows(session, own_hr, TABLES["positions"], ListFilter()).table
        assert {cell.params["code"] for cell in listed.column("code")} == {"21004/steward/2027", "21004/engineer/2027"}
        assert list_people(session, own_hr, PeopleFilter()).table.column("code") == ("P4", "P5", "P9")
        assert [code for code, _ in load_choices(session, own_hr).agencies] == ["21004"]


@pytest.mark.parametrize(
    ("key", "row", "found"),
    [
        ("positions", {"agency": "11003"}, {"agency": "other_ministry"}),
        ("people", {"agency": "11003"}, {"agency": "other_ministry"}),
        ("person_roles", {"person": "P3"}, {"person": "unknown_code"}),
        ("agency_duties", {"accountable": "P1"}, {"accountable": "unknown_code"}),
        ("dataset_duties", {"dataset": "D-000002"}, {"dataset": "other_ministry"}),
    ],
)
def test_rows_of_another_ministry_cannot_be_made(staffed, own_hr, key, row, found):
    with staffed() as session, pytest.raises(InvalidInputError) as refused:
        save_row(session, own_hr, TABLES[key], NEW[key] | row)
    assert found.items() <= faults_of(refused).items()


def test_anothers_row_is_not_there(staffed, own_hr):
    with staffed() as session:
        for key, code in (("positions", "11004/steward/2027"), ("people", "P1"), ("person_roles", "P1/steward")):
            for attempt in (
                lambda key=key, code=code: load_form(session, own_hr, TABLES[key], code),
                lambda key=key, code=code: save_row(session, own_hr, TABLES[key], NEW[key], code=code, version=1),
                lambda key=key, code=code: remove_row(session, own_hr, TABLES[key], code, 1),
            ):
                with pytest.raises(NotFoundError):
                    attempt()
        for look in (load_person, export_person):
            with pytest.raises(NotFoundError):
                look(session, own_hr, "P1")
        with pytest.raises(NotFoundError):
            erase_person(session, own_hr, "P1", "P1")


def test_positions_tell_who_fills_them_on_a_day_in_the_row_that_holds(staffed, hr):
    with staffed.begin() as session:
        save_row(session, hr, TABLES["positions"], NEW["positions"] | {"agency": "11004", "from_year": "2572"})
    shown: dict[int, dict[str, Any]] = {}
    for year in (2026, 2029):
        with staffed() as session:
            listing = list_table(session, hr, TABLES["positions"], ListFilter(page=None), dt.date(year, 1, 1))
        assert [column.key for column in listing.table.columns][-2:] == ["filled", "vacant"]
        shown[year] = {row[0].params["code"]: row[-2:] for row in listing.table.rows}
    assert set(shown[2026].values()) == {(None, None)}
    assert shown[2029]["11004/steward/2027"] == (None, None)
    assert shown[2029]["11004/steward/2029"] == (1.0, 0.5)
    assert shown[2029]["11004/engineer/2027"] == (0.0, 1.5)
    assert shown[2029]["21004/steward/2027"] == (1.0, 0.5)


def test_the_list_of_people_narrows_sorts_and_points_out(staffed, hr):
    def codes(**wanted: Any) -> tuple[Any, ...]:
        with staffed() as session:
            return list_people(session, hr, PeopleFilter(**wanted), dt.date(2026, 11, 22)).table.column("code")

    assert codes() == ("P1", "P2", "P3", "P4", "P5")
    assert codes(text="สมหญิง") == ("P2",)
    assert codes(role="steward", ministry="11000") == ("P1", "P2")
    assert codes(agency="21004", sort="code", descending=True) == ("P5", "P4")
    assert codes(remark="over") == ("P2",)
    assert codes(remark="left") == ("P3",)
    assert codes(remark="other") == ()
    assert codes(text="100%") == ()
    with staffed() as session:
        rows = {row[0]: row for row in list_people(session, hr, PeopleFilter()).table.rows}
    assert rows["P2"][4] == LocalText("บริกรข้อมูล, วิศวกรข้อมูล", "Data steward, Data engineer")
    assert rows["P2"][5] == pytest.approx(1.1)
    assert (rows["P1"][6] is None, rows["P2"][6] is None) == (True, False)


def test_a_record_holds_everything_and_the_look_at_it_is_noted(staffed, hr):
    with staffed.begin() as session:
        record = load_person(session, hr, "P1")
    assert record.full_name == "สมชาย ใจดี"
    assert [cell.params["code"] for cell in record.parts["person_roles"].column("code")] == ["P1/steward"]
    assert len(record.duties.rows) == 2
    with staffed() as session:
        (entry,) = entries(session, "person:P1")
        assert (entry.actor, entry.action, entry.changes, entry.note) == ("hr", "looked_at", {}, "")


def test_the_log_names_the_columns_of_a_person_and_none_of_their_values(staffed, hr):
    with staffed.begin() as session:
        save_row(session, hr, TABLES["people"], NEW["people"])
        save_row(session, hr, TABLES["person_roles"], NEW["person_roles"] | {"person": "P9"})
    with staffed() as session:
        person, role = entries(session, "person:P9")
        assert person.changes.keys() == {"code", "full_name", "agency", "retires_on"}
        assert role.changes.keys() == {"person_roles"}
        written = json.dumps([[entry.changes, entry.note] for entry in session.scalars(select(models.AuditEntry))])
        assert not {"ชูใจ", "2032", "0.4"} & set(json.loads(json.dumps(written)).split('"'))
        assert {value for entry in (person, role) for value in entry.changes.values() for value in value} == {None, "…"}


def test_a_copy_for_the_person_holds_what_is_kept_and_who_looked(staffed, hr):
    with staffed.begin() as session:
        load_person(session, hr, "P4")
    with staffed.begin() as session:
        copy = export_person(session, hr, "P4")
    assert copy.data["people"] == [{"code": "P4", "full_name": "มานี มีนา", "agency": "21004"}]
    assert copy.data["secondments"][0]["agency"] == "11003"
    assert copy.data["planned_leaves"] == [{"person": "P4", "year": 2029, "away": 0.25}]
    assert [entry["action"] for entry in copy.data["audit"]] == ["looked_at"]
    assert json.loads(json.dumps(copy.data)) == copy.data
    stream = io.BytesIO()
    render_report(copy.report, translator("th"), "th", stream)
    assert stream.getvalue()
    with staffed() as session:
        assert [entry.action for entry in entries(session, "person:P4")] == ["looked_at", "downloaded"]


def test_erasing_takes_everything_but_the_chain(staffed, hr):
    rows = {"people": [{"code": "P1", "full_name": "สมชาย ใจงาม", "agency": "11004"}]}
    with staffed.begin() as session:
        apply_import(session, hr, workbook_of(rows), "people.xlsx")
    with staffed.begin() as session, pytest.raises(InvalidInputError):
        erase_person(session, hr, "P1", "P2")
    with staffed.begin() as session:
        erase_person(session, hr, "P1", " P1 ")
    with staffed() as session:
        assert session.scalar(select(func.count()).select_from(models.Person).where(models.Person.code == "P1")) == 0
        assert session.scalar(select(func.count()).select_from(models.PersonRole)) == 5
        assert session.scalars(select(models.AgencyDuty.accountable_id)).all() == [None]
        assert session.scalar(select(func.count()).select_from(models.ImportRow)) == 0
        assert entries(session, "person:P1")[-1].action == "erased"
        assert audit.verify_chain(session, OPERATOR).breaks == ()
        with pytest.raises(NotFoundError):
            load_person(session, hr, "P1")


def test_a_person_who_is_named_in_words_elsewhere_is_told(staffed, hr):
    with staffed.begin() as session:
        session.query(models.Dataset).filter_by(code="D-000002").update({"accountable": "สมชาย ใจดี"})
    with staffed() as session:
        assert load_person(session, hr, "P1").datasets == ("D-000002",)


def edit(code: str | None, version: int | None = None, key: str | None = None, /, **cells: str) -> RowEdit:
    return RowEdit(code, version, cells, key)


def test_the_grid_stores_new_and_changed_rows_together(staffed, own_hr):
    table = table_named("positions")
    with staffed.begin() as session:
        columns = {column.key: column for column in grid.load_columns(session, own_hr, table)}
        assert [columns[key].once for key in ("agency", "role", "from_year", "funded")] == [True, True, True, False]
        assert [choice.code for choice in columns["agency"].choices] == ["21004"]
        rows, total = grid.load_page(session, own_hr, table, ListFilter("engineer"))
        assert ([row.code for row in rows], total) == (["21004/engineer/2027"], 1)
        behind = ListFilter(page_size=1, after=(None, "21004/engineer/2027"))
        rows, total = grid.load_page(session, own_hr, table, behind)
        assert ([row.code for row in rows], total) == (["21004/steward/2027"], 1)
        edits = [
            edit("21004/steward/2027", 1, funded="3", authorised="4"),
            edit(None, None, "a", agency="21004", role="steward", from_year="2572", authorised="5", funded="5"),
        ]
        assert grid.check_rows(session, own_hr, table, edits) == ()
        assert grid.save_rows(session, own_hr, table, edits) == ("21004/steward/2027", "21004/steward/2029")
    with staffed() as session:
        stored = grid.load_rows(session, own_hr, table, ["21004/steward/2029", "21004/steward/2027"])
        assert [(row.version, row.cells["funded"]) for row in stored] == [(1, 5), (2, 3)]
        assert entries(session, "position:21004/steward/2027")[0].changes == {"authorised": [3, 4], "funded": [2, 3]}


def test_the_grid_says_everything_that_is_wrong_and_stores_nothing(staffed, own_hr):
    table = table_named("positions")
    edits = [
        edit("21004/steward/2027", 1, funded="9"),
        edit(None, None, "a", agency="21004", role="nobody", from_year="2572", authorised="x"),
        edit(None, None, "b", agency="21004", role="engineer", from_year="2570", authorised="7", funded="7"),
        edit(None, None, "c", agency="11004", role="engineer", from_year="2575", authorised="7", funded="7"),
    ]
    with staffed.begin() as session, pytest.raises(InvalidInputError) as refused:
        grid.save_rows(session, own_hr, table, edits)
    assert {
        "21004/steward/2027/funded": "more_than_authorised",
        "+2/role": "unknown_code",
        "+2/authorised": "not_a_number",
        "+2/funded": "missing",
        "+3/from_year": "exists",
        "+4/agency": "other_ministry",
    }.items() <= faults_of(refused).items()


def test_a_new_row_that_is_sent_twice_is_one_row(staffed, hr):
    table, row = table_named("people"), edit(None, None, "a", code="P9", full_name="ชูใจ", agency="21004")
    for _ in range(2):
        with staffed.begin() as session:
            assert grid.save_rows(session, hr, table, [row]) == ("P9",)
    with staffed() as session, pytest.raises(InvalidInputError) as refused:
        grid.save_rows(session, hr, table, [edit(None, None, "b", code="P9", full_name="อีกคน", agency="21004")])
    assert faults_of(refused) == {"+1/code": "exists"}


def test_of_two_people_the_second_is_told(staffed, hr):
    table = table_named("person_roles")
    with staffed.begin() as session:
        grid.save_rows(session, hr, table, [edit("P1/steward", 1, fte="0.8")])
    with staffed.begin() as session, pytest.raises(StaleRowsError) as refused:
        grid.save_rows(session, hr, table, [edit("P1/steward", 1, fte="0.7")])
    (conflict,) = refused.value.conflicts
    assert (conflict.code, conflict.version, conflict.differing) == ("P1/steward", 2, ("fte",))
    with staffed.begin() as session, pytest.raises(ConflictError):
        save_row(session, hr, TABLES["person_roles"], NEW["person_roles"], code="P1/steward", version=1)


def test_the_grid_knows_no_row_of_another_ministry(staffed, own_hr):
    table = table_named("people")
    with staffed() as session:
        with pytest.raises(NotFoundError):
            grid.save_rows(session, own_hr, table, [edit("P1", 1, full_name="ของเรา")])
        with pytest.raises(NotFoundError):
            grid.load_rows(session, own_hr, table, ["P1"])


def test_whom_the_grid_showed_is_noted_in_one_entry(staffed, own_hr):
    with staffed.begin() as session:
        grid.load_page(session, own_hr, table_named("person_roles"), ListFilter())
    with staffed() as session:
        (entry,) = entries(session, "person:*")
        assert (entry.action, entry.note) == ("looked_at", "P4, P5")


def test_the_export_is_an_upload_that_changes_nothing_and_holds_the_own_rows_alone(staffed, own_hr):
    stream = io.BytesIO()
    with staffed.begin() as session:
        write_export(session, own_hr, "th", stream)
    with staffed() as session:
        stream.seek(0)
        preview = preview_import(session, own_hr, stream, "own.xlsx")
        assert preview.faults == ()
        assert {sheet.sheet: sheet.unchanged for sheet in preview.changes} == {
            "positions": 2, "people": 2, "person_roles": 2, "planned_leaves": 1, "secondments": 1, "enrolments": 1,
            "agency_duties": 0, "dataset_duties": 0,
        }  # fmt: skip
        assert not any(sheet.added or sheet.changed for sheet in preview.changes)
        (entry,) = entries(session, "person:*")
        assert (entry.action, entry.note) == ("downloaded", "P4, P5")


def test_an_upload_adds_people_with_their_roles_and_can_be_undone(staffed, own_hr):
    rows = {
        "people": [{"code": "P9", "full_name": "ชูใจ เลิศล้ำ", "agency": "21004"}],
        "person_roles": [
            {"person": "P9", "role": "steward", "fte": 0.5, "level": "working", "basis": "assessed",
             "level_on": dt.date(2026, 10, 1)},
        ],
    }  # fmt: skip
    with staffed.begin() as session:
        number = apply_import(session, own_hr, workbook_of(rows), "people.xlsx").number
    with staffed.begin() as session:
        assert load_person(session, own_hr, "P9").parts["person_roles"].column("fte") == (0.5,)
        assert get_import(session, own_hr, number).rows
        undo_import(session, own_hr, number)
    with staffed() as session, pytest.raises(NotFoundError):
        load_person(session, own_hr, "P9")


@pytest.mark.parametrize(
    ("sheet", "row", "code"),
    [
        ("people", {"code": "P1", "full_name": "ของเรา", "agency": "21004"}, "other_ministry"),
        (
            "positions",
            {"agency": "11004", "role": "steward", "from_year": 2031, "authorised": 1, "funded": 1},
            "other_ministry",
        ),
        ("work_roles", {"code": "x", "name_th": "ก", "name_en": "x", "position": 9}, "sheet_not_allowed"),
        ("regions", {"code": "x", "name_th": "ก", "name_en": "x"}, "sheet_not_allowed"),
    ],
)  # fmt: skip
def test_hr_of_a_ministry_uploads_nothing_else(staffed, own_hr, sheet, row, code):
    with staffed() as session, pytest.raises(InvalidInputError) as refused:
        apply_import(session, own_hr, workbook_of({sheet: [row]}), "other.xlsx")
    assert code in faults_of(refused).values()


def test_imports_of_the_register_are_for_hr_alone(staffed, hr, person):
    planner = person(Role.DE_PLANNER)
    with staffed.begin() as session:
        rows = {"people": [{"code": "P1", "full_name": "ใหม่", "agency": "11004"}]}
        number = apply_import(session, hr, workbook_of(rows), "people.xlsx").number
        assert list_imports(session, hr).total == 1
        assert list_imports(session, planner).total == 0
        with pytest.raises(NotFoundError):
            get_import(session, planner, number)
        with pytest.raises(InvalidInputError) as refused:
            apply_import(session, planner, workbook_of(rows), "people.xlsx")
        assert set(faults_of(refused).values()) == {"sheet_not_allowed"}


def test_the_number_of_queries_does_not_grow_with_people(staffed, hr, count_queries):
    def looks() -> int:
        with staffed() as session, count_queries() as statements:
            list_people(session, hr, PeopleFilter())
            load_person(session, hr, "P1")
            list_rows(session, hr, TABLES["agency_duties"], ListFilter())
            grid.load_page(session, hr, table_named("people"), ListFilter())
            session.rollback()
        return len(statements)

    few = looks()
    with staffed.begin() as session:
        agency = session.scalars(select(models.Agency)).first()
        session.add_all(models.Person(code=f"N{n}", full_name="ก", agency=agency) for n in range(40))
    assert looks() == few
    with staffed.begin() as session:
        session.execute(delete(models.Person).where(models.Person.code.like("N%")))
