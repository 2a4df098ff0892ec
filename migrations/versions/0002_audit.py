"""The audit log with the triggers that keep it append-only, comments, attachments, followers and the inbox.

The tables are declared here once more, apart from the models: a migration must stay what it was when it ran.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0002_audit"
down_revision = "0001_first_tables"

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def sorted_by_code_point(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


CODE = sorted_by_code_point(40)
SUBJECT = sorted_by_code_point(300)
USERNAME = sorted_by_code_point(254)
MOMENT = sa.DateTime(timezone=True)
START = {"id": 1, "position": 0, "hash": "0" * 64}


def needed(name: str, type_: sa.types.TypeEngine[object], **options: bool) -> sa.Column[object]:
    return sa.Column(name, type_, nullable=False, **options)


def number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), primary_key=True, autoincrement=False)


def key() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), primary_key=True)


def person(name: str, ondelete: str | None = None, **options: bool) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey("user_account.id", ondelete=ondelete), nullable=False, **options)


sa.Table(
    "audit_entry",
    metadata,
    number("position"),
    needed("at", MOMENT),
    needed("actor", USERNAME),
    needed("role", CODE),
    needed("action", CODE),
    needed("subject", SUBJECT),
    needed("changes", sa.JSON()),
    needed("note", sa.Text()),
    needed("hash", sa.String(64)),
    sa.CheckConstraint("position > 0", name="position_positive"),
    sa.CheckConstraint("length(hash) = 64", name="hash_length"),
    sa.Index(None, "subject", "position"),
    sa.Index(None, "actor", "position"),
    sa.Index(None, "action", "position"),
    sa.Index(None, "at", "position"),
)
head = sa.Table(
    "audit_head",
    metadata,
    number("id"),
    needed("position", sa.Integer()),
    needed("hash", sa.String(64)),
    sa.CheckConstraint("id = 1", name="one_row"),
    sa.CheckConstraint("length(hash) = 64", name="hash_length"),
)
sa.Table("user_account", metadata, key())
sa.Table(
    "comment",
    metadata,
    key(),
    needed("subject", SUBJECT),
    person("author_id", index=True),
    needed("written_at", MOMENT),
    needed("text", sa.Text()),
    sa.Index(None, "subject", "id"),
)
sa.Table(
    "attachment",
    metadata,
    key(),
    needed("token", sa.String(32), unique=True),
    needed("subject", SUBJECT),
    needed("name", sa.String(300)),
    needed("media_type", sa.String(100)),
    needed("size", sa.Integer()),
    needed("sha256", sa.String(64)),
    person("attached_by_id", index=True),
    needed("attached_at", MOMENT),
    sa.Index(None, "subject", "id"),
    sa.CheckConstraint("length(token) = 32", name="token_length"),
    sa.CheckConstraint("length(sha256) = 64", name="sha256_length"),
    sa.CheckConstraint("size > 0", name="size_positive"),
)
sa.Table(
    "follower",
    metadata,
    sa.Column("subject", SUBJECT, primary_key=True),
    person("user_id", "CASCADE", primary_key=True, index=True),
)
sa.Table(
    "inbox_item",
    metadata,
    key(),
    person("user_id", "CASCADE"),
    needed("subject", SUBJECT),
    needed("event", CODE),
    needed("actor", sa.String(300)),
    needed("note", sa.Text()),
    needed("at", MOMENT),
    sa.Column("read_at", MOMENT),
    sa.Index(None, "user_id", "id"),
    sa.Index(None, "user_id", "read_at"),
)
sa.Table("mail_subscription", metadata, person("user_id", "CASCADE", primary_key=True))
NEW_TABLES = [table for name, table in metadata.tables.items() if name != "user_account"]

SQLITE_GUARD = """
CREATE TRIGGER {table}_{event}_guard BEFORE {event} ON {table} WHEN {condition}
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END
"""
POSTGRESQL_FUNCTION = """
CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
POSTGRESQL_GUARD = """
CREATE TRIGGER {table}_{event}_guard BEFORE {event} ON {table}
FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION audit_guard()
"""
POSTGRESQL_TRUNCATE_GUARD = """
CREATE TRIGGER {table}_truncate_guard BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()
"""


def guards() -> Iterator[dict[str, str]]:
    """Table, event, and the condition under which the event is refused: the head may only move on."""
    for table, condition in (("audit_entry", "TRUE"), ("audit_head", "NEW.position < OLD.position")):
        yield {"table": table, "event": "update", "condition": condition}
        yield {"table": table, "event": "delete", "condition": "TRUE"}


def upgrade() -> None:
    bind = op.get_bind()
    metadata.create_all(bind, NEW_TABLES, checkfirst=False)
    bind.execute(head.insert().values(START))
    if bind.dialect.name == "sqlite":
        for guard in guards():
            op.execute(SQLITE_GUARD.format(**guard))
        return
    op.execute(POSTGRESQL_FUNCTION)
    for guard in guards():
        op.execute(POSTGRESQL_GUARD.format(**guard))
    for table in ("audit_entry", "audit_head"):
        op.execute(POSTGRESQL_TRUNCATE_GUARD.format(table=table))


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), NEW_TABLES, checkfirst=False)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_guard()")
