"""Report sets written as jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0014_report_sets"
down_revision = "0013_publishing"


def upgrade() -> None:
    op.create_table(
        "report_archive",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("planner_version", sa.String(40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "language", name="pk_report_archive"),
        sa.ForeignKeyConstraint(["run_id"], ["plan_run.id"], name="fk_report_archive_run_id_plan_run"),
        sa.CheckConstraint("size > 0", name="size_positive"),
    )


def downgrade() -> None:
    op.drop_table("report_archive")
