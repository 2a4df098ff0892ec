"""`planner fault-test`: two rounds of it, and that it would see harm if there were any."""

import datetime as dt
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

import models
from planner.cli.faults.breaches import BROKEN, DOUBLED, HALF, LOST, REFUSED_YET_DONE
from planner.cli.faults.checks import find_breaches
from planner.cli.faults.ledger import Ledger, Outcome
from planner.cli.faults.processes import children, is_gone
from planner.cli.group import main
from planner.services.audit import record
from planner.services.comments import add_comment
from planner.services.permissions import OPERATOR, Actor
from planner.services.webhooks.addresses import Outlet
from planner.services.webhooks.events import CHOICES, Event
from planner.services.webhooks.keeping import WebhookFields, create_webhook
from planner.services.webhooks.outbox import announce

MARK = "fault-000001"
MOMENT = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """One kind of database: what is looked at is the same on both."""
    return sqlite_engine


@pytest.fixture
def planner(world: sessionmaker[Session], person) -> Actor:
    return person(models.Role.MINISTRY_PLANNER, "21000")


def breaches(
    world: sessionmaker[Session], ledger: Ledger, folder: Path, got: dict[str, bytes] | None = None
) -> list[tuple[str, str]]:
    return [(breach.kind, breach.about) for breach in find_breaches(world, ledger, folder, got or {})]


def say(world: sessionmaker[Session], who: Actor) -> None:
    with world.begin() as session:
        add_comment(session, who, "requirement:R-000001", MARK)


@pytest.mark.parametrize(
    "case",
    [
        (0, Outcome.DONE, LOST),
        (1, Outcome.DONE, None),
        (2, Outcome.DONE, DOUBLED),
        (0, Outcome.UNKNOWN, None),
        (1, Outcome.UNKNOWN, None),
        (2, Outcome.UNKNOWN, DOUBLED),
        (0, Outcome.REFUSED, None),
        (1, Outcome.REFUSED, REFUSED_YET_DONE),
    ],
)
def test_what_people_were_told_is_held_against_what_is_there(
    world, planner, tmp_path: Path, case: tuple[int, Outcome, str | None]
) -> None:
    times, outcome, harm = case
    ledger = Ledger()
    ledger.note("commented", MARK, outcome)
    for _ in range(times):
        say(world, planner)
    assert [kind for kind, _ in breaches(world, ledger, tmp_path)] == ([harm] if harm else [])


def test_of_several_tries_the_one_that_was_acknowledged_counts() -> None:
    ledger = Ledger()
    for outcome in (Outcome.UNKNOWN, Outcome.DONE, Outcome.REFUSED):
        ledger.note("created", MARK, outcome)
    assert dict(ledger.of_kind("created")) == {MARK: Outcome.DONE}


def test_what_is_half_done_shows(world, planner, tmp_path: Path) -> None:
    say(world, planner)
    with world.begin() as session:
        found = session.scalars(select(models.Requirement).where(models.Requirement.code == "R-000005")).one()
        found.title = MARK
        for line in session.scalars(select(models.DemandLine).where(models.DemandLine.requirement_id == found.id)):
            session.delete(line)
        record(session, planner, "changed", "requirement:R-000001", {"note": ("", "another")})
        session.add(
            models.Attachment(
                token="a" * 32, subject="requirement:R-000001", name="a.txt", media_type="text/plain", size=1,
                sha256="0" * 64, attached_by_id=planner.user_id, attached_at=MOMENT,
            )
        )  # fmt: skip
        session.execute(models.AuditHead.__table__.update().values(hash="0" * 64))
    found_kinds = {kind for kind, _ in breaches(world, Ledger(), tmp_path)}
    assert found_kinds == {HALF, LOST, BROKEN}


def test_what_a_webhook_was_told_is_held_against_what_happened(world, planner, tmp_path: Path) -> None:
    with world.begin() as session:
        fields = WebhookFields("fault test", "https://hooks.example/", CHOICES)
        create_webhook(session, OPERATOR, Outlet("", ("hooks.example",)), fields)
        for code in ("R-000001", "R-000002"):
            record(session, planner, "submitted", f"requirement:{code}")
        for code in ("R-000001", "R-000003"):
            announce(session, Event.REQUIREMENT_SUBMITTED, {"code": code})
    with world.begin() as session:
        sent = session.scalars(select(models.WebhookDelivery)).first()
        assert sent is not None
        sent.status = models.DeliveryStatus.DELIVERED
        message = sent.message
    told = sorted(about.partition(":")[0] for _, about in breaches(world, Ledger(), tmp_path, {"other": b"{}"}))
    once = ["requirement.submitted R-000002", "requirement.submitted R-000003"]
    assert [about.partition(" of ")[0] for about in told] == [f"message {message}", "message other", *once]


def test_an_installation_that_is_killed_and_starved_loses_nothing(tmp_path: Path) -> None:
    out = tmp_path / "faults.json"
    command = ["fault-test", "--rounds", "2", "--strike", "everything", "--strike", "disk", "--out", str(out)]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    told = json.loads(out.read_text("utf-8"))
    assert told["sound"]
    assert told["strikes"].keys() == {"everything", "disk"}
    assert told["deeds"]["created"]["done"] > 0
    assert told["messages"] > 0
    assert told["strikes"]["everything"]["answers"]["0"] > 0, "nobody noticed that everything was killed"


def test_what_only_a_server_suffers_is_not_tried_on_a_file() -> None:
    result = CliRunner().invoke(main, ["fault-test", "--strike", "away"])
    assert result.exit_code == 2


def test_a_process_goes_by_the_clock_that_it_was_given(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("-3600")
    told = """
import datetime, pathlib, sys, time
from planner.cli.faults.clock import move_clock
before = time.time(), time.monotonic()
move_clock(pathlib.Path(sys.argv[1]))
print(round(time.time() - before[0]), round(datetime.datetime.now().timestamp() - before[0]))
print(round(time.monotonic() - before[1]), type(datetime.datetime.now(datetime.UTC)) is datetime.datetime)
"""
    result = subprocess.run([sys.executable, "-c", told, str(clock)], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["-3600", "-3600", "0", "True"]


def test_processes_are_known_by_their_numbers() -> None:
    child = os.posix_spawn("/bin/sleep", ["sleep", "60"], {})
    assert child in children(os.getpid())
    assert not is_gone(child)
    os.kill(child, 9)
    end = time.monotonic() + 10
    while not is_gone(child) and time.monotonic() < end:
        time.sleep(0.01)
    assert is_gone(child)
    os.waitpid(child, 0)
    assert child not in children(os.getpid())
