"""Data staff who limit what is hosted: what there is, what a plan uses, and what one more would unlock."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from planner.allocation import Plan, Problem
from planner.services.names import Names, parse_pool
from planner.services.reporting.ledger import tidy
from planner.services.staffing import STORAGE
from planner.services.wording import staff_role_phrase
from planner.text import N_, FiscalYear
from reports.values import Column, Table


@dataclass(frozen=True)
class StaffPool:
    """The time of one role at one agency in a fiscal year, FTE, as a plan used it.

    `price` is by how much the plan improves for one FTE more in that year, 0 where it would not. `unlocked` is the
    storage that one FTE more in every year would let be hosted in this one, TB: that of what falls short there for want
    of the role, the weightiest first. Nothing but the role is looked at, so it is the most that may come of it.
    """

    agency: str
    role: str
    fiscal_year: int
    limit: float
    use: float
    price: float
    unlocked: float


def staff_pools(problem: Problem, plan: Plan) -> tuple[StaffPool, ...]:
    """Every staff pool of `plan`, those that unlock most first; none where the staff gate was off."""
    pools = [(parse_pool(pool.pool), pool) for pool in plan.pools]
    pools = [(key, pool) for key, pool in pools if key.kind == "staff"]
    priced = {(key.agency, key.role) for key, pool in pools if pool.price > 0}
    unlocked = {place: _unlock(short) for place, short in _short_of_staff(problem, plan).items() if place in priced}
    none = (0.0,) * len(problem.fiscal_years)
    found = [
        StaffPool(
            key.agency,
            key.role,
            key.year,
            pool.limit,
            pool.use,
            pool.price,
            unlocked.get((key.agency, key.role), none)[problem.fiscal_years.index(key.year)],
        )
        for key, pool in pools
    ]
    return tuple(sorted(found, key=lambda row: (-row.unlocked, -row.price, row.agency, row.role, row.fiscal_year)))


@dataclass(frozen=True)
class _Short:
    """What one requirement lacks for want of a role: FTE that would serve it, its TB by year, its weight per FTE."""

    fte: float
    terabytes: tuple[float, ...]
    worth: float


def _short_of_staff(problem: Problem, plan: Plan) -> Mapping[tuple[str, str], list[_Short]]:
    """By agency and role, the requirements that fall short because there are too few of them in some year."""
    requirements = {row.code: row for row in problem.requirements}
    storage = {row.code for row in problem.resource_types if row.unit == STORAGE}
    weights = problem.policy.priority_weights
    heaviest = 1.0 + max(weights.values(), default=1.0)
    short: dict[tuple[str, str], list[_Short]] = defaultdict(list)
    for row in plan.shortfalls:
        requirement = requirements[row.requirement]
        keys = [parse_pool(reason.pool) for reason in row.reasons if reason.code == "staff" and reason.pool]
        stored = [series for code, series in requirement.demand.items() if code in storage]
        terabytes = tuple(row.share * sum(amounts) for amounts in zip(*stored, strict=True))
        for place in {(key.agency, key.role) for key in keys}:
            load = requirement.staff_load.get(place[1], 0.0)
            if load > 0 and terabytes:
                weight = weights.get(requirement.priority, heaviest) * requirement.weight
                short[place].append(_Short(row.share * load, terabytes, weight / load))
    return short


def _unlock(short: Iterable[_Short]) -> tuple[float, ...]:
    """TB by year that one FTE more would let be hosted."""
    left, parts = 1.0, []
    for row in sorted(short, key=lambda row: -row.worth):
        part = min(1.0, left / row.fte)
        parts.append([part * amount for amount in row.terabytes])
        left -= part * row.fte
    return tuple(map(sum, zip(*parts, strict=True)))


def staff_table(pools: Iterable[StaffPool], names: Names) -> Table:
    """One row a staff pool that limits anything: what there is, what the plan uses of it, what one FTE more unlocks."""
    rows = tuple(
        (
            row.agency,
            names.agency(row.agency),
            staff_role_phrase(row.role),
            FiscalYear(row.fiscal_year),
            round(row.limit, 2),
            round(row.use, 2),
            tidy(row.use / row.limit) if row.limit > 0 else None,
            tidy(row.unlocked) if row.unlocked else None,
        )
        for row in pools
        if row.limit or row.use or row.unlocked
    )
    columns = (
        Column("agency", N_("Code"), "code"),
        Column("agency_name", N_("Agency")),
        Column("role", N_("Role")),
        Column("year", N_("Fiscal year"), "year"),
        Column("limit", N_("Available"), "number", N_("FTE")),
        Column("use", N_("Used by hosting"), "number", N_("FTE")),
        Column("utilisation", N_("Utilisation"), "share"),
        Column("unlocked", N_("Unlocked by one FTE more in every year"), "number", STORAGE),
    )
    note = N_("At most: other limits may hold next. Nothing is unlocked where the plan would be no better for it.")
    return Table("staff", N_("Data staff who look after what is hosted"), columns, rows, note=note)
