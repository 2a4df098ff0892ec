"""The examples of docs/api-examples.md, run as they stand against a served application with a worker."""

import datetime as dt
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import openpyxl
import pytest
from https_receivers import receiving, write_certificate
from needs import lacking
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from models import PlanRun, Publication, Requirement, RequirementStatus, Role, User
from planner.client import verify
from planner.db import open_engine, open_sessions
from planner.services.accounts import load_actor
from planner.services.demo_accounts import DemoAccount
from planner.services.tokens import SCOPES, NewToken, issue_token

PAGE = Path(__file__).resolve().parent.parent / "docs/api-examples.md"
EXAMPLES = re.findall(r"^```(sh|python)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
OWNERS = {
    "a-ministry-planner": Role.MINISTRY_PLANNER,
    "a-de-planner": Role.DE_PLANNER,
    "a-manager": Role.MANAGER,
    "an-administrator": Role.ADMINISTRATOR,
}
LONGEST = 60.0
"""Seconds that anything may take on a busy machine."""


def wait(until: Callable[[], object]) -> None:
    end = time.monotonic() + LONGEST
    while not until():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").is_success
    except httpx.TransportError:
        return False


@pytest.fixture
def sessions(web_template: tuple[Path, Mapping[str, DemoAccount]], tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    """Of a database as the web application's, which is served."""
    engine = open_engine(f"sqlite:///{shutil.copy(web_template[0], tmp_path / 'served.db')}")
    yield open_sessions(engine)
    engine.dispose()


@pytest.fixture
def tokens(sessions: sessionmaker[Session]) -> dict[str, str]:
    """A token of each of the people whom the examples speak of."""
    with sessions.begin() as session:
        found = {}
        for owner, role in OWNERS.items():
            key = session.scalars(select(User.id).where(User.role == role).order_by(User.id)).first()
            wanted = NewToken("example", 1, SCOPES)
            found[owner] = issue_token(session, load_actor(session, key), wanted, dt.datetime.now(dt.UTC))
    return found


@pytest.fixture
def serve(sessions: sessionmaker[Session], tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Serves the application, with a worker beside it, under settings; its address."""
    started: list[subprocess.Popen[bytes]] = []

    def start(**settings: str) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        database = sessions.kw["bind"].url.render_as_string(hide_password=False)
        environ = {**os.environ, "PLANNER_DATABASE_URL": database, "PLANNER_SECRET_KEY": "k" * 32, **settings}
        command = [sys.executable, "-m", "planner", "serve", "--port", str(port), "--worker"]
        started.append(subprocess.Popen(command, env=environ, cwd=tmp_path, stdout=subprocess.DEVNULL))
        address = f"http://127.0.0.1:{port}"
        wait(lambda: answers(address))
        return address

    yield start
    for server in started:
        server.terminate()
        try:
            server.wait(LONGEST)
        finally:
            server.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="the shell's example makes its key of /proc")
def test_the_examples_do_what_they_say(sessions, tokens, serve, tmp_path: Path) -> None:
    for program in ("curl", "jq"):
        if shutil.which(program) is None:
            lacking(f"{program} is not installed")
    certificate = write_certificate(tmp_path)
    with receiving(certificate) as receiver:
        address = serve(
            PLANNER_WEBHOOK_HOSTS=f"127.0.0.1:{receiver.port}",
            PLANNER_WEBHOOK_NETWORKS="127.0.0.0/8",
            SSL_CERT_FILE=str(certificate),
        )
        said = [run(kind, filled(text, address, tokens, receiver.port), tmp_path) for kind, text in EXAMPLES]
        wait(lambda: receiver.got)
        ((path, headers, body),) = receiver.got
    message = verify((tmp_path / "secret.txt").read_text(), headers, body)
    assert (path, message.type, message.data) == ("/planner", "test", {"code": "WH-000001"})
    with sessions() as session:
        made = session.scalars(select(Requirement).order_by(Requirement.id)).all()[6:]
        assert [(row.title, row.status, row.copies) for row in made] == [
            ("คลังข้อมูลสุขภาพ", RequirementStatus.SUBMITTED, 1),
            ("ระบบงานที่ 1", RequirementStatus.DRAFT, 2),
            ("ระบบงานที่ 2", RequirementStatus.DRAFT, 1),
            ("ระบบงานที่ 3", RequirementStatus.DRAFT, 1),
        ]
        assert made[0].note == "ตามแผนปฏิบัติการดิจิทัล"
        runs = session.scalars(select(PlanRun.name).join(Publication, Publication.run_id == PlanRun.id)).all()
        assert runs == ["แผนแรก", "แผนทดลอง"]
    shell, ministry, run_made, _ = said
    assert made[0].code in shell
    assert "agency: " in shell
    assert [line.split()[0] for line in ministry.splitlines()] == [row.code for row in made[1:]]
    assert run_made.split()[1] == "done"
    assert openpyxl.load_workbook(tmp_path / "report.xlsx").sheetnames


def filled(text: str, address: str, tokens: Mapping[str, str], port: int) -> str:
    """An example with the addresses and tokens of this test."""
    places = {
        "https://planner.example.go.th": address,
        "https://hooks.example.go.th": f"https://127.0.0.1:{port}",
        **{f"dcp_of-{owner}": token for owner, token in tokens.items()},
    }
    for place, value in places.items():
        text = text.replace(place, value)
    return text


def run(kind: str, text: str, folder: Path) -> str:
    """What an example writes; it must not fail."""
    command = ["bash", "-euo", "pipefail", "-c", text] if kind == "sh" else [sys.executable, "-c", text]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LONGEST, check=False)
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return done.stdout
