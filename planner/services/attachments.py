"""Files attached to objects: believed of nothing but their content, kept apart from the application, only ever
downloaded.
"""

import datetime as dt
import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from sqlalchemy import delete, event, func, select
from sqlalchemy.orm import Session

from models import Attachment, User
from planner.errors import Fault, ForbiddenError, InvalidInputError, NotFoundError, fault
from planner.services import audit, inbox
from planner.services.filetypes import ENDINGS, FileType, detect, safe_name
from planner.services.permissions import Actor, Permission, may, require
from planner.services.scanning import Scanner
from planner.services.subjects import find_subject
from planner.text import N_

MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True)
class Shelf:
    """The folder that holds the files, outside of everything that is served, and how much it may hold.

    Bytes at most: of one file, of all files of one object, of all that one person attached, of all files. Where there
    is a `scanner` it searches each file before it is taken.
    """

    folder: Path
    file_bytes: int = 10 * MEGABYTE
    subject_bytes: int = 100 * MEGABYTE
    person_bytes: int = 1024 * MEGABYTE
    total_bytes: int = 10 * 1024 * MEGABYTE
    scanner: Scanner | None = None

    def path(self, token: str) -> Path:
        """Where the file called `token` lies; in one of 256 folders, which stay quick to list."""
        return self.folder / token[:2] / token

    def put(self, token: str, content: bytes) -> None:
        """Keep `content` for good, readable by the application's own account alone."""
        path = self.path(token)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # its row must not outlive a power cut that the file does not

    def holds(self, token: str, content: bytes) -> bool:
        """Whether the file called `token` is there, and whole."""
        path = self.path(token)
        return path.is_file() and path.read_bytes() == content

    def remove(self, token: str) -> None:
        """Forget a file, if it is there."""
        self.path(token).unlink(missing_ok=True)


@dataclass(frozen=True)
class Upload:
    """A file as a browser sends it; nothing of it is believed."""

    name: str
    stream: IO[bytes]


@dataclass(frozen=True)
class AttachedFile:
    """One attachment as a page lists it; `removable` by the reader."""

    token: str
    name: str
    size: int
    attached_by: str
    attached_at: dt.datetime
    removable: bool


@dataclass(frozen=True)
class Download:
    """A file to hand out: where it lies, what it is called and what it is."""

    path: Path
    name: str
    media_type: str


def list_attachments(session: Session, actor: Actor, subject: str) -> tuple[AttachedFile, ...]:
    """The files of an object, oldest first. The caller has found the object visible."""
    rows = session.execute(
        select(Attachment, User.full_name)
        .join(Attachment.attached_by)
        .where(Attachment.subject == subject)
        .order_by(Attachment.id)
    )
    return tuple(
        AttachedFile(row.token, row.name, row.size, name, row.attached_at, _may_remove(actor, row))
        for row, name in rows
    )


def attach(session: Session, actor: Actor, shelf: Shelf, subject: str, upload: Upload) -> None:
    """Keep a file with an object; `InvalidInputError` if it is of no type or size that is taken, or holds a virus.

    A file whose transaction is given up before its commit is forgotten again.
    """
    require(actor, Permission.COMMENT)
    found = find_subject(session, actor, subject)
    content = upload.stream.read(shelf.file_bytes + 1)
    kind = detect(content, upload.name)
    faults = [*_check_file(shelf, content, kind), *_check_room(session, actor, shelf, found.key, len(content))]
    if faults or kind is None:
        raise InvalidInputError(faults)
    if shelf.scanner and (virus := shelf.scanner.search(content)):
        raise InvalidInputError([fault("file", "virus", N_("The virus scanner found %(virus)s in it."), virus=virus)])
    token = uuid.uuid4().hex
    row = Attachment(
        token=token,
        subject=found.key,
        name=safe_name(upload.name, kind),
        media_type=kind.media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        attached_by_id=actor.user_id,
        attached_at=dt.datetime.now(dt.UTC),
    )
    session.add(row)
    _forget_if_given_up(session, shelf, token)
    shelf.put(token, content)
    inbox.follow(session, actor, found.key)
    audit.record(session, actor, "attached", found.key, {"file": (None, row.name), "sha256": (None, row.sha256)})
    inbox.notify(session, actor, found.key, "attached", note=row.name)


