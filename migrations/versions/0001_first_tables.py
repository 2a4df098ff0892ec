"""The first tables, and the triggers that keep a finished plan run as it was.

The tables are declared here once more, apart from the models: a migration must stay what it was when it ran. On SQLite
a later one that remakes a table of plan runs must make its triggers again.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0001_first_tables"
down_revision = None

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
SORT_KEY = sa.String(650).with_variant(sa.String(650, collation="C"), "postgresql")
POOL = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
NAME = sa.String(300)
MOMENT = sa.DateTime(timezone=True)
SOLVE_STATUSES = ("optimal", "feasible", "infeasible", "unbounded", "error")


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def key(name: str = "id", type_: sa.types.TypeEngine[object] | None = None, *items: sa.ForeignKey) -> sa.Column[object]:
    return sa.Column(name, type_ or sa.Integer(), *items, primary_key=True)


def needed(name: str, type_: sa.types.TypeEngine[object], **options: bool) -> sa.Column[object]:
    return sa.Column(name, type_, nullable=False, **options)


def link(
    name: str, target: str, ondelete: str | None = None, *, nullable: bool = False, **options: bool
) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(target, ondelete=ondelete), nullable=nullable, **options)


def check(rule: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=name)


def coded() -> Iterator[sa.schema.SchemaItem]:
    yield key()
    yield needed("code", CODE, unique=True)
    yield check("length(code) > 0 AND code NOT LIKE '% %'", "code_plain")


def named() -> Iterator[sa.schema.SchemaItem]:
    yield from coded()
    yield needed("name_th", NAME)
    yield needed("name_en", NAME)


sa.Table(
    "ministry",
    metadata,
    *named(),
    needed("letter_th", sa.String(10)),
    needed("abbreviation_en", sa.String(20)),
    needed("valid_from", sa.Date()),
    sa.Column("valid_to", sa.Date()),
    check("valid_to IS NULL OR valid_to > valid_from", "valid_days"),
)
sa.Table("agency", metadata, *named(), link("ministry_id", "ministry.id", index=True))
sa.Table("region", metadata, *named())
sa.Table(
    "clearance",
    metadata,
    *named(),
    needed("level", sa.Integer(), unique=True),
    check("level >= 0", "level_not_negative"),
)
sa.Table(
    "priority",
    metadata,
    *named(),
    needed("rank", sa.Integer(), unique=True),
    sa.Column("weight", sa.Double()),
    check("weight IS NULL OR weight > 0", "weight_positive"),
    check("(code = 'statutory') = (weight IS NULL)", "weight_unless_statutory"),
)
sa.Table(
    "resource_type",
    metadata,
    *named(),
    needed("unit", sa.String(20)),
    needed("position", sa.Integer(), unique=True),
    needed("movable", sa.Boolean()),
    needed("standby_ratio", sa.Double()),
    check("standby_ratio >= 0 AND standby_ratio <= 1", "standby_ratio_share"),
)
sa.Table(
    "fiscal_year",
    metadata,
    sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("capex_limit", sa.Double()),
    sa.Column("opex_limit", sa.Double()),
    check("year BETWEEN 1900 AND 2250", "year_is_ce"),
    check("capex_limit IS NULL OR capex_limit >= 0", "capex_not_negative"),
    check("opex_limit IS NULL OR opex_limit >= 0", "opex_not_negative"),
)
sa.Table(
    "user_account",
    metadata,
    key(),
    needed("username", sa.String(254), unique=True),
    needed("full_name", NAME),
    needed("password_hash", sa.String(255)),
    needed("role", words("role", "ministry_planner", "de_planner", "manager", "hr", "auditor", "administrator")),
    link("ministry_id", "ministry.id", nullable=True),
    needed("language", sa.String(2)),
    needed("active", sa.Boolean()),
    needed("failed_sign_ins", sa.Integer()),
    sa.Column("locked_until", MOMENT),
    check("role <> 'ministry_planner' OR ministry_id IS NOT NULL", "planner_has_ministry"),
    check("role IN ('ministry_planner', 'hr') OR ministry_id IS NULL", "others_have_none"),
    check("language IN ('th', 'en')", "language_known"),
    check("username = lower(username)", "username_lower"),
)
sa.Table(
    "import_batch",
    metadata,
    key(),
    needed("file_name", NAME),
    needed("sha256", sa.String(64), index=True),
    needed("synthetic", sa.Boolean()),
    needed("counts", sa.JSON()),
    needed("imported_at", MOMENT),
    link("imported_by_id", "user_account.id", nullable=True),
    check("length(sha256) = 64", "sha256_length"),
)
sa.Table(
    "site",
    metadata,
    *named(),
    link("region_id", "region.id", index=True),
    link("clearance_id", "clearance.id"),
    needed("from_year", sa.Integer()),
    sa.Column("to_year", sa.Integer()),
    check("to_year IS NULL OR to_year >= from_year", "years_in_order"),
)
sa.Table(
    "site_resource",
    metadata,
    key(),
    link("site_id", "site.id", "CASCADE"),
    link("resource_type_id", "resource_type.id", index=True),
    needed("overcommit", sa.Double()),
    needed("reserve_margin", sa.Double()),
    sa.UniqueConstraint("site_id", "resource_type_id"),
    check("overcommit > 0", "overcommit_positive"),
    check("reserve_margin >= 0 AND reserve_margin < 1", "reserve_margin_share"),
)
sa.Table(
    "capacity",
    metadata,
    key("site_resource_id", None, sa.ForeignKey("site_resource.id", ondelete="CASCADE")),
    key("year", None, sa.ForeignKey("fiscal_year.year")),
    needed("nameplate", sa.Double()),
    needed("running_cost", sa.Double()),
    check("nameplate >= 0", "nameplate_not_negative"),
    check("running_cost >= 0", "running_cost_not_negative"),
)
sa.Table(
    "expansion",
    metadata,
    *named(),
    link("site_id", "site.id", index=True),
    link("resource_type_id", "resource_type.id"),
    needed("module_size", sa.Double()),
    needed("module_price", sa.Double()),
    needed("lead_years", sa.Integer()),
    needed("max_modules", sa.Double()),
    check("module_size > 0", "module_size_positive"),
    check("module_price >= 0", "module_price_not_negative"),
    check("lead_years >= 0", "lead_years_not_negative"),
    check("max_modules >= 0", "max_modules_not_negative"),
)
sa.Table(
    "requirement",
    metadata,
    *coded(),
    needed("title", NAME),
    needed("title_key", SORT_KEY),
    link("agency_id", "agency.id", index=True),
    link("priority_id", "priority.id"),
    link("clearance_id", "clearance.id"),
    needed("weight", sa.Double()),
    needed("copies", sa.Integer()),
    needed("divisible", sa.Boolean()),
    needed("start_year", sa.Integer()),
    sa.Column("end_year", sa.Integer()),
    link("incumbent_site_id", "site.id", nullable=True),
    needed("status", words("requirementstatus", "draft", "submitted", "returned", "approved", "withdrawn"), index=True),
    needed("note", sa.String(2000)),
    needed("version", sa.Integer()),
    check("weight > 0", "weight_positive"),
    check("copies IN (1, 2)", "copies_one_or_two"),
    check("end_year IS NULL OR end_year >= start_year", "years_in_order"),
    check("version > 0", "version_positive"),
)
for what in ("region", "site"):
    sa.Table(
        f"requirement_{what}",
        metadata,
        key("requirement_id", None, sa.ForeignKey("requirement.id", ondelete="CASCADE")),
        key(f"{what}_id", None, sa.ForeignKey(f"{what}.id")),
    )
sa.Table(
    "demand_line",
    metadata,
    key("requirement_id", None, sa.ForeignKey("requirement.id", ondelete="CASCADE")),
    key("resource_type_id", None, sa.ForeignKey("resource_type.id")),
    key("year", None, sa.ForeignKey("fiscal_year.year")),
    needed("amount", sa.Double()),
    check("amount > 0", "amount_positive"),
)
sa.Table(
    "plan_run",
    metadata,
    key(),
    needed("code", CODE, unique=True),
    needed("name", NAME),
    needed("status", words("runstatus", "queued", "running", "solved", "failed", "cancelled"), index=True),
    sa.Column("solve_status", words("solvestatus", *SOLVE_STATUSES)),
    needed("input_snapshot", sa.LargeBinary()),
    needed("input_sha256", sa.String(64), index=True),
    needed("synthetic", sa.Boolean()),
    needed("solver", sa.String(80)),
    needed("planner_version", sa.String(40)),
    needed("certificate", sa.JSON()),
    needed("seconds", sa.Double()),
    needed("failure", sa.String(2000)),
    needed("created_at", MOMENT),
    sa.Column("finished_at", MOMENT),
    link("created_by_id", "user_account.id", nullable=True),
    check("length(input_sha256) = 64", "sha256_length"),
    check("status <> 'solved' OR solve_status IN ('optimal', 'feasible')", "solved_has_plan"),
    check("finished_at IS NULL OR finished_at >= created_at", "times_in_order"),
)


def of_run() -> sa.Column[object]:
    return key("run_id", None, sa.ForeignKey("plan_run.id", ondelete="CASCADE"))


sa.Table(
    "plan_level",
    metadata,
    of_run(),
    key("position"),
    needed("name", CODE),
    needed("value", sa.Double()),
    needed("bound", sa.Double()),
    needed("gap", sa.Double()),
    needed("status", words("solvestatus", *SOLVE_STATUSES)),
    needed("seconds", sa.Double()),
    needed("kept", sa.Double()),
    needed("shares", sa.JSON()),
    needed("prices", sa.JSON()),
    check("gap >= 0", "gap_not_negative"),
)
sa.Table(
    "placement",
    metadata,
    of_run(),
    key("position"),
    needed("requirement", CODE, index=True),
    needed("site", CODE),
    sa.Column("standby", CODE),
    needed("start_year", sa.Integer()),
    needed("share", sa.Double()),
    check("share > 0 AND share <= 1.000001", "share_in_unit"),
    check("standby IS NULL OR standby <> site", "standby_elsewhere"),
)
sa.Table(
    "purchase",
    metadata,
    of_run(),
    key("expansion", CODE),
    key("year"),
    needed("modules", sa.Double()),
    check("modules > 0", "modules_positive"),
)
sa.Table(
    "shortfall",
    metadata,
    of_run(),
    key("requirement", CODE),
    needed("share", sa.Double()),
    check("share > 0 AND share <= 1.000001", "share_in_unit"),
)
sa.Table(
    "shortfall_reason",
    metadata,
    key("run_id"),
    key("requirement", CODE),
    key("position"),
    needed("code", CODE),
    sa.Column("pool", POOL),
    needed("amounts", sa.JSON()),
    sa.ForeignKeyConstraint(
        ["run_id", "requirement"], ["shortfall.run_id", "shortfall.requirement"], ondelete="CASCADE"
    ),
)
sa.Table(
    "pool_use",
    metadata,
    of_run(),
    key("pool", POOL),
    needed("limit_amount", sa.Double()),
    needed("use_amount", sa.Double()),
    needed("price", sa.Double()),
    sa.Column("level", CODE),
    check("price >= 0", "price_not_negative"),
)
sa.Table(
    "service_share",
    metadata,
    of_run(),
    key("ministry", CODE),
    needed("share", sa.Double()),
    check("share >= 0 AND share <= 1.000001", "share_in_unit"),
)

PARTS = ("plan_level", "placement", "purchase", "shortfall", "shortfall_reason", "pool_use", "service_share")
FINISHED = "('solved', 'failed', 'cancelled')"

SQLITE_GUARD = """
CREATE TRIGGER {table}_{event}_guard BEFORE {event} ON {table} WHEN {condition}
BEGIN SELECT RAISE(ABORT, 'a finished plan run cannot be changed'); END
"""
POSTGRESQL_FUNCTION = """
CREATE FUNCTION {table}_{event}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF {condition} THEN
    RAISE EXCEPTION 'a finished plan run cannot be changed' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN {row};
