"""What people say about an object, and everything that an object's page shows of working together."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Comment, User
from planner.errors import InvalidInputError, fault
from planner.services import audit, inbox
from planner.services.attachments import AttachedFile, list_attachments
from planner.services.filetypes import ENDINGS
from planner.services.history import History, load_history
from planner.services.permissions import Actor, Permission, may, require
from planner.services.subjects import find_subject
from planner.text import N_

LONGEST: Final = 4000
"""Characters of a comment."""


@dataclass(frozen=True)
class Said:
    """One comment: who wrote it, when, and what."""

    author: str
    role: str
    written_at: dt.datetime
    text: str


@dataclass(frozen=True)
class Discussion:
    """What an object's page shows of working together: comments oldest first, files, followers, newest history.

    `may_write` says whether the reader may comment and attach, `following` whether the reader follows the object.
    `endings` are those of the files that may be attached.
    """

    subject: str
    comments: tuple[Said, ...]
    attachments: tuple[AttachedFile, ...]
    followers: tuple[str, ...]
    following: bool
    may_write: bool
    endings: tuple[str, ...]
    history: History


def load_discussion(session: Session, actor: Actor, subject: str) -> Discussion:
    """All of it, for an object that `actor` may see; else `NotFoundError`. The same number of queries for any."""
    found = find_subject(session, actor, subject)
    comments = session.execute(
        select(Comment, User.full_name, User.role)
        .join(Comment.author)
        .where(Comment.subject == subject)
        .order_by(Comment.id)
    )
    following = inbox.followers(session, found)
    return Discussion(
        subject=found.key,
        comments=tuple(Said(name, role.value, row.written_at, row.text) for row, name, role in comments),
        attachments=list_attachments(session, actor, found.key),
        followers=tuple(name for _, name in following),
        following=actor.user_id in {user_id for user_id, _ in following},
        may_write=may(actor, Permission.COMMENT),
        endings=ENDINGS,
        history=load_history(session, actor, found.key),
    )


def add_comment(session: Session, actor: Actor, subject: str, text: str) -> None:
    """Say `text` about the object, follow it from now on, and tell those who follow it already."""
    require(actor, Permission.COMMENT)
    found = find_subject(session, actor, subject)
    said = text.replace("\r\n", "\n").strip()
    if not said:
        raise InvalidInputError([fault("text", "empty", N_("Write something first."))])
    if len(said) > LONGEST:
        raise InvalidInputError(
            [fault("text", "too_long", N_("A comment has at most %(most)s characters; this one has %(count)s."),
                   most=LONGEST, count=len(said))]
        )  # fmt: skip
    session.add(Comment(subject=found.key, author_id=actor.user_id, written_at=dt.datetime.now(dt.UTC), text=said))
    inbox.follow(session, actor, found.key)
    audit.record(session, actor, "commented", found.key, note=said)
    inbox.notify(session, actor, found.key, "commented", note=said)
