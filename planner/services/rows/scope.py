"""Which sheets somebody may bring in, and whose rows."""

from collections.abc import Mapping
from typing import Final

from models import Role
from planner.errors import Fault, fault
from planner.services.permissions import Actor, Permission, may, ministry_scope
from planner.services.rows.changes import Change, SheetPlan, rows_after
from planner.services.rows.targets import Database
from planner.text import N_
from reports.catalogue import DATASETS
from reports.columns import Sheet, Value, Values
from reports.sheets import AGENCIES, REGISTER, REQUIREMENTS, SHEETS

_OF_PERSON: Final = N_("This person belongs to another ministry.")
MINISTRY_SHEETS: Final[Mapping[str, tuple[str, str]]] = {
    DATASETS.key: ("agency", N_("This dataset belongs to another ministry.")),
    REQUIREMENTS.key: ("agency", N_("This requirement belongs to another ministry.")),
    "positions": ("agency", N_("This agency belongs to another ministry.")),
    "people": ("agency", _OF_PERSON),
    "person_roles": ("person", _OF_PERSON),
    "planned_leaves": ("person", _OF_PERSON),
    "secondments": ("person", _OF_PERSON),
    "enrolments": ("person", _OF_PERSON),
    "agency_duties": ("agency", N_("This agency belongs to another ministry.")),
    "dataset_duties": ("dataset", N_("This dataset belongs to another ministry.")),
}
"""The sheets whose rows belong to ministries: by which column, and what is said of another one's row."""
PERSONAL: Final = frozenset({"people", "person_roles", "planned_leaves", "secondments", "enrolments"})
"""The sheets whose rows are about a person, who is the first thing that tells them apart."""

_REVIEWED: Final = frozenset({"weight"})
"""Columns of a requirement that those who review fill in, whoever enters the rest."""
_REGISTER: Final = frozenset(sheet.key for sheet in REGISTER)


def allowed_sheets(actor: Actor) -> frozenset[str]:
    """HR brings in the register, and nobody else does; a ministry what is its own, and administrators, who have no say
    in that, the rest.
    """
    if actor.user_id is None:
        return frozenset(SHEETS)
    allowed = _REGISTER if may(actor, Permission.EDIT_WORKFORCE) else SHEETS.keys() - _REGISTER
    if ministry_scope(actor) is not None:
        return frozenset(allowed & MINISTRY_SHEETS.keys())
    return frozenset(allowed - MINISTRY_SHEETS.keys() if actor.role is Role.ADMINISTRATOR else allowed)


def own_agencies(actor: Actor, database: Database) -> frozenset[Value] | None:
    """The codes of the agencies for which `actor` may speak; None for all."""
    if ministry_scope(actor) is None:
        return None
    agencies = database.rows(AGENCIES.key).values()
    return frozenset(row.values["code"] for row in agencies if row.values["ministry"] == actor.ministry_code)


class Own:
    """The rows for which `actor` may speak, those that `plans` are about to make among them.

    `limited` is False for whoever may speak for all.
    """

    def __init__(self, actor: Actor, database: Database, plans: Mapping[str, SheetPlan] | None = None) -> None:
        self.database = database
        self.plans = plans or {}
        agencies = own_agencies(actor, database)
        self.limited = agencies is not None
        self._codes: dict[str, frozenset[Value]] = {AGENCIES.key: agencies or frozenset()}

    def codes(self, sheet_key: str) -> frozenset[Value]:
        """The codes of the own rows of a sheet, by which other sheets' rows may belong to somebody."""
        if sheet_key not in self._codes:
            plan = self.plans.get(sheet_key)
            rows = (
                rows_after(plan, self.database).values()
                if plan
                else [stored.values for stored in self.database.rows(sheet_key).values()]
            )
            self._codes[sheet_key] = frozenset(row["code"] for row in rows if self.holds(SHEETS[sheet_key], row))
        return self._codes[sheet_key]

    def holds(self, sheet: Sheet, values: Values) -> bool:
        """Whether the row with `values` is one of them."""
        if not self.limited or sheet.key not in MINISTRY_SHEETS:
            return True
        column, _ = MINISTRY_SHEETS[sheet.key]
        return values.get(column) in self.codes(sheet.field(column).refers)


def other_ministry_fault(plan: SheetPlan, change: Change) -> Fault:
    """What is said of a row that is another ministry's, or is to become one."""
    column, message = MINISTRY_SHEETS[plan.sheet.key]
    return fault(plan.found.address(change.row, column), "other_ministry", message)


def locked_columns(actor: Actor) -> frozenset[str]:
    """The columns of a requirement that `actor` sees and may not change."""
    return frozenset() if may(actor, Permission.REVIEW_REQUIREMENTS) else _REVIEWED
