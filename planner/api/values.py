"""What answers are made of: plain values of the services as JSON, the same for every resource.

Words are given in both languages, fiscal years as years of the common era, shares as fractions of one, money in THB,
points in time in UTC.
"""

import datetime as dt
from typing import Annotated, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from planner.i18n import label_words, to_words
from planner.text import FiscalYear, LocalText, Phrase, Value
from reports.values import Cell, Table


class Model(BaseModel):
    """Base of everything that comes in or goes out as JSON: no field that is not named, nothing converted, no NaN."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class Words(Model):
    """Something that people read, in Thai and English."""

    th: str
    en: str


Code: TypeAlias = Annotated[str, Field(min_length=1, max_length=40)]
"""The code by which people call something."""
Plain: TypeAlias = str | int | float | bool | Words | None
"""What stands in a cell of a table."""
Item = TypeVar("Item")


class Page(Model, Generic[Item]):
    """Some rows of a list, and the cursor of those that follow; null where none do."""

    items: list[Item]
    next: str | None = None


class ColumnAnswer(Model):
    """A column of a table: what it is called, of what kind its values are, and their unit."""

    key: str
    header: Words
    kind: str
    unit: str


class TableAnswer(Model):
    """A table as its page, its CSV file and its workbook show it; each row holds its values by the keys of columns."""

    key: str
    title: Words
    columns: list[ColumnAnswer]
    rows: list[dict[str, Plain]]
    total: dict[str, Plain] | None
    note: Words | None

    @classmethod
    def of(cls, table: Table) -> "TableAnswer":
        """`table` as JSON."""
        return cls(
            key=table.key,
            title=words(table.title),
            columns=[
                ColumnAnswer(key=column.key, header=words(column.header), kind=column.kind, unit=column.unit)
                for column in table.columns
            ],
            rows=rows_of(table),
            total=_row(table, table.total) if table.total else None,
            note=words(table.note) if table.note else None,
        )


def rows_of(table: Table) -> list[dict[str, Plain]]:
    """The rows of `table`, each by the keys of its columns."""
    return [_row(table, row) for row in table.rows]


def _row(table: Table, row: tuple[Cell, ...]) -> dict[str, Plain]:
    return {column.key: plain(cell) for column, cell in zip(table.columns, row, strict=True)}


def plain(value: Cell) -> Plain:
    """A cell as JSON."""
    match value:
        case LocalText() | Phrase():
            return said(value)
        case FiscalYear():
            return value.year
        case dt.datetime():
            return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
        case dt.date():
            return value.isoformat()
    return value


def words(label: str | LocalText | FiscalYear | Phrase) -> Words:
    """A title, a header or a message in both languages; text is a message id."""
    return Words(th=label_words(label, "th"), en=label_words(label, "en"))


def said(value: Value) -> Words:
    """A value in both languages; text is somebody's own and the same in both."""
    return Words(th=to_words(value, "th"), en=to_words(value, "en"))


def json_text(model: BaseModel) -> str:
    """`model` as JSON, by the names that its schema has."""
    return model.model_dump_json(by_alias=True)
