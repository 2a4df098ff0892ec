"""Put a backup back: read it whole and check it first, fill an empty database, and prove that both are equal."""

import hashlib
import json
import re
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import IO, Final

import pyrage
from sqlalchemy import Connection, Engine, func, inspect, select, text
from sqlalchemy.exc import OperationalError, StatementError

from models import AuditEntry, User
from planner.db import migrate, pending_revisions
from planner.errors import ConflictError, Fault, ForbiddenError, InvalidInputError, fault
from planner.services.attachments import Shelf
from planner.services.backups.rows import CHUNK, TABLES, read_rows, table_lines
from planner.services.backups.writing import FORMAT, MANIFEST, Kept, Manifest, sha256_of
from planner.services.permissions import OPERATOR, Actor
from planner.text import N_, Phrase

ENCRYPTED: Final = b"age-encryption.org/"
MANIFEST_BYTES: Final = 64 * 1024 * 1024
_FILE: Final = re.compile(r"attachments/([0-9a-f]{32})")


def restore_backup(
    engine: Engine, actor: Actor, shelf: Shelf, stream: IO[bytes], identity: str | None = None
) -> tuple[Manifest, Kept]:
    """Fill the empty database behind `engine` and the shelf with what `stream` holds; `identity` is the secret key.

    The backup is read to its end before anything is written, all rows are stored in one transaction, and it commits
    only where what the database then holds gives the very hashes of the manifest. Files that the shelf holds already,
    of a restore that was killed or of a database that was lost alone, stay there. `InvalidInputError` for what is no
    whole backup or cannot be decrypted, `ConflictError` where the database is in use or of another revision.
    """
    if actor is not OPERATOR:
        raise ForbiddenError
    with _opened(stream, identity) as plain:
        manifest = _check(plain)
        _require_blank(engine, manifest)
        migrate(engine)
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # its driver would begin after the triggers are gone
            put: list[str] = []
            try:
                with _told_of_rows():
                    with _unguarded(connection):
                        kept = _load(connection, plain, shelf, put)
                        _count_on(connection)
                    _prove(connection, manifest)
            except BaseException:
                for token in put:
                    shelf.remove(token)
                raise
            connection.commit()  # a database that dies over it may have kept the rows: they keep their files
    return manifest, kept


@contextmanager
def _opened(stream: IO[bytes], identity: str | None) -> Iterator[IO[bytes]]:
    """The backup without its encryption."""
    encrypted = stream.read(len(ENCRYPTED)) == ENCRYPTED
    stream.seek(0)
    if not encrypted:
        yield stream
        return
    if identity is None:
        raise InvalidInputError([fault("identity", "encrypted", N_("The backup is encrypted. Give the secret key."))])
    with tempfile.TemporaryFile() as plain:
        try:
            pyrage.decrypt_io(stream, plain, [pyrage.x25519.Identity.from_str(identity.strip())])
        except (pyrage.IdentityError, pyrage.DecryptError):
            raise InvalidInputError(
                [fault("identity", "wrong_key", N_("The backup cannot be read with this secret key."))]
            ) from None
        yield plain


def _parts(plain: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """Every part of the archive by its name; nothing is ever written where a name would lead."""
    plain.seek(0)
    with tarfile.open(fileobj=plain, mode="r:gz") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is None:
                raise tarfile.TarError(member.name)
            yield member.name, content


def _check(plain: IO[bytes]) -> Manifest:
    """The manifest, every hash of which was found true."""
    try:
        found, manifest = _read(plain)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, TypeError):
        raise InvalidInputError([_damaged()]) from None
    tables = [f"tables/{table.name}.jsonl" for table in TABLES]
    if manifest.format != FORMAT or manifest.parts != found:
        raise InvalidInputError([_damaged()])
    if [name for name in found if not _FILE.fullmatch(name)] != tables:
        raise ConflictError(_other_version(manifest))
    return manifest


def _read(plain: IO[bytes]) -> tuple[dict[str, str], Manifest]:
    """The hash of every part, and the manifest at the end."""
    found: dict[str, str] = {}
    ends: list[bytes] = []
    for name, content in _parts(plain):
        if name == MANIFEST:
            ends.append(content.read(MANIFEST_BYTES))
        elif name in found:
            raise ValueError(f"{name} stands there twice")
        else:
            found[name] = sha256_of(content)
    (end,) = ends
    return found, Manifest(**json.loads(end))


