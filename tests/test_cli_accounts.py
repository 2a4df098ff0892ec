"""`planner account`: the first administrator's way in."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from models import Identity, Role
from planner.cli import main
from planner.cli.console import BAD_INPUT, WRONG
from planner.db import open_engine, open_sessions
from planner.services import emergencies
from planner.services.invitations import accept_link
from planner.services.sign_ins import Client, Credentials, Lifetimes, resume, sign_in

PASSWORD = "wat-pho-sunrise-7"
HERE = Client("10.1.2.3", "Firefox")
LIFETIMES = Lifetimes(idle=dt.timedelta(hours=1), absolute=dt.timedelta(hours=8))


@pytest.fixture
def sessions(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = shutil.copy(sqlite_template, tmp_path / "planner.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANNER_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setenv("PLANNER_ADDRESS", "https://planner.example")
    engine = open_engine(f"sqlite:///{path}")
    yield open_sessions(engine)
    engine.dispose()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["account", *arguments])


def use(sessions, link: str) -> None:
    address, _, token = link.strip().rpartition("/")
    assert address == "https://planner.example/password"
    with sessions.begin() as session:
        accept_link(session, token, PASSWORD, dt.datetime.now(dt.UTC))


def test_the_first_administrator_is_invited_and_signs_in(sessions) -> None:
    invited = run("invite", "admin", "--name", "ผู้ดูแล")
    assert invited.exit_code == 0, invited.output
    use(sessions, invited.stdout)
    now = dt.datetime.now(dt.UTC)
    token = sign_in(sessions, Credentials("admin", PASSWORD), HERE, LIFETIMES, now)
    with sessions() as session:
        assert resume(session, token, HERE, LIFETIMES, now).actor.role is Role.ADMINISTRATOR


def test_a_new_link_replaces_the_one_before(sessions) -> None:
    run("invite", "admin", "--name", "ผู้ดูแล")
    link = run("link", "admin", "--language", "en")
    assert "The link works once" in link.stderr
    use(sessions, link.stdout)


def test_faults_are_listed_and_nothing_is_made(sessions) -> None:
    refused = run("invite", "two words", "--name", " ", "--role", "ministry_planner", "--language", "en")
    assert refused.exit_code == BAD_INPUT
    assert [line.split(":")[0].strip() for line in refused.stderr.splitlines()[1:]] == [
        "username",
        "full_name",
        "ministry",
    ]
    assert run("link", "nobody").exit_code == BAD_INPUT


def test_an_emergency_link_is_the_last_way_in(sessions) -> None:
    run("invite", "admin", "--name", "ผู้ดูแล")
    link = run("emergency", "admin", "--language", "en")
    assert "signs in once, without password and second factor, until" in link.stderr
    address, _, token = link.stdout.strip().rpartition("/")
    assert address == "https://planner.example/emergency"
    now = dt.datetime.now(dt.UTC)
    with sessions.begin() as session:
        signed_in = emergencies.enter(session, token, HERE, LIFETIMES, now)
        assert resume(session, signed_in, HERE, LIFETIMES, now).actor.username == "admin"
    assert run("emergency", "nobody").exit_code == BAD_INPUT


def test_an_account_is_linked_to_a_person_of_the_provider(sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    run("invite", "admin", "--name", "ผู้ดูแล")
    assert "PLANNER_OIDC_ISSUER" in run("identity", "admin", "s-1").stderr
    monkeypatch.setenv("PLANNER_OIDC_ISSUER", "https://login.example")
    monkeypatch.setenv("PLANNER_OIDC_CLIENT_ID", "planner")
    monkeypatch.setenv("PLANNER_OIDC_GROUPS", '{"admins": "administrator"}')
    linked = run("identity", "admin", "s-1", "--language", "en")
    assert linked.stdout == "admin comes by the provider from now on.\n", linked.stderr
    with sessions() as session:
        assert session.scalars(select(Identity.subject)).one() == "s-1"
    assert run("identity", "admin", "s-1").exit_code == WRONG
