"""What differs between two inputs of a plan, row by row and field by field, in words that people enter them by.

Names and titles are left out: no plan depends on what things are called.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from planner.allocation import Expansion, Policy, Problem, Requirement, ResourceType, Site
from planner.allocation.problem import Agency, Staff
from planner.services.names import Names
from planner.services.wording import clearance_phrase, level_phrase, priority_phrase, staff_role_phrase
from planner.text import N_, FiscalYear, LocalText, Phrase, Value
from reports.values import Cell, Column, Table

Years: TypeAlias = tuple[int, ...]
Fields: TypeAlias = Iterator[tuple[Phrase, Cell]]
"""The fields of a row, each named, in an order that every row of the kind has; one that is absent counts as empty."""

ROW: Final = Phrase(N_("The whole row"))
ADDED: Final = Phrase(N_("added"))
REMOVED: Final = Phrase(N_("removed"))
YES: Final = Phrase(N_("Yes"))
NO: Final = Phrase(N_("No"))
ANYWHERE: Final = Phrase(N_("Anywhere"))
HOME: Final = Phrase(N_("Hosted today at"))
NO_LIMIT: Final = Phrase(N_("No limit"))


@dataclass(frozen=True)
class Difference:
    """One field of one row that is not the same. `kind` is the row's as in `services.subjects`, `sort` its name."""

    kind: str
    sort: Phrase
    code: str
    name: LocalText | FiscalYear | Phrase | str
    field: Phrase
    before: Cell
    after: Cell


@dataclass(frozen=True)
class _Kind:
    """One sort of row: how to find its rows by code, what each is called, and its fields over the fiscal years."""

    kind: str
    label: str
    rows: Callable[[Problem], Mapping[str, Any]]
    name: Callable[[Names, Any], LocalText | FiscalYear | Phrase | str]
    fields: Callable[[Names, Years, Any], Fields]


def compare_problems(before: Problem, after: Problem) -> tuple[Difference, ...]:
    """Every field of `after` that is not as in `before`, by kind and code; rows that are the same cost little."""
    names = _joined(before, after)
    found: list[Difference] = []
    for kind in _KINDS:
        rows_before, rows_after = kind.rows(before), kind.rows(after)
        for code in sorted(rows_before.keys() | rows_after.keys()):
            was, now = rows_before.get(code), rows_after.get(code)
            if was is not None and now is not None:
                if before.fiscal_years == after.fiscal_years and was == now:
                    continue
                fields = (kind.fields(names, before.fiscal_years, was), kind.fields(names, after.fiscal_years, now))
                changes: Iterable[tuple[Phrase, Cell, Cell]] = _changes(*fields)
            else:
                changes = [(ROW, None, ADDED) if was is None else (ROW, None, REMOVED)]
            name = kind.name(names, was if now is None else now)
            found.extend(Difference(kind.kind, Phrase(kind.label), code, name, *change) for change in changes)
    return tuple(found)


def _joined(before: Problem, after: Problem) -> Names:
    """What the rows of both are called: today's names, so that a new name alone is no difference."""
    names, new = Names(before), Names(after)
    names.ministries |= new.ministries
    names.agencies |= new.agencies
    names.regions |= new.regions
    names.sites |= new.sites
    names.resource_types |= new.resource_types
    names.expansions |= new.expansions
    return names


def difference_table(found: Sequence[Difference]) -> Table:
    """One row a difference, from the input of a plan to today's."""
    columns = (
        Column("kind", N_("What")),
        Column("code", N_("Code"), "code"),
        Column("name", N_("Name")),
        Column("field", N_("Field")),
        Column("before", N_("In the plan"), "measure"),
        Column("after", N_("Today"), "measure"),
    )
    rows = tuple((row.sort, row.code, row.name, row.field, row.before, row.after) for row in found)
    return Table("changes", N_("What changed in the inputs"), columns, rows)


def count_rows(found: Iterable[Difference]) -> int:
    """How many rows differ, however many fields of each do."""
    return len({(row.kind, row.code) for row in found})


def _changes(before: Fields, after: Fields) -> Iterator[tuple[Phrase, Cell, Cell]]:
    """The fields of two versions of a row that differ."""
    was, now = (
        {repr(field): (field, cell) for field, cell in before},
        {repr(field): (field, cell) for field, cell in after},
    )
    for key in dict.fromkeys((*was, *now)):
        field = (now.get(key) or was[key])[0]
        old, new = (side[key][1] if key in side else None for side in (was, now))
        if old != new:
            yield field, old, new


