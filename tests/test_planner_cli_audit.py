"""`planner audit verify`: what it prints and how it ends."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from planner.cli import main
from planner.cli.console import BAD_INPUT, WRONG
from planner.db import open_sessions
from planner.services.audit import record
from planner.services.permissions import OPERATOR


@pytest.fixture
def log(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    """A database with three entries, which is the one that the command line opens."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANNER_DATABASE_URL", str(sqlite_engine.url))
    monkeypatch.setenv("PLANNER_LANGUAGE", "en")
    sessions = open_sessions(sqlite_engine)
    for code in ("A", "B", "C"):
        with sessions.begin() as session:
            record(session, OPERATOR, "created", f"site:{code}")
    return sqlite_engine


def verify(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["audit", "verify", *arguments])


def forge(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_entry_update_guard"))
        connection.execute(text("UPDATE audit_entry SET subject = 'site:X' WHERE position = 2"))


def test_a_sound_log_is_said_to_be_so_and_its_end_can_be_kept(log: Engine) -> None:
    done = verify()
    assert done.exit_code == 0, done.output
    said, end = done.stdout.splitlines()
    assert said == "The audit log is as it was written: 3 entries."
    assert end.startswith("3:")
    assert verify("--anchor", end).exit_code == 0
    assert verify("--anchor", f"3:{'0' * 64}").exit_code == WRONG


def test_a_forged_entry_is_named(log: Engine) -> None:
    forge(log)
    done = verify()
    assert done.exit_code == WRONG
    assert done.stdout == ""
    assert "Entry 2: The entry is not as it was written." in done.stderr


@pytest.mark.parametrize("anchor", ["", "3", "3:abc", "x:" + "0" * 64, "-1:" + "0" * 64])
def test_what_is_no_anchor_is_refused(anchor: str) -> None:
    assert verify("--anchor", anchor).exit_code == BAD_INPUT
