"""Publishing a plan: it comes into force, the one before it is superseded, and whoever it concerns is told."""

import datetime as dt
import unicodedata
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import PlanRun, Publication, Role, RunStatus, User
from planner.errors import ConflictError, InvalidInputError, NotFoundError, fault
from planner.services import audit
from planner.services.inbox import notify
from planner.services.locking import lock
from planner.services.permissions import PERMISSIONS, Actor, Permission, require
from planner.services.publishing.standing import plan_in_force
from planner.services.webhooks.events import Event
from planner.services.webhooks.outbox import announce
from planner.text import N_, Phrase

LONGEST_NOTE: Final = 2_000
"""Characters of a publication's note."""
TOLD: Final = tuple(sorted(PERMISSIONS[Permission.VIEW_OUTCOME] - {Role.AUDITOR}))
"""Whose inboxes say that a plan was published: those who work with it."""


def publish_plan(session: Session, actor: Actor, code: str, note: str, *, seen: str | None) -> None:
    """Put the solved plan called `code` in force, with a note that every ministry reads.

    `seen` is the code of the plan that was in force as `actor` decided, None if none was: `ConflictError` if somebody
    published meanwhile, and where the run has no plan, its certificate does not hold, or it is in force already.
    `InvalidInputError` without a note.
    """
    require(actor, Permission.PUBLISH_PLAN)
    lock(session, "publishing")
    run = session.scalar(select(PlanRun).where(PlanRun.code == code))
    if run is None:
        raise NotFoundError
    previous = plan_in_force(session)
    if (previous.code if previous else None) != seen:
        raise ConflictError(Phrase(N_("Another plan was published meanwhile. Look at it before you decide.")))
    _check(run, previous)
    note = _read_note(note)
    now = dt.datetime.now(dt.UTC)
    session.add(Publication(run=run, note=note, published_at=now, published_by_id=actor.user_id))
    audit.record(session, actor, "published", f"plan:{code}", note=note)
    if previous:
        audit.record(session, actor, "superseded", f"plan:{previous.code}", note=code)
    session.flush()
    notify(session, actor, f"publication:{code}", "published", _readers(session), note=note)
    announce(session, Event.PLAN_PUBLISHED, {"code": code})


def _check(run: PlanRun, previous: PlanRun | None) -> None:
    params = {"code": run.code}
    if run.status is not RunStatus.SOLVED:
        raise ConflictError(Phrase(N_("The plan run %(code)s has no plan."), params))
    if not run.certificate.get("feasible"):
        raise ConflictError(Phrase(N_("The certificate of plan %(code)s does not hold."), params))
    if run == previous:
        raise ConflictError(Phrase(N_("Plan %(code)s is in force already."), params))


def _read_note(note: str) -> str:
    text = note.replace("\r\n", "\n").strip()
    faults = []
    if not text:
        faults.append(fault("note", "missing", N_("Say why this plan is published.")))
    if len(text) > LONGEST_NOTE:
        faults.append(fault("note", "too_long", N_("At most %(count)s characters."), count=LONGEST_NOTE))
    if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in text):
        faults.append(fault("note", "character", N_("It holds characters that cannot be printed.")))
    if faults:
        raise InvalidInputError(faults)
    return text


def _readers(session: Session) -> list[int]:
    return list(session.scalars(select(User.id).where(User.active, User.role.in_(TOLD))))
