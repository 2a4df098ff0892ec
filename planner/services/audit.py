"""The audit log: events are recorded in the caller's transaction and linked into a hash chain as it commits.

Linking needs a lock that only one transaction can hold. It is taken as the very last thing before the commit, after
everything else was written: whoever waits for it never holds it, so it can neither block for long nor deadlock.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session, SessionTransaction

from models import AuditEntry, AuditHead
from planner.services.permissions import Actor, Permission, require
from planner.text import N_, Phrase

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"
Changes: TypeAlias = Mapping[str, tuple[Json, Json]]
"""The value before and the value after, by field."""

NO_CHANGES: Final[Changes] = {}
_PENDING: Final = "audit_pending"
_BATCH: Final = 5_000


@dataclass(frozen=True)
class Break:
    """A place where the chain does not hold, and what is wrong there."""

    position: int
    message: Phrase


@dataclass(frozen=True)
class Verification:
    """How far the chain goes, the hash at its end, and every place where it does not hold."""

    entries: int
    head: str
    breaks: tuple[Break, ...]


@dataclass(frozen=True)
class _Pending:
    transaction: SessionTransaction | None
    row: dict[str, Any]
    text: str


def record(
    session: Session,
    actor: Actor | None,
    action: str,
    subject: str,
    changes: Changes = NO_CHANGES,
    *,
    note: str = "",
) -> None:
    """Note that `actor` (None: a stranger) did `action` to `subject`, such as "requirement:R-000123".

    The entry belongs to the session's transaction: it is written when that commits, and is gone when that rolls back.
    Fields of `changes` whose value stayed the same are left out; values that are no JSON are a `TypeError`.
    """
    plain = json.loads(json.dumps(changes, allow_nan=False))
    row = {
        "at": dt.datetime.now(dt.UTC),
        "actor": actor.username if actor else "",
        "role": actor.role.value if actor else "",
        "action": action,
        "subject": subject,
        "changes": {field: values for field, values in plain.items() if values[0] != values[1]},
        "note": note,
    }
    if not session.in_transaction():
        session.begin()
    session.info.setdefault(_PENDING, []).append(_Pending(session.get_nested_transaction(), row, _text(row)))


def verify_chain(session: Session, actor: Actor, anchor: tuple[int, str] | None = None) -> Verification:
    """Compute the whole chain anew and say where the stored one differs.

    An entry that was changed, added or taken away shows; so does an end that was cut off, by the head. A chain that
    was forged as a whole, head included, shows only against an `anchor`: a position and its hash, noted elsewhere
    earlier. Call it on a session that sees one moment (`planner.db.open_snapshot`) while others write.
    """
    require(actor, Permission.VIEW_AUDIT_LOG)
    head = session.get_one(AuditHead, 1)
    breaks: list[Break] = []
    position, previous = 0, "0" * 64
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.position).execution_options(yield_per=_BATCH))
    for entry in entries:
        if entry.position != position + 1:
            missing = {"first": str(position + 1), "last": str(entry.position - 1)}
            breaks.append(Break(position + 1, Phrase(N_("Entries %(first)s to %(last)s are missing."), missing)))
        elif entry.hash != _link(previous, entry.position, _text(_content(entry))):
            breaks.append(Break(entry.position, Phrase(N_("The entry is not as it was written."))))
        if anchor and anchor[0] == entry.position and anchor[1] != entry.hash:
            breaks.append(Break(entry.position, Phrase(N_("The hash is not the one that was noted before."))))
        position, previous = entry.position, entry.hash
    breaks.extend(_check_end(position, previous, head, anchor))
    return Verification(position, previous, tuple(breaks))


def _check_end(position: int, last: str, head: AuditHead, anchor: tuple[int, str] | None) -> Iterator[Break]:
    expected = max(head.position, anchor[0] if anchor else 0)
    if position < expected:
        missing = {"first": str(position + 1), "last": str(expected)}
        yield Break(position + 1, Phrase(N_("Entries %(first)s to %(last)s are missing."), missing))
    elif (position, last) != (head.position, head.hash):
        yield Break(position, Phrase(N_("The end of the chain is not the one that was kept.")))


@event.listens_for(Session, "before_commit")
def _link_pending(session: Session) -> None:
    """Append what the transaction recorded. A released savepoint is no commit yet."""
    if session.in_nested_transaction() or not session.info.get(_PENDING):
        return
    session.flush()
    pending: list[_Pending] = session.info.pop(_PENDING)
    moved = update(AuditHead).values(position=AuditHead.position + len(pending)).returning(AuditHead.position)
    end = session.scalars(moved).one()
    last = session.scalars(select(AuditHead.hash)).one()
    rows = []
    for position, entry in enumerate(pending, end - len(pending) + 1):
        last = _link(last, position, entry.text)
        rows.append({"position": position, **entry.row, "hash": last})
    session.connection().execute(insert(AuditEntry), rows)
    session.execute(update(AuditHead).values(hash=last))


@event.listens_for(Session, "after_soft_rollback")
def _forget_pending(session: Session, rolled_back: SessionTransaction) -> None:
    """Forget what was recorded within the transaction, or the savepoint, that was undone."""
    pending: list[_Pending] = session.info.pop(_PENDING, [])
    if rolled_back.nested and (kept := [entry for entry in pending if not _within(entry.transaction, rolled_back)]):
        session.info[_PENDING] = kept


def _within(transaction: SessionTransaction | None, outer: SessionTransaction) -> bool:
    return transaction is not None and (transaction is outer or _within(transaction.parent, outer))


def _content(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "actor": entry.actor,
        "role": entry.role,
        "action": entry.action,
        "subject": entry.subject,
        "changes": entry.changes,
        "note": entry.note,
    }


def _text(content: Mapping[str, Any]) -> str:
    """An entry's content in one fixed way of writing it; done while nobody waits for the lock."""
    plain = {**content, "at": content["at"].isoformat(timespec="microseconds")}
    return json.dumps(plain, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def _link(previous: str, position: int, text: str) -> str:
    """The hash of an entry after the hash before it."""
    return hashlib.sha256(f"{previous}{position}{text}".encode("ascii")).hexdigest()