END $$
"""
POSTGRESQL_TRIGGER = """
CREATE TRIGGER {table}_{event}_guard BEFORE {event} ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_{event}_guard()
"""


def guards() -> Iterator[tuple[str, str, str]]:
    """Table, event, and the condition under which the event is refused.

    A part may leave together with its unfinished run, whose row is gone by then.
    """
    for event in ("update", "delete"):
        yield "plan_run", event, f"OLD.status IN {FINISHED}"
    for table in PARTS:
        yield table, "update", "TRUE"
        for event, row in (("insert", "NEW"), ("delete", "OLD")):
            yield table, event, f"{row}.run_id IN (SELECT id FROM plan_run WHERE status IN {FINISHED})"  # noqa: S608 - constants


def upgrade() -> None:
    metadata.create_all(op.get_bind(), checkfirst=False)
    for table, event, condition in guards():
        fields = {"table": table, "event": event, "condition": condition, "row": "OLD" if event == "delete" else "NEW"}
        if op.get_bind().dialect.name == "sqlite":
            op.execute(SQLITE_GUARD.format(**fields))
        else:
            op.execute(POSTGRESQL_FUNCTION.format(**fields))
            op.execute(POSTGRESQL_TRIGGER.format(**fields))


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), checkfirst=False)
    if op.get_bind().dialect.name != "sqlite":
        for table, event, _ in guards():
            op.execute(f"DROP FUNCTION {table}_{event}_guard()")
