"""Planning rounds and revisions of requirements.

The tables are declared here once more, apart from the models: a migration must stay what it was when it ran.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005_review"
down_revision = "0004_datasets"

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
NAME = sa.String(300)
MOMENT = sa.DateTime(timezone=True)
STATUSES = ("draft", "submitted", "returned", "approved", "withdrawn")
OPEN = sa.text("status IN ('draft', 'submitted', 'returned')")


def key() -> sa.Column[object]:
    return sa.Column("id", sa.Integer(), primary_key=True)


def needed(name: str, type_: sa.types.TypeEngine[object], **options: bool) -> sa.Column[object]:
    return sa.Column(name, type_, nullable=False, **options)


def link(target: str, ondelete: str | None = None, **options: bool) -> sa.Column[object]:
    name = "round_id" if target == "planning_round" else f"{target}_id"
    return sa.Column(name, sa.Integer(), sa.ForeignKey(f"{target}.id", ondelete=ondelete), nullable=False, **options)


sa.Table("ministry", metadata, key())
sa.Table("requirement", metadata, key())
planning_round = sa.Table(
    "planning_round",
    metadata,
    key(),
    needed("code", CODE, unique=True),
    needed("name_th", NAME),
    needed("name_en", NAME),
    needed("opens_at", MOMENT, index=True),
    needed("closes_at", MOMENT),
    needed("version", sa.Integer()),
    sa.CheckConstraint("length(code) > 0 AND code NOT LIKE '% %'", name="code_plain"),
    sa.CheckConstraint("closes_at > opens_at", name="moments_in_order"),
    sa.CheckConstraint("version > 0", name="version_positive"),
)
round_extension = sa.Table(
    "round_extension",
    metadata,
    link("planning_round", "CASCADE", primary_key=True),
    link("ministry", primary_key=True),
    needed("closes_at", MOMENT),
    needed("reason", sa.String(500)),
)
requirement_revision = sa.Table(
    "requirement_revision",
    metadata,
    key(),
    link("requirement", "CASCADE"),
    needed("number", sa.Integer()),
    needed(
        "status",
        sa.Enum(*STATUSES, name="requirementstatus", native_enum=False, create_constraint=True, length=20),
        index=True,
    ),
    needed("row", sa.JSON()),
    needed("base_version", sa.Integer()),
    needed("version", sa.Integer()),
    sa.UniqueConstraint("requirement_id", "number"),
    sa.Index("uq_requirement_revision_open", "requirement_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    sa.CheckConstraint("number > 0", name="number_positive"),
    sa.CheckConstraint("base_version > 0", name="base_version_positive"),
    sa.CheckConstraint("version > 0", name="version_positive"),
)
TABLES = [planning_round, round_extension, requirement_revision]


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=TABLES, checkfirst=False)


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), tables=TABLES, checkfirst=False)
