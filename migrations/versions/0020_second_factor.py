"""Second factors of accounts and identities at the organisation's provider.

The new columns have defaults: no table is remade.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020_second_factor"
down_revision = "0019_webhooks"


def upgrade() -> None:
    """Make the tables and add the columns; every sign-in so far is whole, and every link is for a password."""
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(length=255), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_step >= 0", name=op.f("ck_second_factor_last_step_not_negative")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_second_factor_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("length(code_hash) = 64", name=op.f("ck_recovery_code_code_hash_length")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["second_factor.user_id"],
            name=op.f("fk_recovery_code_user_id_second_factor"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    op.create_index(op.f("ix_recovery_code_user_id"), "recovery_code", ["user_id"])
    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_identity_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer_subject")),
        sa.UniqueConstraint("user_id", "issuer", name=op.f("uq_identity_user_id_issuer")),
    )
    op.add_column("sign_in", sa.Column("pending", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("password_link", sa.Column("emergency", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drop all of it again; sign-ins and links that the earlier version would take for whole ones go before."""
    op.execute("DELETE FROM sign_in WHERE pending")
    op.execute("DELETE FROM password_link WHERE emergency")
    op.drop_column("password_link", "emergency")
    op.drop_column("sign_in", "pending")
    op.drop_table("identity")
    op.drop_table("recovery_code")
    op.drop_table("second_factor")
