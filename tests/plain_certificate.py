"""The rules of a plan and the values of its levels, slowly: one placement, one year and one amount after another."""

import math
from collections import defaultdict
from collections.abc import Sequence

from planner.allocation import Placement, Problem, Purchase, Requirement, Site


class PlainCheck:
    """`breaches`: each rule looked at with the breach that was found, in order. `values`: the levels' own."""

    def __init__(self, problem: Problem, placements: Sequence[Placement], purchases: Sequence[Purchase]) -> None:
        self.problem, self.years = problem, problem.fiscal_years
        self.sites = {site.code: site for site in problem.sites}
        self.rows = {row.code: row for row in problem.requirements}
        self.breaches: list[tuple[str, float]] = []
        self.use: dict[tuple[str, str, int], float] = defaultdict(float)
        self.staff: dict[tuple[str, str, int], float] = defaultdict(float)
        self.granted: dict[tuple[str, int], float] = defaultdict(float)
        self.moved: dict[int, float] = defaultdict(float)
        for placement in placements:
            self.look_at(placement)
        self.look_at_pools(purchases)
        shares: dict[str, list[float]] = defaultdict(list)
        for placement in placements:
            shares[placement.requirement].append(placement.share)
        for code, granted in shares.items():
            if not self.rows[code].divisible:
                self.rule(f"whole/{code}", granted != [1.0])
            self.below(f"choice/{code}", [(sum(granted), 1.0)])
        self.values = self.level_values()

    def rule(self, name: str, breach: float) -> None:
        self.breaches.append((name, math.inf if math.isnan(breach) else max(0.0, float(breach))))

    def below(self, name: str, amounts: Sequence[tuple[float, float]], unit: float = 1.0) -> None:
        excess = [(use - limit) / max(abs(limit), unit) for use, limit in amounts]
        self.rule(name, math.nan if any(map(math.isnan, excess)) else max(excess, default=0.0))

    def look_at(self, placement: Placement) -> None:
        row, site = self.rows[placement.requirement], self.sites[placement.site]
        asks = [year for year in self.years if self.asks(row, year)]
        begun = [year for year in asks if year >= placement.start]
        home = self.sites[row.incumbent] if row.incumbent else None
        if home and not (self.may_live(row, home) and self.operates(home, row.start)):
            home = None
        waits = [year for year in asks if year < placement.start] if home else []
        self.rule(f"share/{row.code}", -min(0.0, placement.share))
        self.rule(f"start/{row.code}", placement.start not in asks)
        self.lives(row, site, begun)
        if home:
            self.lives(row, home, waits)
        self.rule(f"standby/{row.code}", (placement.standby is not None) != (row.copies == 2))
        hosts = [(site, begun, False)] + ([(home, waits, False)] if home else [])
        if placement.standby is not None:
            standby = self.sites[placement.standby]
            self.lives(row, standby, begun)
            self.rule(f"standby_region/{row.code}", standby.region == site.region)
            hosts.append((standby, begun, True))
        for code, series in row.demand.items():
            for host, years, is_copy in hosts:
                ratio = self.problem.policy.standby_ratio.get(code, 1.0) if is_copy else 1.0
                for year, amount in zip(self.years, series, strict=True):
                    self.use[host.code, code, year] += placement.share * amount * (year in years) * ratio
        for year in self.years:
            served = placement.share * (year in begun or year in waits)
            self.granted[row.code, year] += served
            for role, load in row.staff_load.items():
                self.staff[row.agency, role, year] += served * load
        if home and home is not site and placement.start in self.years:
            movable = [kind.code for kind in self.problem.resource_types if kind.movable and kind.code in row.demand]
            volume = sum(row.demand[code][self.years.index(placement.start)] for code in movable)
            self.moved[placement.start] += placement.share * volume

    def look_at_pools(self, purchases: Sequence[Purchase]) -> None:
        policy = self.problem.policy
        bought: dict[str, float] = defaultdict(float)
        added: dict[tuple[str, str, int], float] = defaultdict(float)
        self.spent: dict[int, float] = defaultdict(float)
        expansions = {row.code: row for row in self.problem.expansions}
        for purchase in purchases:
            row = expansions[purchase.expansion]
            self.rule(f"purchase/{row.code}", -min(0.0, purchase.modules))
            bought[row.code] += purchase.modules
            self.spent[purchase.fiscal_year] += purchase.modules * row.module_price
            for year in self.years:
                if year >= purchase.fiscal_year + row.lead_years:
                    added[row.site, row.resource_type, year] += purchase.modules * row.module_size
        for code, modules in bought.items():
            self.below(f"expansion/{code}", [(modules, expansions[code].max_modules)])
        for site, code in dict.fromkeys((site, code) for site, code, _ in self.use):
            largest = max(max(row.demand.get(code, (0.0,))) for row in self.problem.requirements)
            amounts = [
                (self.use[site, code, year], self.usable(self.sites[site], code, year) + added[site, code, year])
                for year in self.years
            ]
            self.below(f"{site}/{code}", amounts, min(1.0, largest) or 1.0)
        self.cost = {
            year: sum(
                used * dict(zip(self.years, self.sites[site].running_cost.get(code, ()), strict=False)).get(year, 0.0)
                for (site, code, at), used in self.use.items()
                if at == year
            )
            for year in self.years
        }
        for name, use, limits in (
            ("capex", self.spent, policy.capex_limit),
            ("opex", self.cost, policy.opex_limit),
            ("moves", self.moved, policy.move_limit_tb),
        ):
            for year, limit in zip(self.years, limits or (), strict=False):
                if limit is not None:
                    self.below(f"{name}/{year}", [(use.get(year, 0.0), limit)])
        if policy.staff_gate:
            has = {(row.agency, row.role): dict(zip(self.years, row.fte, strict=True)) for row in self.problem.staff}
            for agency, role in dict.fromkeys((agency, role) for agency, role, _ in self.staff):
                fte = has.get((agency, role), {})
                amounts = [(self.staff[agency, role, year], fte.get(year, 0.0)) for year in self.years]
                self.below(f"staff/{agency}/{role}", amounts)

    def lives(self, row: Requirement, site: Site, years: Sequence[int]) -> None:
        operates = all(self.operates(site, year) for year in years)
        self.rule(f"home/{row.code}/{site.code}", not (self.may_live(row, site) and operates))

    def may_live(self, row: Requirement, site: Site) -> bool:
        grows = {expansion.resource_type for expansion in self.problem.expansions if expansion.site == site.code}
        rank = self.problem.clearances.index
        return (
            rank(site.clearance) >= rank(row.clearance)
            and (row.regions is None or site.region in row.regions)
            and (row.sites is None or site.code in row.sites)
            and all(
                code in grows or any(self.usable(site, code, year) > 0 for year in self.years)
                for code, series in row.demand.items()
                if any(amount for year, amount in zip(self.years, series, strict=True) if self.asks(row, year))
            )
        )

    def usable(self, site: Site, code: str, year: int) -> float:
        stated = dict(zip(self.years, site.capacity.get(code, ()), strict=False)).get(year, 0.0)
        part = site.overcommit.get(code, 1.0) * (1 - site.reserve_margin.get(code, 0.0))
        return stated * self.operates(site, year) * part

    def asks(self, row: Requirement, year: int) -> bool:
        return row.start <= year <= (self.years[-1] if row.end is None else row.end)

    def operates(self, site: Site, year: int) -> bool:
        return (site.start or self.years[0]) <= year <= (site.end or self.years[-1])

    def level_values(self) -> dict[str, float]:
        policy = self.problem.policy
        ministry_of = {row.code: row.ministry for row in self.problem.agencies}
        national = {
            (code, year): sum(
                row.demand.get(code, (0.0,) * len(self.years))[at] * self.asks(row, year) for row in self.rows.values()
            )
            for code in (kind.code for kind in self.problem.resource_types)
            for at, year in enumerate(self.years)
        }
        unmet = {"statutory": 0.0, "priority": 0.0}
        asked: dict[str, float] = defaultdict(float)
        served: dict[str, float] = defaultdict(float)
        for row in self.rows.values():
            protected = row.priority == "statutory" or (policy.protect_incumbents and row.incumbent is not None)
            weight = policy.priority_weights.get(row.priority, max(policy.priority_weights.values())) * row.weight
            for at, year in enumerate(self.years):
                kinds = sum(total > 0 for (_, then), total in national.items() if then == year)
                parts = [series[at] / national[code, year] for code, series in row.demand.items() if series[at] > 0]
                size = sum(parts) / kinds if self.asks(row, year) and kinds else 0.0
                asked[ministry_of[row.agency]] += size
                served[ministry_of[row.agency]] += size * self.granted[row.code, year]
                missing = size * (1 - self.granted[row.code, year])
                if protected:
                    unmet["statutory"] += missing
                if not protected or "statutory" not in policy.levels:
                    unmet["priority"] += missing * weight
        return {
            **unmet,
            "fairness": min((served[code] / asked[code] for code in asked if asked[code] > 0), default=1.0),
            "cost": sum(self.cost.values()) + sum(self.spent.get(year, 0.0) for year in self.years),
            "moves": sum(self.moved.values()),
        }
