"""Reference data: every table by one mechanism, with its rules, versions, uses and audit."""

import datetime as dt

import pytest
from sqlalchemy import func, select

import models
from models import Role
from planner.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from planner.services.lists import ListFilter
from planner.services.permissions import OPERATOR, Permission
from planner.services.reference import (
    TABLES,
    Typed,
    count_rows,
    list_rows,
    load_form,
    remove_row,
    save_row,
    sortable,
    table_named,
)
from planner.services.reference.uses import WORDS, referring_columns
from planner.services.register import tables as register
from planner.services.rows.recording import KINDS
from planner.services.rows.targets import table_of
from planner.text import FiscalYear, LocalText

NEW = {
    "ministries": {"code": "31000", "name_th": "กระทรวงใหม่", "name_en": "New", "valid_from": "๑/๑๐/๒๕๖๙"},
    "agencies": {"code": "11099", "name_th": "กรมใหม่", "name_en": "New", "ministry": "11000"},
    "regions": {"code": "south", "name_th": "ภาคใต้", "name_en": "South"},
    "clearances": {"code": "secret", "name_th": "ลับ", "name_en": "Secret", "level": "9"},
    "priorities": {"code": "urgent", "name_th": "ด่วน", "name_en": "Urgent", "rank": "9", "weight": "8"},
    "resource_types": {
        "code": "gpu", "name_th": "กราฟิก", "name_en": "GPU", "unit": "GPU", "position": "9", "standby_ratio": "50 %",
    },
    "fiscal_years": {"year": "2573", "capex_limit": "1,500,000", "move_limit_tb": "20"},
    "sites": {
        "code": "HDY1", "name_th": "หาดใหญ่", "name_en": "Hat Yai", "region": "north", "clearance": "open",
        "from_year": "2570",
    },
    "expansions": {
        "code": "CNX1-vcpu", "name_th": "เพิ่ม", "name_en": "More", "site": "CNX1", "resource_type": "vcpu",
        "module_size": "10", "module_price": "500000", "lead_years": "1", "max_modules": "4",
    },
}  # fmt: skip
"""A new row of every table, as somebody would type it."""


def cells(sessions, key: str, **wanted) -> tuple:
    with sessions() as session:
        return list_rows(session, OPERATOR, TABLES[key], ListFilter(**wanted)).table.rows


def texts(session, key: str, code: str) -> dict[str, str]:
    """What stands in the form of a row."""
    form = load_form(session, OPERATOR, TABLES[key], code)
    return {field.entry.name: field.entry.text for field in form.fields}


def faults(session, key: str, typed: dict[str, str], **where) -> dict[str, str]:
    with pytest.raises(InvalidInputError) as refused:
        save_row(session, OPERATOR, TABLES[key], typed, **where)
    return {fault.address: fault.code for fault in refused.value.faults}


def entries(sessions, subject: str) -> list[models.AuditEntry]:
    with sessions() as session:
        return list(session.scalars(select(models.AuditEntry).where(models.AuditEntry.subject == subject)))


@pytest.mark.parametrize("key", TABLES)
def test_a_row_of_every_table_is_added_changed_and_removed_and_all_of_it_noted(world, key):
    table = TABLES[key]
    with world.begin() as session:
        code = save_row(session, OPERATOR, table, NEW[key])
    with world.begin() as session:
        form = load_form(session, OPERATOR, table, code)
        typed = {field.entry.name: field.entry.text for field in form.fields}
        assert (form.version, form.uses) == (1, ())
        changed = "capex_limit" if key == "fiscal_years" else "name_en"
        save_row(session, OPERATOR, table, typed | {changed: "7"}, code=code, version=1)
    with world.begin() as session:
        assert texts(session, key, code)[changed] == "7"
        assert load_form(session, OPERATOR, table, code).version == 2
        remove_row(session, OPERATOR, table, code, 2)
    with world() as session, pytest.raises(NotFoundError):
        load_form(session, OPERATOR, table, code)
    noted = entries(world, f"{KINDS[key]}:{code}")
    assert [entry.action for entry in noted] == ["created", "changed", "removed"]
    assert list(noted[1].changes) == [changed]


@pytest.mark.parametrize("key", TABLES)
def test_what_a_form_shows_can_be_saved_and_changes_nothing(world, key):
    """In both languages, for every row there is: the texts of a form mean what is stored."""
    with world.begin() as session:
        for code in [row[0].year if key == "fiscal_years" else row[0] for row in cells(world, key, page=None)]:
            form = load_form(session, OPERATOR, TABLES[key], str(code))
            typed = {field.entry.name: field.entry.text for field in form.fields}
            save_row(session, OPERATOR, TABLES[key], typed, code=form.code, version=form.version)
            assert load_form(session, OPERATOR, TABLES[key], str(code)) == form
    assert entries(world, f"{KINDS[key]}:{code}") == []


