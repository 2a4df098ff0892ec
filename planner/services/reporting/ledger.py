"""A problem and its plan added up once: what every table of a report is read from.

Axes are those of `planner.allocation.instance`: n requirements, S sites, R resource types, T fiscal years,
M ministries, each in the order of its codes. `docs/formulation.md` says what a placement takes from when on.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np

from planner.allocation.explain import MarginalCost, marginal_cost, open_view
from planner.allocation.instance import Floats, Instance, Ints
from planner.allocation.plan import Plan, Shortfall
from planner.allocation.problem import Problem, Requirement
from planner.services.names import Names

SERVED = 1e-6
"""A share nearer to one (or to nothing) than this counts as served in full (or not at all)."""

MARGINAL = 5_000
"""Up to how many requirements a plan may have for marginal costs: each ministry's looks at all of them."""


class Ledger:
    """Sums over the placements of `plan`; time and memory are linear in requirements and placements."""

    def __init__(self, problem: Problem, plan: Plan, national_size: Floats | None = None) -> None:
        """`national_size`, (n, T), is each requirement's size where `problem` has not all of the country's."""
        self.problem = problem
        self.plan = plan
        self.names = Names(problem)
        self.view = open_view(problem, plan)
        """What explanations are read from."""
        self.instance: Instance = self.view.instance
        if national_size is not None:
            self.instance = replace(self.instance, size=national_size)
        self.years = problem.fiscal_years
        self.requirements: dict[str, Requirement] = {row.code: row for row in problem.requirements}
        self.site_at = {code: s for s, code in enumerate(self.instance.sites)}
        self.type_at = {code: r for r, code in enumerate(self.instance.types)}
        self.ministry_at = {code: m for m, code in enumerate(self.instance.ministries)}
        self.type_order = [self.type_at[row.code] for row in problem.resource_types]
        """The resource types as the problem lists them, by position."""
        self._add_placements()
        self._add_purchases()

    def _add_placements(self) -> None:
        instance, placements = self.instance, self.plan.placements
        row_at = {code: n for n, code in enumerate(instance.requirements)}
        horizon, year = len(self.years), np.arange(len(self.years))
        row = np.array([row_at[p.requirement] for p in placements], dtype=np.int64)
        site = np.array([self.site_at[p.site] for p in placements], dtype=np.int64)
        standby = np.array([-1 if p.standby is None else self.site_at[p.standby] for p in placements], dtype=np.int64)
        start = np.array([p.start - self.years[0] for p in placements], dtype=np.int64)
        share = np.array([p.share for p in placements], dtype=np.float64)
        home = instance.home[row]
        here = (year >= start[:, None]).astype(np.float64)
        at_home = ((home >= 0)[:, None] & (year < start[:, None])).astype(np.float64)
        units = share[:, None, None] * instance.demand[row]
        copies = units * instance.standby_ratio[:, None] * (here * (standby >= 0)[:, None])[:, None, :]

        shape = instance.capacity.shape
        self.primary: Floats = np.zeros(shape)
        """Units that primaries use, (S, R, T)."""
        self.standby: Floats = np.zeros(shape)
        """Units that standby copies hold, (S, R, T)."""
        np.add.at(self.primary, site, units * here[:, None, :])
        np.add.at(self.primary, home, units * at_home[:, None, :])  # rows without a home add nothing to the last site
        np.add.at(self.standby, standby, copies)
        self.kept: Floats = np.zeros(shape)
        """Units of `primary` that stand where they are hosted today, (S, R, T)."""
        stays = at_home + here * (site == home)[:, None]
        np.add.at(self.kept, home, units * stays[:, None, :])

        active = (year >= instance.start[:, None]) & (year <= instance.end[:, None])
        self.granted: Floats = np.zeros((len(instance.requirements), horizon))
        """Share of each requirement in force, (n, T)."""
        np.add.at(self.granted, row, share[:, None] * (here + at_home))
        self.granted *= active

        rate = instance.running_cost
        cost = (units * (here[:, None, :] * rate[site] + at_home[:, None, :] * rate[home])).sum(axis=1)
        cost += (copies * rate[standby]).sum(axis=1)
        self.ministry_cost: Floats = np.zeros((len(instance.ministries), horizon))
        """Running cost, THB, (M, T)."""
        np.add.at(self.ministry_cost, instance.ministry[row], cost)
        self.placement_site: Ints = site

    def _add_purchases(self) -> None:
        instance, horizon = self.instance, len(self.years)
        self.added: Floats = np.zeros(instance.capacity.shape)
        """Units that expansions bought by the plan add, from the year they are in use, (S, R, T)."""
        self.capex: Floats = np.zeros(horizon)
        """THB spent on expansions, (T,)."""
        for purchase in self.plan.purchases:
            expansion = self.names.expansions[purchase.expansion]
            bought = purchase.fiscal_year - self.years[0]
            self.capex[bought] += purchase.modules * expansion.module_price
            where = self.site_at[expansion.site], self.type_at[expansion.resource_type]
            self.added[where][bought + expansion.lead_years :] += purchase.modules * expansion.module_size

    def of_ministry(self, ministry: str) -> "Ledger":
        """The ledger of one ministry's part: its own requirements and what they get, sized as in the whole country.

        Pools, purchases and what policy says of others are not in it.
        """
        agencies = {row.code: row for row in self.problem.agencies if row.ministry == ministry}
        own = {row.code: row for row in self.problem.requirements if row.agency in agencies}
        policy = self.problem.policy
        problem = replace(
            self.problem,
            ministries=tuple(row for row in self.problem.ministries if row.code == ministry),
            agencies=tuple(agencies.values()),
            requirements=tuple(own.values()),
            staff=tuple(row for row in self.problem.staff if row.agency in agencies),
            policy=replace(
                policy,
                floors={code: share for code, share in policy.floors.items() if code == ministry},
                caps={code: share for code, share in policy.caps.items() if code == ministry},
                pins={code: site for code, site in policy.pins.items() if code in own},
            ),
        )
        plan = replace(
            self.plan,
            placements=tuple(row for row in self.plan.placements if row.requirement in own),
            purchases=(),
            shortfalls=tuple(row for row in self.plan.shortfalls if row.requirement in own),
            pools=(),
            service=tuple(row for row in self.plan.service if row.ministry == ministry),
        )
        mine = self.instance.ministry == self.ministry_at[ministry]
        return Ledger(problem, plan, self.instance.size[mine])

    @cached_property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """The plan's shortfalls, but for what rounding left of requirements that are served in full."""
        return tuple(row for row in self.plan.shortfalls if row.share > SERVED)

    @cached_property
    def homes(self) -> dict[str, str]:
        """The site that hosts a requirement today and may go on until its placement starts, by requirement."""
        codes, sites = self.instance.requirements, self.instance.sites
        return {code: sites[s] for code, s in zip(codes, self.instance.home.tolist(), strict=True) if s >= 0}

    @cached_property
    def usable(self) -> Floats:
        """Usable capacity with what expansions add, (S, R, T)."""
        return self.instance.capacity + self.added

    @cached_property
    def use(self) -> Floats:
        """Use of primaries and standby copies, (S, R, T)."""
        return self.primary + self.standby

    @cached_property
    def site_cost(self) -> Floats:
        """Running cost, THB, (S, T)."""
        cost: Floats = (self.use * self.instance.running_cost).sum(axis=1)
        return cost

    @cached_property
    def size(self) -> Floats:
        """Size of each requirement over its years, (n,)."""
        size: Floats = self.instance.size.sum(axis=1)
        return size

    @cached_property
    def served_size(self) -> Floats:
        """Granted size of each requirement over its years, (n,)."""
        served: Floats = (self.instance.size * self.granted).sum(axis=1)
        return served

    @cached_property
    def served_share(self) -> Floats:
        """Share of each requirement granted, averaged over its years by size, (n,); one that asks nothing has all."""
        return divide(self.served_size, self.size, empty=1.0)

    @cached_property
    def ministry_share(self) -> Floats:
        """Service share of each ministry, (M,); one that asks nothing has all."""
        return divide(self.by_ministry(self.served_size), self.by_ministry(self.size), empty=1.0)

    @cached_property
    def marginal_costs(self) -> Mapping[str, MarginalCost]:
        """The marginal cost of every ministry that asks for something; of none where cost is no level, or the plan so
        large that nobody would wait for them."""
        large = len(self.problem.requirements) > MARGINAL
        if large or all(level.name != "cost" for level in self.plan.levels):
            return {}
        return {row.ministry: marginal_cost(self.view, row.ministry) for row in self.plan.service}

    @cached_property
    def asked_units(self) -> Floats:
        """Demand by ministry, (M, R, T)."""
        return self._units(self.instance.demand)

    @cached_property
    def granted_units(self) -> Floats:
        """Granted demand by ministry, (M, R, T)."""
        return self._units(self.instance.demand * self.granted[:, None, :])

    def by_ministry(self, amounts: Floats) -> Floats:
        """Amounts of requirements, (n,), added up by ministry, (M,)."""
        total: Floats = np.zeros(len(self.instance.ministries))
        np.add.at(total, self.instance.ministry, amounts)
        return total

    def _units(self, units: Floats) -> Floats:
        total: Floats = np.zeros((len(self.instance.ministries), *units.shape[1:]))
        np.add.at(total, self.instance.ministry, units)
        return total


def divide(part: Floats, whole: Floats | np.float64, empty: float = 0.0) -> Floats:
    """part / whole, elementwise; `empty` where the whole is nothing."""
    share: Floats = np.divide(part, whole, out=np.full(np.shape(part), empty), where=whole > 0)
    return share


def tidy(amount: float) -> float:
    """An amount without the last digits that the order of adding leaves behind, and without a minus before nothing."""
    return round(float(amount), 9) + 0.0
