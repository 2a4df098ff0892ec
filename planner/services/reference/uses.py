"""What refers to a row of reference data: a row that is used cannot be removed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, ScalarSelect, Table, func, select
from sqlalchemy.orm import Session

from planner.text import N_

WORDS: Final[Mapping[tuple[str, str], str]] = {
    ("agency", "ministry_id"): N_("agencies"),
    ("agency_duty", "accountable_id"): N_("appointments"),
    ("agency_duty", "agency_id"): N_("appointments"),
    ("agency_duty", "deputy_id"): N_("appointments"),
    ("capacity", "year"): N_("years of capacity at data centres"),
    ("cohort", "course_id"): N_("cohorts"),
    ("course", "from_level_id"): N_("courses"),
    ("course", "from_role_id"): N_("courses"),
    ("course", "level_id"): N_("courses"),
    ("course", "role_id"): N_("courses"),
    ("dataset", "agency_id"): N_("datasets"),
    ("dataset", "clearance_id"): N_("datasets"),
    ("dataset_duty", "accountable_id"): N_("appointments"),
    ("dataset_duty", "deputy_id"): N_("appointments"),
    ("demand_line", "resource_type_id"): N_("amounts of demand"),
    ("demand_line", "year"): N_("amounts of demand"),
    ("enrolment", "cohort_id"): N_("enrolments"),
    ("expansion", "resource_type_id"): N_("expansions"),
    ("expansion", "site_id"): N_("expansions"),
    ("import_batch", "ministry_id"): N_("imports"),
    ("ministry_bounds", "ministry_id"): N_("bounds of the policy"),
    ("norm", "role_id"): N_("norms"),
    ("person", "agency_id"): N_("people"),
    ("person_role", "level_id"): N_("roles of people"),
    ("person_role", "role_id"): N_("roles of people"),
    ("pin", "site_id"): N_("pins of the policy"),
    ("requirement", "agency_id"): N_("requirements"),
    ("requirement", "clearance_id"): N_("requirements"),
    ("requirement", "incumbent_site_id"): N_("requirements hosted there today"),
    ("requirement", "priority_id"): N_("requirements"),
    ("requirement_region", "region_id"): N_("requirements that allow it"),
    ("requirement_site", "site_id"): N_("requirements that allow it"),
    ("round_extension", "ministry_id"): N_("extensions of planning rounds"),
    ("secondment", "agency_id"): N_("secondments"),
    ("site", "clearance_id"): N_("data centres"),
    ("site", "region_id"): N_("data centres"),
    ("site_resource", "resource_type_id"): N_("data centres that offer it"),
    ("staff_position", "agency_id"): N_("positions"),
    ("staff_position", "role_id"): N_("positions"),
    ("user_account", "ministry_id"): N_("accounts"),
    ("webhook", "ministry_id"): N_("webhooks"),
    ("work_role", "hire_level_id"): N_("data roles"),
}
"""What the rows are called that refer to another, by their table and column, as message ids."""


@dataclass(frozen=True)
class Use:
    """Rows that refer to a row: what they are called (a message id), and how many there are."""

    what: str
    count: int


def referring_columns(table: Table) -> Iterator[Column[Any]]:
    """Every column that refers to a row of `table`, save those of rows that go with it."""
    for other in sorted(table.metadata.tables.values(), key=lambda each: each.name):
        for key in other.foreign_keys:
            if key.column.table is table and key.ondelete != "CASCADE":
                yield key.parent


def load_uses(session: Session, table: Table, key: int) -> tuple[Use, ...]:
    """What refers to the row of `table` with that primary key, in one query."""
    columns = list(referring_columns(table))
    if not columns:
        return ()
    counts: list[ScalarSelect[int]] = [
        select(func.count()).select_from(column.table).where(column == key).scalar_subquery() for column in columns
    ]
    found = session.execute(select(*counts)).one()
    return tuple(
        Use(WORDS[column.table.name, column.name], count) for column, count in zip(columns, found, strict=True) if count
    )
