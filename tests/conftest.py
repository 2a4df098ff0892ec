"""Fixtures: databases, the rows they hold, and a browser without a screen.

Whatever a test needs and the machine lacks makes it skip with the reason, or fail where CI=true.
"""

import datetime as dt
import gc
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from access_objects import PARTS
from access_world import attached_files, imported_files, written_workbooks
from argon2 import PasswordHasher
from bs4 import BeautifulSoup
from closing_runs import finished_closing
from databases import (
    blank_engine,
    engine,
    postgresql_copy,
    postgresql_databases,
    postgresql_engine,
    postgresql_server,
    postgresql_template,
    sqlite_engine,
    sqlite_template,
)
from flask import Flask
from needs import PROGRAMS, lacking
from programs import program
from providers import oidc_provider
from small_world import add_small_register, add_small_world
from sqlalchemy import Engine, delete, event, select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

import models
from planner.app import configure, create_app
from planner.config import Settings
from planner.db import open_engine, open_sessions
from planner.jobs.handlers import HANDLERS
from planner.services import passwords
from planner.services.accounts import load_actor
from planner.services.demo_accounts import DemoAccount, seed_demo_accounts
from planner.services.jobs import run_now
from planner.services.permissions import OPERATOR, Actor
from planner.services.planning import run_plan
from planner.services.publishing.publish import publish_plan
from planner.services.scenarios.keeping import put_adjustment, save_scenario

__all__ = [
    "attached_files",
    "blank_engine",
    "engine",
    "imported_files",
    "oidc_provider",
    "postgresql_copy",
    "postgresql_databases",
    "postgresql_engine",
    "postgresql_server",
    "postgresql_template",
    "program",
    "sqlite_engine",
    "sqlite_template",
    "written_workbooks",
]
"""The fixtures that stand in a module of their own."""


