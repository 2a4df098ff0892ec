"""Versions of reference rows, the limit of moves of a fiscal year, and the policy.

The columns are added in plain SQL that both databases understand: a table that Alembic remakes for SQLite would lose
its checks.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_reference"
down_revision = "0006_rows"

VERSIONED = (
    "ministry",
    "agency",
    "region",
    "clearance",
    "priority",
    "resource_type",
    "fiscal_year",
    "site",
    "site_resource",
    "expansion",
)


def link(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def upgrade() -> None:
    for table in VERSIONED:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN version INTEGER DEFAULT 1 NOT NULL "
            f"CONSTRAINT ck_{table}_version_positive CHECK (version > 0)"
        )
    op.execute(
        f"ALTER TABLE fiscal_year ADD COLUMN move_limit_tb {sa.Double().compile(op.get_bind().dialect)} "
        "CONSTRAINT ck_fiscal_year_move_limit_not_negative CHECK (move_limit_tb IS NULL OR move_limit_tb >= 0)"
    )
    op.create_table(
        "policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("fairness", sa.String(20), nullable=False),
        sa.Column("tolerance", sa.Double(), nullable=False),
        sa.Column("protect_incumbents", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy"),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.CheckConstraint("fairness IN ('leximin', 'maxmin')", name="fairness"),
        sa.CheckConstraint("tolerance >= 0 AND tolerance <= 1", name="tolerance_share"),
        sa.CheckConstraint("version > 0", name="version_positive"),
    )
    op.create_table(
        "ministry_bounds",
        sa.Column("ministry_id", sa.Integer(), nullable=False),
        sa.Column("floor", sa.Double()),
        sa.Column("cap", sa.Double()),
        sa.PrimaryKeyConstraint("ministry_id", name="pk_ministry_bounds"),
        link("ministry_bounds", "ministry_id", "ministry"),
        sa.CheckConstraint("floor >= 0 AND floor <= 1", name="floor_share"),
        sa.CheckConstraint("cap >= 0 AND cap <= 1", name="cap_share"),
        sa.CheckConstraint("floor <= cap", name="floor_below_cap"),
        sa.CheckConstraint("floor IS NOT NULL OR cap IS NOT NULL", name="not_empty"),
    )
    op.create_table(
        "pin",
        sa.Column("requirement_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("requirement_id", name="pk_pin"),
        link("pin", "requirement_id", "requirement"),
        link("pin", "site_id", "site"),
    )
    op.create_index("ix_pin_site_id", "pin", ["site_id"])


def downgrade() -> None:
    for table in ("pin", "ministry_bounds", "policy"):
        op.drop_table(table)
    op.execute("ALTER TABLE fiscal_year DROP COLUMN move_limit_tb")
    for table in reversed(VERSIONED):
        op.execute(f"ALTER TABLE {table} DROP COLUMN version")
