"""Addresses that are told of events, and what was delivered.

The tables are declared here once more, apart from the models: a migration must stay what it was when it ran.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019_webhooks"
down_revision = "0018_api"

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

CODE = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
STATUS = sa.Enum(
    "waiting", "delivered", "given_up", name="deliverystatus", native_enum=False, create_constraint=True, length=20
)


def needed(
    name: str, type_: sa.types.TypeEngine[Any], *rest: sa.ForeignKey, index: bool = False, unique: bool = False
) -> sa.Column[Any]:
    return sa.Column(name, type_, *rest, nullable=False, index=index, unique=unique)


sa.Table("user_account", metadata, sa.Column("id", sa.Integer(), primary_key=True))
TABLES = [
    sa.Table(
        "webhook",
        metadata,
        sa.Column("id", sa.Integer(), primary_key=True),
        needed("code", CODE, unique=True),
        needed("name", sa.String(300)),
        needed("url", sa.String(500)),
        needed("events", sa.JSON()),
        needed("active", sa.Boolean()),
        needed("salt", sa.String(64)),
        sa.Column("previous_salt", sa.String(64)),
        sa.Column("rotated_at", MOMENT),
        needed("created_at", MOMENT),
        sa.Column("created_by_id", sa.Integer(), sa.ForeignKey("user_account.id")),
        needed("version", sa.Integer()),
        sa.CheckConstraint("version > 0", name="version_positive"),
        sa.CheckConstraint("(previous_salt IS NULL) = (rotated_at IS NULL)", name="rotated_whole"),
    ),
    sa.Table(
        "webhook_delivery",
        metadata,
        sa.Column("id", sa.Integer(), primary_key=True),
        needed("webhook_id", sa.Integer(), sa.ForeignKey("webhook.id", ondelete="CASCADE")),
        needed("message", CODE),
        needed("event", CODE),
        needed("payload", sa.JSON()),
        needed("created_at", MOMENT),
        needed("status", STATUS),
        needed("due_at", MOMENT),
        needed("attempts", sa.Integer()),
        needed("failures", sa.Integer()),
        sa.Index(None, "status", "due_at"),
        sa.Index(None, "webhook_id", "id"),
        sa.CheckConstraint("failures >= 0 AND attempts >= failures", name="attempts_counted"),
    ),
    sa.Table(
        "webhook_attempt",
        metadata,
        sa.Column("id", sa.Integer(), primary_key=True),
        needed("delivery_id", sa.Integer(), sa.ForeignKey("webhook_delivery.id", ondelete="CASCADE"), index=True),
        needed("at", MOMENT),
        needed("milliseconds", sa.Integer()),
        sa.Column("answer", sa.Integer()),
        sa.Column("failure", sa.JSON()),
    ),
]


def upgrade() -> None:
    """Make the tables; nobody is told of anything so far."""
    metadata.create_all(op.get_bind(), tables=TABLES, checkfirst=False)


def downgrade() -> None:
    """Drop them again."""
    metadata.drop_all(op.get_bind(), tables=TABLES, checkfirst=False)
