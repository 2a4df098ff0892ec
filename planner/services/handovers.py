"""When requirements last changed hands, by whom and with which comment, as the audit log has it."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import AuditEntry
from planner.errors import Fault, fault
from planner.services.permissions import Actor
from planner.services.revisions import PROPOSED
from planner.services.transitions import TRANSITIONS, Action
from planner.text import N_

_AT_ONCE: Final = 5_000


def last_entries(session: Session, codes: Collection[str], *actions: Action) -> dict[str, AuditEntry]:
    """The newest entry by which one of `actions` was done to each requirement, by its code; in one query."""
    newest = (
        select(func.max(AuditEntry.position))
        .where(
            AuditEntry.subject.in_([f"requirement:{code}" for code in codes]),
            AuditEntry.action.in_([TRANSITIONS[action].event for action in actions]),
        )
        .group_by(AuditEntry.subject)
    )
    entries = session.scalars(select(AuditEntry).where(AuditEntry.position.in_(newest)))
    return {entry.subject.partition(":")[2]: entry for entry in entries}


def own_work(session: Session, actor: Actor, codes: Collection[str]) -> frozenset[str]:
    """Those of `codes` that `actor` submitted, or proposed a revision of, since they were last decided on.

    Four eyes: whoever did so does not approve them too. Whoever holds the database itself is asked nothing.
    """
    if actor.user_id is None:
        return frozenset()
    subjects = sorted(f"requirement:{code}" for code in codes)
    found: set[str] = set()
    for start in range(0, len(subjects), _AT_ONCE):
        among = AuditEntry.subject.in_(subjects[start : start + _AT_ONCE])
        decided = (
            select(AuditEntry.subject, func.max(AuditEntry.position).label("position"))
            .where(among, AuditEntry.action.in_([TRANSITIONS[way].event for way in (Action.APPROVE, Action.WITHDRAW)]))
            .group_by(AuditEntry.subject)
            .subquery()
        )
        mine = (
            select(AuditEntry.subject)
            .outerjoin(decided, decided.c.subject == AuditEntry.subject)
            .where(among, AuditEntry.actor == actor.username)
            .where(AuditEntry.action.in_([TRANSITIONS[Action.SUBMIT].event, PROPOSED]))
            .where(AuditEntry.position > func.coalesce(decided.c.position, 0))
        )
        found.update(subject.partition(":")[2] for subject in session.scalars(mine))
    return frozenset(found)


def four_eyes_fault(address: str) -> Fault:
    """What is said of something that its own author approves."""
    return fault(address, "own_work", N_("Whoever submitted or proposed it may not approve it: somebody else decides."))
