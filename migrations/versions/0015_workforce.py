"""The register of the data workforce."""

import sqlalchemy as sa
from alembic import op

revision = "0015_workforce"
down_revision = "0014_report_sets"

CODE = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")
SORT_KEY = sa.String(650).with_variant(sa.String(650, collation="C"), "postgresql")
INDEXES = (
    ("person", "agency_id"),
    ("person", "full_name_key"),
    ("staff_position", "role_id"),
    ("cohort", "course_id"),
    ("person_role", "role_id"),
    ("secondment", "agency_id"),
    ("enrolment", "cohort_id"),
    ("agency_duty", "accountable_id"),
    ("agency_duty", "deputy_id"),
    ("dataset_duty", "accountable_id"),
    ("dataset_duty", "deputy_id"),
)
TABLES = (
    "skill_level",
    "work_role",
    "norm",
    "staff_position",
    "person",
    "person_role",
    "planned_leave",
    "secondment",
    "course",
    "cohort",
    "enrolment",
    "agency_duty",
    "dataset_duty",
)


def number(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=False)


def whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def link(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}", ondelete=ondelete)


def check(name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=name)


def not_negative(column: str) -> sa.CheckConstraint:
    return check(f"{column}_not_negative", f"{column} >= 0")


def is_ce(column: str) -> sa.CheckConstraint:
    return check(f"{column}_is_ce", f"{column} BETWEEN 1900 AND 2250")


