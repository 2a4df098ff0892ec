"""Write a backup from one snapshot of the database."""

import datetime as dt
import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import IO, Final

import pyrage
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from models import Attachment
from planner import __version__
from planner.db import open_snapshot, pending_revisions
from planner.errors import ForbiddenError, InvalidInputError, fault
from planner.services.attachments import Shelf
from planner.services.backups.rows import TABLES, table_lines
from planner.services.permissions import OPERATOR, Actor
from planner.text import N_

FORMAT: Final = "planner-backup/1"
MANIFEST: Final = "manifest.json"
IN_MEMORY: Final = 8 * 1024 * 1024


@dataclass(frozen=True)
class Kept:
    """What a backup holds: rows of all tables, attached files, and those of them that were missing from the shelf."""

    rows: int
    files: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """The end of a backup: the database's revision, and the SHA-256 of every part by its name."""

    format: str
    revision: str
    planner_version: str
    written_at: str
    parts: dict[str, str]


def write_backup(
    sessions: sessionmaker[Session], actor: Actor, shelf: Shelf, stream: IO[bytes], recipient: str | None = None
) -> Kept:
    """Write everything to `stream` as it stands at one moment, while others go on working.

    `recipient` is an age public key (`age1…`): then only who has its secret key can read the backup.
    `InvalidInputError` if it is none.
    """
    if actor is not OPERATOR:
        raise ForbiddenError
    if recipient is None:
        return _write(sessions, shelf, stream)
    try:
        key = pyrage.x25519.Recipient.from_str(recipient.strip())
    except pyrage.RecipientError:
        raise InvalidInputError([fault("recipient", "not_a_key", N_("This is no public key such as age1…."))]) from None
    with tempfile.TemporaryFile() as plain:
        kept = _write(sessions, shelf, plain)
        plain.seek(0)
        pyrage.encrypt_io(plain, stream, [key])
    return kept


def _write(sessions: sessionmaker[Session], shelf: Shelf, stream: IO[bytes]) -> Kept:
    rows, missing, parts = 0, [], dict[str, str]()
    with open_snapshot(sessions) as session, tarfile.open(fileobj=stream, mode="w:gz") as archive:
        connection = session.connection()
        revision, _ = pending_revisions(connection.engine)
        for table in TABLES:
            with tempfile.SpooledTemporaryFile(IN_MEMORY) as lines:
                rows += _spool(lines, table_lines(connection, table)) - 1
                _add(archive, parts, f"tables/{table.name}.jsonl", lines)
        tokens = session.scalars(select(Attachment.token).order_by(Attachment.token)).all()
        for token in tokens:
            try:
                with shelf.path(token).open("rb") as file:
                    _add(archive, parts, f"attachments/{token}", file)
            except FileNotFoundError:  # taken away since the snapshot, or lost before
                missing.append(token)
        manifest = Manifest(FORMAT, revision or "", __version__, dt.datetime.now(dt.UTC).isoformat(), parts)
        _add(archive, {}, MANIFEST, io.BytesIO(json.dumps(asdict(manifest), indent=1).encode()))
    return Kept(rows, len(tokens) - len(missing), tuple(missing))


def _spool(file: IO[bytes], lines: Iterable[bytes]) -> int:
    count = 0
    for line in lines:
        file.write(line)
        count += 1
    return count


def _add(archive: tarfile.TarFile, parts: dict[str, str], name: str, file: IO[bytes]) -> None:
    """Put what `file` holds into the archive as `name`, and its hash into `parts`."""
    info = tarfile.TarInfo(name)
    info.size = file.seek(0, io.SEEK_END)
    file.seek(0)
    parts[name] = sha256_of(file)
    file.seek(0)
    archive.addfile(info, file)


def sha256_of(file: IO[bytes]) -> str:
    """The hash of what is left to read of `file`."""
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()
