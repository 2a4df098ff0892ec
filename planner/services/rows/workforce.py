"""The rules that rows of the register keep beyond those of their columns, so that it is always a valid one."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from planner.errors import Fault, fault
from planner.services.rows.changes import Change, SheetPlan, rows_after
from planner.services.rows.targets import Database, Identity
from planner.text import N_
from reports.columns import Value, Values

CITIZEN_NUMBER: Final = 13
"""How many digits the number of a citizen has, which is no code for a register."""


def check_register(plans: Mapping[str, SheetPlan], database: Database) -> Iterator[Fault]:
    """Every fault of the register's rows, beside each other and those that the plans do not name."""
    checks = {
        "work_roles": _check_role,
        "positions": _check_position,
        "people": _check_person,
        "courses": _check_course,
        "cohorts": _check_cohort,
        "agency_duties": _check_duty,
        "dataset_duties": _check_duty,
    }
    for key, check in checks.items():
        for change in plans[key].changes if key in plans else ():
            yield from check(plans[key], change)
    if "secondments" in plans:
        yield from _check_secondments(plans["secondments"], plans, database)
    if "enrolments" in plans:
        yield from _check_enrolments(plans["enrolments"], plans, database)


def _rows(key: str, plans: Mapping[str, SheetPlan], database: Database) -> Mapping[Identity, Values]:
    """All rows of a sheet as they will stand."""
    if key in plans:
        return rows_after(plans[key], database)
    return {identity: stored.values for identity, stored in database.rows(key).items()}


def _fault(plan: SheetPlan, change: Change, column: str, code: str, message: str, **params: str | int) -> Fault:
    return fault(plan.found.address(change.row, column), code, message, **params)


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _later(first: Value, last: Value) -> bool:
    """Whether both are days and the first comes after the last."""
    return isinstance(first, dt.date) and isinstance(last, dt.date) and first > last


def _check_role(plan: SheetPlan, change: Change) -> Iterator[Fault]:
    cost, level = change.values["hire_cost"], change.values["hire_level"]
    if (cost is None) != (level is None):
        message = N_("A hiring cost and the level of those who are hired stand together or not at all.")
        yield _fault(plan, change, "hire_level" if level is None else "hire_cost", "hire_terms", message)


def _check_position(plan: SheetPlan, change: Change) -> Iterator[Fault]:
    values = change.values
    if _number(values["funded"]) > _number(values["authorised"]):
        message = N_("There are more funded posts than authorised ones.")
        yield _fault(plan, change, "funded", "more_than_authorised", message)
    if _number(values["frozen"]) > _number(values["funded"]):
        message = N_("There are more frozen posts than funded ones.")
        yield _fault(plan, change, "frozen", "more_than_funded", message)


def _check_person(plan: SheetPlan, change: Change) -> Iterator[Fault]:
    values = change.values
    code = str(values["code"])
    if len(code) == CITIZEN_NUMBER and code.isdecimal():
        message = N_("This looks like a citizen number, which the register must not hold. Give a code of your own.")
        yield _fault(plan, change, "code", "citizen_number", message)
    for column in ("contract_ends_on", "retires_on"):
        if _later(values["starts_on"], values[column]):
            yield _fault(plan, change, column, "ends_before_start", N_("It ends before it starts."))


def _check_course(plan: SheetPlan, change: Change) -> Iterator[Fault]:
    values = change.values
    if (values["from_role"], values["from_level"]) == (values["role"], values["level"]):
        yield _fault(plan, change, "level", "leads_nowhere", N_("The course ends where it begins."))


def _check_cohort(plan: SheetPlan, change: Change) -> Iterator[Fault]:
    values = change.values
    starts, year = values["starts_on"], values["year"]
    if isinstance(starts, dt.date) and starts.year + (starts.month >= 10) != year:
        message = N_("This day is not in the fiscal year of the cohort, which begins in October of the year before.")
        yield _fault(plan, change, "starts_on", "outside_year", message)
    if _later(starts, values["ends_on"]):
        yield _fault(plan, change, "ends_on", "ends_before_start", N_("It ends before it starts."))


def _check_duty(plan: SheetPlan, change: Change) -> Iterator[Fault]:
    accountable, deputy = change.values["accountable"], change.values["deputy"]
    if deputy is not None and deputy == accountable:
        yield _fault(plan, change, "deputy", "own_deputy", N_("Nobody can be their own deputy."))
    if change.values["acting"] and accountable is None:
        message = N_("Nobody is named who could be acting.")
        yield _fault(plan, change, "acting", "nobody_acting", message)


def _check_secondments(plan: SheetPlan, plans: Mapping[str, SheetPlan], database: Database) -> Iterator[Fault]:
    """In order, to another agency, and to one at a time."""
    home = {code: row["agency"] for (code,), row in _rows("people", plans, database).items()}
    of_person: dict[Value, list[Values]] = defaultdict(list)
    for row in rows_after(plan, database).values():
        of_person[row["person"]].append(row)
    for change in plan.changes:
        values = change.values
        if _number(values["to_year"]) < _number(values["from_year"]):
            yield _fault(plan, change, "to_year", "ends_before_start", N_("It ends before it starts."))
        if values["agency"] == home.get(values["person"]):
            message = N_("This is the agency that employs them.")
            yield _fault(plan, change, "agency", "own_agency", message)
        if _overlaps(values, of_person[values["person"]]):
            message = N_("%(person)s is seconded twice in one fiscal year.")
            yield _fault(plan, change, "from_year", "overlap", message, person=str(values["person"]))


def _overlaps(values: Values, others: Sequence[Values]) -> bool:
    return any(
        other["from_year"] != values["from_year"]
        and _number(other["from_year"]) <= _number(values["to_year"])
        and _number(values["from_year"]) <= _number(other["to_year"])
        for other in others
    )


def _check_enrolments(plan: SheetPlan, plans: Mapping[str, SheetPlan], database: Database) -> Iterator[Fault]:
    """Of people who do the role that the course is about, and no more than there are seats."""
    courses = {code: row["role"] for (code,), row in _rows("courses", plans, database).items()}
    cohorts = {code: row for (code,), row in _rows("cohorts", plans, database).items()}
    done = set(_rows("person_roles", plans, database))
    taken = Counter(row["cohort"] for row in rows_after(plan, database).values())
    for change in plan.changes:
        person, cohort = change.values["person"], change.values["cohort"]
        if cohort not in cohorts:
            continue  # which is a fault already
        role = courses.get(cohorts[cohort]["course"])
        if (person, role) not in done:
            message = N_("%(person)s does not do the role %(role)s.")
            yield _fault(plan, change, "person", "not_their_role", message, person=str(person), role=str(role))
        if taken[cohort] > _number(cohorts[cohort]["seats"]):
            message = N_("All %(seats)s seats of %(cohort)s are taken.")
            seats = int(_number(cohorts[cohort]["seats"]))
            yield _fault(plan, change, "cohort", "no_seat", message, seats=seats, cohort=str(cohort))
