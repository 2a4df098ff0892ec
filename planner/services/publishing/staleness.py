"""Whether a plan still stands on what the database holds: every change of its inputs since it was run."""

from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from models import AuditEntry, PlanRun, Requirement, RequirementStatus
from planner.allocation import Problem
from planner.errors import Fault, InvalidInputError
from planner.services.desk.opening import Desk, open_desk
from planner.services.differences import Difference, compare_problems, count_rows, difference_table
from planner.services.permissions import Actor
from planner.services.problems import load_problem
from planner.services.publishing.homes import load_homes
from planner.services.publishing.standing import plan_in_force
from planner.services.scenarios.adjusting import apply_adjustments
from planner.services.scenarios.adjustments import from_json
from planner.services.staffing import limit_by_staff
from reports.values import Table

LARGE: Final = 5_000
"""Above so many requirements the changes are not worked out beside something else; that takes seconds."""
ELSEWHERE: Final = ("account", "coverage", "dataset", "plan", "round", "scenario", "sweep", "webhook", "workforce_plan")
"""Kinds of objects of which no plan's input is made; which plan is in force is looked at by itself."""
_REQUIREMENT: Final = "requirement:"
_CONTENTS: Final = ("created", "changed")
"""What happens to a requirement and is no matter while it is not in force; coming into force and leaving it are."""


@dataclass(frozen=True)
class InputChanges:
    """What changed in a plan's inputs since it was run. With `faults`, today's rows make no valid input at all."""

    differences: tuple[Difference, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def stale(self) -> bool:
        """Whether a run would start from anything else today."""
        return bool(self.differences or self.faults)

    @cached_property
    def rows(self) -> int:
        """How many rows of the input changed."""
        return count_rows(self.differences)

    @property
    def table(self) -> Table:
        """One row a field that changed."""
        return difference_table(self.differences)


def load_changes(session: Session, actor: Actor, code: str) -> InputChanges:
    """What changed in the inputs of the plan called `code`, its scenario's adjustments made to the rows of today.

    That a publication made its placements the incumbents of the next round is no change of the plan in force. Worked
    out once until something is written again. `NotFoundError`, or `ConflictError` where the run has no plan.
    """
    desk = open_desk(session, actor, code)
    published = plan_in_force(session)
    known = _known_of_today(session, published.code if published else None)
    found = known.changes.get(code)
    if found is None:
        found = known.changes[code] = _work_out(session, desk, in_force=known.published == code)
    return found


def changes_beside(session: Session, actor: Actor, code: str) -> InputChanges | None:
    """The same for pages that are about something else; None for a plan so large that nobody would wait for it."""
    large = len(open_desk(session, actor, code).problem.requirements) > LARGE
    return None if large else load_changes(session, actor, code)


@dataclass
class _Known:
    """What was worked out of inputs that no entry of the log up to `position` has touched since."""

    published: str | None
    position: int
    changes: dict[str, InputChanges]


_lock: Final = Lock()
_kept: Final["WeakKeyDictionary[Engine, _Known]"] = WeakKeyDictionary()


def _known_of_today(session: Session, published: str | None) -> _Known:
    engine = session.get_bind().engine
    newest = session.scalar(select(func.max(AuditEntry.position))) or 0
    with _lock:
        known = _kept.get(engine)
    if known is None or known.published != published or _touched(session, known.position):
        known = _Known(published, newest, {})
    known.position = newest
    with _lock:
        _kept[engine] = known
    return known


def _touched(session: Session, position: int) -> bool:
    """Whether an entry of the log after `position` may have changed an input: none changes without one."""
    of_requirement = AuditEntry.subject.like(f"{_REQUIREMENT}%")
    in_force = exists().where(
        Requirement.code == func.substr(AuditEntry.subject, len(_REQUIREMENT) + 1),
        Requirement.status == RequirementStatus.APPROVED,
    )
    may_matter = or_(
        and_(of_requirement, or_(AuditEntry.action.not_in(_CONTENTS), in_force)),
        and_(~of_requirement, *(AuditEntry.subject.not_like(f"{kind}:%") for kind in ELSEWHERE)),
    )
    return session.scalar(select(exists().where(AuditEntry.position > position, may_matter))) or False


def _work_out(session: Session, desk: Desk, *, in_force: bool) -> InputChanges:
    try:
        now = load_problem(session)
        adjustments = session.scalars(select(PlanRun.adjustments).where(PlanRun.code == desk.info.code)).one()
        now = limit_by_staff(session, apply_adjustments(now, tuple(map(from_json, adjustments))))
    except InvalidInputError as error:
        return InputChanges((), error.faults)
    return InputChanges(compare_problems(_with_homes(session, desk.problem, now) if in_force else desk.problem, now))


def _with_homes(session: Session, before: Problem, now: Problem) -> Problem:
    """`before` with the homes of `now` where the newest publication gave or took them."""
    homes = load_homes(session).keys() | load_homes(session, before_newest=True).keys()
    today = {row.code: row.incumbent for row in now.requirements if row.code in homes}
    return replace(
        before,
        requirements=tuple(
            replace(row, incumbent=today[row.code]) if row.code in today else row for row in before.requirements
        ),
    )
