"""Plans that close the gaps of the data workforce, the terms they are made under, and triggers that keep the plans."""

import sqlalchemy as sa
from alembic import op

revision = "0016_closing"
down_revision = "0015_workforce"

CODE = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")
EVENTS = {"update": "NEW", "delete": "OLD"}
"""What a trigger lets pass by returning it."""

SQLITE_GUARD = """
CREATE TRIGGER closing_run_{event}_guard BEFORE {event} ON closing_run WHEN OLD.answer IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a finished workforce plan cannot be changed'); END
"""
POSTGRESQL_FUNCTION = """
CREATE FUNCTION closing_run_{event}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF OLD.answer IS NOT NULL THEN
    RAISE EXCEPTION 'a finished workforce plan cannot be changed' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN {row};
END $$
"""
POSTGRESQL_TRIGGER = """
CREATE TRIGGER closing_run_{event}_guard BEFORE {event} ON closing_run
FOR EACH ROW EXECUTE FUNCTION closing_run_{event}_guard()
"""


def upgrade() -> None:
    op.create_table(
        "closing_terms",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lend_cost", sa.Double()),
        sa.Column("lend_efficiency", sa.Double(), nullable=False),
        sa.Column("backup", sa.Double(), nullable=False),
        sa.Column("budget", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_closing_terms"),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.CheckConstraint("lend_cost >= 0", name="lend_cost_not_negative"),
        sa.CheckConstraint("lend_efficiency > 0 AND lend_efficiency <= 1", name="lend_efficiency_share"),
        sa.CheckConstraint("backup >= 0 AND backup <= 1", name="backup_share"),
        sa.CheckConstraint("version > 0", name="version_positive"),
    )
    op.create_table(
        "closing_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("register_day", sa.Date(), nullable=False),
        sa.Column("what_if", sa.JSON(), nullable=False),
        sa.Column("input_snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("input_sha256", sa.String(64), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("planner_version", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("answer", sa.LargeBinary()),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_closing_run"),
        sa.UniqueConstraint("code", name="uq_closing_run_code"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user_account.id"], name="fk_closing_run_created_by_id_user_account"
        ),
        sa.CheckConstraint("length(input_sha256) = 64", name="sha256_length"),
        sa.CheckConstraint("(answer IS NULL) = (finished_at IS NULL)", name="answered_when_finished"),
    )
    for event, row in EVENTS.items():
        if op.get_bind().dialect.name == "sqlite":
            op.execute(SQLITE_GUARD.format(event=event))
        else:
            op.execute(POSTGRESQL_FUNCTION.format(event=event, row=row))
            op.execute(POSTGRESQL_TRIGGER.format(event=event))


def downgrade() -> None:
    op.drop_table("closing_run")
    op.drop_table("closing_terms")
    if op.get_bind().dialect.name != "sqlite":
        for event in EVENTS:
            op.execute(f"DROP FUNCTION closing_run_{event}_guard()")
