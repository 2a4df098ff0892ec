"""Where one requirement stands for one person: its status, what they may do now, until when, and if not, why."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from models import Agency, Requirement, RequirementRevision
from models import RequirementStatus as Status
from planner.errors import NotFoundError
from planner.services.deadlines import load_entry
from planner.services.handovers import last_entries
from planner.services.lifecycle import EditMode, edit_mode, edit_refusal, in_hand
from planner.services.permissions import Actor, Permission, may, ministry_scope, require
from planner.services.transitions import Action, Transition, possible
from planner.services.wording import requirement_status_phrase
from planner.text import LocalText, Phrase


@dataclass(frozen=True)
class Standing:
    """`status` is that of the open revision, whose number is `revision`, or else of the requirement itself.

    `version` is of the same, and `returned_with` the comment with which it came back, where it did. `actions` are
    what the person may do now, and `asks` which of it needs a comment. `refusal` tells those who enter why the row
    may not be edited, `deadline` until when those of a ministry may enter in the round that is open.
    """

    code: str
    title: str
    status: Phrase
    revision: int | None
    version: int
    returned_with: str
    actions: tuple[Transition, ...]
    asks: tuple[str, ...]
    edit: EditMode
    refusal: Phrase | None
    round: LocalText | None
    deadline: dt.datetime | None

    @property
    def awaited(self) -> bool:
        """Whether it waits for the person to submit or to decide, rather than being able to be taken out."""
        return any(way.action in {Action.SUBMIT, Action.APPROVE} for way in self.actions)


def load_standing(session: Session, actor: Actor, code: str) -> Standing:
    """Where the requirement called `code` stands; `NotFoundError` if there is none or it is another ministry's."""
    require(actor, Permission.VIEW_REQUIREMENTS)
    row = session.scalar(
        select(Requirement)
        .where(Requirement.code == code)
        .options(joinedload(Requirement.agency, innerjoin=True), joinedload(Requirement.open_revision))
    )
    if row is None or ministry_scope(actor) not in {None, row.agency.ministry_id}:
        raise NotFoundError
    entry = load_entry(session, actor)
    subject = in_hand(row)
    actions = tuple(way for way in possible(actor, subject.status) if not (way.bound and entry.refusal))
    return Standing(
        code=code,
        title=row.title,
        status=requirement_status_phrase(subject.status),
        revision=subject.number if isinstance(subject, RequirementRevision) else None,
        version=subject.version,
        returned_with=_comment(session, code) if subject.status is Status.RETURNED else "",
        actions=actions,
        asks=tuple(way.ask for way in actions if subject.status in way.explained),
        edit=edit_mode(actor, row, entry),
        refusal=edit_refusal(actor, row, entry) if _enters(actor) else None,
        round=entry.round,
        deadline=entry.closes_at,
    )


def _enters(actor: Actor) -> bool:
    """Whether the person enters requirements and does not decide on them; the others need no word on editing."""
    return may(actor, Permission.EDIT_REQUIREMENTS) and not may(actor, Permission.REVIEW_REQUIREMENTS)


def _comment(session: Session, code: str) -> str:
    entry = last_entries(session, [code], Action.RETURN).get(code)
    return entry.note if entry else ""


def load_titles(session: Session, actor: Actor, codes: Collection[str]) -> dict[str, str]:
    """What those of `codes` that `actor` may see are called, in their order."""
    require(actor, Permission.VIEW_REQUIREMENTS)
    query = select(Requirement.code, Requirement.title).where(Requirement.code.in_(codes)).order_by(Requirement.code)
    if (home := ministry_scope(actor)) is not None:
        query = query.join(Requirement.agency).where(Agency.ministry_id == home)
    return dict(session.execute(query).all())


def load_versions(session: Session, actor: Actor, codes: Collection[str]) -> dict[str, int]:
    """The versions of what is in hand of those of `codes` that `actor` may see: what a step on them is to be about."""
    require(actor, Permission.VIEW_REQUIREMENTS)
    version = func.coalesce(RequirementRevision.version, Requirement.version)
    query = select(Requirement.code, version).outerjoin(Requirement.open_revision).where(Requirement.code.in_(codes))
    if (home := ministry_scope(actor)) is not None:
        query = query.join(Requirement.agency).where(Agency.ministry_id == home)
    return dict(session.execute(query).all())