def find_download(session: Session, actor: Actor, shelf: Shelf, token: str) -> Download:
    """The file called `token` of an object that `actor` may see, else `NotFoundError`."""
    row = _find(session, actor, token)
    path = shelf.path(row.token)
    if not path.is_file():
        raise NotFoundError
    return Download(path.resolve(), row.name, row.media_type)


def detach(session: Session, actor: Actor, shelf: Shelf, token: str) -> str:
    """Forget a file for good once the transaction commits, and say whose it was.

    Whoever attached it may do so, and who reviews; the log keeps its name and hash.
    """
    row = _find(session, actor, token)
    if not _may_remove(actor, row):
        raise ForbiddenError
    if not session.execute(delete(Attachment).where(Attachment.id == row.id).returning(Attachment.id)).all():
        raise NotFoundError  # somebody else has removed it in the same moment
    event.listen(session, "after_commit", lambda _session: shelf.remove(row.token), once=True)
    audit.record(session, actor, "detached", row.subject, {"file": (row.name, None), "sha256": (row.sha256, None)})
    inbox.notify(session, actor, row.subject, "detached", note=row.name)
    return row.subject


def _forget_if_given_up(session: Session, shelf: Shelf, token: str) -> None:
    """Remove the file where the transaction is rolled back, but for a commit that failed: a database that died over it
    may have kept the row. A file without a row harms nothing, a row without its file does.
    """

    def forget(_session: Session) -> None:
        shelf.remove(token)

    def leave(_session: Session) -> None:
        event.remove(session, "after_rollback", forget)

    event.listen(session, "after_rollback", forget)
    event.listen(session, "before_commit", leave, once=True)


def _find(session: Session, actor: Actor, token: str) -> Attachment:
    row = session.scalar(select(Attachment).where(Attachment.token == token))
    if row is None:
        raise NotFoundError
    find_subject(session, actor, row.subject)
    return row


def _may_remove(actor: Actor, row: Attachment) -> bool:
    if not may(actor, Permission.COMMENT):
        return False
    return actor.user_id == row.attached_by_id or may(actor, Permission.REVIEW_REQUIREMENTS)


def _check_file(shelf: Shelf, content: bytes, kind: FileType | None) -> Iterator[Fault]:
    """What speaks against a file by itself."""
    if not content:
        yield fault("file", "empty_file", N_("The file is empty."))
    elif kind is None:
        wrong = N_(
            "The file is of no type that may be attached: %(endings)s, without macros, objects of other programs, or "
            "templates from elsewhere."
        )
        yield fault("file", "wrong_type", wrong, endings=ENDINGS)
    if len(content) > shelf.file_bytes:
        most = round(shelf.file_bytes / MEGABYTE, 1)
        yield fault("file", "too_large", N_("The file is larger than %(most)s MB."), most=most)


def _check_room(session: Session, actor: Actor, shelf: Shelf, subject: str, size: int) -> Iterator[Fault]:
    """What speaks against `size` bytes more: the first of the bounds that they would pass."""
    used = select(func.coalesce(func.sum(Attachment.size), 0))
    of_subject = used.where(Attachment.subject == subject)
    of_person = used.where(Attachment.attached_by_id == actor.user_id)
    if session.scalars(of_subject).one() + size > shelf.subject_bytes:
        full = N_("The files here would come to more than %(most)s MB. Remove one first.")
        yield fault("file", "subject_full", full, most=round(shelf.subject_bytes / MEGABYTE, 1))
    elif session.scalars(of_person).one() + size > shelf.person_bytes:
        yours = N_("The files that you attached would come to more than %(most)s MB. Remove one first.")
        yield fault("file", "person_full", yours, most=round(shelf.person_bytes / MEGABYTE, 1))
    elif session.scalars(used).one() + size > shelf.total_bytes:
        yield fault("file", "shelf_full", N_("There is no room for more files. Tell the administrator."))
