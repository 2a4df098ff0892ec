"""Who is told of what: followers of an object, each person's inbox, and its copy by e-mail."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from models import Follower, InboxItem, MailSubscription, User
from planner.errors import InvalidInputError, fault
from planner.services.lists import PAGE_SIZE, ListFilter, load_slice
from planner.services.locking import lock
from planner.services.mailing import post_after_commit
from planner.services.permissions import Actor
from planner.services.subjects import Mention, Subject, find_subject, load_subjects, may_see, role_may_see
from planner.text import N_

LONGEST_NOTE: Final = 300
"""How much of a comment an inbox item quotes."""
_AT_ONCE: Final = 5_000


@dataclass(frozen=True)
class Item(Mention):
    """One thing a person was told; later ones have larger numbers."""

    number: int
    event: str
    actor: str
    note: str
    at: dt.datetime
    unread: bool


@dataclass(frozen=True)
class Inbox:
    """One page of a person's inbox, newest first. `address` is where mail goes, `by_mail` whether it does."""

    items: tuple[Item, ...]
    unread: int
    total: int
    page: int
    pages: int
    address: str | None
    by_mail: bool


def notify(
    session: Session,
    actor: Actor,
    subject: str,
    event: str,
    recipients: Iterable[int] | None = None,
    *,
    note: str = "",
) -> None:
    """Tell the followers of `subject`, and the users with the keys `recipients`, that `actor` did `event` to it.

    Never the actor, nobody twice, and nobody who may not see the object. `note` is quoted, such as the comment with
    which something was returned. Mail, where a person asked for it, goes out after the commit.
    """
    notify_of(session, actor, {subject: tuple(recipients or ())}, event, note=note)


def notify_of(
    session: Session, actor: Actor, recipients: Mapping[str, Collection[int]], event: str, *, note: str = ""
) -> None:
    """The same of many objects, in a few queries however many; `recipients` by the object's subject."""
    told = _with_followers(session, recipients)
    subjects = load_subjects(session, told)
    now = dt.datetime.now(dt.UTC)
    for user, by_mail in _people(session, set().union(*told.values()) - {actor.user_id}):
        for key, found in subjects.items():
            if user.id in told[key] and role_may_see(user.role, user.ministry_id, found):
                item = InboxItem(
                    user_id=user.id,
                    subject=key,
                    event=event,
                    actor=actor.full_name,
                    note=_shortened(note),
                    at=now,
                )
                session.add(item)
                if by_mail and user.email:
                    post_after_commit(session, item, found, user)


def _with_followers(session: Session, recipients: Mapping[str, Collection[int]]) -> dict[str, set[int]]:
    """Everybody who is to be told, by subject; subjects of which nobody is are left out."""
    told = {subject: set(users) for subject, users in recipients.items()}
    subjects = sorted(told)
    for start in range(0, len(subjects), _AT_ONCE):
        following = select(Follower.subject, Follower.user_id)
        for subject, user_id in session.execute(
            following.where(Follower.subject.in_(subjects[start : start + _AT_ONCE]))
        ):
            told[subject].add(user_id)
    return {subject: users for subject, users in told.items() if users}


def _people(session: Session, keys: Collection[int | None]) -> Iterator[tuple[User, bool]]:
    """The active ones of those users, in the order of their keys, and whether they want mail."""
    users = session.execute(
        select(User, MailSubscription.user_id.is_not(None))
        .outerjoin(MailSubscription, MailSubscription.user_id == User.id)
        .where(User.active, User.id.in_(keys))
        .order_by(User.id)
    )
    return ((user, by_mail) for user, by_mail in users.all())


def _shortened(note: str) -> str:
    return note if len(note) <= LONGEST_NOTE else f"{note[: LONGEST_NOTE - 1]}…"


def follow(session: Session, actor: Actor, subject: str, *, wanted: bool = True) -> None:
    """Let `actor` follow the object, or no longer; `NotFoundError` if there is none to be seen."""
    found = find_subject(session, actor, subject)
    lock(session, f"follow:{actor.username}:{found.key}")
    mine = select(Follower).where(Follower.subject == found.key, Follower.user_id == actor.user_id)
    present = session.scalar(mine)
    if wanted and present is None and actor.user_id is not None:
        session.add(Follower(subject=found.key, user_id=actor.user_id))
        session.flush()
    elif not wanted and present is not None:
        session.delete(present)


def followers(session: Session, subject: Subject) -> tuple[tuple[int, str], ...]:
    """Key and name of everybody who follows the object."""
    query = select(User.id, User.full_name).join(Follower, Follower.user_id == User.id)
    rows = session.execute(query.where(Follower.subject == subject.key, User.active).order_by(User.full_name))
    return tuple((user_id, name) for user_id, name in rows)


def count_unread(session: Session, actor: Actor) -> int:
    """How many items `actor` has not read yet."""
    unread = select(func.count()).where(InboxItem.user_id == actor.user_id, InboxItem.read_at.is_(None))
    return session.scalar(unread) or 0


def load_inbox(
    session: Session,
    actor: Actor,
    *,
    unread: bool = False,
    page: int = 1,
    page_size: int = PAGE_SIZE,
    before: int | None = None,
) -> Inbox:
    """A page of what `actor` was told, or of what of it is unread, or older than the item numbered `before`."""
    query = select(InboxItem).where(InboxItem.user_id == actor.user_id).order_by(InboxItem.id.desc())
    if unread:
        query = query.where(InboxItem.read_at.is_(None))
    if before is not None:
        query = query.where(InboxItem.id < before)
    found = load_slice(session, query, ListFilter(page=page, page_size=page_size))
    rows = [row for (row,) in found.rows]
    subjects = load_subjects(session, {row.subject for row in rows})
    visible = {key: subject.name for key, subject in subjects.items() if may_see(actor, subject)}
    address, by_mail = session.execute(
        select(User.email, MailSubscription.user_id.is_not(None))
        .outerjoin(MailSubscription, MailSubscription.user_id == User.id)
        .where(User.id == actor.user_id)
    ).one()
    items = tuple(
        Item(
            subject=row.subject,
            name=visible.get(row.subject),
            number=row.id,
            event=row.event,
            actor=row.actor,
            note=row.note if row.subject in visible else "",
            at=row.at,
            unread=row.read_at is None,
        )
        for row in rows
    )
    return Inbox(items, count_unread(session, actor), found.total, found.page, found.pages, address, by_mail)


def mark_read(session: Session, actor: Actor, subject: str | None = None) -> None:
    """Count everything, or everything about one object, as read."""
    unread = update(InboxItem).where(InboxItem.user_id == actor.user_id, InboxItem.read_at.is_(None))
    if subject is not None:
        unread = unread.where(InboxItem.subject == subject)
    session.execute(unread.values(read_at=dt.datetime.now(dt.UTC)))


def open_subject(session: Session, actor: Actor, subject: str) -> None:
    """Count everything about one object as read; `NotFoundError` if there is none that `actor` may see."""
    find_subject(session, actor, subject)
    mark_read(session, actor, subject)


def set_mail(session: Session, actor: Actor, *, wanted: bool) -> None:
    """Send `actor` by e-mail what comes into the inbox, or no longer; a fault where the account has no address."""
    user = session.get_one(User, actor.user_id)
    if wanted and not user.email:
        raise InvalidInputError([fault("", "no_address", N_("Your account has no e-mail address."))])
    session.execute(delete(MailSubscription).where(MailSubscription.user_id == user.id))
    if wanted:
        session.add(MailSubscription(user_id=user.id))
