"""The planner past one process: what compose.yaml starts, as processes on PostgreSQL behind a proxy of the test's own.

Two web servers and two workers share a database and a folder. The first server listens at one socket, the second at
that and at one of its own; a person's requests go to the two in turn, so nothing that a person sees may live in a
server's memory.
"""

import itertools
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from bs4 import BeautifulSoup
from click.testing import CliRunner, Result
from databases import PostgresqlDatabases
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

import models
from planner.cli import main
from planner.cli.doctor.database import check_database
from planner.cli.doctor.findings import Verdict
from planner.config import load_settings
from planner.db import open_engine, open_sessions
from planner.services.demo_accounts import seed_demo_accounts

COMPOSE = Path(__file__).resolve().parent.parent / "deploy/compose.yaml"
LONGEST = 180.0
"""Seconds that anything may take on a busy machine."""
HANDED_OVER = """
import os, sys
sockets = sys.argv[1].split(",")
for number, handle in enumerate(sockets, 3):
    os.dup2(int(handle), number)
os.environ.update(LISTEN_FDS=str(len(sockets)), LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, "-m", "planner", *sys.argv[2:]])
"""
"""Starts the planner as systemd does, which holds its sockets."""
MINE = "R-000001"
PAGE = f"/requirements/{MINE}"
TRUST = ssl.create_default_context()
"""Made once: each request would read the certificates of all authorities anew."""
PDF = b"%PDF-1.7\n" + b"0" * 100


@dataclass
class Person:
    """Somebody's browser behind a proxy that sends each request to the next of `ports`."""

    ports: Sequence[int]
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._turns = itertools.cycle(self.ports)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer of the server whose turn it is."""
        headers = {
            "Host": "planner.example.go.th",
            "X-Forwarded-For": "203.0.113.7",
            "X-Forwarded-Host": "planner.example.go.th",
            "X-Forwarded-Proto": "https",
            "Referer": "https://planner.example.go.th/",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        answer = httpx.request(
            method,
            f"http://127.0.0.1:{next(self._turns)}{path}",
            headers=headers,
            timeout=LONGEST,
            verify=TRUST,
            **more,
        )
        for line in answer.headers.get_list("Set-Cookie"):
            assert "Secure" in line
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer

    def open(self, path: str) -> BeautifulSoup:
        """The page at `path`."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-500:])
        return BeautifulSoup(answer.text, "lxml")

    def send(self, path: str, page: str, data: Mapping[str, Any], **more: Any) -> httpx.Response:
        """Send a form with the token that stands on `page`."""
        token = self.open(page).select_one("input[name=csrf_token]")["value"]
        return self.ask("POST", path, data={**data, "csrf_token": token}, **more)


class Deployment:
    """The services of compose.yaml on `url` instead of their own database, with free ports of loopback."""

    def __init__(self, url: str, folder: Path, processes: ExitStack) -> None:
        services = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
        self._commands = {name: service["command"] for name, service in services.items() if "command" in service}
        given = {"PLANNER_SECRET_KEY": "0123456789abcdef" * 4, "PLANNER_ADDRESS": "https://planner.example.go.th"}
        settings = {
            name: re.sub(r"\$\{(\w+)[^}]*\}", lambda found: given.get(found[1], ""), value)
            for name, value in services["web"]["environment"].items()
        }
        own = {"PLANNER_DATABASE_URL": url, "PLANNER_ATTACHMENTS": str(folder / "attachments")}
        self.settings = settings | own
        self.folder, self._processes = folder, processes

    def run(self, service: str) -> Result:
        """Do a service's work to its end, in this process."""
        return CliRunner().invoke(main, self._commands[service], env=self.settings)

    def start(self, service: str, name: str, listeners: Sequence[socket.socket] = ()) -> subprocess.Popen[bytes]:
        """A process of a service; a web server, of one process, listens at the sockets that are handed over."""
        arguments = self._commands[service]
        handles = [listener.fileno() for listener in listeners]
        if handles:
            arguments = ["-c", HANDED_OVER, ",".join(map(str, handles)), *arguments, "--workers", "1"]
        else:
            arguments = ["-m", "planner", *arguments]
        log = self._processes.enter_context(self.log(name).open("wb"))
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, **self.settings},
            cwd=self.folder,
            pass_fds=handles,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        self._processes.callback(process.wait)
        self._processes.callback(process.kill)
        return process

    def log(self, name: str) -> Path:
        """What the process called `name` writes."""
        return self.folder / f"{name}.log"


@pytest.fixture
def blank_postgresql(postgresql_databases: PostgresqlDatabases) -> Iterator[Engine]:
    url = postgresql_databases.create()
    engine = open_engine(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    postgresql_databases.drop(url)


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST
    while not until():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


def answers(port: int) -> Callable[[], bool]:
    def ask() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=30, verify=TRUST).status_code == 200
        except httpx.TransportError:
            return False

    return ask