def _requirement(names: Names, years: Years, row: Requirement) -> Fields:
    yield Phrase(N_("Agency")), names.agency(row.agency)
    yield Phrase(N_("Priority")), priority_phrase(row.priority)
    yield Phrase(N_("Score of the review")), row.weight
    yield Phrase(N_("Clearance")), clearance_phrase(row.clearance)
    yield Phrase(N_("From fiscal year")), FiscalYear(row.start)
    yield Phrase(N_("To fiscal year")), FiscalYear(row.end) if row.end else Phrase(N_("No end"))
    yield Phrase(N_("Regions allowed")), _listed(row.regions, names.region)
    yield Phrase(N_("Data centres allowed")), _listed(row.sites, names.site)
    yield HOME, names.site(row.incumbent) if row.incumbent else None
    yield Phrase(N_("Copies")), row.copies
    yield Phrase(N_("May be granted in part")), _yes(row.divisible)
    yield from _amounts(names, years, row.demand, N_("Demand: %(resource_type)s, fiscal year %(year)s"))
    for role, load in row.staff_load.items():
        yield Phrase(N_("Staff that it takes: %(role)s"), {"role": staff_role_phrase(role)}), load


def _site(names: Names, years: Years, row: Site) -> Fields:
    yield Phrase(N_("Region")), names.region(row.region)
    yield Phrase(N_("Clearance")), clearance_phrase(row.clearance)
    yield Phrase(N_("From fiscal year")), FiscalYear(row.start) if row.start else None
    yield Phrase(N_("To fiscal year")), FiscalYear(row.end) if row.end else Phrase(N_("No end"))
    yield from _amounts(names, years, row.capacity, N_("Capacity: %(resource_type)s, fiscal year %(year)s"))
    yield from _amounts(names, years, row.running_cost, N_("Running cost: %(resource_type)s, fiscal year %(year)s"))
    yield from _by_type(names, row.overcommit, N_("Overcommit: %(resource_type)s"))
    yield from _by_type(names, row.reserve_margin, N_("Reserve margin: %(resource_type)s"))


def _expansion(names: Names, _years: Years, row: Expansion) -> Fields:
    yield Phrase(N_("Site")), names.site(row.site)
    yield Phrase(N_("Resource type")), names.resource_type(row.resource_type)
    yield Phrase(N_("Size of a module")), row.module_size
    yield Phrase(N_("Price of a module")), row.module_price
    yield Phrase(N_("Years from purchase to use")), row.lead_years
    yield Phrase(N_("Most modules")), row.max_modules


def _resource_type(_names: Names, _years: Years, row: ResourceType) -> Fields:
    yield Phrase(N_("Unit")), row.unit
    yield Phrase(N_("Counts as data moved")), _yes(row.movable)


def _agency(names: Names, _years: Years, row: Agency) -> Fields:
    yield Phrase(N_("Ministry")), names.ministry(row.ministry)


def _staff(_names: Names, years: Years, rows: Sequence[Staff]) -> Fields:
    for row in rows:
        for year, fte in zip(years, row.fte, strict=True):
            if fte:
                params: dict[str, Value] = {"role": staff_role_phrase(row.role), "year": FiscalYear(year)}
                yield Phrase(N_("%(role)s, fiscal year %(year)s"), params), fte


def _policy(names: Names, years: Years, row: Policy) -> Fields:
    for number, level in enumerate(row.levels, 1):
        yield Phrase(N_("Level %(number)s"), {"number": number}), level_phrase(level)
    yield Phrase(N_("Kind of fairness")), row.fairness
    yield Phrase(N_("Tolerance")), row.tolerance
    yield Phrase(N_("Incumbents are protected")), _yes(row.protect_incumbents)
    yield Phrase(N_("Data staff limits hosting")), _yes(row.staff_gate)
    for code, weight in row.priority_weights.items():
        yield Phrase(N_("Weight of priority %(priority)s"), {"priority": priority_phrase(code)}), weight
    yield from _by_type(names, row.standby_ratio, N_("Standby ratio of %(resource_type)s"))
    for msgid, limits in (
        (N_("Investment limit, fiscal year %(year)s"), row.capex_limit),
        (N_("Running cost limit, fiscal year %(year)s"), row.opex_limit),
        (N_("Limit of data moved, fiscal year %(year)s"), row.move_limit_tb),
    ):
        for year, limit in zip(years, limits or (None,) * len(years), strict=True):
            yield Phrase(msgid, {"year": FiscalYear(year)}), NO_LIMIT if limit is None else limit
    for msgid, shares in ((N_("Floor of %(ministry)s"), row.floors), (N_("Cap of %(ministry)s"), row.caps)):
        for code, share in shares.items():
            yield Phrase(msgid, {"ministry": names.ministry(code)}), share
    for code, site in row.pins.items():
        yield Phrase(N_("Pin of %(requirement)s"), {"requirement": code}), names.site(site)


