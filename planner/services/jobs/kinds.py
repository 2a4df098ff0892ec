"""The kinds of job: what each is called, who may see one, and who may start, cancel and retry it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from models import JobKind
from planner.errors import ForbiddenError
from planner.services.permissions import Actor, Permission, may, ministry_scope, require
from planner.text import N_


@dataclass(frozen=True)
class Kind:
    """What a kind of job is called, and which permission it takes to `view` one and to `act` on it.

    `subject` is the kind of object in the audit log that its subjects are, where they are any.
    """

    label: str
    view: Permission
    act: Permission
    subject: str | None = None


KINDS: Final[Mapping[JobKind, Kind]] = MappingProxyType(
    {
        JobKind.PLAN_RUN: Kind(N_("Plan run"), Permission.VIEW_PLANS, Permission.RUN_PLAN, "plan"),
        JobKind.REPORT_SET: Kind(N_("Reports"), Permission.VIEW_PLANS, Permission.VIEW_PLANS),
        JobKind.WORKFORCE_PLAN: Kind(
            N_("Workforce plan"), Permission.VIEW_WORKFORCE, Permission.PLAN_WORKFORCE, "workforce_plan"
        ),
    }
)


def visible_kinds(actor: Actor) -> tuple[JobKind, ...]:
    """The kinds whose jobs `actor` sees. Jobs are not parted by ministry, so people of one see none."""
    if ministry_scope(actor) is not None:
        return ()
    return tuple(kind for kind in KINDS if may(actor, KINDS[kind].view))


def may_act(actor: Actor, kind: JobKind) -> bool:
    """Whether `actor` may start, cancel and retry jobs of `kind`."""
    return ministry_scope(actor) is None and may(actor, KINDS[kind].act)


def require_act(actor: Actor, kind: JobKind) -> None:
    """`ForbiddenError` unless `may_act`."""
    require(actor, KINDS[kind].act)
    if not may_act(actor, kind):
        raise ForbiddenError
