"""Jobs that survive their workers; a plan run that failed or was cancelled may go back to the queue.

The tables are declared here once more, apart from the models: a migration must stay what it was when it ran.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011_jobs"
down_revision = "0010_import_ministry"

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

CODE = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
EXECUTOR = sa.String(120)


def needed(name: str, type_: sa.types.TypeEngine[Any], *rest: sa.ForeignKey, index: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, *rest, nullable=False, index=index)


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


sa.Table("user_account", metadata, sa.Column("id", sa.Integer(), primary_key=True))
job = sa.Table(
    "job",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    needed("kind", words("jobkind", "plan_run", "report_set", "workforce_plan")),
    needed("subject", CODE),
    needed("status", words("jobstatus", "queued", "running", "done", "failed", "cancelled")),
    needed("attempt", sa.Integer()),
    needed("losses", sa.Integer()),
    sa.Column("executor", EXECUTOR),
    sa.Column("progress", sa.JSON()),
    sa.Column("share", sa.Double()),
    sa.Column("failure", sa.JSON()),
    sa.Column("cancel_requested_at", MOMENT),
    needed("created_at", MOMENT),
    sa.Column("started_at", MOMENT),
    sa.Column("finished_at", MOMENT),
    sa.Column("created_by_id", sa.Integer(), sa.ForeignKey("user_account.id")),
    sa.UniqueConstraint("kind", "subject"),
    sa.Index(None, "status", "id"),
    sa.CheckConstraint("attempt > 0", name="attempt_positive"),
    sa.CheckConstraint("losses >= 0", name="losses_not_negative"),
    sa.CheckConstraint("share IS NULL OR (share >= 0 AND share <= 1)", name="share_in_unit"),
    sa.CheckConstraint("status <> 'running' OR executor IS NOT NULL", name="running_somewhere"),
)
job_line = sa.Table(
    "job_line",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    needed("job_id", sa.Integer(), sa.ForeignKey("job.id", ondelete="CASCADE"), index=True),
    needed("at", MOMENT),
    needed("text", sa.JSON()),
)
worker = sa.Table(
    "worker",
    metadata,
    sa.Column("executor", EXECUTOR, primary_key=True),
    needed("version", sa.String(40)),
    needed("started_at", MOMENT),
    needed("heartbeat_at", MOMENT),
)
TABLES = [job, job_line, worker]

FINISHED = "OLD.status IN ('solved', 'failed', 'cancelled')"
QUEUED_AGAIN = """
OLD.status = 'solved' OR OLD.status IN ('failed', 'cancelled')
AND (NEW.status <> 'queued' OR NEW.code <> OLD.code OR NEW.input_sha256 <> OLD.input_sha256)
"""
"""What is refused of a finished run. One without a plan may be tried again, with the same input."""
SQLITE_GUARD = """
CREATE TRIGGER plan_run_update_guard BEFORE update ON plan_run WHEN {condition}
BEGIN SELECT RAISE(ABORT, 'a finished plan run cannot be changed'); END
"""
POSTGRESQL_GUARD = """
CREATE OR REPLACE FUNCTION plan_run_update_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF {condition} THEN
    RAISE EXCEPTION 'a finished plan run cannot be changed' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
"""


def guard(condition: str) -> None:
    """Have changes of a plan run refused under `condition`."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER plan_run_update_guard")
        op.execute(SQLITE_GUARD.format(condition=condition))
    else:
        op.execute(POSTGRESQL_GUARD.format(condition=condition))


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=TABLES, checkfirst=False)
    guard(QUEUED_AGAIN)


def downgrade() -> None:
    guard(FINISHED)
    metadata.drop_all(op.get_bind(), tables=TABLES, checkfirst=False)
