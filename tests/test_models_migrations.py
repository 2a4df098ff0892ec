"""The migrations make what the models say, on both databases, and can be taken back with rows in the tables."""

import datetime as dt
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, func, inspect, select

import models
from planner.db import migrate, migration_config, open_sessions, pending_revisions

MIGRATE = "import sys; from planner.db import migrate, open_engine; migrate(open_engine(sys.argv[1]))"


def test_alembic_finds_nothing_to_change(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, models.Base.metadata) == []


def describe(connection: Connection) -> dict[str, object]:
    """Everything about the tables that both ways of making them must agree on."""
    inspector = inspect(connection)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], getattr(column["type"], "collation", None))
                for column in inspector.get_columns(table)
            },
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": sorted(inspector.get_foreign_keys(table), key=lambda key: key["name"]),
            "unique": sorted(inspector.get_unique_constraints(table), key=lambda unique: unique["name"]),
            "checks": sorted((check["name"], check["sqltext"]) for check in inspector.get_check_constraints(table)),
            "indexes": sorted(map(index_of, inspector.get_indexes(table)), key=lambda index: index["name"]),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def index_of(index: Mapping[str, Any]) -> dict[str, Any]:
    """An index as it was found, the condition of a partial one as text."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


def test_migrated_tables_are_the_models_tables(blank_engine):
    models.Base.metadata.create_all(blank_engine)
    with blank_engine.connect() as connection:
        made = describe(connection)
    models.Base.metadata.drop_all(blank_engine)
    migrate(blank_engine)
    with blank_engine.connect() as connection:
        assert describe(connection) == made


def test_two_that_migrate_at_once_do_it_once(blank_engine: Engine) -> None:
    url = blank_engine.url.render_as_string(hide_password=False)
    started = [subprocess.Popen([sys.executable, "-c", MIGRATE, url], stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate(timeout=120)[1] for process in started] == [b"", b""]
    assert [process.returncode for process in started] == [0, 0]
    present, newest = pending_revisions(blank_engine)
    assert present == newest


def test_up_down_and_up_with_rows(blank_engine: Engine, small_world):
    sessions = open_sessions(blank_engine)
    for _ in range(2):
        migrate(blank_engine)
        present, newest = pending_revisions(blank_engine)
        assert present == newest is not None
        with sessions.begin() as session:
            small_world(session)
            session.add(
                models.PlanRun(
                    code="P-000001",
                    name="รอบแรก",
                    status=models.RunStatus.FAILED,
                    input_snapshot=b"",
                    input_sha256="0" * 64,
                    planner_version="0",
                    created_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
                )
            )
        with sessions() as session:
            assert session.scalar(select(func.count()).select_from(models.Requirement)) == 6
            assert session.scalar(select(func.count()).select_from(models.PlanRun)) == 1
        command.downgrade(migration_config(blank_engine), "base")
        assert inspect(blank_engine).get_table_names() == ["alembic_version"]
