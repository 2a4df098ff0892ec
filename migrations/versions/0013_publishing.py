"""Publications of plans."""

import sqlalchemy as sa
from alembic import op

revision = "0013_publishing"
down_revision = "0012_scenarios"


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(2000), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_publication"),
        sa.ForeignKeyConstraint(["run_id"], ["plan_run.id"], name="fk_publication_run_id_plan_run"),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["user_account.id"], name="fk_publication_published_by_id_user_account"
        ),
        sa.CheckConstraint("length(note) > 0", name="note_given"),
    )
    op.create_index("ix_publication_run_id", "publication", ["run_id"])


def downgrade() -> None:
    op.drop_table("publication")