def _amounts(names: Names, years: Years, amounts: Mapping[str, Sequence[float]], msgid: str) -> Fields:
    """One field a resource type and fiscal year, those of nothing left out."""
    for code, series in amounts.items():
        for year, amount in zip(years, series, strict=True):
            if amount:
                yield Phrase(msgid, {"resource_type": names.resource_type(code), "year": FiscalYear(year)}), amount


def _by_type(names: Names, amounts: Mapping[str, float], msgid: str) -> Fields:
    for code, amount in amounts.items():
        yield Phrase(msgid, {"resource_type": names.resource_type(code)}), amount


def _listed(codes: Sequence[str] | None, name: Callable[[str], Value]) -> Phrase:
    return Phrase("%(names)s", {"names": tuple(map(name, codes))}) if codes else ANYWHERE


def _yes(value: bool) -> Phrase:
    return YES if value else NO


def _by_code(rows: Iterable[Any]) -> dict[str, Any]:
    return {row.code: row for row in rows}


def _staff_by_agency(problem: Problem) -> Mapping[str, Any]:
    found: dict[str, list[Staff]] = {}
    for row in problem.staff:
        found.setdefault(row.agency, []).append(row)
    return found


def _nothing(_names: Names, _years: Years, _row: Any) -> Fields:
    return iter(())


_KINDS: Final = (
    _Kind(
        "requirement",
        N_("Requirement"),
        lambda problem: _by_code(problem.requirements),
        lambda _, row: row.title or row.code,
        _requirement,
    ),
    _Kind(
        "site",
        N_("Data centre"),
        lambda problem: _by_code(problem.sites),
        lambda names, row: names.site(row.code),
        _site,
    ),
    _Kind(
        "expansion",
        N_("Expansion"),
        lambda problem: _by_code(problem.expansions),
        lambda names, row: names.expansion(row.code),
        _expansion,
    ),
    _Kind(
        "policy",
        N_("Policy"),
        lambda problem: {"policy": problem.policy},
        lambda _, _row: Phrase(N_("Policy")),
        _policy,
    ),
    _Kind(
        "fiscal_year",
        N_("Fiscal year"),
        lambda problem: {str(year): year for year in problem.fiscal_years},
        lambda _, year: FiscalYear(year),
        _nothing,
    ),
    _Kind(
        "resource_type",
        N_("Resource type"),
        lambda problem: _by_code(problem.resource_types),
        lambda names, row: names.resource_type(row.code),
        _resource_type,
    ),
    _Kind(
        "ministry",
        N_("Ministry"),
        lambda problem: _by_code(problem.ministries),
        lambda names, row: names.ministry(row.code),
        _nothing,
    ),
    _Kind(
        "agency",
        N_("Agency"),
        lambda problem: _by_code(problem.agencies),
        lambda names, row: names.agency(row.code),
        _agency,
    ),
    _Kind(
        "region",
        N_("Region"),
        lambda problem: _by_code(problem.regions),
        lambda names, row: names.region(row.code),
        _nothing,
    ),
    _Kind(
        "clearance",
        N_("Clearance"),
        lambda problem: {code: (code, rank) for rank, code in enumerate(problem.clearances, 1)},
        lambda _, row: clearance_phrase(row[0]),
        lambda _, _years, row: iter([(Phrase(N_("Rank")), row[1])]),
    ),
    _Kind("staff", N_("Data staff"), _staff_by_agency, lambda names, rows: names.agency(rows[0].agency), _staff),
)
"""The sorts of rows in the order in which people look for them."""
