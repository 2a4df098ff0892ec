"""What a plan run is to be of: the base, a scenario, or a point of a sweep; and the problem that this makes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Scenario
from planner.allocation import Problem
from planner.errors import ConflictError, NotFoundError
from planner.services.scenarios.adjusting import apply_adjustments
from planner.services.scenarios.adjustments import Adjustment, from_json, to_json
from planner.services.staffing import limit_by_staff
from planner.text import N_, Phrase


@dataclass(frozen=True)
class SweepPoint:
    """One run of the sweep called `sweep`: the adjustment that it adds to its scenario, and the number in it."""

    sweep: str
    adjustment: Adjustment | None = None
    value: float | None = None


@dataclass(frozen=True)
class Origin:
    """What a plan run is to be of: a scenario (None: the base), its adjustments as they are now, a point of a sweep."""

    scenario: str | None
    adjustments: tuple[Adjustment, ...]
    point: SweepPoint | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of a plan run that say so."""
        return {
            "scenario": self.scenario,
            "sweep": self.point.sweep if self.point else None,
            "sweep_value": self.point.value if self.point else None,
            "adjustments": [to_json(adjustment) for adjustment in self.adjustments],
        }


def load_origin(session: Session, code: str | None, point: SweepPoint | None = None) -> Origin:
    """The scenario called `code` with what `point` adds to it; None is the base.

    `NotFoundError` if there is none, `ConflictError` if it was archived.
    """
    adjustments: Sequence[Adjustment] = ()
    if code is not None:
        row = session.scalar(select(Scenario).where(Scenario.code == code))
        if row is None:
            raise NotFoundError
        if row.archived_at is not None:
            raise ConflictError(Phrase(N_("The scenario %(code)s was archived."), {"code": code}))
        adjustments = tuple(map(from_json, row.adjustments))
    if point and point.adjustment:
        adjustments = (*adjustments, point.adjustment)
    return Origin(code, tuple(adjustments), point)


def apply_origin(session: Session, problem: Problem, origin: Origin) -> Problem:
    """The base's `problem` as `origin` changes it, with the data staff of today where policy then asks for them.

    `InvalidInputError` with a fault at each adjustment that cannot be made any more.
    """
    return limit_by_staff(session, apply_adjustments(problem, origin.adjustments))