def test_years_days_and_shares_are_typed_as_people_write_them(world, person):
    planner = person(Role.DE_PLANNER)
    with world.begin() as session:
        save_row(session, planner, TABLES["ministries"], NEW["ministries"])
        save_row(session, planner, TABLES["resource_types"], NEW["resource_types"])
    with world() as session:
        assert session.scalar(select(models.Ministry.valid_from).where(models.Ministry.code == "31000")) == dt.date(
            2026, 10, 1
        )
        assert session.scalar(select(models.ResourceType.standby_ratio).where(models.ResourceType.code == "gpu")) == 0.5
        form = load_form(session, planner, TABLES["ministries"], "31000")
        assert {field.entry.name: field.entry.text for field in form.fields}["valid_from"] == "1/10/2569"
        standby = load_form(session, planner, TABLES["resource_types"], "gpu").fields[-1]
        assert (standby.entry.text, standby.unit) == ("50", "%")


def test_every_fault_is_told_at_its_field_and_nothing_is_stored(world):
    typed = NEW["sites"] | {"code": "a b", "name_en": "", "region": "moon", "from_year": "2570", "to_year": "2569"}
    with world() as session:
        assert faults(session, "sites", typed) == {
            "code": "bad_code",
            "name_en": "missing",
            "region": "unknown_code",
            "to_year": "ends_before_start",
        }
        assert faults(session, "resource_types", NEW["resource_types"] | {"standby_ratio": "101"}) == {
            "standby_ratio": "out_of_range"
        }
        assert faults(session, "clearances", NEW["clearances"] | {"level": "0"}) == {"level": "not_unique"}
        assert faults(session, "priorities", NEW["priorities"] | {"weight": ""}) == {
            "weight": "weight_unless_statutory"
        }
        assert faults(session, "fiscal_years", {"year": "2580"}) == {"year": "year_gap"}
        assert faults(session, "regions", NEW["regions"] | {"code": "north"}) == {"code": "exists"}
        assert session.scalar(select(func.count()).select_from(models.Site)) == 2


def test_a_form_shows_what_was_typed_with_its_faults_and_what_is_stored(world):
    typed = {"code": "ignored", "name_th": "ใหม่", "name_en": "", "region": "north"}
    with world() as session:
        with pytest.raises(InvalidInputError) as refused:
            save_row(session, OPERATOR, TABLES["sites"], typed, code="BKK1", version=1)
        form = load_form(session, OPERATOR, TABLES["sites"], "BKK1", Typed(typed, refused.value.faults))
    fields = {field.entry.name: field for field in form.fields}
    assert (fields["code"].entry.text, fields["code"].fixed) == ("BKK1", True)
    assert (fields["name_th"].entry.text, fields["name_th"].entry.stored) == ("ใหม่", "ศูนย์ข้อมูลบางรัก")
    assert [phrase.msgid for phrase in fields["name_en"].entry.faults] == ["A value is missing here."]
    assert ("north", LocalText("ภาคเหนือ", "North")) in fields["region"].choices


def test_of_two_who_change_a_row_the_second_is_told(world):
    with world() as session:
        typed = texts(session, "regions", "north")
    with world.begin() as session:
        save_row(session, OPERATOR, TABLES["regions"], typed | {"name_en": "Upper"}, code="north", version=1)
    with world() as session, pytest.raises(ConflictError):
        save_row(session, OPERATOR, TABLES["regions"], typed | {"name_en": "Far"}, code="north", version=1)
    with world() as session, pytest.raises(ConflictError):
        remove_row(session, OPERATOR, TABLES["clearances"], "protected", 2)
    assert cells(world, "regions", text="upper")[0][0] == "north"


def test_a_change_by_any_way_counts_as_a_version(world):
    with world.begin() as session:
        session.get_one(models.FiscalYear, 2027).capex_limit = 5.0
    with world() as session, pytest.raises(ConflictError):
        save_row(session, OPERATOR, TABLES["fiscal_years"], {"year": "2570"}, code="2027", version=1)


