"""Scenarios, sweeps over them, and what each plan run was made of.

Columns alone are added to the runs: a table that Alembic remakes for SQLite would lose its triggers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012_scenarios"
down_revision = "0011_jobs"

CODE = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")


def link(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def upgrade() -> None:
    op.create_table(
        "scenario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("note", sa.String(2000), nullable=False),
        sa.Column("adjustments", sa.JSON(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scenario"),
        sa.UniqueConstraint("code", name="uq_scenario_code"),
        link("scenario", "created_by_id", "user_account"),
        sa.CheckConstraint("version > 0", name="version_positive"),
    )
    op.create_table(
        "sweep",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_sweep"),
        sa.UniqueConstraint("code", name="uq_sweep_code"),
        link("sweep", "created_by_id", "user_account"),
    )
    for column in ("scenario", "sweep"):
        op.add_column("plan_run", sa.Column(column, CODE))
        op.create_index(f"ix_plan_run_{column}", "plan_run", [column])
    op.add_column("plan_run", sa.Column("sweep_value", sa.Double()))
    op.add_column("plan_run", sa.Column("adjustments", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    for column in ("sweep", "scenario"):
        op.drop_index(f"ix_plan_run_{column}", "plan_run")
    for column in ("adjustments", "sweep_value", "sweep", "scenario"):
        op.drop_column("plan_run", column)
    op.drop_table("sweep")
    op.drop_table("scenario")
