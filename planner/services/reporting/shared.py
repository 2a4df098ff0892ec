"""What tables of a report have in common."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from planner.text import N_, FiscalYear, Phrase
from reports.values import Cell, Column, Kind, Table

Row: TypeAlias = tuple[Cell, ...]
TOTAL: Final = Phrase(N_("Total"))
THB: Final = N_("THB")


def year_columns(years: Iterable[int], kind: Kind = "number", unit: str = "") -> tuple[Column, ...]:
    """One column for every fiscal year, keyed `y2027`."""
    return tuple(
        Column(f"y{year}", Phrase(N_("FY %(year)s"), {"year": FiscalYear(year)}), kind, unit) for year in years
    )


def choose_columns(table: Table, keys: Sequence[str]) -> Table:
    """`table` with only the columns named `keys`, in that order."""
    at = [[column.key for column in table.columns].index(key) for key in keys]

    def chosen(row: Sequence[Cell]) -> tuple[Cell, ...]:
        return tuple(row[position] for position in at)

    return replace(
        table,
        columns=tuple(table.columns[position] for position in at),
        rows=tuple(map(chosen, table.rows)),
        total=chosen(table.total) if table.total else None,
    )
