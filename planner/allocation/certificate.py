"""The independent check of a plan: the data and the plan's own rows in plain NumPy, none of the solver's code.

Every rule of `docs/formulation.md` is evaluated from the problem itself; breaches are relative to the rule's limit (or
to one unit where the limit is smaller than one, or to the largest demand where that is smaller still).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from planner.allocation.plan import Certificate, LevelResult, Placement, Purchase
from planner.allocation.problem import STATUTORY, Problem, Requirement, Site

TOLERANCE = 1e-6
Array = NDArray[np.float64]


def certify(
    problem: Problem, placements: Sequence[Placement], purchases: Sequence[Purchase], levels: Sequence[LevelResult]
) -> Certificate:
    """Whether the plan keeps every rule of `problem` within `TOLERANCE`, and whether its level values are its own."""
    check = _Check(problem)
    check.placements(placements)
    check.purchases(purchases)
    check.wholeness(placements)
    check.limits()
    values = check.level_values()
    agree = all(
        abs(values[level.name] - level.kept) <= TOLERANCE * max(1.0, abs(level.kept))
        for level in levels
        if level.name in values
    )
    worst = max(check.breaches, key=lambda rule: check.breaches[rule], default="")
    violation = check.breaches.get(worst, 0.0)
    return Certificate(
        feasible=violation <= TOLERANCE,
        largest_violation=violation,
        worst_rule=worst if violation > 0 else "",
        checked=check.checked,
        values_agree=agree,
        largest_gap=max((level.gap for level in levels), default=0.0),
    )


@dataclass
class _Use:
    """What the plan uses, by what it uses it of."""

    capacity: dict[tuple[str, str], Array] = field(default_factory=dict)
    staff: dict[tuple[str, str], Array] = field(default_factory=dict)
    granted: dict[str, Array] = field(default_factory=dict)
    share: dict[str, float] = field(default_factory=dict)
    added: dict[tuple[str, str], Array] = field(default_factory=dict)
    modules: dict[str, float] = field(default_factory=dict)


class _Check:
    """Adds up what a plan uses, and notes the breach of every rule it looks at."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.years = np.array(problem.fiscal_years)
        self.sites = {site.code: site for site in problem.sites}
        self.requirements = {row.code: row for row in problem.requirements}
        self.ranks = {code: n for n, code in enumerate(problem.clearances)}
        self.movable = {row.code for row in problem.resource_types if row.movable}
        self.ratio = {row.code: problem.policy.standby_ratio.get(row.code, 1.0) for row in problem.resource_types}
        self.unit = {row.code: self.small_unit(row.code) for row in problem.resource_types}
        self.breaches: dict[str, float] = {}
        self.checked = 0
        self.use = _Use()
        self.moved = np.zeros(len(self.years))
        self.spent = np.zeros(len(self.years))

    def note(self, rule: str, breach: float) -> None:
        """Count a rule, and remember by how much it is broken, if it is."""
        self.checked += 1
        breach = np.inf if np.isnan(breach) else breach
        if breach > 0:
            self.breaches[rule] = max(breach, self.breaches.get(rule, 0.0))

    def below(self, rule: str, use: Array | float, limit: Array | float, unit: float = 1.0) -> None:
        """Note `use <= limit`, relative to the limit, or to `unit` where that is more."""
        excess = (np.asarray(use) - limit) / np.maximum(np.abs(limit), unit)
        self.note(rule, float(excess.max(initial=0.0)))

    def small_unit(self, code: str) -> float:
        """One unit of a resource type, or the largest demand for it where all are smaller."""
        largest = max((max(row.demand.get(code, (0.0,))) for row in self.problem.requirements), default=0.0)
        return min(1.0, largest) or 1.0

    def placements(self, placements: Sequence[Placement]) -> None:
        """Every placement's own rules, and what it uses."""
        for placement in placements:
            row = self.requirements[placement.requirement]
            in_years = self.active(row)
            begun = in_years & (self.years >= placement.start)
            self.note(f"share/{row.code}", max(0.0, -placement.share))
            self.note(f"start/{row.code}", float(not in_years[self.years == placement.start].any()))
            self.live(row, placement.site, begun)
            hosts = {placement.site: begun.astype(float)}
            leaves = self.lives_at_home(row) and placement.site != row.incumbent
            if row.incumbent is not None and self.lives_at_home(row):
                before = in_years & ~begun
                self.live(row, row.incumbent, before)
                hosts[row.incumbent] = hosts.get(row.incumbent, 0.0) + before
            served = sum(hosts.values(), np.zeros(len(self.years)))
            self.note(f"standby/{row.code}", float((placement.standby is None) == (row.copies == 2)))
            if placement.standby is not None:
                self.live(row, placement.standby, begun)
                same = self.sites[placement.standby].region == self.sites[placement.site].region
                self.note(f"standby_region/{row.code}", float(same))
            self.take(row, placement, hosts, begun)
            self.use.share[row.code] = self.use.share.get(row.code, 0.0) + placement.share
            self.use.granted[row.code] = self.use.granted.get(row.code, 0.0) + placement.share * served
            if leaves:
                volume = sum((np.array(row.demand[r]) for r in row.demand if r in self.movable), np.zeros(len(served)))
                self.moved += placement.share * volume * (self.years == placement.start)

    def wholeness(self, placements: Sequence[Placement]) -> None:
        """That what may not be divided has one placement, of a share of exactly 1, or none."""
        shares: dict[str, list[float]] = {}
        for placement in placements:
            shares.setdefault(placement.requirement, []).append(placement.share)
        for code, granted in shares.items():
            if not self.requirements[code].divisible:
                self.note(f"whole/{code}", float(granted != [1.0]))

    def take(
        self, row: Requirement, placement: Placement, hosts: Mapping[str, Array], begun: NDArray[np.bool_]
    ) -> None:
        """Add what one placement uses of capacity and staff."""
        for code, series in row.demand.items():
            for site, in_use in hosts.items():
                self.add(site, code, placement.share * np.array(series) * in_use)
            if placement.standby is not None:
                self.add(placement.standby, code, placement.share * np.array(series) * begun * self.ratio[code])
        granted = sum(hosts.values(), np.zeros(len(self.years)))
        for role, load in row.staff_load.items():
            key = (row.agency, role)
            self.use.staff[key] = self.use.staff.get(key, 0.0) + placement.share * load * granted

    def add(self, site: str, code: str, amount: Array) -> None:
        """Add `amount` by year to what a site holds of a resource type."""
        key = (site, code)
        self.use.capacity[key] = self.use.capacity.get(key, 0.0) + amount

    def active(self, row: Requirement) -> NDArray[np.bool_]:
        """The years in which `row` asks."""
        last = self.years[-1] if row.end is None else row.end
        active: NDArray[np.bool_] = (self.years >= row.start) & (self.years <= last)
        return active

    def lives_at_home(self, row: Requirement) -> bool:
        """Whether `row` may go on at the site that hosts it today, at least in its first year."""
        if row.incumbent is None:
            return False
        site = self.sites[row.incumbent]
        return self.may_live(row, site) and self.operates(site)[self.years == row.start].all()

    def may_live(self, row: Requirement, site: Site) -> bool:
        """Clearance, region, site, and every resource type on offer."""
        asked = {code for code, series in row.demand.items() if (np.array(series) * self.active(row)).any()}
        grows = {e.resource_type for e in self.problem.expansions if e.site == site.code}
        years = self.operates(site)
        offered = {code for code, series in site.capacity.items() if (np.array(series) * years).any()} | grows
        return (
            self.ranks[site.clearance] >= self.ranks[row.clearance]
            and (row.regions is None or site.region in row.regions)
            and (row.sites is None or site.code in row.sites)
            and asked <= offered
        )

    def operates(self, site: Site) -> NDArray[np.bool_]:
        """The years in which `site` operates."""
        first = self.years[0] if site.start is None else site.start
        last = self.years[-1] if site.end is None else site.end
        operates: NDArray[np.bool_] = (self.years >= first) & (self.years <= last)
        return operates

    def live(self, row: Requirement, code: str, years: NDArray[np.bool_]) -> None:
        """Note whether `row` may live at site `code` in `years`."""
        site = self.sites[code]
        self.note(f"home/{row.code}/{code}", float(not (self.may_live(row, site) and self.operates(site)[years].all())))

    def purchases(self, purchases: Sequence[Purchase]) -> None:
        """What the expansions bought add and cost."""
        expansions = {row.code: row for row in self.problem.expansions}
        for purchase in purchases:
            row = expansions[purchase.expansion]
            year = self.years == purchase.fiscal_year
            self.note(f"purchase/{row.code}", max(0.0, -purchase.modules))
            key = (row.site, row.resource_type)
            from_year = self.years >= purchase.fiscal_year + row.lead_years
            usable: Array = from_year * np.float64(purchase.modules * row.module_size)
            self.use.added[key] = self.use.added.get(key, 0.0) + usable
            self.use.modules[row.code] = self.use.modules.get(row.code, 0.0) + purchase.modules
            self.spent += year * purchase.modules * row.module_price
        for code, modules in self.use.modules.items():
            self.below(f"expansion/{code}", modules, expansions[code].max_modules)

    def limits(self) -> None:
        """Every pool, and the choice of every requirement."""
        policy = self.problem.policy
        for (code, resource), use in self.use.capacity.items():
            site = self.sites[code]
            usable = np.array(site.capacity.get(resource, (0.0,) * len(self.years)), dtype=np.float64)
            usable = (
                usable
                * self.operates(site)
                * site.overcommit.get(resource, 1.0)
                * (1 - site.reserve_margin.get(resource, 0.0))
            )
            usable = usable + self.use.added.get((code, resource), 0.0)
            self.below(f"{code}/{resource}", use, usable, self.unit[resource])
        for name, use, limits in (
            ("capex", self.spent, policy.capex_limit),
            ("opex", self.running_cost(), policy.opex_limit),
            ("moves", self.moved, policy.move_limit_tb),
        ):
            for year, amount, limit in zip(self.years, use, limits or (), strict=False):
                if limit is not None:
                    self.below(f"{name}/{year}", amount, limit)
        if policy.staff_gate:
            has = {(row.agency, row.role): np.array(row.fte) for row in self.problem.staff}
            for key, use in self.use.staff.items():
                self.below(f"staff/{key[0]}/{key[1]}", use, has.get(key, np.zeros(len(self.years))))
        for code, share in self.use.share.items():
            self.below(f"choice/{code}", share, 1.0)

    def running_cost(self) -> Array:
        """THB by year."""
        cost = np.zeros(len(self.years))
        for (code, resource), use in self.use.capacity.items():
            cost += use * np.array(self.sites[code].running_cost.get(resource, (0.0,) * len(self.years)))
        return cost

    def sizes(self) -> dict[str, Array]:
        """Size of every requirement by year: the mean of its shares of national demand."""
        demand = {
            row.code: {code: np.array(series) * self.active(row) for code, series in row.demand.items()}
            for row in self.problem.requirements
        }
        national: dict[str, Array] = {}
        for series in demand.values():
            for code, amount in series.items():
                national[code] = national.get(code, 0.0) + amount
        asked = sum(((total > 0).astype(float) for total in national.values()), np.zeros(len(self.years)))
        return {
            code: sum(
                (amount / np.where(national[r] > 0, national[r], 1.0) for r, amount in series.items()),
                np.zeros(len(self.years)),
            )
            / np.maximum(asked, 1.0)
            for code, series in demand.items()
        }

    def level_values(self) -> dict[str, float]:
        """The value of every level, computed from the plan alone."""
        policy = self.problem.policy
        ministry_of = {row.code: row.ministry for row in self.problem.agencies}
        sizes = self.sizes()
        unmet = {"statutory": 0.0, "priority": 0.0}
        asked: dict[str, float] = {}
        served: dict[str, float] = {}
        for row in self.problem.requirements:
            size, granted = sizes[row.code], self.use.granted.get(row.code, np.zeros(len(self.years)))
            ministry = ministry_of[row.agency]
            asked[ministry] = asked.get(ministry, 0.0) + size.sum()
            served[ministry] = served.get(ministry, 0.0) + float(size @ granted)
            protected = row.priority == STATUTORY or (policy.protect_incumbents and row.incumbent is not None)
            missing = float(size @ (1 - granted))
            if protected:
                unmet["statutory"] += missing
            if not protected or "statutory" not in policy.levels:
                top = max(policy.priority_weights.values())
                unmet["priority"] += missing * policy.priority_weights.get(row.priority, top) * row.weight
        shares = [served[code] / asked[code] for code in asked if asked[code] > 0]
        return {
            **unmet,
            "fairness": min(shares, default=1.0),
            "cost": float(self.running_cost().sum() + self.spent.sum()),
            "moves": float(self.moved.sum()),
        }
