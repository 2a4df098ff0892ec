"""When old runs may be removed: while a row of `removal` names them, and never otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0021_retention"
down_revision = "0020_second_factor"

SUBJECT = sa.String(300).with_variant(sa.String(300, collation="C"), "postgresql")

RUN = "OLD.status IN ('solved', 'failed', 'cancelled')"
CLOSING = "OLD.answer IS NOT NULL"
UNNAMED = "NOT EXISTS (SELECT 1 FROM removal WHERE subject = '{kind}:' || OLD.code)"
GUARDS = (
    ("plan_run", "plan", RUN, "a finished plan run cannot be changed"),
    ("closing_run", "workforce_plan", CLOSING, "a finished workforce plan cannot be changed"),
)
"""Table, kind of its rows in the audit log, which rows are guarded, and what is said when one is to go."""

SQLITE_GUARD = """
CREATE TRIGGER {table}_delete_guard BEFORE delete ON {table} WHEN {condition}
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
POSTGRESQL_GUARD = """
CREATE OR REPLACE FUNCTION {table}_delete_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF {condition} THEN
    RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END $$
"""


def guard(table: str, condition: str, message: str) -> None:
    """Refuse to let go of the rows of `table` that meet `condition`."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {table}_delete_guard")
        op.execute(SQLITE_GUARD.format(table=table, condition=condition, message=message))
    else:
        op.execute(POSTGRESQL_GUARD.format(table=table, condition=condition, message=message))


def upgrade() -> None:
    """Make the table, and let go of what it names."""
    op.create_table(
        "removal",
        sa.Column("subject", SUBJECT, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_removal"),
    )
    for table, kind, finished, message in GUARDS:
        guard(table, f"{finished} AND {UNNAMED.format(kind=kind)}", message)


def downgrade() -> None:
    """Let go of nothing that is finished."""
    for table, _, finished, message in GUARDS:
        guard(table, finished, message)
    op.drop_table("removal")
