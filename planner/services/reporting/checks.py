"""Totals of a report, each computed a second way that shares nothing with the first but the input.

The first way is the report's own tables; the second goes through the problem and the plan row by row in plain Python.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from planner.allocation.plan import Placement, Plan
from planner.allocation.problem import Problem, Requirement
from planner.services.names import Names, parse_pool
from planner.services.reporting.ledger import Ledger, tidy
from planner.services.reporting.shared import THB
from planner.text import N_, LocalText, Phrase
from reports.values import Column, Table

EXACT = 1e-6
"""Two totals agree when they differ by less than this part of themselves: far below any digit that is shown."""


@dataclass(frozen=True)
class Check:
    """One total, computed in two ways."""

    what: Phrase
    unit: str
    reported: float
    recounted: float

    @property
    def agrees(self) -> bool:
        """Whether the two are the same to every digit that a report shows."""
        return abs(self.reported - self.recounted) <= EXACT * max(1.0, abs(self.reported), abs(self.recounted))


def check_report(ledger: Ledger, tables: Mapping[str, Table]) -> tuple[Check, ...]:
    """Every total that is checked. `tables` are the report's own, by key; of the ledger only the homes are used."""
    return tuple(_checks(_Recount(ledger.problem, ledger.plan, ledger.homes), tables))


def check_table(checks: tuple[Check, ...]) -> Table:
    """One row a check."""
    rows = tuple(
        (
            check.what,
            Phrase(check.unit) if check.unit == THB else check.unit,
            tidy(check.reported),
            tidy(check.recounted),
            round(check.reported - check.recounted, 4) + 0.0,
            check.agrees,
        )
        for check in checks
    )
    columns = (
        Column("what", N_("Total"), width=64.0),
        Column("unit", N_("Unit")),
        Column("reported", N_("As reported"), "measure"),
        Column("recounted", N_("Counted again"), "measure"),
        Column("difference", N_("Difference"), "measure"),
        Column("agrees", N_("Agrees")),
    )
    return Table("checks", N_("Totals computed in two ways"), columns, rows)


def _checks(recount: "_Recount", tables: Mapping[str, Table]) -> Iterator[Check]:
    problem, plan = recount.problem, recount.plan
    units = {row.code: row.unit for row in problem.resource_types}
    names = {row.code: row.name or row.code for row in problem.resource_types}
    yield _check(N_("Requirements"), "", _total(tables["ministries"], "requirements"), len(problem.requirements))
    yield _check(
        N_("Requirements with a shortfall"), "", _total(tables["reasons"], "requirements"), len(plan.shortfalls)
    )
    yield _check(N_("Placements, by site"), "", _total(tables["sites"], "placements"), len(tables["placements"].rows))
    yield _check(
        N_("National service share, from shortfalls"),
        "%",
        100 * _total(tables["ministries"], "served"),
        100 * recount.national_share(),
    )
    yield _check(
        N_("Service shares of ministries, added up, from the solver"),
        "%",
        100 * _sum(tables["ministries"], "served"),
        100 * sum(row.share for row in plan.service),
    )
    for code, name in names.items():
        what: dict[str, str | LocalText] = {"resource_type": name}
        yield _check(
            N_("Granted %(resource_type)s, all years, by ministry"),
            units[code],
            _sum_where(tables["ministry_resources"], "granted", "resource_type", name),
            recount.granted[code],
            what,
        )
        yield _check(
            N_("Use of %(resource_type)s, all years, by site"),
            units[code],
            _sum_where(tables["site_years"], "primary", "resource_type", name)
            + _sum_where(tables["site_years"], "standby", "resource_type", name),
            recount.granted[code] + recount.copied[code],
            what,
        )
        yield _check(
            N_("Use of %(resource_type)s, all years, from the solver"),
            units[code],
            _sum_where(tables["resource_years"], "granted", "resource_type", name)
            + _sum_where(tables["resource_years"], "standby", "resource_type", name),
            recount.pooled[code],
            what,
        )
    yield _check(N_("Running cost, by fiscal year"), THB, _total(tables["costs"], "running"), recount.running)
    yield _check(N_("Running cost, by ministry"), THB, _total(tables["ministries"], "cost"), recount.running)
    yield _check(N_("Running cost, by site"), THB, _total(tables["site_costs"], "total"), recount.running)
    yield _check(N_("Capex, by fiscal year"), THB, _total(tables["costs"], "capex"), recount.capex)
    yield _check(N_("Capex, by site"), THB, _total(tables["sites"], "capex"), recount.capex)
    for level in plan.levels:
        if level.name == "cost":
            yield _check(N_("Total cost, from the solver"), THB, _total(tables["costs"], "total"), level.kept)


class _Recount:
    """Sums over the plan's rows, one at a time."""

    def __init__(self, problem: Problem, plan: Plan, homes: Mapping[str, str]) -> None:
        self.problem = problem
        self.plan = plan
        self.homes = homes
        self.names = Names(problem)
        self.rows = {row.code: row for row in problem.requirements}
        self.granted: dict[str, float] = defaultdict(float)
        self.copied: dict[str, float] = defaultdict(float)
        self.pooled: dict[str, float] = defaultdict(float)
        self.running = 0.0
        for placement in plan.placements:
            self._place(placement)
        for pool in plan.pools:
            key = parse_pool(pool.pool)
            if key.kind == "capacity":
                self.pooled[key.resource_type] += pool.use
        self.capex = sum(row.modules * self.names.expansions[row.expansion].module_price for row in plan.purchases)

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


def _check(
    msgid: str, unit: str, reported: float, recounted: float, params: dict[str, str | LocalText] | None = None
) -> Check:
    return Check(Phrase(msgid, dict(params or {})), unit, reported, recounted)


def _total(table: Table, key: str) -> float:
    """The total row's amount under `key`; nothing where the table has no total."""
    keys = [column.key for column in table.columns]
    amount = table.total[keys.index(key)] if table.total else 0.0
    return float(amount) if isinstance(amount, int | float) else 0.0


def _sum(table: Table, key: str) -> float:
    return sum(value for value in table.column(key) if isinstance(value, int | float))


def _sum_where(table: Table, key: str, where: str, equals: object) -> float:
    pairs = zip(table.column(where), table.column(key), strict=True)
    return sum(value for match, value in pairs if match == equals and isinstance(value, int | float))
