"""Coverage as it stood on days past, and whether data staff limit hosting.

The policy's new column has a default: the table is not remade.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017_coverage"
down_revision = "0016_closing"


def upgrade() -> None:
    """Make the table and add the column; no policy has asked for the staff gate so far."""
    op.create_table(
        "coverage_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["taken_by_id"], ["user_account.id"], name=op.f("fk_coverage_snapshot_taken_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_snapshot")),
        sa.UniqueConstraint("taken_on", name=op.f("uq_coverage_snapshot_taken_on")),
    )
    op.add_column("policy", sa.Column("staff_gate", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drop both again."""
    op.drop_column("policy", "staff_gate")
    op.drop_table("coverage_snapshot")
