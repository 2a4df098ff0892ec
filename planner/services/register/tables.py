"""The tables of the register as screens know them: over the same columns as the workbook's sheets."""

from collections.abc import Mapping
from typing import Final

from planner.errors import NotFoundError
from planner.services.permissions import Permission
from planner.services.reference.tables import ReferenceTable
from planner.text import N_
from reports.columns import Sheet
from reports.sheets import workforce as sheets

_CODE: Final = N_("One word without a slash. It cannot be changed later, because other rows and old plans name it.")
_NAMES: Final = {"code": _CODE, "name_th": "", "name_en": ""}
_STAYS: Final = N_("A row that is used stays. Change its names, or give the rows that use it another one first.")
_DAY: Final = N_("Day/month/year, of the Buddhist or the common era.")
_YEAR: Final = N_("Of the Buddhist or the common era.")
_KEPT: Final = N_("A row that was wrong can be removed; one that no longer holds is followed by a later one.")


def _hints(sheet: Sheet, hints: Mapping[str, str]) -> Mapping[str, str]:
    """What stands below the fields of a form. One to choose from, by name, needs no word about its code."""
    return {**_NAMES, **{field.key: "" for field in sheet.fields if field.refers}, **hints}


def _kept_by_all(sheet: Sheet, title: str, add: str, leaving: str, **hints: str) -> ReferenceTable:
    """A table for the whole government, which HR of no ministry keeps and everybody with an eye on staff reads."""
    return ReferenceTable(
        sheet, title, add, leaving, Permission.EDIT_NORMS, Permission.VIEW_WORKFORCE, hints=_hints(sheet, hints)
    )


def _of_people(sheet: Sheet, title: str, add: str, leaving: str, **hints: str) -> ReferenceTable:
    """A table that names people, whom HR alone sees."""
    return ReferenceTable(
        sheet, title, add, leaving, Permission.EDIT_WORKFORCE, Permission.VIEW_PEOPLE, hints=_hints(sheet, hints)
    )


_GONE: Final = N_("A row that is wrong or no longer holds can be removed; the history keeps that it was there.")
_DUTY: Final = N_("An appointment that has ended can be removed, or given to somebody else.")

_ALL: Final = (
    _of_people(
        sheets.PEOPLE,
        N_("People"),
        N_("Add a person"),
        N_("Whoever leaves stays in the register until erased: give the last day of the contract instead."),
        code=N_("A code of your own, such as the number of the post. Never the citizen number. It cannot be changed."),
        starts_on=_DAY,
        contract_ends_on=_DAY,
        retires_on=_DAY,
    ),
    ReferenceTable(
        sheets.POSITIONS,
        N_("Positions"),
        N_("Add positions"),
        _KEPT,
        Permission.EDIT_WORKFORCE,
        Permission.VIEW_WORKFORCE,
        hints=_hints(
            sheets.POSITIONS,
            {"from_year": N_("The row holds from this fiscal year until a later one of the same agency and role.")},
        ),
    ),
    _of_people(
        sheets.AGENCY_DUTIES,
        N_("Accountable persons of agencies"),
        N_("Add an appointment"),
        _DUTY,
        expires_on=_DAY,
    ),
    _of_people(
        sheets.DATASET_DUTIES,
        N_("Accountable persons of datasets"),
        N_("Add an appointment"),
        _DUTY,
        expires_on=_DAY,
    ),
    _kept_by_all(sheets.WORK_ROLES, N_("Data roles"), N_("Add a role"), _STAYS),
    _kept_by_all(sheets.SKILL_LEVELS, N_("Skill levels"), N_("Add a level"), _STAYS),
    _kept_by_all(sheets.COURSES, N_("Courses"), N_("Add a course"), _STAYS),
    _kept_by_all(
        sheets.COHORTS,
        N_("Cohorts"),
        N_("Add a cohort"),
        N_("A cohort in which somebody is enrolled stays. Take the enrolments away first."),
        year=_YEAR,
        starts_on=_DAY,
        ends_on=_DAY,
    ),
    _of_people(sheets.PERSON_ROLES, N_("Roles and levels"), N_("Add a role"), _GONE, level_on=_DAY),
    _of_people(sheets.PLANNED_LEAVES, N_("Planned leave"), N_("Add leave"), _GONE, year=_YEAR),
    _of_people(sheets.SECONDMENTS, N_("Secondments"), N_("Add a secondment"), _GONE, from_year=_YEAR, to_year=_YEAR),
    _of_people(sheets.ENROLMENTS, N_("Training"), N_("Add training"), _GONE, completed_on=_DAY),
)
TABLES: Final[Mapping[str, ReferenceTable]] = {table.key: table for table in _ALL}
"""Every table of the register by its key, as people look for them. Norms have a page of their own."""
PERSON_PARTS: Final = ("person_roles", "planned_leaves", "secondments", "enrolments")
"""The tables whose rows belong to a person and stand on that person's page."""
PEOPLE_TABLES: Final = frozenset({"people", *PERSON_PARTS})
"""The tables whose rows are about somebody."""


def table_named(key: str) -> ReferenceTable:
    """The table called `key`; `NotFoundError` if there is none."""
    if key not in TABLES:
        raise NotFoundError
    return TABLES[key]
