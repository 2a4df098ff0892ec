"""The limits of the plan, the expansions it buys, and what it costs."""

from planner.allocation.plan import PoolUse
from planner.services.reporting.ledger import Ledger, tidy
from planner.services.reporting.shared import THB, TOTAL, Row, year_columns
from planner.services.wording import level_phrase, level_unit, pool_phrase, pool_unit
from planner.text import N_, FiscalYear, Phrase
from reports.values import Column, Table


def pool_table(ledger: Ledger) -> Table:
    """One row a pool that limits anything: limit, use, headroom, utilisation, and price with the level it improves."""
    columns = (
        Column("pool", N_("Pool"), width=64.0),
        Column("unit", N_("Unit")),
        Column("limit", N_("Limit"), "measure"),
        Column("use", N_("Use"), "measure"),
        Column("headroom", N_("Headroom"), "measure"),
        Column("utilisation", N_("Utilisation"), "share"),
        Column("price", N_("Price"), "measure"),
        Column("price_unit", N_("Price is in"), width=40.0),
        Column("level", N_("Level"), width=36.0),
    )
    rows = tuple(_pool_row(ledger, pool) for pool in ledger.plan.pools if pool.limit or pool.use or pool.price)
    return Table("pools", N_("Pools, use and prices"), columns, rows)


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


def cost_table(ledger: Ledger) -> Table:
    """One row a fiscal year: running cost, capex and their limits."""
    running, policy = ledger.site_cost.sum(axis=0), ledger.problem.policy
    none: tuple[float | None, ...] = (None,) * len(ledger.years)
    rows = tuple(
        (
            FiscalYear(year),
            tidy(running[t]),
            tidy(ledger.capex[t]),
            tidy(running[t] + ledger.capex[t]),
            (policy.opex_limit or none)[t],
            (policy.capex_limit or none)[t],
        )
        for t, year in enumerate(ledger.years)
    )
    total = (
        TOTAL,
        tidy(running.sum()),
        tidy(ledger.capex.sum()),
        tidy(running.sum() + ledger.capex.sum()),
        None,
        None,
    )
    columns = (
        Column("year", N_("Fiscal year"), "year"),
        Column("running", N_("Running cost"), "money", THB),
        Column("capex", N_("Capex"), "money", THB),
        Column("total", N_("Total cost"), "money", THB),
        Column("opex_limit", N_("Running cost limit"), "money", THB),
        Column("capex_limit", N_("Capex limit"), "money", THB),
    )
    note = N_("An empty limit means that the policy sets none.")
    return Table("costs", N_("Cost by fiscal year"), columns, rows, total, note)


def site_cost_table(ledger: Ledger) -> Table:
    """One row a site: running cost by fiscal year."""
    rows = tuple(
        (ledger.names.site(code), *(tidy(amount) for amount in ledger.site_cost[s]), tidy(ledger.site_cost[s].sum()))
        for code, s in ledger.site_at.items()
    )
    by_year = ledger.site_cost.sum(axis=0)
    total: Row = (TOTAL, *(tidy(amount) for amount in by_year), tidy(by_year.sum()))
    columns = (
        Column("site", N_("Site")),
        *year_columns(ledger.years, "money", THB),
        Column("total", N_("All years"), "money", THB),
    )
    return Table("site_costs", N_("Running cost by site"), columns, rows, total)


def _pool_row(ledger: Ledger, pool: PoolUse) -> Row:
    unit = pool_unit(pool.pool, ledger.names)
    priced = pool.level is not None and pool.price > 0
    price_unit = Phrase(N_("%(gain)s per %(unit)s"), {"gain": level_unit(pool.level or ""), "unit": unit})
    return (
        pool_phrase(pool.pool, ledger.names),
        unit,
        tidy(pool.limit),
        tidy(pool.use),
        round(pool.limit - pool.use, 6) + 0.0,
        tidy(pool.use / pool.limit) if pool.limit > 0 else None,
        pool.price if priced else None,
        price_unit if priced else None,
        level_phrase(pool.level) if pool.level is not None else None,
    )
