"""What the audit log says of a row: who changed which columns, from what to what, but nothing about a person.

An entry can never be taken back, and what is known of a person must be: of them the log keeps which columns changed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from planner.services import audit
from planner.services.permissions import Actor
from planner.services.rows.cells import CellChanges
from planner.services.rows.scope import PERSONAL
from planner.services.rows.targets import row_code
from reports.columns import Sheet
from reports.sheets import CAPACITY, PEOPLE

HIDDEN: Final = "…"
"""Stands in an entry for a value that the log does not keep."""
KINDS: Final[Mapping[str, str]] = {
    "ministries": "ministry",
    "agencies": "agency",
    "regions": "region",
    "clearances": "clearance",
    "priorities": "priority",
    "resource_types": "resource_type",
    "fiscal_years": "fiscal_year",
    "sites": "site",
    "capacity": "site",
    "expansions": "expansion",
    "datasets": "dataset",
    "requirements": "requirement",
    "skill_levels": "skill_level",
    "work_roles": "work_role",
    "norms": "norm",
    "positions": "position",
    "people": "person",
    "person_roles": "person",
    "planned_leaves": "person",
    "secondments": "person",
    "courses": "course",
    "cohorts": "cohort",
    "enrolments": "person",
    "agency_duties": "agency_duty",
    "dataset_duties": "dataset_duty",
}
"""The kind of object that a sheet's rows belong to; a capacity is its site's, a role or a leave its person's."""


def subject_of(sheet: Sheet, identity: Sequence[Any]) -> str:
    """The subject of a row: `requirement:R-000123`, `site:BKK1`, `position:11004/steward/2027`."""
    whole = sheet is not CAPACITY and sheet.key not in PERSONAL
    return f"{KINDS[sheet.key]}:{row_code(tuple(identity)) if whole else identity[0]}"


def record_row(
    session: Session, actor: Actor, action: str, sheet: Sheet, *, identity: Sequence[Any], cells: CellChanges
) -> None:
    """Note that `actor` did `action` to the row of `sheet` that `identity` tells apart.

    Of a person the columns that changed are named alone; of what belongs to a person, that it changed.
    """
    if sheet.key in PERSONAL:
        names = cells if sheet is PEOPLE else (sheet.key,)
        action = action if sheet is PEOPLE else "changed"
        cells = dict.fromkeys(names, (None, HIDDEN))
    audit.record(session, actor, action, subject_of(sheet, identity), cells)
