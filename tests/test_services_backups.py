"""Backups: whole, taken while in use, refused where damaged, and put back to the last hash on either database."""

import datetime as dt
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

import models
from planner.db import migrate, open_engine, open_sessions
from planner.errors import ConflictError, ForbiddenError, InvalidInputError
from planner.services import audit
from planner.services.attachments import Shelf, Upload, attach
from planner.services.backups import restore_backup, write_backup
from planner.services.permissions import OPERATOR, Actor
from planner.services.planning import load_plan, run_plan

PDF = b"%PDF-1.7\n" + b"0" * 100


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "attachments")


@pytest.fixture
def used(staffed: sessionmaker[Session], person: Callable[..., Actor], shelf: Shelf) -> sessionmaker[Session]:
    """An installation that was used: a plan run, a file, an audit log, staff."""
    planner = person(models.Role.DE_PLANNER)
    run_plan(staffed, OPERATOR, "แผน")
    with staffed.begin() as session:
        attach(session, planner, shelf, "requirement:R-000001", Upload("หนังสือ.pdf", io.BytesIO(PDF)))
    return staffed


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A second database, on which no migration has run."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'second.db'}")
        yield engine
        engine.dispose()
        return
    databases = request.getfixturevalue("postgresql_databases")
    url = databases.create()
    engine = open_engine(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    databases.drop(url)


def backup_of(sessions: sessionmaker[Session], shelf: Shelf, recipient: str | None = None) -> bytes:
    stream = io.BytesIO()
    write_backup(sessions, OPERATOR, shelf, stream, recipient)
    return stream.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}


def test_a_backup_is_put_back_equal_on_the_other_database_too(
    used: sessionmaker[Session], shelf: Shelf, empty: Engine, tmp_path: Path
) -> None:
    content = backup_of(used, shelf)
    second = Shelf(tmp_path / "second")
    manifest, kept = restore_backup(empty, OPERATOR, second, io.BytesIO(content))
    assert (kept.files, kept.missing) == (1, ())
    sessions = open_sessions(empty)
    again = parts_of(backup_of(sessions, second))
    first = parts_of(content)
    assert {name: part for name, part in again.items() if name != "manifest.json"} == {
        name: part for name, part in first.items() if name != "manifest.json"
    }
    assert json.loads(again["manifest.json"])["parts"] == manifest.parts
    with sessions() as session, used() as original:
        assert load_plan(session, OPERATOR, "P-000001") == load_plan(original, OPERATOR, "P-000001")
        assert not audit.verify_chain(session, OPERATOR).breaks


def test_what_was_put_back_goes_on_and_is_guarded_as_before(
    used: sessionmaker[Session], shelf: Shelf, empty: Engine, tmp_path: Path
) -> None:
    restore_backup(empty, OPERATOR, Shelf(tmp_path / "second"), io.BytesIO(backup_of(used, shelf)))
    sessions = open_sessions(empty)
    assert run_plan(sessions, OPERATOR, "ต่อ") == "P-000002", "keys go on where they were"
    with sessions() as session:
        entry = session.scalars(select(models.AuditEntry)).first()
        assert entry is not None
        entry.note = "เปลี่ยน"
        with pytest.raises(Exception, match="only ever added to"):
            session.flush()


def test_an_encrypted_backup_is_read_with_the_secret_key_alone(
    used: sessionmaker[Session], shelf: Shelf, sqlite_blank: Engine, tmp_path: Path
) -> None:
    key, stranger = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    content = backup_of(used, shelf, str(key.to_public()))
    assert content.startswith(b"age-encryption.org/")
    for secret, code in ((None, "encrypted"), (str(stranger), "wrong_key"), ("AGE-SECRET-KEY-1", "wrong_key")):
        with pytest.raises(InvalidInputError) as error:
            restore_backup(sqlite_blank, OPERATOR, Shelf(tmp_path / "second"), io.BytesIO(content), secret)
        assert error.value.faults[0].code == code
    _, kept = restore_backup(sqlite_blank, OPERATOR, Shelf(tmp_path / "second"), io.BytesIO(content), str(key))
    assert kept.files == 1


@pytest.fixture
def sqlite_blank(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'blank.db'}")
    yield engine
    engine.dispose()


def test_a_key_that_is_none_is_refused(sessions: sessionmaker[Session], shelf: Shelf) -> None:
    with pytest.raises(InvalidInputError) as error:
        write_backup(sessions, OPERATOR, shelf, io.BytesIO(), "age1nonsense")
    assert error.value.faults[0].code == "not_a_key"


