"""Files attached to objects: what is taken, where it lies, who gets at it, and that it goes."""

import hashlib
import io
import stat

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from models import Attachment, AuditEntry, Role
from planner.errors import ForbiddenError, InvalidInputError, NotFoundError
from planner.services.attachments import (
    AttachedFile,
    Shelf,
    Upload,
    attach,
    detach,
    find_download,
    list_attachments,
)
from planner.services.permissions import Actor

OURS, THEIRS = "requirement:R-000001", "requirement:R-000002"


@pytest.fixture
def shelf(tmp_path) -> Shelf:
    return Shelf(tmp_path / "shelf", file_bytes=100, subject_bytes=150, total_bytes=250)


@pytest.fixture
def planner(world, person) -> Actor:
    return person(Role.MINISTRY_PLANNER, "21000")


@pytest.fixture
def put(world, shelf, planner):
    """Attaches a file and gives it back as it is listed."""

    def make(content: bytes = b"%PDF-1.7", name: str = "แผน.pdf", subject: str = OURS, actor=planner) -> AttachedFile:
        with world.begin() as session:
            attach(session, actor, shelf, subject, Upload(name, io.BytesIO(content)))
        with world() as session:
            return list_attachments(session, actor, subject)[-1]

    return make


def files(shelf: Shelf) -> list[str]:
    return sorted(path.name for path in shelf.folder.rglob("*") if path.is_file())


def refused(put, **options) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        put(**options)
    return [found.code for found in caught.value.faults]


def test_a_file_lies_under_a_random_name_for_the_application_alone(put, shelf) -> None:
    listed = put(name="../แผน.exe")
    assert listed.name == "แผน.pdf"
    assert files(shelf) == [listed.token]
    path = shelf.path(listed.token)
    assert path.read_bytes() == b"%PDF-1.7"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_its_attaching_is_recorded_with_its_hash(put, world) -> None:
    put()
    with world() as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.subject == OURS))
    assert entry.action == "attached"
    digest = hashlib.sha256(b"%PDF-1.7").hexdigest()
    assert entry.changes == {"file": [None, "แผน.pdf"], "sha256": [None, digest]}


def test_every_fault_of_a_file_is_told_and_nothing_kept(put, shelf, world) -> None:
    assert refused(put, content=b"") == ["empty_file"]
    assert refused(put, content=b"MZ\0" + b"\0" * 200) == ["wrong_type", "too_large"]
    assert files(shelf) == []
    with world() as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 0


def test_an_object_and_the_shelf_hold_so_much_and_no_more(put, person) -> None:
    put(b"a" * 100)
    assert refused(put, content=b"a" * 51) == ["subject_full"]
    put(b"a" * 50)
    reviewer = person(Role.DE_PLANNER)
    put(b"a" * 100, subject=THEIRS, actor=reviewer)
    assert refused(put, content=b"a", subject="requirement:R-000003", actor=reviewer) == ["shelf_full"]


def test_one_person_does_not_fill_what_all_share(world, tmp_path, person) -> None:
    shelf = Shelf(tmp_path / "shelf", person_bytes=150)
    planner, reviewer = person(Role.MINISTRY_PLANNER, "21000"), person(Role.DE_PLANNER)
    with world.begin() as session:
        attach(session, planner, shelf, OURS, Upload("a.txt", io.BytesIO(b"a" * 100)))
        with pytest.raises(InvalidInputError) as caught:
            attach(session, planner, shelf, OURS, Upload("b.txt", io.BytesIO(b"a" * 51)))
        attach(session, reviewer, shelf, OURS, Upload("c.txt", io.BytesIO(b"a" * 51)))
    assert [found.code for found in caught.value.faults] == ["person_full"]


def test_a_transaction_that_is_undone_takes_the_file_along(world, shelf, planner) -> None:
    with world() as session:
        attach(session, planner, shelf, OURS, Upload("a.pdf", io.BytesIO(b"%PDF-")))
        assert len(files(shelf)) == 1
        session.rollback()
    assert files(shelf) == []


def test_a_file_outlives_a_commit_of_which_nobody_was_told(world, shelf, planner, engine, monkeypatch) -> None:
    commit = engine.dialect.do_commit

    def commit_and_die(connection) -> None:
        commit(connection)
        raise engine.dialect.dbapi.OperationalError("the server closed the connection unexpectedly")

    with world() as session:
        attach(session, planner, shelf, OURS, Upload("a.pdf", io.BytesIO(b"%PDF-")))
        monkeypatch.setattr(engine.dialect, "do_commit", commit_and_die)
        with pytest.raises(OperationalError):
            session.commit()
        session.rollback()
        monkeypatch.undo()
    with world() as session:
        assert files(shelf) == list(session.scalars(select(Attachment.token)))


def test_a_removed_file_is_gone_once_that_is_committed(world, shelf, planner, put) -> None:
    token = put().token
    with world() as session:
        assert detach(session, planner, shelf, token) == OURS
        assert files(shelf) == [token]
        session.commit()
    assert files(shelf) == []
    with world() as session, pytest.raises(NotFoundError):
        find_download(session, planner, shelf, token)


def test_who_may_download_and_remove(world, shelf, person, put) -> None:
    reviewer, manager, auditor = person(Role.DE_PLANNER), person(Role.MANAGER), person(Role.AUDITOR)
    ours = put()
    theirs = put(subject=THEIRS, actor=reviewer)
    assert ours.removable
    with world() as session:
        for reader in (reviewer, manager, auditor):
            assert find_download(session, reader, shelf, ours.token).name == "แผน.pdf"
        for nobody in (manager, auditor):
            assert not list_attachments(session, nobody, OURS)[0].removable
            with pytest.raises(ForbiddenError):
                detach(session, nobody, shelf, ours.token)
        with pytest.raises(ForbiddenError):
            find_download(session, person(Role.HR), shelf, ours.token)
        with pytest.raises(ForbiddenError):
            attach(session, auditor, shelf, OURS, Upload("a.pdf", io.BytesIO(b"%PDF-")))
        assert list_attachments(session, reviewer, THEIRS) == (theirs,)


def test_another_ministrys_file_seems_not_to_exist(world, shelf, planner, person, put) -> None:
    token = put(subject=THEIRS, actor=person(Role.DE_PLANNER)).token
    with world() as session:
        with pytest.raises(NotFoundError):
            find_download(session, planner, shelf, token)
        with pytest.raises(NotFoundError):
            detach(session, planner, shelf, token)
        with pytest.raises(NotFoundError):
            attach(session, planner, shelf, THEIRS, Upload("a.pdf", io.BytesIO(b"%PDF-")))


def test_a_file_that_got_lost_is_not_found(world, shelf, planner, put) -> None:
    token = put().token
    shelf.remove(token)
    with world() as session, pytest.raises(NotFoundError):
        find_download(session, planner, shelf, token)
