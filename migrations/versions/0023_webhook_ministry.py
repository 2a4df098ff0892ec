"""The one ministry of whose requirements a webhook is told; those that there are go on to hear of all."""

import sqlalchemy as sa
from alembic import op

revision = "0023_webhook_ministry"
down_revision = "0022_placement_index"


def upgrade() -> None:
    """Let webhooks name a ministry."""
    with op.batch_alter_table("webhook") as table:
        table.add_column(sa.Column("ministry_id", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_webhook_ministry_id_ministry", "ministry", ["ministry_id"], ["id"])


def downgrade() -> None:
    """Let them name none again: those that named one are paused, for they would hear of all."""
    webhook = sa.table("webhook", sa.column("ministry_id"), sa.column("active"))
    op.execute(sa.update(webhook).where(webhook.c.ministry_id.is_not(None)).values(active=sa.false()))
    with op.batch_alter_table("webhook") as table:
        table.drop_constraint("fk_webhook_ministry_id_ministry", type_="foreignkey")
        table.drop_column("ministry_id")
