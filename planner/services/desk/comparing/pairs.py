"""What every comparison is made of: two amounts and what the second has more than the first."""

from collections.abc import Iterable

from planner.services.reporting.ledger import tidy
from planner.text import N_
from reports.values import Cell, Column, Table


def pair_table(key: str, title: str, what: str, rows: Iterable[tuple[Cell, Cell, float | None, float | None]]) -> Table:
    """A table of amounts in two plans, each row in a unit of its own."""
    columns = (
        Column("what", what),
        Column("unit", N_("Unit")),
        Column("a", N_("Plan A"), "measure"),
        Column("b", N_("Plan B"), "measure"),
        Column("difference", N_("Difference"), "measure"),
    )
    return Table(key, title, columns, tuple((*row, less(row[3], row[2])) for row in rows))


def less(after: float | None, before: float | None) -> float | None:
    """after - before, where both are there."""
    return None if after is None or before is None else tidy(after - before)
