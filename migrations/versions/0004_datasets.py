"""The inventory of datasets.

The table is declared here once more, apart from the model: a migration must stay what it was when it ran.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_datasets"
down_revision = "0003_accounts"

CODE = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")
SORT_KEY = sa.String(650).with_variant(sa.String(650, collation="C"), "postgresql")
NAME = sa.String(300)


def needed(name: str, type_: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, type_, nullable=False)


def check(rule: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_dataset_{name}"))


def link(name: str, table: str) -> sa.Column[object]:
    key = sa.ForeignKey(f"{table}.id", name=op.f(f"fk_dataset_{name}_{table}"))
    return sa.Column(name, sa.Integer(), key, nullable=False)


def upgrade() -> None:
    op.create_table(
        "dataset",
        needed("id", sa.Integer()),
        needed("code", CODE),
        needed("title", NAME),
        needed("title_key", SORT_KEY),
        link("agency_id", "agency"),
        needed("data_type", sa.String(20)),
        needed("contact_name", NAME),
        needed("contact_email", sa.String(254)),
        needed("keywords", sa.String(1000)),
        needed("description", sa.String(4000)),
        needed("objectives", sa.String(300)),
        needed("update_unit", sa.String(20)),
        sa.Column("update_interval", sa.Integer()),
        needed("coverage", sa.String(20)),
        needed("source", sa.String(1000)),
        needed("formats", sa.String(300)),
        needed("category", sa.String(20)),
        needed("licence", sa.String(20)),
        sa.Column("catalogue_name", sa.String(100)),
        link("clearance_id", "clearance"),
        needed("personal_data", sa.Boolean()),
        sa.Column("volume_tb", sa.Double()),
        needed("growth", sa.Double()),
        needed("accountable", NAME),
        needed("deputy", NAME),
        needed("checked", sa.String(500)),
        needed("proposal", sa.String(2000)),
        needed("retired", sa.Boolean()),
        needed("version", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
        sa.UniqueConstraint("code", name=op.f("uq_dataset_code")),
        sa.UniqueConstraint("agency_id", "catalogue_name", name=op.f("uq_dataset_agency_id_catalogue_name")),
        check("length(code) > 0 AND code NOT LIKE '% %'", "code_plain"),
        check("update_interval IS NULL OR update_interval > 0", "interval_positive"),
        check("volume_tb IS NULL OR volume_tb >= 0", "volume_not_negative"),
        check("growth >= 0", "growth_not_negative"),
        check("category <> 'personal' OR personal_data", "personal_category_is_personal"),
        check("deputy = '' OR deputy <> accountable", "deputy_is_another"),
        check("version > 0", "version_positive"),
    )
    for column in ("category", "title_key"):
        op.create_index(op.f(f"ix_dataset_{column}"), "dataset", [column])


def downgrade() -> None:
    op.drop_table("dataset")