gc.set_threshold(20_000, 50, 50)  # what thousands of tests keep is looked through less often: a quarter of their time


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--api-examples", type=int, default=0, help="Other requests each time, so many for each operation of the API."
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, programs in PROGRAMS.items():
        if item.get_closest_marker(marker) and not any(map(shutil.which, programs)):
            lacking(f"none of {', '.join(programs)} is installed")


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Argon2 at its least cost: at its real one the tests would spend their time on sign-ins."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def costly_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 as it is outside the tests."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher())


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """The factory of sessions on `engine`."""
    return open_sessions(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One session on `engine`; nothing is committed unless the test does it."""
    with sessions() as session:
        yield session


@pytest.fixture
def person(sessions: sessionmaker[Session]) -> Callable[..., Actor]:
    """Makes an account of a role, of the ministry with that code where one is given, and returns who it is."""

    def make(role: models.Role, ministry: str | None = None, username: str | None = None) -> Actor:
        with sessions.begin() as session:
            home = session.scalars(select(models.Ministry).where(models.Ministry.code == ministry)).one_or_none()
            name = username or role.value
            user = models.User(username=name, full_name=f"คุณ{name}", password_hash="-", role=role, ministry=home)
            session.add(user)
            session.flush()
            actor = load_actor(session, user.id)
        assert actor is not None
        return actor

    return make


@pytest.fixture(scope="session")
def do_jobs() -> Callable[[sessionmaker[Session]], None]:
    """Does every job that waits in the queue of a database, here and now."""

    def do(sessions: sessionmaker[Session]) -> None:
        with sessions() as session:
            queue = select(models.Job).where(models.Job.status == models.JobStatus.QUEUED).order_by(models.Job.id)
            waiting = session.scalars(queue).all()
        for job in waiting:
            run_now(sessions, job.kind, job.subject, HANDLERS[job.kind])

    return do


@pytest.fixture
def count_queries(engine: Engine) -> Callable[[], AbstractContextManager[list[str]]]:
    """A context in which every statement that `engine` runs is noted."""

    @contextmanager
    def watch() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return watch


@pytest.fixture(scope="session")
def small_world() -> Callable[[Session], None]:
    """Adds a little of everything to a session: two ministries, three agencies, two sites, three years, six
    requirements, of which one is a draft and one ended before the horizon, and three datasets.
    """
    return add_small_world


@pytest.fixture
def world(sessions: sessionmaker[Session], small_world: Callable[[Session], None]) -> sessionmaker[Session]:
    """The factory of sessions on a database that holds the small world."""
    with sessions.begin() as session:
        small_world(session)
    return sessions


@pytest.fixture(scope="session")
def small_register() -> Callable[[Session], None]:
    """Adds the staff of the small world to a session: two levels, two roles, a norm of each, and five people.

    At the statistical office: P1 and P2, of whom P2 is a steward and an engineer, 1.1 of a person together, and retires
    in 2028. At the weather office: P3, whose contract has ended. At disease control: P4, who is seconded to the weather
    office in 2028 and away for a quarter of 2029, and P5, in training. P1 answers for the statistical office.
    """
    return add_small_register


@pytest.fixture
def staffed(world: sessionmaker[Session], small_register: Callable[[Session], None]) -> sessionmaker[Session]:
    """The factory of sessions on a database that holds the small world and its staff."""
    with world.begin() as session:
        small_register(session)
    return world


class Visitor:
    """A browser without a screen: reads every page as HTML and sends forms with the CSRF token of a page."""

    def __init__(self, app: Flask, accounts: Mapping[str, DemoAccount]) -> None:
        self.client = app.test_client()
        self.accounts = accounts

    def open(self, path: str, status: int = 200) -> BeautifulSoup:
        """The page at `path`, which must answer with `status`."""
        response = self.client.get(path)
        assert response.status_code == status, response.text
        return BeautifulSoup(response.text, "lxml")

    def send(self, path: str, data: Mapping[str, Any] | None = None) -> TestResponse:
        """Send a form to `path` with the token of this session."""
        return self.client.post(path, data={**(data or {}), "csrf_token": self.token()})

    def send_json(self, path: str, body: Mapping[str, Any]) -> TestResponse:
        """Send `body` to `path` as a script of a page does."""
        return self.client.post(path, json=body, headers={"X-CSRFToken": self.token()})

    def token(self) -> str:
        """The CSRF token of this session."""
        page = BeautifulSoup(self.client.get("/sign-in", follow_redirects=True).text, "lxml")
        token = page.select_one("input[name=csrf_token]")
        assert token
        return str(token["value"])

    def sign_in(self, role: str, **query: str) -> TestResponse:
        """Sign in as the demonstration's person of that role, or of that user name."""
        account = self.accounts[role]
        path = url_with("/sign-in", query)
        return self.send(path, {"username": account.username, "password": account.password})


def url_with(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def wide_round(session: Session) -> models.PlanningRound:
    """A planning round that is open whenever the tests run, and longer still for the Ministry of Public Health."""
    health = session.scalars(select(models.Ministry).where(models.Ministry.code == "21000")).one()
    opens_at, closes_at, until = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2020, 2120, 2121))
    return models.PlanningRound(
        code="2570-1",
        name_th="รอบที่ 1 ปี 2570",
        name_en="Round 1 of 2027",
        opens_at=opens_at,
        closes_at=closes_at,
        extensions=[models.RoundExtension(ministry=health, closes_at=until, reason="น้ำท่วมอาคาร")],
    )


@pytest.fixture(scope="session")
def web_template(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, small_world: Callable[[Session], None]
) -> tuple[Path, Mapping[str, DemoAccount]]:
    """A database to copy, with the small world, its plan solved and in force, and the demonstration's accounts.

    Each account is found by its user name, and the first of a role by the role too.
    """
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("web") / "template.db")
    engine = open_engine(f"sqlite:///{path}")
    sessions = open_sessions(engine)
    with sessions.begin() as session:
        small_world(session)
        session.add(wide_round(session))
        made = seed_demo_accounts(session)
    accounts = {name: who for who in reversed(made) for name in (who.username, who.role.value)}
    code = run_plan(sessions, OPERATOR, "แผนแรก")
    with sessions.begin() as session:
        publish_plan(session, OPERATOR, code, "มติคณะกรรมการ", seen=None)
        session.execute(delete(models.InboxItem))
    engine.dispose()
    return path, accounts


