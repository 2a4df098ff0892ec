"""The limits of the plan, their use and their prices."""

from planner.allocation.plan import PoolUse
from planner.services.reporting.ledger import Ledger, tidy
from planner.services.reporting.shared import Row
from planner.services.wording import level_phrase, level_unit, pool_phrase, pool_unit
from planner.text import N_, Phrase
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
