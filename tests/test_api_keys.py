"""Idempotency keys, wherever a request ends: its work and its answer are both there afterwards, or neither."""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from programs import Program
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

import models
from models import Role
from planner.api import running
from planner.app import configure
from planner.config import Settings
from planner.errors import ConflictError
from planner.mail import MAILER, Mail, Mailer
from planner.services import answers, attachments, planning
from planner.services.importing import uploads
from planner.services.tokens import SCOPES

Send = Callable[..., TestResponse]
OBJECT = "/objects/requirement:R-000001"
KEY = {"Idempotency-Key": "once"}


@dataclass(frozen=True)
class Case:
    """A request that makes something, whose table that is, and who may send it."""

    path: str
    body: Mapping[str, Any]
    table: type[models.Base]
    role: Role = Role.DE_PLANNER


INVITED = {"username": "new", "full_name": "คนใหม่", "email": "new@example.go.th", "role": "auditor"}
SWEPT = {"kind": "demand", "from": 0.1, "to": 0.3, "steps": 3}
ENTERED = {"title": "ใหม่", "agency": "21004", "priority": "high", "clearance": "open", "start_year": 2027}
CASES = {
    "plan": Case("/plans", {"name": "แผน"}, models.PlanRun),
    "sweep": Case("/sweeps", SWEPT, models.Sweep),
    "workforce_plan": Case("/workforce-plans", {}, models.ClosingRun, Role.HR),
    "account": Case("/accounts", INVITED, models.User, Role.ADMINISTRATOR),
    "requirement": Case("/requirements", ENTERED, models.Requirement),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
def app(shared_app: Flask, engine: Engine, world: sessionmaker[Session], tmp_path: Path) -> Iterator[Flask]:
    """The application on the small world, on each database; failures are answered as they are to people."""
    url = engine.url.render_as_string(hide_password=False)
    configure(shared_app, Settings(url, "for the tests alone", attachments=tmp_path))
    shared_app.testing = False
    yield shared_app
    shared_app.extensions["engine"].dispose()


@pytest.fixture
def send(app: Flask, person: Callable[..., Any]) -> Send:
    """Sends the request of a case, or `files` in the place of its body, under one key."""
    programs = {role: Program(app, person(role).username, SCOPES) for role in {each.role for each in CASES.values()}}

    def send(case: Case, files: Mapping[str, Any] | None = None) -> TestResponse:
        return programs[case.role].ask("POST", case.path, None if files else case.body, headers=KEY, files=files)

    return send


def count(sessions: sessionmaker[Session], table: type[models.Base]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_ends_before_its_answer_is_kept_is_undone_and_free_at_once(
    world: sessionmaker[Session], send: Send, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = count(world, case.table)
    for end in (SystemExit(), OperationalError("", {}, Exception()), RuntimeError()):  # killed, no database, a defect

        def die(*_given: object, end: BaseException = end) -> None:
            raise end

        with monkeypatch.context() as patched:
            patched.setattr(answers, "keep", die)
            if isinstance(end, SystemExit):
                with pytest.raises(SystemExit):
                    send(case)
            else:
                assert send(case).status_code in {500, 503}
        assert (count(world, case.table), count(world, models.ApiAnswer)) == (before, 0)
    assert send(case).status_code in {200, 201}
    assert count(world, case.table) == before + 1


def test_what_was_done_is_answered_though_its_answer_was_lost(
    world: sessionmaker[Session], send: Send, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = count(world, case.table)
    with monkeypatch.context() as patched:
        patched.setattr(running, "_response", lambda *_given, **_named: (_ for _ in ()).throw(SystemExit()))
        with pytest.raises(SystemExit):
            send(case)
    first, again = send(case), send(case)
    assert (first.status_code, first.headers["Idempotency-Replayed"], first.data) == (201, "true", again.data)
    assert count(world, case.table) == before + 1


def test_of_two_that_read_at_once_one_is_done_and_both_are_told_of_it(
    world: sessionmaker[Session], send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, other = planning.load_inputs, []

    def overtaken(*given: Any) -> planning.Inputs:
        monkeypatch.setattr(planning, "load_inputs", load)
        other.append(send(CASES["plan"]))
        return load(*given)

    monkeypatch.setattr(planning, "load_inputs", overtaken)
    told = send(CASES["plan"])
    assert (told.status_code, told.data, told.headers["Idempotency-Replayed"]) == (201, other[0].data, "true")
    assert "Idempotency-Replayed" not in other[0].headers
    assert (count(world, models.PlanRun), count(world, models.Job)) == (1, 1)


def test_who_fails_over_what_the_same_request_did_meanwhile_is_told_what_it_did(
    world: sessionmaker[Session], send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, other = planning.load_inputs, []

    def overtaken(*_given: Any) -> planning.Inputs:
        monkeypatch.setattr(planning, "load_inputs", load)
        other.append(send(CASES["plan"]))
        raise ConflictError

    monkeypatch.setattr(planning, "load_inputs", overtaken)
    told = send(CASES["plan"])
    assert (told.status_code, told.data, told.headers["Idempotency-Replayed"]) == (201, other[0].data, "true")
    assert count(world, models.PlanRun) == 1


@pytest.mark.parametrize(
    "slow",
    [
        (uploads, "read_upload", "/imports", 422),
        (attachments, "detect", "/objects/requirement:R-000001/attachments", 200),
    ],
    ids=["import", "attachment"],
)
def test_others_write_while_a_file_under_a_key_is_read(
    send: Send,
    world: sessionmaker[Session],
    monkeypatch: pytest.MonkeyPatch,
    slow: tuple[Any, str, str, int],
) -> None:
    """Also where there is one lock for writing, on SQLite."""
    module, name, path, status = slow
    read, wrote = getattr(module, name), []

    def reading(*given: Any) -> Any:
        with world.begin() as session:
            if session.get_bind().dialect.name == "sqlite":
                session.execute(text("PRAGMA busy_timeout = 0"))
            session.execute(update(models.Requirement).values(title="ก"))
        wrote.append(True)
        return read(*given)

    monkeypatch.setattr(module, name, reading)
    file = {"file": (io.BytesIO(b"no workbook"), "a.txt")}
    assert send(Case(path, {}, models.Requirement), files=file).status_code == status
    assert wrote


def test_a_link_that_was_never_made_is_not_mailed(app: Flask, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Mail] = []
    mailer = Mailer(SimpleNamespace(send=sent.extend), "https://planner.example")
    app.extensions["sessions"].configure(info={**app.extensions["sessions"].kw["info"], MAILER: mailer})
    with monkeypatch.context() as patched:
        patched.setattr(answers, "keep", lambda *_given: (_ for _ in ()).throw(RuntimeError()))
        assert send(CASES["account"]).status_code == 500
    told = [send(CASES["account"]).json for _ in range(2)]
    mailer.close()
    assert told[0] == told[1]
    assert (told[0]["mailed"], [mail.to for mail in sent]) == (True, ["new@example.go.th"])


def test_a_key_without_an_answer_is_free(world: sessionmaker[Session], send: Send) -> None:
    """Releases up to 0.5 left such keys where a process died."""
    case = CASES["plan"]
    assert send(case).status_code == 201
    with world.begin() as session:
        session.scalars(select(models.ApiAnswer)).one().status = None
    again = send(case)
    assert (again.status_code, again.json["code"]) == (201, "P-000002")
    assert send(case).json["code"] == "P-000002"


def test_what_changes_nothing_keeps_no_answer(world: sessionmaker[Session], app: Flask, person: Any) -> None:
    reader = Program(app, person(Role.DE_PLANNER).username, SCOPES)
    body = {"items": [{"title": "ก"}]}
    twice = [reader.ask("POST", "/requirements/check", body, headers=KEY) for _ in range(2)]
    assert [answer.status_code for answer in twice] == [200, 200]
    assert "Idempotency-Replayed" not in twice[1].headers
    assert count(world, models.ApiAnswer) == 0
