"""Invitations, sessions and what accounts know of themselves.

The tables are declared here once more, apart from the models: a migration must stay what it was when it ran.
"""

import sqlalchemy as sa
from alembic import op

from models.sorting import thai_sort_key

revision = "0003_accounts"
down_revision = "0002_audit"

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

MOMENT = sa.DateTime(timezone=True)
ADDRESS = sa.String(45)
SORT_KEY = sa.String(650).with_variant(sa.String(650, collation="C"), "postgresql")
NO_PASSWORD = "!"  # noqa: S105
"""What a hash that fits no password is, for the way down."""


def needed(name: str, type_: sa.types.TypeEngine[object], **options: bool) -> sa.Column[object]:
    return sa.Column(name, type_, nullable=False, **options)


def token() -> tuple[sa.schema.SchemaItem, ...]:
    rule = sa.CheckConstraint("length(token_hash) = 64", name="token_hash_length")
    return needed("token_hash", sa.String(64), unique=True), rule


def owner() -> sa.ForeignKey:
    return sa.ForeignKey("user_account.id", ondelete="CASCADE")


accounts = sa.Table(
    "user_account",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("full_name", sa.String(300)),
    sa.Column("full_name_key", SORT_KEY),
)
NEW_TABLES = (
    sa.Table(
        "password_link",
        metadata,
        sa.Column("user_id", sa.Integer(), owner(), primary_key=True, autoincrement=False),
        *token(),
        needed("expires_at", MOMENT),
    ),
    sa.Table(
        "sign_in",
        metadata,
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), owner(), nullable=False, index=True),
        *token(),
        needed("signed_in_at", MOMENT),
        needed("last_seen_at", MOMENT),
        needed("address", ADDRESS),
        needed("device", sa.String(300)),
    ),
    sa.Table(
        "address_failures",
        metadata,
        sa.Column("address", ADDRESS, primary_key=True),
        needed("failures", sa.Integer()),
        needed("since", MOMENT, index=True),
        sa.CheckConstraint("failures >= 0", name="failures_not_negative"),
    ),
)


def upgrade() -> None:
    with op.batch_alter_table("user_account", naming_convention=metadata.naming_convention) as account:
        account.add_column(sa.Column("full_name_key", SORT_KEY, nullable=False, server_default=""))
        account.add_column(sa.Column("email", sa.String(254)))
        account.add_column(sa.Column("theme", sa.String(10), nullable=False, server_default="auto"))
        account.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        account.alter_column("password_hash", existing_type=sa.String(255), nullable=True)
        account.create_check_constraint("theme_known", "theme IN ('auto', 'light', 'dark')")
        account.create_check_constraint("failed_sign_ins_not_negative", "failed_sign_ins >= 0")
        account.create_index("ix_user_account_ministry_id", ["ministry_id"])
    for user_id, full_name in op.get_bind().execute(sa.select(accounts.c.id, accounts.c.full_name)).all():
        key = thai_sort_key(full_name)
        op.execute(accounts.update().where(accounts.c.id == user_id).values(full_name_key=key))
    with op.batch_alter_table("user_account") as account:
        account.alter_column("full_name_key", existing_type=SORT_KEY, server_default=None)
        account.alter_column("theme", existing_type=sa.String(10), server_default=None)
        account.alter_column("version", existing_type=sa.Integer(), server_default=None)
    metadata.create_all(op.get_bind(), tables=NEW_TABLES, checkfirst=False)


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), tables=NEW_TABLES, checkfirst=False)
    op.execute(f"UPDATE user_account SET password_hash = '{NO_PASSWORD}' WHERE password_hash IS NULL")  # noqa: S608
    with op.batch_alter_table("user_account", naming_convention=metadata.naming_convention) as account:
        account.drop_index("ix_user_account_ministry_id")
        account.drop_constraint("failed_sign_ins_not_negative", type_="check")
        account.drop_constraint("theme_known", type_="check")
        account.alter_column("password_hash", existing_type=sa.String(255), nullable=False)
        account.drop_column("version")
        account.drop_column("theme")
        account.drop_column("email")
        account.drop_column("full_name_key")
