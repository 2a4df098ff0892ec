"""When requirements last changed hands, by whom and with which comment, as the audit log has it."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import AuditEntry
from planner.services.transitions import TRANSITIONS, Action


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
