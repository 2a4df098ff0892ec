"""Rows for every table of a SQLite database, whatever tables it has: made up from what the tables themselves demand.

So a database of any version can be filled as people of that version might have filled it, and a table that a later
version brings is filled without anybody thinking of it.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    select,
    text,
)

Row: TypeAlias = dict[str, Any]

MOMENT: Final = dt.datetime(2026, 11, 1, 8, 30, 15, 123456, tzinfo=dt.UTC)
LATER: Final = frozenset({"closes_at", "expires_at", "valid_to"})
"""What must come after another moment, or day, of the same row."""
OTHER: Final = frozenset({"deputy_id", "from_role_id"})
"""What must name another row than a column beside it does."""
ONE_ROW: Final = "id = 1"
_CHOICE: Final = re.compile(r"^(\w+) IN \('?(\w+)")
_LENGTH: Final = re.compile(r"^length\((\w+)\) = (\d+)$")


def read_tables(connection: Connection, metadata: MetaData) -> None:
    """Have `metadata` know the tables as they are by now; those that it knew and that are as they were cost nothing."""
    made = dict(connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all())
    known = metadata.info.setdefault("made", {})
    metadata.reflect(connection, only=[name for name in made if made[name] != known.get(name)], extend_existing=True)
    known.update(made)


def fill_tables(connection: Connection, metadata: MetaData, number: int) -> Iterator[tuple[Table, Row]]:
    """Add two rows, made up with the help of `number`, to every table that may have more; each with its table."""
    pairs: dict[str, list[Row]] = {}
    for table in metadata.sorted_tables:
        rules = [str(check.sqltext) for check in table.constraints if isinstance(check, CheckConstraint)]
        full = ONE_ROW in rules and connection.execute(select(table)).first() is not None
        if full or table.name == "alembic_version":
            continue
        pair = pairs[table.name] = []
        for which in range(1 if ONE_ROW in rules else 2):
            row = {column.name: _value(column, 2 * number + which, rules, which, pairs) for column in table.c}
            connection.execute(table.insert(), row)
            pair.append(row)
            yield table, row


def _value(
    column: Column[Any], number: int, rules: Sequence[str], which: int, pairs: Mapping[str, Sequence[Row]]
) -> Any:
    """What may stand in `column`, in the first (0) or the second (1) row of a pair."""
    for key in column.foreign_keys:
        pair = pairs[key.column.table.name]
        return pair[1 - which if column.name in OTHER else which][key.column.name]
    for rule in rules:
        if (choice := _CHOICE.match(rule)) and choice[1] == column.name:
            return column.type.python_type(choice[2])
        if (length := _LENGTH.match(rule)) and length[1] == column.name:
            return str(number).zfill(int(length[2]))
    match column.type:
        case Boolean():
            return True
        case Integer():
            return 2000 + number if column.name.endswith("year") else 1 if ONE_ROW in rules else number
        case Float():
            return 0.5
        case DateTime():
            return MOMENT + dt.timedelta(days=column.name in LATER)
        case Date():
            return MOMENT.date() + dt.timedelta(days=number + (column.name in LATER))
        case JSON():
            return {"ก": [number, None, 0.5]}
        case LargeBinary():
            return b"\0\xff" + bytes([number])
        case String():
            return f"{number}-{column.name}-ภาษาไทย"[: column.type.length]
    raise TypeError(f"nothing is known of columns such as {column!r}")
