"""Where to expand: the pools that hold the plan back, what may be bought, and what the plan buys."""

from collections import defaultdict

from planner.allocation.explain import pool_prices
from planner.services.reporting.ledger import Ledger, tidy
from planner.services.reporting.shared import THB, TOTAL, Row
from planner.services.wording import level_phrase, level_unit, pool_phrase, pool_unit
from planner.text import N_, FiscalYear, Phrase
from reports.values import Column, Table


def price_table(ledger: Ledger) -> Table:
    """One row a pool with a price, by level and then by what its whole limit is worth."""
    names = ledger.names
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
        for row in pool_prices(ledger.problem, ledger.plan)
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


def module_table(ledger: Ledger) -> Table:
    """One row an expansion: its module, what the plan buys of it, and what is left to buy."""
    bought: dict[str, float] = defaultdict(float)
    for row in ledger.plan.purchases:
        bought[row.expansion] += row.modules
    names = ledger.names
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
        for row in ledger.problem.expansions
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


def expansion_table(ledger: Ledger) -> Table:
    """One row a purchase: what, where, when bought, when in use, and its cost."""
    rows = []
    for purchase in ledger.plan.purchases:
        expansion = ledger.names.expansions[purchase.expansion]
        rows.append(
            (
                expansion.code,
                ledger.names.expansion(expansion.code),
                ledger.names.site(expansion.site),
                ledger.names.resource_type(expansion.resource_type),
                FiscalYear(purchase.fiscal_year),
                FiscalYear(purchase.fiscal_year + expansion.lead_years),
                tidy(purchase.modules),
                tidy(purchase.modules * expansion.module_size),
                ledger.names.resource_types[expansion.resource_type].unit,
                tidy(expansion.module_price),
                tidy(purchase.modules * expansion.module_price),
            )
        )
    columns = (
        Column("code", N_("Code"), "code"),
        Column("expansion", N_("Expansion")),
        Column("site", N_("Site")),
        Column("resource_type", N_("Resource type")),
        Column("bought", N_("Bought in"), "year"),
        Column("in_use", N_("In use from"), "year"),
        Column("modules", N_("Modules"), "number"),
        Column("units", N_("Units added"), "number"),
        Column("unit", N_("Unit")),
        Column("price", N_("Price of a module"), "money", THB),
        Column("cost", N_("Cost"), "money", THB),
    )
    gap: Row = (None,) * (len(columns) - 3)
    total: Row = (None, TOTAL, *gap, tidy(ledger.capex.sum()))
    return Table("expansions", N_("Expansions bought"), columns, tuple(rows), total if rows else None)
