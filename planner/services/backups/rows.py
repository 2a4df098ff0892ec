"""Rows as lines of JSON and back: the same text for the same row, whatever database it lies in."""

import base64
import datetime as dt
import enum
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import JSON, Column, Connection, Date, Enum, LargeBinary, Table, null, select

from models import Base
from models.base import Moment

CHUNK: Final = 1_000
"""Rows that are read and written at a time."""

TABLES: Final[Sequence[Table]] = tuple(Base.metadata.sorted_tables)
"""Every table, after those that it refers to."""


def table_lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """The columns of `table`, then its rows in the order of their keys, a line each."""
    yield _line([column.name for column in table.c])
    rows = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=CHUNK)
    for row in connection.execute(rows):
        yield _line([_plain(value) for value in row])


def read_rows(table: Table, lines: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """What can be inserted into `table`, of lines such as `table_lines` wrote. `ValueError` where they are others."""
    columns = [column.name for column in table.c]
    if json.loads(next(lines, b"[]")) != columns:
        raise ValueError(f"other columns than those of {table.name}")
    for line in lines:
        values = json.loads(line)
        yield {column.name: _stored(column, value) for column, value in zip(table.c, values, strict=True)}


def _line(values: Sequence[Any]) -> bytes:
    text = json.dumps(values, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def _plain(value: Any) -> Any:
    match value:
        case enum.Enum():
            return value.value
        case dt.datetime() | dt.date():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
    return value


def _stored(column: Column[Any], value: Any) -> Any:
    kind = column.type
    if value is None:
        return null() if isinstance(kind, JSON) and column.nullable else None
    if isinstance(kind, Moment):
        return dt.datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return dt.date.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value, validate=True)
    if isinstance(kind, Enum) and kind.enum_class:
        return kind.enum_class(value)
    return value
