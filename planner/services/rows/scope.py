"""Which sheets somebody may bring in, and whose rows."""

from collections.abc import Mapping
from typing import Final

from models import Role
from planner.errors import Fault, fault
from planner.services.permissions import Actor, Permission, may, ministry_scope
from planner.services.rows.changes import Change, SheetPlan
from planner.services.rows.targets import Database
from planner.text import N_
from reports.catalogue import DATASETS
from reports.columns import Value
from reports.sheets import REQUIREMENTS, SHEETS

MINISTRY_SHEETS: Final[Mapping[str, str]] = {
    DATASETS.key: N_("This dataset belongs to another ministry."),
    REQUIREMENTS.key: N_("This requirement belongs to another ministry."),
}
"""The sheets whose rows belong to ministries, and what is said of another one's row."""

_REVIEWED: Final = frozenset({"weight"})
"""Columns of a requirement that those who review fill in, whoever enters the rest."""


def allowed_sheets(actor: Actor) -> frozenset[str]:
    """A ministry brings in what is its own; administrators keep reference data and have no say in a ministry's."""
    if ministry_scope(actor) is not None:
        return frozenset(MINISTRY_SHEETS)
    if actor.user_id is not None and actor.role is Role.ADMINISTRATOR:
        return frozenset(SHEETS) - MINISTRY_SHEETS.keys()
    return frozenset(SHEETS)


def own_agencies(actor: Actor, database: Database) -> frozenset[Value] | None:
    """The codes of the agencies for which `actor` may speak; None for all."""
    if ministry_scope(actor) is None:
        return None
    agencies = database.rows("agencies").values()
    return frozenset(row.values["code"] for row in agencies if row.values["ministry"] == actor.ministry_code)


def other_ministry_fault(plan: SheetPlan, change: Change) -> Fault:
    """What is said of a row that is another ministry's, or is to become one."""
    return fault(plan.found.address(change.row, "agency"), "other_ministry", MINISTRY_SHEETS[plan.sheet.key])


def locked_columns(actor: Actor) -> frozenset[str]:
    """The columns of a requirement that `actor` sees and may not change."""
    return frozenset() if may(actor, Permission.REVIEW_REQUIREMENTS) else _REVIEWED
