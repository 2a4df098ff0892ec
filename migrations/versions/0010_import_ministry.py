"""The ministry that an import was made for, so that it stays there when its person moves to another."""

import sqlalchemy as sa
from alembic import op

revision = "0010_import_ministry"
down_revision = "0009_whole_loss"

user = sa.table("user_account", sa.column("id"), sa.column("ministry_id"))
batch = sa.table("import_batch", sa.column("imported_by_id"), sa.column("ministry_id"))


def upgrade() -> None:
    with op.batch_alter_table("import_batch") as table:
        table.add_column(sa.Column("ministry_id", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_import_batch_ministry_id_ministry", "ministry", ["ministry_id"], ["id"])
    home = sa.select(user.c.ministry_id).where(user.c.id == batch.c.imported_by_id).scalar_subquery()
    op.execute(sa.update(batch).values(ministry_id=home))


def downgrade() -> None:
    with op.batch_alter_table("import_batch") as table:
        table.drop_constraint("fk_import_batch_ministry_id_ministry", type_="foreignkey")
        table.drop_column("ministry_id")
