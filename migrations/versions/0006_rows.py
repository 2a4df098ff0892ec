"""What undoing an import needs, and what makes sending a new row twice harmless."""

import sqlalchemy as sa
from alembic import op

revision = "0006_rows"
down_revision = "0005_review"

UNDONE_BY = "fk_import_batch_undone_by_id_user_account"


def upgrade() -> None:
    op.add_column("requirement", sa.Column("entry_key", sa.String(60)))
    op.create_index("ix_requirement_entry_key", "requirement", ["entry_key"], unique=True)
    with op.batch_alter_table("import_batch") as batch:
        batch.add_column(sa.Column("undone_at", sa.DateTime(timezone=True)))
        batch.add_column(sa.Column("undone_by_id", sa.Integer()))
        batch.create_foreign_key(UNDONE_BY, "user_account", ["undone_by_id"], ["id"])
    op.create_table(
        "import_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.String(40), nullable=False),
        sa.Column("identity", sa.JSON(), nullable=False),
        sa.Column("added", sa.Boolean(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_row"),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name="fk_import_row_batch_id_import_batch", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_import_row_batch_id", "import_row", ["batch_id"])


def downgrade() -> None:
    op.drop_table("import_row")
    with op.batch_alter_table("import_batch") as batch:
        batch.drop_constraint(UNDONE_BY, type_="foreignkey")
        batch.drop_column("undone_by_id")
        batch.drop_column("undone_at")
    op.drop_index("ix_requirement_entry_key", "requirement")
    op.drop_column("requirement", "entry_key")
