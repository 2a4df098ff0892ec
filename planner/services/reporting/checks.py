"""Totals of a report, each computed a second way that shares nothing with the first but the input.

The first way is the report's own tables; the second is a `Recount`, or what the solver said.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from planner.services.reporting.ledger import Ledger, tidy
from planner.services.reporting.recount import Recount
from planner.services.reporting.shared import THB
from planner.text import N_, LocalText, Phrase
from reports.values import Column, Section, Table

Tables = Mapping[str, Table]

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


def check_section(checks: Iterator[Check]) -> Section:
    """The check sheet of `checks`."""
    lead = N_("Every total is computed a second time, row by row from input and plan. Differences must be nothing.")
    return Section("checks", N_("Check sheet"), lead, tables=(check_table(tuple(checks)),))


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


def check_report(ledger: Ledger, tables: Tables) -> Iterator[Check]:
    """What is checked of the whole plan's report, by its own `tables`; of the ledger only the homes are used."""
    problem, plan = ledger.problem, ledger.plan
    recount = Recount(problem, plan, ledger.homes)
    yield _check(N_("Requirements"), "", _total(tables["ministries"], "requirements"), len(problem.requirements))
    yield _check(N_("Requirements, one by one"), "", len(tables["requirements"].rows), len(problem.requirements))
    yield _check(
        N_("Requirements with a shortfall"), "", _total(tables["reasons"], "requirements"), len(ledger.shortfalls)
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
    yield from _check_units(recount, tables)
    yield from _check_use(recount, tables)
    yield _check(N_("Running cost, by fiscal year"), THB, _total(tables["costs"], "running"), recount.running)
    yield _check(N_("Running cost, by ministry"), THB, _total(tables["ministries"], "cost"), recount.running)
    yield _check(N_("Running cost, by site"), THB, _total(tables["site_costs"], "total"), recount.running)
    yield _check(N_("Capex, by fiscal year"), THB, _total(tables["costs"], "capex"), recount.capex)
    yield _check(N_("Capex, by site"), THB, _total(tables["sites"], "capex"), recount.capex)
    kept = {level.name: level.kept for level in plan.levels}
    if "cost" in kept:
        yield _check(N_("Total cost, from the solver"), THB, _total(tables["costs"], "total"), kept["cost"])
    if "moves" in kept:
        yield _check(N_("Data moved, from the solver"), N_("TB"), _sum(tables["moves"], "moved"), kept["moves"])


def check_ministry(ledger: Ledger, tables: Tables) -> Iterator[Check]:
    """What is checked of the report on one ministry, whose part `ledger` is."""
    problem, plan = ledger.problem, ledger.plan
    recount = Recount(problem, plan, ledger.homes)
    yield _check(N_("Requirements, one by one"), "", len(tables["requirements"].rows), len(problem.requirements))
    yield _check(
        N_("Requirements with a shortfall"), "", _total(tables["reasons"], "requirements"), len(ledger.shortfalls)
    )
    yield _check(N_("Placements, by site"), "", _total(tables["sites"], "placements"), len(tables["placements"].rows))
    for service in plan.service:
        share = _total(tables["priorities"], "share")
        yield _check(N_("Service share, from the solver"), "%", 100 * share, 100 * service.share)
    yield from _check_units(recount, tables)
    yield _check(N_("Running cost, by fiscal year"), THB, _total(tables["costs"], "running"), recount.running)
    yield _check(N_("Running cost, by site"), THB, _total(tables["sites"], "cost"), recount.running)


def _check_units(recount: Recount, tables: Tables) -> Iterator[Check]:
    """Units asked and granted of each resource type, added up over ministries."""
    table = tables["ministry_resources"]
    for row in recount.problem.resource_types:
        name = row.name or row.code
        what = {"resource_type": name}
        asked = _sum_where(table, "asked", "resource_type", name)
        yield _check(N_("Asked %(resource_type)s, all years"), row.unit, asked, recount.asked[row.code], what)
        granted = _sum_where(table, "granted", "resource_type", name)
        yield _check(
            N_("Granted %(resource_type)s, all years, by ministry"),
            row.unit,
            granted,
            recount.granted[row.code],
            what,
        )


def _check_use(recount: Recount, tables: Tables) -> Iterator[Check]:
    """Use of each resource type, standby copies included, by site and as the solver has it."""
    for row in recount.problem.resource_types:
        name = row.name or row.code
        what = {"resource_type": name}
        by_site = sum(_sum_where(tables["site_years"], key, "resource_type", name) for key in ("primary", "standby"))
        counted = recount.granted[row.code] + recount.copied[row.code]
        yield _check(N_("Use of %(resource_type)s, all years, by site"), row.unit, by_site, counted, what)
        in_all = sum(_sum_where(tables["resource_years"], key, "resource_type", name) for key in ("granted", "standby"))
        yield _check(
            N_("Use of %(resource_type)s, all years, from the solver"),
            row.unit,
            in_all,
            recount.pooled[row.code],
            what,
        )


def _check(
    msgid: str, unit: str, reported: float, recounted: float, params: Mapping[str, str | LocalText] | None = None
) -> Check:
    return Check(Phrase(msgid, params or {}), unit, reported, recounted)


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
