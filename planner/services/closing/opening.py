"""A plan of the workforce opened for one reader: the agencies that they see, before and after it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

import models
from planner.services.closing.runs import StoredClosing, load_closing
from planner.services.coverage.opening import Staffing
from planner.services.names import name_of
from planner.services.permissions import Actor, ministry_scope
from planner.text import LocalText
from planner.workforce.certificate import Effects, work_out


class Closing:
    """A stored plan, and what follows from it, worked out when first asked for.

    `before` and `after` are coverage of the agencies that the reader sees, by the run's own register.
    """

    def __init__(
        self, stored: StoredClosing, ministries: Mapping[str, LocalText], actor: Actor, *, whole: bool
    ) -> None:
        self.stored = stored
        self.actor = actor
        self.plan = stored.plan
        self.info = stored.info
        self.whole = whole
        """Whether the reader sees all agencies, and so what they share."""
        self.before = Staffing(stored.problem.workforce, ministries, stored.info.on)
        self.courses = {row.code: row.name or LocalText(row.code, row.code) for row in stored.problem.measures.courses}

    @cached_property
    def effects(self) -> Effects:
        """What the plan's rows come to, worked out from the register."""
        return work_out(self.stored.problem, self.plan.seats, self.plan.hires, self.plan.loans)

    @cached_property
    def after(self) -> Staffing:
        """The register with what the plan adds to it."""
        after = Staffing(self.stored.problem.workforce, self.before.ministries, self.info.on)
        after.register = replace(self.before.register, available=self.effects.available)
        return after

    def ministry_of(self, agency: str) -> LocalText:
        """The ministry of an agency that the reader sees."""
        return self.before.ministries[self.before.agencies[agency].ministry]


def open_closing(session: Session, actor: Actor, code: str) -> Closing:
    """The finished run called `code`, cut to what `actor` sees.

    `NotFoundError` if there is none, `ConflictError` if it has no plan yet.
    """
    stored = load_closing(session, actor, code)
    home = ministry_scope(actor)
    names = {row.code: name_of(row) for row in session.scalars(select(models.Ministry))}
    own = session.scalar(select(models.Ministry.code).where(models.Ministry.id == home)) if home else None
    shown = sorted({row.ministry for row in stored.problem.workforce.agencies if home is None or row.ministry == own})
    return Closing(
        stored, {each: names.get(each) or LocalText(each, each) for each in shown}, actor, whole=home is None
    )
