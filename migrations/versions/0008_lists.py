"""Saved views, the text by which requirements are searched, and the indexes that their list uses."""

import sqlalchemy as sa
from alembic import op

from models.sorting import search_key

revision = "0008_lists"
down_revision = "0007_reference"

SEARCH_KEY = sa.String(600).with_variant(sa.String(600, collation="C"), "postgresql")
INDEXES = (
    ("title_key", "code"),
    ("status", "code"),
    ("agency_id", "status", "code"),
    ("search_key", "agency_id", "code"),
)
REPLACED = ("status", "agency_id")
AT_ONCE = 5000

requirement = sa.Table(
    "requirement",
    sa.MetaData(),
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("code", sa.String()),
    sa.Column("title", sa.String()),
    sa.Column("search_key", SEARCH_KEY),
)


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(40), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("query", sa.String(2000), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_saved_view_user_id_user_account", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("user_id", "area", "name", name="uq_saved_view_user_id_area_name"),
        sa.CheckConstraint("length(name) > 0", name="name_not_empty"),
    )
    op.add_column("requirement", sa.Column("search_key", SEARCH_KEY, nullable=False, server_default=""))
    write_search_keys(op.get_bind())
    for column in REPLACED:
        op.drop_index(f"ix_requirement_{column}", "requirement")
    for columns in INDEXES:
        op.create_index(f"ix_requirement_{'_'.join(columns)}", "requirement", list(columns))


def write_search_keys(connection: sa.Connection) -> None:
    rows = connection.execute(sa.select(requirement.c.id, requirement.c.code, requirement.c.title)).all()
    statement = (
        sa.update(requirement).where(requirement.c.id == sa.bindparam("key")).values(search_key=sa.bindparam("text"))
    )
    for start in range(0, len(rows), AT_ONCE):
        batch = rows[start : start + AT_ONCE]
        connection.execute(
            statement, [{"key": key, "text": search_key(f"{code} {title}")} for key, code, title in batch]
        )


def downgrade() -> None:
    for columns in INDEXES:
        op.drop_index(f"ix_requirement_{'_'.join(columns)}", "requirement")
    for column in REPLACED:
        op.create_index(f"ix_requirement_{column}", "requirement", [column])
    op.drop_column("requirement", "search_key")
    op.drop_table("saved_view")
