"""The link to the allocation: data staff who limit what is hosted, and what one more of them would unlock."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models import PoolUse
from planner.allocation import Plan, Problem
from planner.services.coverage.tables import AGENCY, FTE, ROLE
from planner.services.desk.opening import open_for_all
from planner.services.names import Names, parse_pool
from planner.services.publishing.standing import plan_for_all
from planner.services.reporting.ledger import tidy
from planner.services.wording import staff_role_phrase
from planner.text import N_, FiscalYear
from reports.values import Column, Table

TB: Final = "TB"
"""The unit of storage: what people ask to have hosted is told in it."""


@dataclass(frozen=True)
class StaffPool:
    """The time of one role at one agency in a fiscal year, FTE, as a plan used it.

    `price` is by how much the plan improves for one FTE more, 0 where it would not. `unlocked` is the storage that one
    FTE more would let be hosted, TB: that of what falls short there for want of the role, the weightiest first.
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
    short = _short_of_staff(problem, plan)
    found = []
    for pool in plan.pools:
        key = parse_pool(pool.pool)
        if key.kind == "staff":
            unlocked = _unlock(short[pool.pool]) if pool.price > 0 else 0.0
            found.append(StaffPool(key.agency, key.role, key.year, pool.limit, pool.use, pool.price, unlocked))
    return tuple(sorted(found, key=lambda row: (-row.unlocked, -row.price, row.agency, row.role, row.fiscal_year)))


@dataclass(frozen=True)
class _Short:
    """What one requirement lacks for want of staff: FTE that would serve it, its TB, and its weight per FTE."""

    fte: float
    terabytes: float
    worth: float


def _short_of_staff(problem: Problem, plan: Plan) -> Mapping[str, list[_Short]]:
    """By pool, the requirements that fall short because it is used up."""
    requirements = {row.code: row for row in problem.requirements}
    storage = [row.code for row in problem.resource_types if row.unit == TB]
    weights = problem.policy.priority_weights
    heaviest = 1.0 + max(weights.values(), default=1.0)
    short: dict[str, list[_Short]] = defaultdict(list)
    for row in plan.shortfalls:
        requirement = requirements[row.requirement]
        for pool in {reason.pool for reason in row.reasons if reason.code == "staff" and reason.pool}:
            key = parse_pool(pool)
            load = requirement.staff_load.get(key.role, 0.0)
            at = problem.fiscal_years.index(key.year)
            stored = sum(requirement.demand[code][at] for code in storage if code in requirement.demand)
            if load > 0:
                weight = weights.get(requirement.priority, heaviest) * requirement.weight
                short[pool].append(_Short(row.share * load, row.share * stored, weight / load))
    return short


def _unlock(short: Iterable[_Short]) -> float:
    """TB that one FTE more would let be hosted."""
    left, unlocked = 1.0, 0.0
    for row in sorted(short, key=lambda row: -row.worth):
        part = min(1.0, left / row.fte) if row.fte > 0 else 0.0
        unlocked += part * row.terabytes
        left -= part * row.fte
    return unlocked


def staff_table(pools: Iterable[StaffPool], names: Names) -> Table:
    """One row a staff pool: what there is, what the plan uses of it, and what one FTE more unlocks."""
    rows = tuple(
        (
            row.agency,
            names.agency(row.agency),
            staff_role_phrase(row.role),
            FiscalYear(row.fiscal_year),
            tidy(row.limit),
            tidy(row.use),
            tidy(row.use / row.limit) if row.limit > 0 else None,
            tidy(row.unlocked) if row.unlocked else None,
        )
        for row in pools
    )
    columns = (
        *AGENCY,
        ROLE,
        Column("year", N_("Fiscal year"), "year"),
        Column("limit", N_("Available"), "number", FTE),
        Column("use", N_("Used by hosting"), "number", FTE),
        Column("utilisation", N_("Utilisation"), "share"),
        Column("unlocked", N_("Unlocked by one FTE more"), "number", TB),
    )
    note = N_("Nothing is unlocked where the plan would be no better for one FTE more.")
    return Table("staff", N_("Data staff who look after what is hosted"), columns, rows, note=note)


def load_staff_pools(session: Session) -> tuple[tuple[StaffPool, ...], Names] | None:
    """The staff pools of the plan in force, before the first of the newest, and its names; None if it has none."""
    run = plan_for_all(session)
    if run is None or not session.scalar(
        select(exists().where(PoolUse.run_id == run.id, PoolUse.pool.startswith("staff/")))
    ):
        return None
    desk = open_for_all(session)
    return (staff_pools(desk.problem, desk.plan), desk.names) if desk else None
