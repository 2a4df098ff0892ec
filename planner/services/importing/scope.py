"""Which sheets somebody may bring in, and whose rows."""

from models import Role
from planner.services.importing.targets import Database
from planner.services.permissions import Actor, ministry_scope
from reports.columns import Value
from reports.sheets import REQUIREMENTS, SHEETS


def allowed_sheets(actor: Actor) -> frozenset[str]:
    """A ministry brings in its requirements; administrators keep reference data and have no say in requirements."""
    if ministry_scope(actor) is not None:
        return frozenset({REQUIREMENTS.key})
    if actor.user_id is not None and actor.role is Role.ADMINISTRATOR:
        return frozenset(SHEETS) - {REQUIREMENTS.key}
    return frozenset(SHEETS)


def own_agencies(actor: Actor, database: Database) -> frozenset[Value] | None:
    """The codes of the agencies for which `actor` may speak; None for all."""
    if ministry_scope(actor) is None:
        return None
    agencies = database.rows("agencies").values()
    return frozenset(row.values["code"] for row in agencies if row.values["ministry"] == actor.ministry_code)
