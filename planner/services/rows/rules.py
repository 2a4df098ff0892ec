"""The rules that one file cannot show by itself: codes that exist, years in order, and who may change what.

Every rule of `planner.allocation.validation` that data could break is kept here, so that whatever was imported can be
planned with.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Final

from planner.errors import Fault, fault
from planner.services.permissions import Actor
from planner.services.rows.changes import Change, SheetPlan, rows_after, same
from planner.services.rows.datasets import check_datasets
from planner.services.rows.scope import MINISTRY_SHEETS, Own, locked_columns, other_ministry_fault
from planner.services.rows.targets import Database
from planner.services.rows.workforce import check_register
from planner.text import N_, FiscalYear
from reports.columns import Value
from reports.sheets import SHEETS

STATUTORY: Final = "statutory"

_PERIODS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "ministries": (("valid_from", "valid_to"),),
    "sites": (("from_year", "to_year"),),
    "requirements": (("start_year", "end_year"),),
}
"""First and last of a period, by sheet; a day ends later than it began, a fiscal year may be the same."""


class Known:
    """What exists once the file is applied: codes by sheet and fiscal years.

    People of another ministry are none for whoever may speak for one alone.
    """

    def __init__(self, plans: Mapping[str, SheetPlan], database: Database, own: Own) -> None:
        self.plans = plans
        self.database = database
        self.own = own
        self._codes: dict[str, frozenset[Value]] = {}
        self.years = set(database.years())
        if "fiscal_years" in plans:
            years = (change.values["year"] for change in plans["fiscal_years"].changes)
            self.years |= {year for year in years if isinstance(year, int)}

    def codes(self, sheet_key: str) -> frozenset[Value]:
        """The codes of a sheet, in the database or in the file."""
        if sheet_key == "people" and self.own.limited:
            return self.own.codes(sheet_key)
        if sheet_key not in self._codes:
            found: set[Value] = set(self.database.codes(sheet_key).values())
            if sheet_key in self.plans:
                found |= {change.values["code"] for change in self.plans[sheet_key].changes}
            self._codes[sheet_key] = frozenset(found)
        return self._codes[sheet_key]


def check_plans(plans: Mapping[str, SheetPlan], database: Database, actor: Actor) -> Iterator[Fault]:
    """Every fault that the rows have beside the database, sheet by sheet."""
    own = Own(actor, database, plans)
    known = Known(plans, database, own)
    for key, plan in plans.items():
        yield from _check_headers(plan, known)
        for change in plan.changes:
            yield from _check_codes(plan, change, known)
            yield from _check_period(plan, change)
            if key == "priorities":
                yield from _check_priority(plan, change)
            if key == "requirements":
                yield from _check_years(plan, change, known)
        yield from _check_unique(plan, database)
    if "fiscal_years" in plans:
        yield from _check_horizon(plans["fiscal_years"], known)
    if "datasets" in plans:
        yield from check_datasets(plans["datasets"], database)
    if "requirements" in plans:
        yield from _check_locked(plans["requirements"], locked_columns(actor))
    yield from check_register(plans, database)
    for key, (column, _) in MINISTRY_SHEETS.items():
        if own.limited and key in plans and column != "person":  # another ministry's people are unknown already
            yield from _check_scope(plans[key], own)


def _check_headers(plan: SheetPlan, known: Known) -> Iterator[Fault]:
    """Columns of a series: their years and resource types must exist."""
    for column in plan.found.columns:
        if isinstance(column, str):
            continue
        _, (code, year) = column
        address = plan.found.address(1, column)
        if year not in known.years:
            yield _unknown_year(address, year)
        if code and code not in known.codes("resource_types"):
            yield _unknown(address, "resource_types", code)


def _check_codes(plan: SheetPlan, change: Change, known: Known) -> Iterator[Fault]:
    for field in plan.sheet.fields:
        value = change.row.values.get(field.key) if field.refers else None
        for code in value if isinstance(value, tuple) else (value,):
            if code is not None and code not in known.codes(field.refers):
                yield _unknown(plan.found.address(change.row, field.key), field.refers, code)


def _unknown(address: str, sheet_key: str, code: Value) -> Fault:
    where = SHEETS[sheet_key].title
    return fault(address, "unknown_code", N_("There is no %(code)s among: %(what)s."), code=str(code), what=where)


def _unknown_year(address: str, year: int) -> Fault:
    return fault(address, "unknown_year", N_("%(year)s is not a fiscal year of the plan."), year=FiscalYear(year))


def _check_unique(plan: SheetPlan, database: Database) -> Iterator[Fault]:
    """A number that no two rows may share, also against the rows that the file does not name."""
    for key in plan.sheet.unique:
        named = {change.values["code"] for change in plan.changes}
        others = {row[key]: row["code"] for row in rows_after(plan, database).values() if row["code"] not in named}
        for change in plan.changes:
            if (value := change.values[key]) in others:
                yield fault(
                    plan.found.address(change.row, key),
                    "not_unique",
                    N_("%(value)s already belongs to %(code)s."),
                    value=str(value),
                    code=str(others[value]),
                )


def _check_horizon(plan: SheetPlan, known: Known) -> Iterator[Fault]:
    years = sorted(known.years)
    for before, year in pairwise(years):
        if year != before + 1:
            row = next((change.row for change in plan.changes if change.values["year"] in {year, before}), 1)
            message = N_("Fiscal years must follow one another; %(year)s is missing.")
            yield fault(plan.found.address(row, "year"), "year_gap", message, year=FiscalYear(before + 1))


def _check_period(plan: SheetPlan, change: Change) -> Iterator[Fault]:
    for start, end in _PERIODS.get(plan.sheet.key, ()):
        first, last = change.values[start], change.values[end]
        if (isinstance(first, int) and isinstance(last, int) and last < first) or (
            isinstance(first, dt.date) and isinstance(last, dt.date) and last <= first
        ):
            yield fault(plan.found.address(change.row, end), "ends_before_start", N_("It ends before it starts."))


def _check_priority(plan: SheetPlan, change: Change) -> Iterator[Fault]:
    if (change.values["code"] == STATUTORY) != (change.values["weight"] is None):
        yield fault(
            plan.found.address(change.row, "weight"),
            "weight_unless_statutory",
            N_("Every priority needs a weight, except statutory, which has none."),
        )


def _check_years(plan: SheetPlan, change: Change, known: Known) -> Iterator[Fault]:
    """A requirement starts before the horizon ends and asks for nothing outside its own years."""
    start, end = change.values["start_year"], change.values["end_year"]
    if not isinstance(start, int):
        return
    if start > max(known.years, default=start):
        yield _unknown_year(plan.found.address(change.row, "start_year"), start)
    demand = change.values["demand"]
    for key, amount in demand.items() if isinstance(demand, Mapping) else ():
        if amount and not start <= key[1] <= (end if isinstance(end, int) else key[1]):
            yield fault(
                plan.found.address(change.row, ("demand", key)),
                "outside_period",
                N_("There is demand here in a year before the start or after the end."),
            )


def _check_scope(plan: SheetPlan, own: Own) -> Iterator[Fault]:
    """A ministry's own rows only, and those that stay so."""
    column, _ = MINISTRY_SHEETS[plan.sheet.key]
    for change in plan.changes:
        stored = change.stored.values if change.stored else change.values
        if change.values[column] is not None and not (
            own.holds(plan.sheet, stored) and own.holds(plan.sheet, change.values)
        ):
            yield other_ministry_fault(plan, change)


def _check_locked(plan: SheetPlan, locked: Collection[str]) -> Iterator[Fault]:
    """What is for others to fill in stays as it is, or as new rows get it."""
    for key in locked:
        default = plan.sheet.field(key).default
        for change in plan.changes:
            before = change.stored.values[key] if change.stored else default
            if not same(before, change.values[key]):
                message = N_("DE alone sets this value in its review. Leave the cell as it was, or empty.")
                yield fault(plan.found.address(change.row, key), "locked_column", message)