def make(table: str, *parts: sa.schema.SchemaItem, unique: tuple[str, ...]) -> None:
    """A table with a key and versions; `unique` tells its rows apart."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        *parts,
        whole("version"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint(*unique, name=f"uq_{table}_{'_'.join(unique)}"),
        check("version_positive", "version > 0"),
    )


def coded() -> tuple[sa.schema.SchemaItem, ...]:
    plain = check("code_plain", "length(code) > 0 AND code NOT LIKE '% %'")
    return sa.Column("code", CODE, nullable=False), plain


def named() -> tuple[sa.schema.SchemaItem, ...]:
    names = (sa.Column(name, sa.String(300), nullable=False) for name in ("name_th", "name_en"))
    return *coded(), *names


def duty(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("accountable_id", sa.Integer()),
        sa.Column("deputy_id", sa.Integer()),
        sa.Column("acting", sa.Boolean(), nullable=False),
        sa.Column("expires_on", sa.Date()),
        link(table, "accountable_id", "person", "SET NULL"),
        link(table, "deputy_id", "person", "SET NULL"),
        check("deputy_is_another", "deputy_id <> accountable_id"),
    )


def upgrade() -> None:
    make(
        "skill_level",
        *named(),
        whole("rank"),
        number("factor"),
        not_negative("factor"),
        sa.UniqueConstraint("rank", name="uq_skill_level_rank"),
        unique=("code",),
    )
    make(
        "work_role",
        *named(),
        whole("position"),
        number("attrition"),
        sa.Column("hire_cost", sa.Double()),
        sa.Column("hire_level_id", sa.Integer()),
        whole("hire_lead_years"),
        sa.UniqueConstraint("position", name="uq_work_role_position"),
        check("attrition_share", "attrition >= 0 AND attrition <= 0.99"),
        check("hire_terms_whole", "(hire_cost IS NULL) = (hire_level_id IS NULL)"),
        not_negative("hire_cost"),
        not_negative("hire_lead_years"),
        link("work_role", "hire_level_id", "skill_level"),
        unique=("code",),
    )
    amounts = ("floor", "per_dataset", "per_personal_dataset", "per_tb", "per_vcpu")
    make(
        "norm",
        whole("role_id"),
        whole("from_year"),
        *map(number, amounts),
        is_ce("from_year"),
        *map(not_negative, amounts),
        link("norm", "role_id", "work_role"),
        unique=("role_id", "from_year"),
    )
    make(
        "staff_position",
        whole("agency_id"),
        whole("role_id"),
        whole("from_year"),
        *map(number, ("authorised", "funded", "frozen")),
        is_ce("from_year"),
        check("posts_in_order", "frozen >= 0 AND frozen <= funded AND funded <= authorised"),
        link("staff_position", "agency_id", "agency"),
        link("staff_position", "role_id", "work_role"),
        unique=("agency_id", "role_id", "from_year"),
    )
    make(
        "person",
        *coded(),
        sa.Column("full_name", sa.String(300), nullable=False),
        sa.Column("full_name_key", SORT_KEY, nullable=False),
        whole("agency_id"),
        *(sa.Column(name, sa.Date()) for name in ("starts_on", "contract_ends_on", "retires_on")),
        check("contract_in_order", "contract_ends_on >= starts_on"),
        check("retirement_in_order", "retires_on >= starts_on"),
        link("person", "agency_id", "agency"),
        unique=("code",),
    )
    make(
        "person_role",
        whole("person_id"),
        whole("role_id"),
        number("fte"),
        whole("level_id"),
        sa.Column("basis", sa.String(20), nullable=False),
        sa.Column("level_on", sa.Date(), nullable=False),
        check("fte_share", "fte > 0 AND fte <= 1"),
        check("levelbasis", "basis IN ('self_stated', 'assessed')"),
        link("person_role", "person_id", "person", "CASCADE"),
        link("person_role", "role_id", "work_role"),
        link("person_role", "level_id", "skill_level"),
        unique=("person_id", "role_id"),
    )
    make(
        "planned_leave",
        whole("person_id"),
        whole("year"),
        number("away"),
        is_ce("year"),
        check("away_share", "away > 0 AND away <= 1"),
        link("planned_leave", "person_id", "person", "CASCADE"),
        unique=("person_id", "year"),
    )
    make(
        "secondment",
        whole("person_id"),
        whole("agency_id"),
        whole("from_year"),
        whole("to_year"),
        is_ce("from_year"),
        check("years_in_order", "to_year >= from_year"),
        link("secondment", "person_id", "person", "CASCADE"),
        link("secondment", "agency_id", "agency"),
        unique=("person_id", "from_year"),
    )
    ends = (("from_role_id", "work_role"), ("from_level_id", "skill_level"), ("role_id", "work_role"))
    ends += (("level_id", "skill_level"),)
    make(
        "course",
        *named(),
        *(whole(column) for column, _ in ends),
        number("price"),
        whole("lead_years"),
        number("lost_time"),
        check("leads_somewhere", "from_role_id <> role_id OR from_level_id <> level_id"),
        not_negative("price"),
        not_negative("lead_years"),
        check("lost_time_share", "lost_time >= 0 AND lost_time <= 1"),
        *(link("course", column, target) for column, target in ends),
        unique=("code",),
    )
    make(
        "cohort",
        *coded(),
        whole("course_id"),
        whole("year"),
        whole("seats"),
        sa.Column("starts_on", sa.Date()),
        sa.Column("ends_on", sa.Date()),
        is_ce("year"),
        check("seats_positive", "seats > 0"),
        check("days_in_order", "ends_on >= starts_on"),
        link("cohort", "course_id", "course"),
        unique=("code",),
    )
    make(
        "enrolment",
        whole("person_id"),
        whole("cohort_id"),
        sa.Column("completed_on", sa.Date()),
        link("enrolment", "person_id", "person", "CASCADE"),
        link("enrolment", "cohort_id", "cohort"),
        unique=("person_id", "cohort_id"),
    )
    make(
        "agency_duty",
        whole("agency_id"),
        *duty("agency_duty"),
        link("agency_duty", "agency_id", "agency"),
        unique=("agency_id",),
    )
    make(
        "dataset_duty",
        whole("dataset_id"),
        *duty("dataset_duty"),
        link("dataset_duty", "dataset_id", "dataset", "CASCADE"),
        unique=("dataset_id",),
    )
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
