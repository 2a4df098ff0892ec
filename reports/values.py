"""What a report says, apart from how it looks: tables, charts and sections of plain values.

Web pages, CSV files and workbooks are all drawn from these, so they cannot disagree. Headers, titles and
terms are message ids (`planner.text.N_`); whoever renders passes a translate function and a language.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from planner.text import FiscalYear, LocalText, Phrase

Cell: TypeAlias = "str | int | float | bool | dt.date | dt.datetime | LocalText | FiscalYear | Phrase | None"
Kind: TypeAlias = Literal["text", "code", "number", "measure", "integer", "share", "money", "year", "date", "moment"]
"""How a column's values are formatted: share is a fraction of one, money is THB, year is a `FiscalYear`.

Numbers of a column share one number of decimals; a measure is a number whose unit is its row's, with its own decimals.
"""

NUMERIC: frozenset[str] = frozenset({"number", "measure", "integer", "share", "money"})


@dataclass(frozen=True)
class Column:
    """One column: a stable key, its header (message id or bilingual name) and the kind of its values.

    `shade` says which shares of a heat map stand out: the high ones, or the low ones where a low share is what matters.
    """

    key: str
    header: str | LocalText | FiscalYear | Phrase
    kind: Kind = "text"
    unit: str = ""
    width: float | None = None
    shade: Literal["high", "low"] = "high"


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns. Every row is as long as `columns`; `total`, if given, is one more row."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None
    note: str | Phrase | None = None

    def __post_init__(self) -> None:
        for row in (*self.rows, *([self.total] if self.total else [])):
            if len(row) != len(self.columns):
                raise ValueError(f"table {self.key}: a row of {len(row)} cells under {len(self.columns)} columns")

    def column(self, key: str) -> tuple[Cell, ...]:
        """The values of the column named `key`, top to bottom; `KeyError` if there is none."""
        for position, column in enumerate(self.columns):
            if column.key == key:
                return tuple(row[position] for row in self.rows)
        raise KeyError(key)


SMALL: Final = 0.2
"""Shares that are all below this could not be told apart on an axis that goes up to all."""


@dataclass(frozen=True)
class Chart:
    """A chart over a table of the same report: `categories` names the label column, `series` the value columns.

    `axis` is the title of the value axis. Bars lie, columns stand.
    """

    key: str
    title: str
    form: Literal["bar", "stacked_bar", "column", "stacked", "line"]
    table: Table
    categories: str
    series: tuple[str, ...]
    axis: str = ""

    @property
    def lies(self) -> bool:
        """Whether the categories stand one above the other."""
        return self.form in {"bar", "stacked_bar"}

    @property
    def of_all(self) -> bool:
        """Whether the value axis goes up to all: the values are shares, and not all of them small."""
        kinds = {column.kind for column in self.table.columns if column.key in self.series}
        cells = (cell for key in self.series for cell in self.table.column(key))
        return (
            kinds == {"share"} and max((cell for cell in cells if isinstance(cell, int | float)), default=1.0) >= SMALL
        )


@dataclass(frozen=True)
class Fact:
    """A labelled value on a cover or a summary strip."""

    label: str | LocalText | Phrase
    value: Cell
    kind: Kind = "text"
    unit: str = ""


@dataclass(frozen=True)
class Section:
    """One sheet of a workbook or one part of a page: what it is called, a lead sentence, facts, tables and charts."""

    key: str
    title: str | Phrase
    lead: str | Phrase | None = None
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Report:
    """A whole report: cover facts, notices that must not be missed (such as "synthetic data"), and sections.

    `created_at` (aware) dates the file itself, `reference` stands at the foot of every page, `publisher` above
    the title, `signatures` are the lines to be signed on the cover.
    """

    key: str
    title: str
    subtitle: str | LocalText | Phrase
    facts: tuple[Fact, ...]
    notices: tuple[str | Phrase, ...]
    sections: tuple[Section, ...]
    created_at: dt.datetime | None = None
    reference: str = ""
    signatures: tuple[str, ...] = ()
    publisher: str = ""
