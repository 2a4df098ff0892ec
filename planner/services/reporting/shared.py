"""What tables of a report have in common."""

from collections.abc import Iterable
from typing import Final, TypeAlias

from planner.text import N_, FiscalYear, Phrase
from reports.values import Cell, Column, Kind

Row: TypeAlias = tuple[Cell, ...]
TOTAL: Final = Phrase(N_("Total"))
THB: Final = N_("THB")


def year_columns(years: Iterable[int], kind: Kind = "number", unit: str = "") -> tuple[Column, ...]:
    """One column for every fiscal year, keyed `y2027`."""
    return tuple(
        Column(f"y{year}", Phrase(N_("FY %(year)s"), {"year": FiscalYear(year)}), kind, unit) for year in years
    )