def changed(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The archive with its parts changed."""
    parts = parts_of(content)
    change(parts)
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, part in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(part)
            archive.addfile(info, io.BytesIO(part))
    return stream.getvalue()


def _other_digit(parts: dict[str, bytes]) -> None:
    parts["tables/demand_line.jsonl"] = parts["tables/demand_line.jsonl"].replace(b"60", b"61", 1)


def _no_manifest(parts: dict[str, bytes]) -> None:
    del parts["manifest.json"]


def _one_more(parts: dict[str, bytes]) -> None:
    parts["../../etc/passwd"] = b"root"


def _less(parts: dict[str, bytes]) -> None:
    del parts["tables/comment.jsonl"]


@pytest.mark.parametrize("change", [_other_digit, _no_manifest, _one_more, _less])
def test_a_changed_backup_is_refused_before_anything_is_written(
    world: sessionmaker[Session], shelf: Shelf, sqlite_blank: Engine, tmp_path: Path,
    change: Callable[[dict[str, bytes]], None],
) -> None:  # fmt: skip
    content = changed(backup_of(world, shelf), change)
    with pytest.raises(InvalidInputError):
        restore_backup(sqlite_blank, OPERATOR, Shelf(tmp_path / "second"), io.BytesIO(content))
    assert not (tmp_path / "second").exists()


def _other_column(parts: dict[str, bytes]) -> None:
    parts["tables/site.jsonl"] = parts["tables/site.jsonl"].replace(b'"code"', b'"cord"', 1)


def _number_for_a_row(parts: dict[str, bytes]) -> None:
    parts["tables/site.jsonl"] += b"1\n"


def _row_twice(parts: dict[str, bytes]) -> None:
    parts["tables/site.jsonl"] += parts["tables/site.jsonl"].splitlines(keepends=True)[-1]


def _reference_to_nothing(parts: dict[str, bytes]) -> None:
    parts["tables/region.jsonl"] = parts["tables/region.jsonl"].splitlines(keepends=True)[0]


def _structure_for_a_value(parts: dict[str, bytes]) -> None:
    parts["tables/site.jsonl"] = parts["tables/site.jsonl"].replace(b'"BKK1"', b'{"a":[]}', 1)


def _number_beyond_all(parts: dict[str, bytes]) -> None:
    header, first, *rest = parts["tables/region.jsonl"].splitlines(keepends=True)
    parts["tables/region.jsonl"] = b"".join([header, first.replace(b"1", b"9" * 30), *rest])


def _number_that_is_none(parts: dict[str, bytes]) -> None:
    parts["tables/dataset.jsonl"] = parts["tables/dataset.jsonl"].replace(b'["mission","public_service"]', b"[NaN]", 1)
    assert b"NaN" in parts["tables/dataset.jsonl"]


@pytest.mark.parametrize(
    "change",
    [
        _number_that_is_none,
        _other_column,
        _number_for_a_row,
        _row_twice,
        _reference_to_nothing,
        _structure_for_a_value,
        _number_beyond_all,
    ],
)
def test_rows_that_no_database_would_hold_are_refused_whatever_hashes_they_came_with(
    world: sessionmaker[Session], shelf: Shelf, sqlite_blank: Engine, change: Callable[[dict[str, bytes]], None]
) -> None:
    def forge(parts: dict[str, bytes]) -> None:
        change(parts)
        manifest = json.loads(parts.pop("manifest.json"))
        manifest["parts"] = {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()}
        parts["manifest.json"] = json.dumps(manifest).encode()

    with pytest.raises(InvalidInputError) as error:
        restore_backup(sqlite_blank, OPERATOR, shelf, io.BytesIO(changed(backup_of(world, shelf), forge)))
    assert error.value.faults[0].code == "damaged_backup"
    with sqlite_blank.connect() as connection:
        assert not connection.scalar(select(func.count()).select_from(models.Site))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x1f\x8b" + b"\0" * 40])
def test_what_is_no_backup_is_refused(sqlite_blank: Engine, shelf: Shelf, content: bytes) -> None:
    with pytest.raises(InvalidInputError):
        restore_backup(sqlite_blank, OPERATOR, shelf, io.BytesIO(content))


def test_a_backup_cut_off_is_refused(world: sessionmaker[Session], shelf: Shelf, sqlite_blank: Engine) -> None:
    content = backup_of(world, shelf)
    for length in (len(content) // 3, len(content) * 9 // 10):
        with pytest.raises(InvalidInputError):
            restore_backup(sqlite_blank, OPERATOR, shelf, io.BytesIO(content[:length]))


@pytest.mark.parametrize("left", [PDF, PDF[:10]], ids=["whole", "half"])
def test_files_that_are_on_the_shelf_already_stand_against_nothing(
    used: sessionmaker[Session], shelf: Shelf, sqlite_blank: Engine, left: bytes
) -> None:
    content = backup_of(used, shelf)
    with used() as session:
        token = session.scalars(select(models.Attachment.token)).one()
    shelf.path(token).write_bytes(left)
    _, kept = restore_backup(sqlite_blank, OPERATOR, shelf, io.BytesIO(content))
    assert kept.files == 1
    assert shelf.path(token).read_bytes() == PDF


def test_nothing_is_put_back_over_what_is_in_use(
    used: sessionmaker[Session], engine: Engine, shelf: Shelf, tmp_path: Path
) -> None:
    content = backup_of(used, shelf)
    with used() as session:
        before = session.scalar(select(func.count()).select_from(models.Requirement))
    with pytest.raises(ConflictError):
        restore_backup(engine, OPERATOR, Shelf(tmp_path / "second"), io.BytesIO(content))
    with used() as session:
        assert session.scalar(select(func.count()).select_from(models.Requirement)) == before


def test_a_backup_of_another_revision_says_which_version_reads_it(
    world: sessionmaker[Session], shelf: Shelf, sqlite_blank: Engine
) -> None:
    def older(parts: dict[str, bytes]) -> None:
        manifest = json.loads(parts["manifest.json"])
        parts["manifest.json"] = json.dumps({**manifest, "revision": "0001_first_tables"}).encode()

    with pytest.raises(ConflictError, match="0001_first_tables"):
        restore_backup(sqlite_blank, OPERATOR, shelf, io.BytesIO(changed(backup_of(world, shelf), older)))


def test_what_is_committed_meanwhile_is_not_half_in_a_backup(
    world: sessionmaker[Session], shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A requirement and its demand come in while the tables between the two are being written."""
    from planner.services.backups import writing  # noqa: PLC0415 - patched below

    lines, done = writing.table_lines, []

    def and_somebody_writes(connection: object, table: object) -> Iterator[bytes]:
        yield from lines(connection, table)
        if table.name == "requirement" and not done:
            done.append(True)
            with world.begin() as session:
                first = session.scalars(select(models.Requirement)).first()
                assert first is not None
                year = session.scalars(select(models.ResourceType)).first()
                session.add(
                    models.Requirement(
                        code="R-000099", title="ใหม่", agency=first.agency, priority=first.priority,
                        clearance=first.clearance, start_year=2027,
                        demand=[models.DemandLine(resource_type=year, year=2027, amount=777.0)],
                    )
                )  # fmt: skip

    monkeypatch.setattr(writing, "table_lines", and_somebody_writes)
    parts = parts_of(backup_of(world, shelf))
    assert done
    assert b"R-000099" not in parts["tables/requirement.jsonl"]
    assert b"777.0" not in parts["tables/demand_line.jsonl"]
    assert b"777.0" in parts_of(backup_of(world, shelf))["tables/demand_line.jsonl"]


def test_a_file_that_is_lost_is_named_and_nothing_else_fails(used: sessionmaker[Session], shelf: Shelf) -> None:
    with used() as session:
        token = session.scalars(select(models.Attachment.token)).one()
    shelf.remove(token)
    kept = write_backup(used, OPERATOR, shelf, io.BytesIO())
    assert (kept.files, kept.missing) == (0, (token,))


def test_only_who_holds_the_machine_takes_and_restores_backups(
    sessions: sessionmaker[Session], engine: Engine, shelf: Shelf, person: Callable[..., Actor]
) -> None:
    administrator = person(models.Role.ADMINISTRATOR)
    with pytest.raises(ForbiddenError):
        write_backup(sessions, administrator, shelf, io.BytesIO())
    with pytest.raises(ForbiddenError):
        restore_backup(engine, administrator, shelf, io.BytesIO())


def test_an_installation_that_was_only_set_up_may_be_filled(
    world: sessionmaker[Session], shelf: Shelf, sqlite_blank: Engine
) -> None:
    migrate(sqlite_blank)
    manifest, kept = restore_backup(sqlite_blank, OPERATOR, shelf, io.BytesIO(backup_of(world, shelf)))
    assert kept.rows > 50
    assert dt.datetime.fromisoformat(manifest.written_at).tzinfo
