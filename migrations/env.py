"""Run migrations over the engine that `planner.db` hands in, one transaction for all of them."""

from alembic import context
from sqlalchemy import Connection, Engine

from models import Base


def run(connection: Connection) -> None:
    """Of several that migrate at once, the second waits and then finds that all is done."""
    context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=True)
    with context.begin_transaction():
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended('migrations', 0))")
        context.run_migrations()


def run_on_sqlite(connection: Connection) -> None:
    """Python's driver would commit each statement on its own, so the transaction is begun by hand, as a writer's.

    Foreign keys are off meanwhile and checked at the end: a table that is remade to be altered must not take along,
    in a cascade, the rows that refer to it.
    """
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.commit()
    try:
        context.configure(
            connection=connection, target_metadata=Base.metadata, transactional_ddl=True, render_as_batch=True
        )
        with context.begin_transaction():
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            context.run_migrations()
            if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                raise RuntimeError(f"the migration left rows that refer to nothing: {broken}")
    finally:
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")


engine: Engine = context.config.attributes["engine"]
with engine.connect() as connection:
    (run_on_sqlite if engine.dialect.name == "sqlite" else run)(connection)
