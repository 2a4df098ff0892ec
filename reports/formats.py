"""Number formats and room for the values of a column."""

from collections.abc import Iterable
from typing import Final

from reports import theme
from reports.values import NUMERIC, Cell, Kind

LEAST_SHOWN: Final = 1e-3
"""Amounts below this would read 0.00 with a fixed number of decimals."""


def number_format(kind: Kind, values: Iterable[Cell], language: str) -> str:
    """The Excel number format for a column of `kind` that holds `values`; a measure's is of one value at a time."""
    match kind:
        case "integer" | "money":
            return theme.INTEGER
        case "share":
            return theme.SHARE
        case "year":
            return theme.YEAR
        case "date":
            return theme.DATES[language]
        case "moment":
            return theme.MOMENTS[language]
        case "number" | "measure":
            return _decimals([abs(value) for value in values if isinstance(value, int | float)])
    return theme.AS_TEXT


def number_text(kind: Kind, values: Iterable[Cell], pattern: str) -> str:
    """The widest text that a numeric column will show, to measure its width by."""
    widest = max((abs(value) for value in values if isinstance(value, int | float)), default=0.0)
    match pattern:
        case theme.SHARE:
            return f"{widest:.1%}"
        case theme.DECIMAL:
            return f"{widest:,.1f}"
        case theme.HUNDREDTHS | theme.SMALL:
            return "0.0000"
        case theme.TINY:
            return "0.00E+00"
    return f"{widest:,.0f}" if kind in NUMERIC else "0" * 4


def _decimals(amounts: list[float]) -> str:
    """None for whole amounts, one decimal for ordinary ones, more for small ones, powers of ten for tiny ones."""
    if all(abs(amount - round(amount)) < 1e-9 * max(1.0, amount) for amount in amounts):
        return theme.INTEGER
    if max(amounts) >= 1:
        return theme.DECIMAL
    if all(abs(amount - round(amount, 2)) < 1e-9 for amount in amounts):
        return theme.HUNDREDTHS
    if all(abs(amount - round(amount, 4)) < 1e-9 for amount in amounts):
        return theme.SMALL
    return theme.SMALL if min(amount for amount in amounts if amount) >= LEAST_SHOWN else theme.TINY
