"""What more capacity would bring, proved by solving again: ranges of prices, and one more module of an expansion."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from planner.allocation import Plan, Problem
from planner.allocation.explain import PriceRange, module_value, pool_prices, price_range
from planner.errors import NotSolvedError
from planner.services.names import parse_pool
from planner.services.reporting.ledger import Ledger, tidy
from planner.services.reporting.shared import THB
from planner.services.wording import LEVEL_UNITS, level_phrase, level_unit, pool_phrase, pool_unit
from planner.text import N_, Phrase
from reports.values import Column, Table

PATIENCE: Final = 60
"""Solves that proofs may take for a plan of `USUAL` requirements. One of more has fewer, as each takes longer: never by
the clock, so that a plan has one advice."""
USUAL: Final = 500
MODULES: Final = 6
RANGES: Final = 6
"""At most so many are proved."""
RANGE_SOLVES: Final = 30
"""Solves that the range of one price may take."""


@dataclass(frozen=True)
class Advice:
    """`ranges` of prices, the dearest first; `gains`: by expansion, what one more module betters each level by."""

    ranges: tuple[PriceRange, ...] = ()
    gains: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def prove_advice(problem: Problem, plan: Plan, solve: Callable[[Problem], Plan]) -> Advice:
    """As much as `PATIENCE` allows: first one more module of each expansion that is sold out and worth something, which
    takes one solve, then how far the prices of other pools hold. What cannot be solved is left out."""
    left = int(PATIENCE * min(1.0, (USUAL / max(len(problem.requirements), 1)) ** 1.5))
    priced = [(row.pool, parse_pool(row.pool)) for row in pool_prices(problem, plan)]
    sold_out = [key.expansion for _, key in priced if key.kind == "expansion"][: min(MODULES, left)]
    left -= len(sold_out)
    gains: dict[str, Mapping[str, float]] = {}
    for code in sold_out:
        with suppress(NotSolvedError):
            gains[code] = module_value(problem, plan, code, solve=solve)
    counted = _Counted(solve)
    ranges: list[PriceRange] = []
    for pool in [pool for pool, key in priced if key.kind not in {"cap", "expansion"}][:RANGES]:
        if counted.solves + RANGE_SOLVES > left:
            break
        with suppress(NotSolvedError):
            ranges.append(price_range(problem, plan, pool, solve=counted))
    return Advice(tuple(ranges), gains)


class _Counted:
    """Solves, and counts."""

    def __init__(self, solve: Callable[[Problem], Plan]) -> None:
        self.solve = solve
        self.solves = 0

    def __call__(self, problem: Problem) -> Plan:
        self.solves += 1
        return self.solve(problem)


def range_table(ledger: Ledger, advice: Advice) -> Table:
    """One row a proved price: what one more unit brings, and between which limits that holds."""
    names = ledger.names
    rows = tuple(
        (
            pool_phrase(row.price.pool, names),
            pool_unit(row.price.pool, names),
            tidy(row.price.limit),
            row.price.price,
            Phrase(
                N_("%(gain)s per %(unit)s"),
                {"gain": level_unit(row.price.level), "unit": pool_unit(row.price.pool, names)},
            ),
            level_phrase(row.price.level),
            tidy(row.lowest),
            tidy(row.highest),
        )
        for row in advice.ranges
    )
    columns = (
        Column("pool", N_("Pool"), width=64.0),
        Column("unit", N_("Unit")),
        Column("limit", N_("Limit"), "measure"),
        Column("price", N_("Price"), "measure"),
        Column("price_unit", N_("Price is in"), width=40.0),
        Column("level", N_("Level"), width=36.0),
        Column("lowest", N_("Holds from a limit of"), "measure"),
        Column("highest", N_("Holds up to a limit of"), "measure"),
    )
    note = N_("Each was solved again with the limit moved. A price that holds at its own limit alone turns there.")
    return Table("ranges", N_("Prices proved, with their ranges"), columns, rows, note=note)


def gain_table(ledger: Ledger, advice: Advice) -> Table:
    """One row an expansion: what one more module than may be bought today would better each level by."""
    names, levels = ledger.names, [level.name for level in ledger.plan.levels]
    rows = []
    for code, gains in advice.gains.items():
        expansion = names.expansions[code]
        rows.append(
            (
                code,
                names.expansion(code),
                names.site(expansion.site),
                names.resource_type(expansion.resource_type),
                tidy(expansion.module_price),
                *(tidy(gains.get(level, 0.0)) for level in levels),
            )
        )
    columns = (
        Column("code", N_("Code"), "code"),
        Column("expansion", N_("Expansion")),
        Column("site", N_("Site")),
        Column("resource_type", N_("Resource type")),
        Column("price", N_("Price of a module"), "money", THB),
        *(Column(level, level_phrase(level), "measure", LEVEL_UNITS.get(level, "")) for level in levels),
    )
    note = N_("Each was solved again with one more module to buy. Figures say by how much each level becomes better.")
    return Table("gains", N_("One more module, proved"), columns, tuple(rows), note=note)