@contextmanager
def commenting(ports: Sequence[int], cookies: Mapping[str, str], token: str) -> Iterator[list[str]]:
    """While it lasts four people comment without a pause; what was acknowledged."""
    said: list[str] = []
    errors: list[Exception] = []
    stopping = threading.Event()

    def comment(name: int) -> None:
        person = Person(ports, dict(cookies))
        for number in itertools.count():
            if stopping.is_set():
                return
            text = f"{name}-{number}"
            try:
                data = {"text": text, "csrf_token": token}
                assert person.ask("POST", f"/objects/requirement:{MINE}/comments", data=data).status_code == 302
            except Exception as error:
                errors.append(error)
                return
            said.append(text)

    threads = [threading.Thread(target=comment, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield said
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
        assert not errors, errors


def act(person: Person, page: str, action: str) -> None:
    """Take the step called `action` that a requirement's page offers."""
    form = person.open(page).select_one("form[action='/requirements/actions']")
    hidden = {field["name"]: field["value"] for field in form.select("input[type=hidden][name]")}
    assert form.select_one(f"button[value={action}]")
    assert person.ask("POST", "/requirements/actions", data={**hidden, "action": action}).status_code == 302


def submit_and_approve(ministry: Person, planner: Person) -> None:
    """With a file that comes in through one server and is read through both."""
    document = ("หนังสือ.pdf", PDF, "application/pdf")
    attachments = f"/objects/requirement:{MINE}/attachments"
    assert ministry.send(attachments, PAGE, {}, files={"file": document}).status_code == 302
    link = ministry.open(PAGE).select_one("a[href^='/attachments/']")["href"]
    assert [ministry.ask("GET", link).content for _ in ministry.ports] == [PDF, PDF]
    act(ministry, PAGE, "submit")
    act(planner, PAGE, "approve")


def run_and_report(planner: Person) -> None:
    """Whichever worker takes the jobs up."""
    asked = planner.send("/plans/", "/plans/", {"name": "แผนจากหลายเครื่อง"})
    assert asked.headers["Location"] == "/plans/P-000001"
    wait(lambda: planner.ask("GET", "/jobs/plan_run/P-000001.json").json()["finished"])
    reports = "/plans/P-000001/reports"
    assert planner.send(reports, reports, {}).status_code == 302
    wait(lambda: planner.ask("GET", f"{reports}/th.zip").status_code == 200)


def publish_and_leave(manager: Person, ministry: Person) -> None:
    """Read by whom it concerns; and who signs out at one server is signed out at both."""
    publication = {"note": "มติคณะกรรมการ", "seen": ""}
    assert manager.send("/publishing/P-000001", "/publishing/P-000001", publication).status_code == 302
    assert "มติคณะกรรมการ" in ministry.open("/outcome/21000").main.get_text()
    left = Person(manager.ports, dict(manager.cookies))
    assert manager.send("/sign-out", "/publishing/", {}).status_code == 302
    assert [left.ask("GET", "/publishing/").status_code for _ in left.ports] == [302, 302]


def test_two_servers_and_two_workers_do_the_main_job_and_lose_nothing_when_a_server_ends(
    blank_postgresql: Engine, tmp_path: Path, small_world: Callable[[Session], None]
) -> None:
    sessions = open_sessions(blank_postgresql)
    with ExitStack() as processes:
        deployment = Deployment(blank_postgresql.url.render_as_string(hide_password=False), tmp_path, processes)
        assert deployment.run("init").exit_code == 0
        with sessions.begin() as session:
            small_world(session)
            draft = update(models.Requirement).where(models.Requirement.code == MINE)
            session.execute(draft.values(status=models.RequirementStatus.DRAFT))
            accounts = {account.username: account for account in seed_demo_accounts(session)}
        listeners = [processes.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        servers = [deployment.start("web", "first", listeners[:1]), deployment.start("web", "second", listeners)]
        workers = [deployment.start("worker", f"worker-{number}") for number in range(2)]
        ports = [listener.getsockname()[1] for listener in listeners]
        for port in ports:
            wait(answers(port))

        def enter(name: str) -> Person:
            person = Person(ports)
            who = {"username": name, "password": accounts[name].password}
            assert person.send("/sign-in", "/sign-in", who).status_code == 302
            return person

        ministry, planner = enter("ministry"), enter("planner")
        submit_and_approve(ministry, planner)
        run_and_report(planner)
        publish_and_leave(enter("manager"), ministry)
        for server in ("first", "second"):
            assert deployment.log(server).read_text("utf-8").count('"event": "request"') > 5, "both had their part"
        findings = list(check_database(load_settings(deployment.settings), deep=True))
        assert [finding for finding in findings if finding.verdict is not Verdict.SOUND] == []

        # One server ends while people go on working at the socket that it shares.
        token = planner.open(PAGE).select_one("input[name=csrf_token]")["value"]
        with commenting(ports[:1], planner.cookies, token) as said:
            wait(lambda: len(said) >= 20)
            servers[0].terminate()
            assert servers[0].wait(LONGEST) == 0
            before = len(said)
            wait(lambda: len(said) >= before + 20)
        with sessions() as session:
            stored = session.scalars(select(models.Comment.text)).all()
        assert sorted(stored) == sorted(said), "each that was acknowledged, once"

        for process in (servers[1], *workers):
            process.terminate()
        assert [process.wait(LONGEST) for process in (servers[1], *workers)] == [0, 0, 0]
        with sessions() as session:
            assert session.scalar(select(func.count()).select_from(models.Worker)) == 0
