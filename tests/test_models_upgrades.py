"""A database of any version, with rows in all its tables, is brought up to date without losing a letter of them."""

import datetime as dt
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from databases import PostgresqlDatabases
from made_up_rows import Row, fill_tables, read_tables
from sqlalchemy import Connection, Engine, MetaData, Table, select, text

import models
from planner.db import MIGRATIONS, migrate, open_engine, open_sessions

FINISH = "UPDATE plan_run SET status = 'solved' WHERE status = 'queued'"
TRIGGERS = {
    "sqlite": "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid), pg_get_functiondef(tgfoid) FROM pg_trigger "
    "WHERE NOT tgisinternal",
}


@dataclass(frozen=True)
class Version:
    """A revision, and what was added to every table there was when a database had come so far."""

    revision: str
    added: Sequence[tuple[Table, Row]]


@pytest.fixture(scope="module", autouse=True)
def script() -> Iterator[ScriptDirectory]:
    """The migrations, read once: to read them for each of a hundred upgrades takes as long as the upgrades."""
    script = ScriptDirectory(str(MIGRATIONS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptDirectory, "from_config", lambda _config: script)
        yield script


@pytest.fixture(scope="module")
def walk(script: ScriptDirectory, tmp_path_factory: pytest.TempPathFactory) -> tuple[Sequence[Version], Path]:
    """A SQLite database that went from version to version and was used at each, and a folder with what it was then."""
    folder = tmp_path_factory.mktemp("versions")
    path = folder / "walk.db"
    engine = open_engine(f"sqlite:///{path}")
    metadata, versions = MetaData(), []
    for number, revision in enumerate(reversed([each.revision for each in script.walk_revisions()]), 1):
        migrate(engine, revision)
        with engine.begin() as connection:
            read_tables(connection, metadata)
            versions.append(Version(revision, list(fill_tables(connection, metadata, number))))
            connection.execute(text(FINISH))
        engine.dispose()
        shutil.copy(path, folder / f"{revision}.db")
    return versions, folder


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def lost(connection: Connection, versions: Sequence[Version]) -> list[str]:
    """The tables that do not hold just the rows that were added, each with all that it had."""
    tables: dict[str, Table] = {}
    expected: dict[str, list[Row]] = defaultdict(list)
    for version in versions:
        for table, row in version.added:
            tables[table.name] = table
            expected[table.name].append({**row, "status": "solved"} if table.name == "plan_run" else row)
    return [name for name, table in tables.items() if not _holds(connection, table, expected[name])]


def _holds(connection: Connection, table: Table, rows: Sequence[Row]) -> bool:
    def key(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row[column.name] for column in table.primary_key)

    found = [
        {name: _aware(value) for name, value in row.items()} for row in connection.execute(select(table)).mappings()
    ]
    by_key = {key(row): row for row in found}
    return len(found) == len(rows) and all(row.items() <= by_key[key(row)].items() for row in rows)


def _aware(value: Any) -> Any:
    """A moment with its zone, which SQLite does not keep."""
    return value.replace(tzinfo=value.tzinfo or dt.UTC) if isinstance(value, dt.datetime) else value


def check(engine: Engine, versions: Sequence[Version], fresh: Engine) -> None:
    """The database holds what was added to it and is guarded as a new one is."""
    with engine.connect() as connection, fresh.connect() as new:
        assert lost(connection, versions) == [], f"from {versions[-1].revision}"
        guards = text(TRIGGERS[engine.dialect.name])
        assert set(connection.execute(guards)) == set(new.execute(guards))


def read_all(engine: Engine) -> None:
    """Every row reads as what the models say."""
    with open_sessions(engine)() as session:
        for mapper in models.Base.registry.mappers:
            session.scalars(select(mapper.class_)).all()


def test_every_version_fills_every_table(walk: tuple[Sequence[Version], Path]) -> None:
    versions, _ = walk
    with_rows = {table.name for version in versions for table, _ in version.added}
    assert with_rows == set(models.Base.metadata.tables) - {"audit_head"}, "which has its one row from the start"
    assert len(versions[0].added) == 50
    assert len(versions) >= 21


def test_from_every_version_on_sqlite(walk: tuple[Sequence[Version], Path], sqlite_engine: Engine) -> None:
    versions, folder = walk
    for number, version in enumerate(versions, 1):
        with opened(f"sqlite:///{folder / version.revision}.db") as engine:
            migrate(engine)
            check(engine, versions[:number], sqlite_engine)
    with opened(f"sqlite:///{folder / 'walk.db'}") as engine:
        read_all(engine)


def test_from_every_version_on_postgresql(
    walk: tuple[Sequence[Version], Path], postgresql_databases: PostgresqlDatabases, postgresql_engine: Engine
) -> None:
    versions, _ = walk
    walking = postgresql_databases.create()
    with opened(walking.render_as_string(hide_password=False)) as engine:
        for number, version in enumerate(versions, 1):
            migrate(engine, version.revision)
            with engine.begin() as connection:
                for table, row in version.added:
                    connection.execute(table.insert(), row)
                connection.execute(text(FINISH))
            engine.dispose()
            copy = postgresql_databases.create(walking.database)
            with opened(copy.render_as_string(hide_password=False)) as copied:
                migrate(copied)
                check(copied, versions[:number], postgresql_engine)
            postgresql_databases.drop(copy)
        read_all(engine)
    postgresql_databases.drop(walking)
