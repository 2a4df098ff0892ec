"""How each operation of the API is met: by whom, at which path, with what, and whose.

A new one is met by the roles that meet the pages which it equals (`api_equals`); one that equals none goes into
`ROLES`. What fills its path and what it takes are its examples (`planner.api.examples`); another ministry's object goes
into `FOREIGN_PARTS`.
"""

from collections.abc import Mapping
from typing import Any, Final

from access_lists import ADMIN, AUDITOR, DE, HR, MANAGER, MINISTRY
from access_objects import ATTACHED
from werkzeug.routing import Map, Rule

from models import Role
from planner.api import examples
from planner.api.resources import ROOT, Operation

EVERYBODY: Final = frozenset(Role)

_PLANNERS: Final = frozenset({DE, MANAGER, AUDITOR})
_READERS: Final = _PLANNERS | {MINISTRY}
ROLES: Final[Mapping[str, frozenset[Role]]] = {
    "coverage.pages": _READERS | {HR},
    "datasets.requirement": _READERS,
    "datasets.save": frozenset({MINISTRY, DE}),
    "inbox.show_mail": EVERYBODY,
    "jobs.workers": _PLANNERS | {HR},
    "norms.create": frozenset({HR}),
    "norms.show": _READERS | {HR},
    "objects.discussion": _READERS,
    "objects.unfollow": _READERS,
    "plans.pages": _PLANNERS,
    "publications.current": _READERS,
    "publications.show": _PLANNERS,
    "reference.check": frozenset({DE, ADMIN}),
    "reference.save": frozenset({DE, ADMIN}),
    "requirements.columns": _READERS,
    "requirements.step": frozenset({MINISTRY, DE}),
    "scenarios.kinds": _PLANNERS,
    "webhooks.deliveries": frozenset({ADMIN}),
    "workforce_plans.pages": _READERS | {HR},
}
"""The roles that meet operations which are parts of no one screen."""

CODES: Final = examples.CODES
"""What fills the parts of each resource's paths: things that the small world's ministry planner (21000) may see."""
PARTS: Final = examples.PARTS
"""Where one operation needs others."""
FOREIGN_PARTS: Final[Mapping[str, Mapping[str, str | int]]] = {
    "coverage.place": {"area": "ministries", "code": "11000"},
    "coverage.place_table": {"area": "agencies", "code": "11004", "table": "roles"},
    "coverage.report_ministry": {"code": "11000"},
    "datasets.change": {"code": "D-000002"},
    "datasets.requirement": {"code": "D-000002"},
    "datasets.show": {"code": "D-000002"},
    "imports.show": {"code": "2"},
    "imports.undo": {"code": "2"},
    "inbox.read_subject": {"subject": "requirement:R-000002"},
    "objects.attach": {"subject": "requirement:R-000002"},
    "objects.comment": {"subject": "requirement:R-000002"},
    "objects.detach": {"subject": "requirement:R-000002", "token": ATTACHED["R-000002"]},
    "objects.discussion": {"subject": "requirement:R-000002"},
    "objects.download": {"subject": "requirement:R-000002", "token": ATTACHED["R-000002"]},
    "objects.follow": {"subject": "requirement:R-000002"},
    "objects.history": {"subject": "requirement:R-000002"},
    "objects.unfollow": {"subject": "requirement:R-000002"},
    "outcomes.outcome": {"ministry": "11000"},
    "outcomes.outcome_table": {"ministry": "11000"},
    "outcomes.outcome_workbook": {"ministry": "11000"},
    "people.copy": {"code": "P1"},
    "people.erase": {"code": "P1"},
    "people.show": {"code": "P1"},
    "plans.requirement": {"requirement": "R-000002"},
    "plans.requirement_table": {"requirement": "R-000002", "table": "timeline"},
    "register.change": {"code": "11004/steward/2027"},
    "register.remove": {"code": "11004/steward/2027"},
    "register.show": {"code": "11004/steward/2027"},
    "requirements.change": {"code": "R-000002"},
    "requirements.show": {"code": "R-000002"},
    "requirements.standing": {"code": "R-000002"},
    "requirements.step": {"code": "R-000002"},
}
"""What leads to an object of another ministry: to 21000's people it must not even seem to exist."""
OF_NO_MINISTRY: Final = frozenset(
    {
        "accounts",
        "jobs",
        "norms",
        "publications",
        "reference",
        "rounds",
        "scenarios",
        "sites",
        "sweeps",
        "webhooks",
        "workforce_plans",
    }
)
"""Resources whose paths name no object of a ministry."""
UNOWNED: Final = frozenset(
    {
        "coverage.page",
        "coverage.report",
        "coverage.table",
        "plans.compare",
        "plans.comparison_table",
        "plans.make_reports",
        "plans.ministry_report",
        "plans.page",
        "plans.pages",
        "plans.prove",
        "plans.prove_requirement",
        "plans.report",
        "plans.report_archive",
        "plans.reports",
        "plans.show",
        "plans.standing",
        "plans.table",
        "register.check",
        "register.create",
        "register.rows",
        "register.save",
    }
)
"""Operations of other resources whose paths name none, or one that nobody of a ministry meets."""
_ROUND: Final = {
    "name_th": "รอบที่ 1",
    "name_en": "Round 1",
    "opens_at": "2020-01-01T00:00:00Z",
    "closes_at": "2120-01-01T00:00:00Z",
}
REFUSED: Final[Mapping[str, tuple[int, ...]]] = {
    "imports.create": (422,),
    "imports.preview": (422,),
    "imports.show": (404,),
    "imports.undo": (404, 409),
    "jobs.cancel": (409,),
    "jobs.retry": (409,),
    "people.erase": (422,),
    "publications.publish": (409,),
    "reference.remove": (409,),
    "requirements.steps": (409,),
    "rounds.create": (422,),
    "scenarios.raise_adjustment": (404,),
    "sites.save_capacity": (409,),
}
"""Operations that the small world lets nobody finish, or not everybody who may, and how they are refused."""
BODIES: Final[Mapping[str, Any]] = {
    **examples.BODIES,
    "people.erase": {"confirm": "no"},
    "rounds.create": {"code": "2571-1", **_ROUND},
    "rounds.extend": {"closes_at": "2122-01-01T00:00:00Z", "reason": "น้ำท่วม"},
    "rounds.replace": _ROUND,
    "sites.save_capacity": {"items": []},
}
"""What is sent to operations that take something, such that it is refused for nothing but the role."""


def path_of(operation: Operation, others: Mapping[str, str | int] | None = None) -> str:
    """The path of an operation below /api/v1, its parts filled with what there is, or with `others`."""
    parts = {**CODES.get(operation.resource.name, {}), **(others or PARTS.get(operation.endpoint, {}))}
    address = Map([Rule(operation.path.removeprefix(ROOT).replace("{", "<").replace("}", ">"), endpoint="it")])
    return address.bind("localhost").build("it", {name: str(parts[name]) for name, _ in operation.parts})
