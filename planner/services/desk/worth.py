"""What pools and money are worth in a plan: where to expand, costs by ministry, and how fair it is."""

from collections import defaultdict

from planner.allocation.explain import pool_prices
from planner.services.desk.opening import Desk
from planner.services.desk.pages import Page, Wanted
from planner.services.names import parse_pool
from planner.services.reporting import cost_table, expansion_table, ministry_table, site_cost_table
from planner.services.reporting.ledger import tidy
from planner.services.reporting.shared import THB, year_columns
from planner.services.wording import level_phrase, level_unit, pool_phrase, pool_unit, reason_name
from planner.text import N_, Phrase
from reports.values import Chart, Column, Fact, Section, Table


def read_expansion(desk: Desk, _wanted: Wanted) -> Page:
    """Where to expand: the pools that hold the plan back, dearest first, and what may be bought."""
    return Page(
        (
            Section(
                "prices",
                N_("What holds the plan back"),
                N_(
                    "Pools with a price, by the level that they hold back; the dearest first. A price holds for small "
                    "changes: have it proved before money is spent on it."
                ),
                tables=(price_table(desk),),
            ),
            Section(
                "modules",
                N_("What may be bought"),
                N_("Every expansion with its module, its price, and what the plan buys of it."),
                tables=(module_table(desk), expansion_table(desk.ledger)),
            ),
        )
    )


def price_table(desk: Desk) -> Table:
    """One row a pool with a price, by level and then by what its whole limit is worth."""
    names = desk.names
    rows = tuple(
        (
            pool_phrase(row.pool, names),
            tidy(row.limit),
            tidy(row.use),
            pool_unit(row.pool, names),
            row.price,
            Phrase(
                N_("%(gain)s per %(unit)s"),
                {"gain": level_unit(row.level), "unit": pool_unit(row.pool, names)},
            ),
            level_phrase(row.level),
        )
        for row in pool_prices(desk.problem, desk.plan)
    )
    columns = (
        Column("pool", N_("Pool"), width=64.0),
        Column("limit", N_("Limit"), "measure"),
        Column("use", N_("Use"), "measure"),
        Column("unit", N_("Unit")),
        Column("price", N_("Price"), "measure"),
        Column("price_unit", N_("Price is in"), width=40.0),
        Column("level", N_("Level"), width=36.0),
    )
    return Table("prices", N_("Pools with a price"), columns, rows)


def module_table(desk: Desk) -> Table:
    """One row an expansion: its module, what the plan buys of it, and what is left to buy."""
    bought: dict[str, float] = defaultdict(float)
    for row in desk.plan.purchases:
        bought[row.expansion] += row.modules
    names = desk.names
    rows = tuple(
        (
            row.code,
            names.expansion(row.code),
            names.site(row.site),
            names.resource_type(row.resource_type),
            row.module_size,
            names.resource_types[row.resource_type].unit,
            row.module_price,
            row.lead_years,
            row.max_modules,
            tidy(bought[row.code]),
        )
        for row in desk.problem.expansions
    )
    columns = (
        Column("code", N_("Code"), "code"),
        Column("expansion", N_("Expansion")),
        Column("site", N_("Site")),
        Column("resource_type", N_("Resource type")),
        Column("module", N_("Module"), "measure"),
        Column("unit", N_("Unit")),
        Column("price", N_("Price of a module"), "money", THB),
        Column("lead", N_("Lead time"), "integer", N_("years")),
        Column("most", N_("Most that may be bought"), "number", N_("modules")),
        Column("bought", N_("Bought by the plan"), "number", N_("modules")),
    )
    return Table("modules", N_("Expansions that may be bought"), columns, rows)


def read_costs(desk: Desk, _wanted: Wanted) -> Page:
    """Cost by fiscal year, by ministry with its marginal cost, and by site."""
    ministries, years = ministry_cost_table(desk), cost_table(desk.ledger)
    return Page(
        (
            Section(
                "ministries",
                N_("By ministry"),
                N_(
                    "Running cost of what each ministry is granted. The marginal cost is of its next unit of size: "
                    "what the guarantee of its share costs the plan, and the cheapest way to serve what it lacks."
                ),
                charts=(
                    Chart(
                        "costs_ministries",
                        N_("Running cost by ministry over the horizon"),
                        "bar",
                        ministries,
                        "ministry",
                        ("total",),
                        N_("THB"),
                    ),
                ),
            ),
            Section(
                "years",
                N_("By fiscal year"),
                N_("Running cost of what is granted and the capex of expansions, in baht."),
                charts=(
                    Chart(
                        "costs", N_("Cost by fiscal year"), "stacked", years, "year", ("running", "capex"), N_("THB")
                    ),
                ),
            ),
            Section("sites", N_("By site"), tables=(site_cost_table(desk.ledger),)),
        )
    )


