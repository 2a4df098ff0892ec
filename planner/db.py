"""The database: engines, sessions and migrations, the same on SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def open_engine(url: str) -> Engine:
    """An engine for `url` that outlives the server. SQLite gets foreign keys, a write-ahead log and a patient lock.

    What goes wrong is told without the values of the statement: the log is no place for what people entered.
    """
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            for pragma in ("foreign_keys=ON", "journal_mode=WAL", "busy_timeout=10000", "synchronous=NORMAL"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

    return engine


def open_sessions(engine: Engine) -> sessionmaker[Session]:
    """A factory of sessions; use each with `with sessions.begin() as session:`, one transaction a use case."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def open_snapshot(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """A session for reading: all its queries see the database as it was at the first, whatever others commit."""
    with sessions() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("BEGIN"))  # Python's driver would begin at the first write alone
        else:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def join_or_begin(sessions: sessionmaker[Session], session: Session | None) -> AbstractContextManager[Session]:
    """The transaction of `session`, which is its owner's to end; without one, a transaction of its own."""
    return nullcontext(session) if session else sessions.begin()


def migration_config(engine: Engine) -> Config:
    """Alembic's configuration for `engine`, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to `revision`."""
    command.upgrade(migration_config(engine), revision)


def pending_revisions(engine: Engine) -> tuple[str | None, str | None]:
    """The database's present revision and the newest one there is; equal when nothing is pending."""
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present, ScriptDirectory.from_config(migration_config(engine)).get_current_head()