@pytest.mark.parametrize(
    ("key", "code", "use"),
    [
        ("ministries", "21000", ("agencies", 1)),
        ("agencies", "11003", ("requirements", 2)),
        ("regions", "north", ("data centres", 1)),
        ("clearances", "open", ("data centres", 1)),
        ("priorities", "low", ("requirements", 1)),
        ("resource_types", "vcpu", ("data centres that offer it", 2)),
        ("fiscal_years", "2029", ("years of capacity at data centres", 4)),
        ("sites", "BKK1", ("expansions", 1)),
    ],
)
def test_what_is_used_is_not_removed(world, key, code, use):
    with world() as session:
        form = load_form(session, OPERATOR, TABLES[key], code)
        assert use in {(found.what, found.count) for found in form.uses}
        with pytest.raises(ConflictError) as refused:
            remove_row(session, OPERATOR, TABLES[key], code, form.version)
    assert refused.value.message.msgid == "It is used and cannot be removed: %(uses)s."


def test_a_site_goes_with_its_capacity_once_nothing_else_names_it(world):
    with world.begin() as session:
        remove_row(session, OPERATOR, TABLES["sites"], "CNX1", 1)
    with world() as session:
        assert session.scalar(select(func.count()).select_from(models.SiteResource)) == 2
        assert session.scalar(select(func.count()).select_from(models.Capacity)) == 6


def test_only_the_first_or_the_last_year_can_go(session):
    session.add_all(models.FiscalYear(year=year) for year in (2027, 2028, 2029))
    session.flush()
    with pytest.raises(ConflictError):
        remove_row(session, OPERATOR, TABLES["fiscal_years"], "2028", 1)
    remove_row(session, OPERATOR, TABLES["fiscal_years"], "2029", 1)
    remove_row(session, OPERATOR, TABLES["fiscal_years"], "2027", 1)
    assert session.scalars(select(models.FiscalYear.year)).all() == [2028]


def test_everything_that_may_refer_to_a_row_has_words():
    tables = (*TABLES.values(), *register.TABLES.values())
    columns = [column for table in tables for column in referring_columns(table_of(table.sheet))]
    assert {(column.table.name, column.name) for column in columns} == set(WORDS)


def test_lists_stand_in_their_own_order_and_sort_and_search_by_any_column(world):
    assert [row[0] for row in cells(world, "priorities", sort="rank")] == ["statutory", "high", "normal", "low"]
    assert [row[0] for row in cells(world, "clearances", sort="nothing")] == ["open", "protected", "restricted"]
    assert [row[0] for row in cells(world, "agencies", sort="name")] == ["21004", "11003", "11004"]
    assert [row[0] for row in cells(world, "agencies", text="health", sort="code", descending=True)] == ["21004"]
    assert cells(world, "fiscal_years", text="2571")[0][0] == FiscalYear(2028)
    assert [row[1] for row in cells(world, "fiscal_years", sort="capex_limit")] == [0.0, 1_500_000.0, None]
    for key, table in TABLES.items():
        for sort in sortable(table):
            assert len(cells(world, key, sort=sort, descending=True)) == len(cells(world, key))


def test_lists_take_few_queries_however_many_rows(world, count_queries):
    with world() as session, count_queries() as queries:
        list_rows(session, OPERATOR, TABLES["expansions"], ListFilter())
    assert len(queries) == 7
    with world() as session, count_queries() as queries:
        assert count_rows(session, OPERATOR) == {
            "ministries": 2,
            "agencies": 3,
            "regions": 2,
            "clearances": 3,
            "priorities": 4,
            "resource_types": 2,
            "fiscal_years": 3,
            "sites": 2,
            "expansions": 1,
        }
    assert len(queries) == 1


def test_only_those_who_keep_a_table_change_it(world, person):
    administrator, reader, stranger = person(Role.ADMINISTRATOR), person(Role.AUDITOR), person(Role.HR)
    with world() as session:
        for key, table in TABLES.items():
            list_rows(session, reader, table, ListFilter())
            for who in (reader, *([administrator] if table.permission is Permission.EDIT_SITES else [])):
                for change in (
                    lambda: save_row(session, who, table, NEW[key]),  # noqa: B023 - called at once
                    lambda: remove_row(session, who, table, "x", 1),  # noqa: B023
                    lambda: load_form(session, who, table, None),  # noqa: B023
                ):
                    with pytest.raises(ForbiddenError):
                        change()
            with pytest.raises(ForbiddenError):
                list_rows(session, stranger, table, ListFilter())
        save_row(session, administrator, TABLES["regions"], NEW["regions"])


def test_there_is_no_table_of_another_name():
    with pytest.raises(NotFoundError):
        table_named("requirements")
