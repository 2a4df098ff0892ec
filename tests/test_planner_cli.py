import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from planner.cli import main
from planner.cli.console import BAD_INPUT, NOT_SOLVED, WRONG, Console, speaks
from planner.cli.files import replacing
from planner.cli.group import COMMANDS
from planner.cli.tables import render_table
from planner.errors import ConflictError, InvalidInputError, NotFoundError, NotSolvedError, PlannerError, fault
from planner.text import FiscalYear, Phrase
from reports.values import Column, Table


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with no setting in the environment."""
    for name in [name for name in os.environ if name.startswith("PLANNER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_every_command_says_what_it_does() -> None:
    listing = run("--help")
    assert listing.exit_code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in listing.stdout
        shown = run(name, "--help")
        assert shown.exit_code == 0
        assert f"Usage: main {name}" in shown.stdout


def test_unknown_command_is_bad_usage() -> None:
    assert run("guess").exit_code == BAD_INPUT


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidInputError([]), BAD_INPUT),
        (NotFoundError(), BAD_INPUT),
        (NotSolvedError(), NOT_SOLVED),
        (ConflictError(), WRONG),
        (PlannerError(), WRONG),
    ],
)
def test_errors_end_a_command_with_their_exit_code(error: PlannerError, code: int) -> None:
    @click.command()
    @speaks
    def fail(_console: Console) -> None:
        raise error

    ended = CliRunner().invoke(fail, ["--language", "en"])
    assert ended.exit_code == code
    assert ended.stderr.strip() == error.message.msgid
    assert not ended.stdout


def test_faults_are_listed_at_their_addresses_in_the_chosen_language() -> None:
    @click.command()
    @speaks
    def fail(_console: Console) -> None:
        raise InvalidInputError(
            [fault("sites[0].code", "duplicate_code", "The code %(code)s stands here twice.", code="A")]
        )

    english = CliRunner().invoke(fail, [], env={"PLANNER_LANGUAGE": "en"}).stderr
    assert english == "The data has faults. Nothing was stored.\n  sites[0].code: The code A stands here twice.\n"
    thai = CliRunner().invoke(fail, []).stderr
    assert "  sites[0].code: " in thai
    assert "stands here twice" not in thai


def test_a_step_says_its_name_and_its_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    with Console("en", ("en",)).step("Writing %(file)s", file="a.xlsx") as update:
        update(Phrase("too soon to be shown"))
    shown = capsys.readouterr()
    assert shown.err == "Writing a.xlsx…\n  done in 0 s\n"
    assert not shown.out


def test_a_log_gets_a_line_a_second_of_a_long_step(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([0.0, 0.5, 1.2, 1.9, 2.5, 3.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    with Console("en", ("en",)).step("Solving") as update:
        for part in range(4):
            update(Phrase("part %(part)s", {"part": part}))
    assert capsys.readouterr().err == "Solving…\n  part 1\n  part 3\n  done in 3 s\n"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old")

    def fail() -> None:
        with replacing(path) as stream:
            stream.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_writing_makes_folders_and_replaces_what_differs_alone(tmp_path: Path) -> None:
    path = tmp_path / "out" / "plan.json"
    for content in (b"one", b"one", b"two"):
        before = path.stat().st_ino if path.exists() else None
        with replacing(path) as stream:
            stream.write(content)
        assert path.read_bytes() == content
        assert (path.stat().st_ino == before) == (content == b"one" and before is not None)


def test_tables_align_thai_and_numbers() -> None:
    table = Table(
        key="use",
        title="Use",
        columns=(Column("site", "Site"), Column("year", "x", "year"), Column("use", "y", "share", unit="TB")),
        rows=(("กำลังที่", FiscalYear(2027), 0.5), ("BKK1", FiscalYear(2028), 1.0)),
        total=("Σ", None, None),
    )
    assert render_table(table, "en").splitlines() == [
        "Site   x     y (TB)",
        "─────  ────  ──────",
        "กำลังที่  2027   50.0%",
        "BKK1   2028  100.0%",
        "Σ      –          –",
    ]


def test_doctor_finds_what_is_missing_and_then_nothing(home: Path) -> None:
    ill = run("doctor", "--language", "en")
    assert ill.exit_code == WRONG
    (wrong,) = [line for line in ill.stdout.splitlines() if line.startswith("WRONG")]
    assert re.fullmatch(r"WRONG: The database is at – instead of \w+\. Run `planner init`\.", wrong)
    assert run("init").exit_code == 0
    well = run("doctor", "--language", "en")
    assert well.exit_code == 0
    assert "WRONG" not in well.stdout


def test_doctor_names_an_unreachable_database(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNER_DATABASE_URL", f"sqlite:///{home}/no/such/folder.db")
    ill = run("doctor", "--language", "en")
    assert ill.exit_code == WRONG
    assert "WRONG: The database cannot be reached: " in ill.stdout


def test_a_bad_setting_is_bad_usage(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNER_UPLOAD_LIMIT", "much")
    ended = run("init")
    assert ended.exit_code == BAD_INPUT
    assert "PLANNER_UPLOAD_LIMIT" in ended.stderr


@pytest.mark.parametrize("command", ["plan", "report", "export-problem", "serve"])
def test_a_database_without_tables_is_refused(home: Path, command: str) -> None:
    ended = run(command, "--language", "en")
    assert ended.exit_code == WRONG
    assert ended.stderr == "The database is not up to date. Run `planner init` first.\n"


def test_serving_answers_and_stops_when_told(home: Path) -> None:
    assert run("init").exit_code == 0
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    arguments = [sys.executable, "-m", "planner", "serve", "--port", str(port)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            page = wait_for(f"http://127.0.0.1:{port}/sign-in")
        finally:
            server.send_signal(signal.SIGTERM)
            _, log = server.communicate(timeout=20)
    assert "</html>" in page, log
    assert server.returncode == 0, log


def wait_for(address: str) -> str:
    """The page at `address`, once it answers."""
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own server
                return answer.read().decode()
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
