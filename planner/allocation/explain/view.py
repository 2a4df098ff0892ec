"""A stored plan beside its problem: every level's prices, what is left of every pool, and any one requirement in them.

Nothing here solves anything. At the prices of a level a requirement's options are told apart without the others, so one
requirement is looked at in an instance of its own; only its size needs the whole problem's demand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from planner.allocation.columns import build_entries
from planner.allocation.instance import Floats, Instance, Ints, build_instance
from planner.allocation.layout import Layout, build_layout
from planner.allocation.options import Options
from planner.allocation.plan import Placement, Plan
from planner.allocation.pricing import price_tables, spread_prices
from planner.allocation.problem import Problem, Requirement
from planner.errors import NotFoundError

NOISE = 1e-6
"""Differences below this share of the amounts compared are rounding."""


@dataclass(frozen=True, eq=False)
class View:
    """A problem and its plan, prepared once. `weights` are each level's prices with its own row at 1, in strict order.

    `headroom` is what each pool has left, in its unit. `national` (R, T) is the demand of all requirements.
    """

    problem: Problem
    plan: Plan
    instance: Instance
    layout: Layout
    weights: dict[str, dict[str, float]]
    headroom: Mapping[str, float]
    national: Floats
    requirements: Mapping[str, Requirement]

    def requirement(self, code: str) -> Requirement:
        """The requirement `code`; `NotFoundError` where there is none."""
        if code not in self.requirements:
            raise NotFoundError
        return self.requirements[code]

    def single(self, requirement: Requirement) -> "Single":
        """`requirement`, whether the problem has it or not, alone among the sites."""
        problem = self.problem
        pins = {code: site for code, site in problem.policy.pins.items() if code == requirement.code}
        alone = replace(
            problem,
            requirements=(requirement,),
            staff=tuple(row for row in problem.staff if row.agency == requirement.agency),
            policy=replace(problem.policy, pins=pins),
        )
        instance = build_instance(alone)
        known = requirement.code in self.requirements
        national = self.national if known else self.national + instance.demand[0]
        instance = replace(instance, size=_size(instance.demand, national), ministry_size=self.instance.ministry_size)
        return Single(self, requirement, instance, build_layout(instance))

    def ministry_of(self, requirement: Requirement) -> str:
        """The code of the ministry that asks for `requirement`."""
        return next(agency.ministry for agency in self.problem.agencies if agency.code == requirement.agency)


def open_view(problem: Problem, plan: Plan) -> View:
    """`problem` and its stored `plan`, ready for questions."""
    instance = build_instance(problem)
    return View(
        problem=problem,
        plan=plan,
        instance=instance,
        layout=build_layout(instance),
        weights={level.name: {**level.prices, f"level/{level.name}": 1.0} for level in plan.levels},
        headroom={pool.pool: max(0.0, pool.limit - pool.use) for pool in plan.pools},
        national=instance.demand.sum(axis=0),
        requirements={row.code: row for row in problem.requirements},
    )


@dataclass(frozen=True, eq=False)
class Single:
    """One requirement in an instance of its own, priced by the plan of the whole."""

    view: View
    requirement: Requirement
    instance: Instance
    layout: Layout

    @cached_property
    def weights(self) -> Mapping[str, Floats]:
        """The prices of every level by row of this layout."""
        return {level: row_weights(self.layout, prices) for level, prices in self.view.weights.items()}

    def table(self, level: str) -> tuple[Floats, Ints]:
        """Reduced cost of the best option by site and start year at `level`, inf for none, and its standby: (S, T)."""
        prices = spread_prices(self.instance, self.layout, self.weights[level])
        ((_, table),) = price_tables(self.instance, prices)
        return table.total[0], table.standby[0]

    def best_by_site(self, level: str, start_year: int | None = None) -> tuple[Options, Floats]:
        """The cheapest option at each site that has one, cheapest site first, with the reduced costs.

        A site that is open to it from `start_year` on, like for like, is taken from then on.
        """
        total, standby = self.table(level)
        if not total.size:
            return Options.none(), np.zeros(0)
        start = total.argmin(axis=1)
        if start_year is not None:
            alike = start_year - self.instance.years[0]
            start = np.where(np.isfinite(total[:, alike]), alike, start)
        cost = total[np.arange(len(total)), start]
        sites = np.argsort(cost, kind="stable")
        sites = sites[np.isfinite(cost[sites])]
        t = start[sites]
        return Options(np.zeros(len(sites), dtype=np.int64), sites, standby[sites, t], t), cost[sites]

    def uses(self, options: Options) -> Floats:
        """What each of `options` takes of each row, dense: (k, rows)."""
        entries = build_entries(self.instance, self.layout, options)
        use = np.zeros((len(options), len(self.layout)))
        use[entries.column, entries.row] = entries.value
        return use

    def options(self, placements: Sequence[Placement]) -> Options:
        """`placements` of this requirement as options."""
        return placed_options(self.instance, placements)

    def granted_use(self) -> Floats:
        """What the plan grants it of each row, (rows,)."""
        mine = [row for row in self.view.plan.placements if row.requirement == self.requirement.code]
        shares = np.array([row.share for row in mine])
        granted: Floats = shares @ self.uses(self.options(mine))
        return granted

    def headroom(self) -> Floats:
        """What is left of each of this layout's pools, (pools,)."""
        left = self.view.headroom
        pools = self.layout.names[: self.layout.pools]
        return np.array([left.get(name, float(limit)) for name, limit in zip(pools, self.layout.limits, strict=False)])


def placed_options(instance: Instance, placements: Sequence[Placement]) -> Options:
    """`placements` as options of `instance`."""
    at = {code: n for n, code in enumerate(instance.requirements)}
    site = {code: s for s, code in enumerate(instance.sites)} | {None: -1}
    return Options.of(
        [(at[row.requirement], site[row.site], site[row.standby], row.start - instance.years[0]) for row in placements]
    )


def row_weights(layout: Layout, prices: Mapping[str, float]) -> Floats:
    """`prices` by row name as an array over `layout`, 0 where there is none."""
    return np.array([prices.get(name, 0.0) for name in layout.names])


def _size(demand: Floats, national: Floats) -> Floats:
    """Size of `demand` (n, R, T) among `national` (R, T): `docs/formulation.md`, "Data"."""
    asked = national > 0
    shares = np.divide(demand, national, out=np.zeros_like(demand), where=asked)
    size: Floats = shares.sum(axis=1) / np.maximum(asked.sum(axis=0), 1)
    return size
