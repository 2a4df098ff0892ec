"""A plan's totals counted a second time, row by row in plain Python, from nothing but the input and the plan."""

from collections import defaultdict
from collections.abc import Mapping

from planner.allocation.plan import Placement, Plan
from planner.allocation.problem import Problem, Requirement
from planner.services.names import Names, parse_pool


class Recount:
    """Sums over the plan's rows, one at a time."""

    def __init__(self, problem: Problem, plan: Plan, homes: Mapping[str, str]) -> None:
        self.problem = problem
        self.plan = plan
        self.homes = homes
        self.names = Names(problem)
        self.rows = {row.code: row for row in problem.requirements}
        self.asked: dict[str, float] = defaultdict(float)
        self.granted: dict[str, float] = defaultdict(float)
        self.copied: dict[str, float] = defaultdict(float)
        self.pooled: dict[str, float] = defaultdict(float)
        self.running = 0.0
        for row in problem.requirements:
            self._ask(row)
        for placement in plan.placements:
            self._place(placement)
        for pool in plan.pools:
            key = parse_pool(pool.pool)
            if key.kind == "capacity":
                self.pooled[key.resource_type] += pool.use
        self.capex = sum(row.modules * self.names.expansions[row.expansion].module_price for row in plan.purchases)

    def _ask(self, row: Requirement) -> None:
        first = self.problem.fiscal_years[0]
        for code, series in row.demand.items():
            self.asked[code] += sum(series[year - first] for year in self._years(row))

    def _place(self, placement: Placement) -> None:
        row = self.rows[placement.requirement]
        for year in self._years(row):
            begun = year >= placement.start
            host = placement.site if begun else self.homes.get(row.code)
            if host is None:
                continue
            copy = placement.standby if begun else None
            for code, series in row.demand.items():
                units = placement.share * series[year - self.problem.fiscal_years[0]]
                self.granted[code] += units
                self.running += units * self._rate(host, code, year)
                if copy is not None:
                    held = units * self.problem.policy.standby_ratio.get(code, 1.0)
                    self.copied[code] += held
                    self.running += held * self._rate(copy, code, year)

    def national_share(self) -> float:
        """One minus the unmet part of the national demand, from the shortfalls alone."""
        first = self.problem.fiscal_years[0]
        demand: dict[tuple[str, int], float] = defaultdict(float)
        for row in self.problem.requirements:
            for year in self._years(row):
                for code, series in row.demand.items():
                    demand[code, year] += series[year - first]
        types = {
            year: sum(demand[code, year] > 0 for code in self.names.resource_types)
            for year in self.problem.fiscal_years
        }
        unmet = 0.0
        for shortfall in self.plan.shortfalls:
            row = self.rows[shortfall.requirement]
            for year in self._years(row):
                for code, series in row.demand.items():
                    if demand[code, year]:
                        unmet += shortfall.share * series[year - first] / demand[code, year] / types[year]
        years = sum(count > 0 for count in types.values())
        return 1.0 - unmet / years if years else 1.0

    def _years(self, row: Requirement) -> range:
        years = self.problem.fiscal_years
        return range(max(row.start, years[0]), min(row.end or years[-1], years[-1]) + 1)

    def _rate(self, site: str, resource_type: str, year: int) -> float:
        series = self.names.sites[site].running_cost.get(resource_type)
        return series[year - self.problem.fiscal_years[0]] if series else 0.0