def ministry_cost_table(desk: Desk) -> Table:
    """One row a ministry: running cost by fiscal year, and the marginal cost of its next unit of size in THB."""
    ledger, marginal = desk.ledger, desk.open.marginal_costs
    rows = []
    for code, m in ledger.ministry_at.items():
        next_unit = marginal.get(code)
        cost = ledger.ministry_cost[m]
        rows.append(
            (
                code,
                ledger.names.ministry(code),
                *map(tidy, cost),
                tidy(cost.sum()),
                next_unit.guarantee if next_unit else None,
                next_unit.resources if next_unit else None,
                next_unit.requirement if next_unit else None,
            )
        )
    by_year = ledger.ministry_cost.sum(axis=0)
    total = (None, Phrase(N_("Total")), *map(tidy, by_year), tidy(by_year.sum()), None, None, None)
    unit = N_("THB per unit of size")
    columns = (
        Column("code", N_("Code"), "code"),
        Column("ministry", N_("Ministry")),
        *year_columns(ledger.years, "money", THB),
        Column("total", N_("All years"), "money", THB),
        Column("guarantee", N_("Marginal: its guarantee"), "money", unit),
        Column("resources", N_("Marginal: its resources"), "money", unit),
        Column("cheapest", N_("Cheapest shortfall"), "code"),
    )
    note = N_("A unit of size is the whole country's demand of one year, averaged over resource types.")
    return Table("ministry_costs", N_("Cost and marginal cost by ministry"), columns, tuple(rows), total, note)


def read_fairness(desk: Desk, _wanted: Wanted) -> Page:
    """The fairness audit: who is served least, how far apart they are, and what holds each ministry back."""
    table = fairness_table(desk)
    chart = Chart(
        "fairness", N_("Service share, the lowest first"), "bar", table, "ministry", ("served",), N_("Service share")
    )
    shares = [float(share) for share in table.column("served") if isinstance(share, int | float)]
    facts = (
        Fact(N_("Lowest service share"), min(shares, default=1.0), "share"),
        Fact(N_("Highest service share"), max(shares, default=1.0), "share"),
        Fact(N_("Spread"), tidy(max(shares, default=1.0) - min(shares, default=1.0)), "share"),
        Fact(N_("Kind of fairness"), FAIRNESS.get(desk.problem.policy.fairness)),
        Fact(N_("Tolerance"), desk.problem.policy.tolerance, "share"),
    )
    lead = N_("Ministries from the least served on, with what policy promises them and what holds them back.")
    return Page((Section("fairness", N_("Fairness audit"), lead, charts=(chart,), facts=facts),))


FAIRNESS = {
    "leximin": Phrase(N_("Leximin: raise the lowest, then the next, and so on")),
    "maxmin": Phrase(N_("Max-min: raise the lowest alone")),
}


def fairness_table(desk: Desk) -> Table:
    """One row a ministry that asks for something, the least served first."""
    ledger, policy = desk.ledger, desk.problem.policy
    counts = {str(row[0]): row for row in ministry_table(ledger).rows}
    size = dict(zip(ledger.instance.requirements, ledger.size.tolist(), strict=True))
    held: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in desk.plan.shortfalls:
        ministry = desk.names.agencies[ledger.requirements[row.requirement].agency].ministry
        for reason in row.reasons[:1]:
            held[ministry][reason.code] += row.share * size[row.requirement]
    asked = ledger.by_ministry(ledger.size)
    rows = []
    for served in sorted(desk.plan.service, key=lambda row: (row.share, row.ministry)):
        code = served.ministry
        if not asked[ledger.ministry_at[code]] > 0:
            continue
        reasons = held[code]
        rows.append(
            (
                code,
                desk.names.ministry(code),
                tidy(served.share),
                policy.floors.get(code),
                policy.caps.get(code),
                *counts[code][3:7],
                reason_name(max(reasons, key=lambda each: (reasons[each], each))) if reasons else None,
            )
        )
    columns = (
        Column("code", N_("Code"), "code"),
        Column("ministry", N_("Ministry")),
        Column("served", N_("Service share"), "share"),
        Column("floor", N_("Least share"), "share"),
        Column("cap", N_("Greatest share"), "share"),
        Column("requirements", N_("Requirements"), "integer"),
        Column("full", N_("Served in full"), "integer"),
        Column("part", N_("Served in part"), "integer"),
        Column("none", N_("Not served"), "integer"),
        Column("held", N_("What holds it back most")),
    )
    return Table("fairness", N_("Ministries, the least served first"), columns, tuple(rows))


def priced_pools(desk: Desk) -> tuple[tuple[str, Phrase], ...]:
    """The pools whose price may be proved, the dearest first, with what they are called."""
    found = pool_prices(desk.problem, desk.plan)
    return tuple((row.pool, pool_phrase(row.pool, desk.names)) for row in found if parse_pool(row.pool).kind != "cap")