@pytest.fixture(scope="session")
def shared_app() -> Flask:
    """The routes and templates of an application, which take longer to read than most tests."""
    return create_app(Settings("sqlite://", "for the tests alone"))


@pytest.fixture
def web_app(shared_app: Flask, web_template: tuple[Path, Mapping[str, DemoAccount]], tmp_path: Path) -> Iterator[Flask]:
    """The web application on its own copy of that database."""
    path = shutil.copy(web_template[0], tmp_path / "web.db")
    settings = Settings(
        f"sqlite:///{path}",
        "for the tests alone",
        attachments=tmp_path / "attachments",
        webhook_hosts=("hooks.example.go.th",),
    )
    configure(shared_app, settings)
    shared_app.testing = True
    yield shared_app
    shared_app.extensions["engine"].dispose()


@pytest.fixture
def visitor(web_app: Flask, web_template: tuple[Path, Mapping[str, DemoAccount]]) -> Visitor:
    """A stranger at the door."""
    return Visitor(web_app, web_template[1])


@pytest.fixture
def visitor_as(visitor: Visitor) -> Callable[[str], Visitor]:
    """Signs the visitor in with a role."""

    def sign_in(role: str) -> Visitor:
        assert visitor.sign_in(role).status_code == 302
        return visitor

    return sign_in


@pytest.fixture
def what_if(web_app: Flask) -> None:
    """A scenario with an adjustment, and a sweep whose one run was cancelled."""
    with web_app.extensions["sessions"].begin() as session:
        code = save_scenario(session, OPERATOR, {"name": "ถ้าความต้องการเพิ่มขึ้น"})
        version = session.scalars(select(models.Scenario.version)).one()
        put_adjustment(session, OPERATOR, code, {"change": "20"}, kind="demand", version=version)
        scenario = session.scalars(select(models.Scenario)).one()
        session.add(models.Sweep(code="W-000001", name="ทีละน้อย", created_at=scenario.created_at))
        session.add(
            models.PlanRun(
                code="P-000099",
                name="ทีละน้อย (1/1)",
                status=models.RunStatus.CANCELLED,
                input_snapshot=b"",
                input_sha256="0" * 64,
                planner_version="0",
                created_at=scenario.created_at,
                scenario=code,
                sweep="W-000001",
                sweep_value=0.2,
                adjustments=scenario.adjustments,
            )
        )


@pytest.fixture
def closing_plan(web_app: Flask) -> None:
    """A workforce plan that is finished."""
    with web_app.extensions["sessions"].begin() as session:
        session.add(finished_closing())


@pytest.fixture
def web_register(web_app: Flask, small_register: Callable[[Session], None]) -> None:
    """The staff of the small world, in the web application's database."""
    with web_app.extensions["sessions"].begin() as session:
        small_register(session)


@pytest.fixture
def told_webhook(web_app: Flask) -> None:
    """A webhook that could not be told of a plan that was published."""
    now = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    with web_app.extensions["sessions"].begin() as session:
        webhook = models.Webhook(
            code="WH-000001",
            name="คลังข้อมูลกลาง",
            url="https://hooks.example.go.th/planner",
            events=["plan.published", "run.finished"],
            salt="0" * 64,
            created_at=now,
        )
        told = {"type": "plan.published", "timestamp": now.isoformat(), "data": {"code": "P-000001"}}
        delivery = models.WebhookDelivery(
            webhook=webhook, message="msg_1", event=told["type"], payload=told, created_at=now, due_at=now, attempts=1
        )
        failure = {"msgid": "It answered with status %(status)s.", "params": {"status": "503"}}
        delivery.tries.append(models.WebhookAttempt(at=now, milliseconds=12, answer=503, failure=failure))
        session.add(delivery)


@pytest.fixture
def page_paths(web_app: Flask, what_if: None, closing_plan: None, web_register: None, told_webhook: None) -> list[str]:
    """The address of everything that can be looked at, with the parts that the test of access has for every route."""
    looked_at = {rule.endpoint for rule in web_app.url_map.iter_rules() if "GET" in (rule.methods or ())} - {"static"}
    with web_app.test_request_context():
        return [web_app.url_for(endpoint, **PARTS.get(endpoint, {})) for endpoint in sorted(looked_at)]