def _require_blank(engine: Engine, manifest: Manifest) -> None:
    """`ConflictError` unless nobody ever used the database and the newest tables are those of the backup."""
    present, newest = pending_revisions(engine)
    if manifest.revision != newest:
        raise ConflictError(_other_version(manifest))
    if present is None and inspect(engine).get_table_names():
        raise ConflictError(Phrase(N_("The database holds tables that are not the planner's.")))
    if present == newest:
        with engine.connect() as connection:
            used = [connection.scalar(select(func.count()).select_from(table)) for table in (AuditEntry, User)]
        if any(used):
            raise ConflictError(Phrase(N_("The database is in use. A backup is put back into an empty one.")))


@contextmanager
def _unguarded(connection: Connection) -> Iterator[None]:
    """Without the triggers that keep finished runs and the audit log as they are: they would refuse them as new."""
    if connection.dialect.name == "sqlite":
        triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _ in triggers:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        yield
        for _, statement in triggers:
            connection.exec_driver_sql(statement)
        return
    for table in TABLES:
        connection.exec_driver_sql(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER')
    yield
    for table in TABLES:
        connection.exec_driver_sql(f'ALTER TABLE "{table.name}" ENABLE TRIGGER USER')


@contextmanager
def _told_of_rows() -> Iterator[None]:
    """`InvalidInputError` for rows that no database of ours would hold, whatever hashes they came with."""
    try:
        yield
    except OperationalError:  # the disk is full, or the database is away
        raise
    except (ArithmeticError, RecursionError, TypeError, ValueError, StatementError) as error:
        raise InvalidInputError([_damaged()]) from error


def _load(connection: Connection, plain: IO[bytes], shelf: Shelf, put: list[str]) -> Kept:
    """Store every row and file, the rows that the migrations made taken away first; how many of each there are.

    The tokens of the files that were not on the shelf go into `put`.
    """
    count, files, tables = 0, 0, {f"tables/{table.name}.jsonl": table for table in TABLES}
    for table in reversed(TABLES):
        connection.execute(table.delete())
    for name, content in _parts(plain):
        if (table := tables.get(name)) is not None:
            rows = read_rows(table, iter(content))
            while chunk := list(islice(rows, CHUNK)):
                connection.execute(table.insert(), chunk)
                count += len(chunk)
        elif file := _FILE.fullmatch(name):
            files += 1
            if not shelf.holds(token := file[1], whole := content.read()):
                put.append(token)
                shelf.remove(token)  # what was killed may have left half of it
                shelf.put(token, whole)
    return Kept(count, files, ())


def _count_on(connection: Connection) -> None:
    """Let PostgreSQL's sequences go on after the largest keys; SQLite does so by itself."""
    if connection.dialect.name == "sqlite":
        return
    for table in TABLES:
        key = table.autoincrement_column
        if key is not None:
            connection.execute(
                select(
                    func.setval(
                        func.pg_get_serial_sequence(table.name, key.name),
                        func.coalesce(select(func.max(key)).scalar_subquery(), 1),
                        select(func.count() > 0).select_from(table).scalar_subquery(),
                    )
                )
            )


def _prove(connection: Connection, manifest: Manifest) -> None:
    """`InvalidInputError` unless the database now gives the very lines that the backup holds."""
    for table in TABLES:
        digest = hashlib.sha256()
        for line in table_lines(connection, table):
            digest.update(line)
        if digest.hexdigest() != manifest.parts[f"tables/{table.name}.jsonl"]:
            unequal = N_("Put back, the table %(table)s is not what it was. Nothing was stored.")
            raise InvalidInputError([fault(table.name, "not_equal", unequal, table=table.name)])


def _damaged() -> Fault:
    return fault("", "damaged_backup", N_("This is no backup, or it is damaged or incomplete."))


def _other_version(manifest: Manifest) -> Phrase:
    return Phrase(
        N_("The backup is of planner %(version)s (%(revision)s). Put it back with that version, then upgrade."),
        {"version": manifest.planner_version, "revision": manifest.revision},
    )
