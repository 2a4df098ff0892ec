import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
import zipfile
import zlib
from pathlib import Path

import click
import openpyxl
import pytest
from click.testing import CliRunner, Result

from planner.allocation import (
    Agency,
    Ministry,
    Problem,
    Region,
    Requirement,
    ResourceType,
    Site,
    dump_problem,
)
from planner.cli import main
from planner.cli.console import BAD_INPUT, NOT_SOLVED, WRONG, Console, speaks
from planner.cli.files import replacing
from planner.cli.group import COMMANDS
from planner.cli.tables import render_table
from planner.errors import ConflictError, InvalidInputError, NotFoundError, NotSolvedError, PlannerError, fault
from planner.text import FiscalYear, LocalText, Phrase
from reports.values import Column, Table


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with no setting in the environment."""
    for name in [name for name in os.environ if name.startswith("PLANNER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


FIRST_INPUT = "SELECT input_snapshot FROM plan_run WHERE code = 'P-000001'"


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
    assert "ok: No synthetic data was ever imported\n" in well.stdout


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


def test_an_import_keeps_to_the_limit_of_uploads(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("init").exit_code == 0
    assert run("sample", "sample.xlsx", "--requirements", "150").exit_code == 0
    monkeypatch.setenv("PLANNER_UPLOAD_LIMIT", "104858")
    refused = run("import", "sample.xlsx", "--language", "en")
    assert refused.exit_code == BAD_INPUT
    assert "The file is larger than 0.1 MB." in refused.stderr


@pytest.mark.parametrize("command", ["plan", "report", "export-problem", "serve"])
def test_a_database_without_tables_is_refused(home: Path, command: str) -> None:
    ended = run(command, "--language", "en")
    assert ended.exit_code == WRONG
    assert ended.stderr == "The database is not up to date. Run `planner init` first.\n"


def small_problem() -> Problem:
    """Two requirements of 80 vCPU at one site of 100."""
    return Problem(
        fiscal_years=(2027, 2028),
        resource_types=(ResourceType("vcpu", "vCPU"),),
        ministries=(Ministry("11000", LocalText("กระทรวงหนึ่ง", "Ministry one")),),
        agencies=(Agency("11001", "11000"),),
        regions=(Region("central"),),
        clearances=("open",),
        sites=(Site("BKK1", "central", "open", {"vcpu": (100.0, 100.0)}),),
        requirements=tuple(
            Requirement(code, "11001", "open", {"vcpu": (80.0, 80.0)}, 2027, priority=priority, title="=1+1")
            for code, priority in (("R-000001", "high"), ("R-000002", "low"))
        ),
    )


def test_solving_a_file_writes_plan_and_report_and_says_what_came_of_it(home: Path) -> None:
    Path("problem.json").write_text(dump_problem(small_problem()), encoding="utf-8")
    solved = run("solve", "problem.json", "--plan", "plan.json", "--report", "out/plan.xlsx", "--language", "en")
    assert solved.exit_code == 0, solved.output
    plan = json.loads(Path("plan.json").read_text(encoding="utf-8"))
    assert plan["format"] == "allocation-plan/1"
    assert plan["status"] == "optimal"
    granted = {row["requirement"]: row["share"] for row in plan["placements"]}
    assert granted["R-000001"] == pytest.approx(1.0)
    assert granted["R-000002"] == pytest.approx(0.25)
    assert "National service share: 62.5%" in solved.stdout
    assert re.search(r"^Capacity full +1 +37\.5%$", solved.stdout, re.MULTILINE)
    assert "Solving 2 requirements…" in solved.stderr
    assert zipfile.is_zipfile("out/plan.xlsx")
    assert not Path("instance").exists()


@pytest.mark.parametrize(("language", "sentence"), [("en", "is negative"), ("th", "ติดลบ")])
def test_a_bad_problem_file_is_answered_with_every_fault_at_its_path(home: Path, language: str, sentence: str) -> None:
    problem = json.loads(dump_problem(small_problem()))
    problem["requirements"][0]["demand"]["vcpu"][1] = -1
    problem["requirements"][1]["demand"]["vcpu"][0] = -2
    Path("problem.json").write_text(json.dumps(problem), encoding="utf-8")
    refused = run("solve", "problem.json", "--plan", "plan.json", "--language", language)
    assert refused.exit_code == BAD_INPUT
    assert not Path("plan.json").exists()
    _, *faults = refused.stderr.splitlines()
    assert [line.split()[0] for line in faults] == [
        "requirements[0].demand.vcpu[1]:",
        "requirements[1].demand.vcpu[0]:",
    ]
    assert all(sentence in line for line in faults)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"format": "allocation-problem/2"}'])
def test_what_is_no_problem_file_is_bad_input(home: Path, content: bytes) -> None:
    Path("problem.json").write_bytes(content)
    refused = run("solve", "problem.json", "--plan", "plan.json")
    assert refused.exit_code == BAD_INPUT
    assert refused.stderr
    assert not Path("plan.json").exists()


def test_a_sample_that_is_imported_again_changes_nothing(home: Path) -> None:
    assert run("init").exit_code == 0
    assert run("sample", "sample.xlsx", "--requirements", "150").exit_code == 0
    first, second = (run("import", "sample.xlsx", "--language", "en") for _ in range(2))
    assert first.exit_code == second.exit_code == 0
    doctor = run("doctor", "--language", "en").stdout
    assert "ok: Synthetic data: generated for trying the tool out, not real amounts\n" in doctor
    assert "Requirements: 150 added, 0 changed, 0 unchanged" in first.stdout
    assert "Requirements: 0 added, 0 changed, 150 unchanged" in second.stdout
    assert " 0 added, 0 changed, " in second.stdout.replace("Requirements:", "")


def test_an_import_with_faults_names_the_cells_and_stores_nothing(home: Path) -> None:
    assert run("init").exit_code == 0
    assert run("sample", "sample.xlsx", "--requirements", "150", "--language", "en").exit_code == 0
    workbook = openpyxl.load_workbook("sample.xlsx")
    sheet = workbook["Sites"]
    row = next(row for row in sheet.iter_rows() if row[0].value == "BKK1")
    row[0].value = "two words"
    workbook.save("sample.xlsx")
    refused = run("import", "sample.xlsx", "--language", "en")
    assert refused.exit_code == BAD_INPUT
    assert f"  Sites!{row[0].coordinate}: " in refused.stderr
    empty = run("export-problem", "--language", "en")
    assert empty.exit_code == BAD_INPUT
    assert "  fiscal_years: There must be at least one fiscal year.\n" in empty.stderr


def test_the_demo_does_the_main_job_and_changes_nothing_the_second_time(home: Path) -> None:
    first = run("demo", "--requirements", "150", "--language", "en")
    assert first.exit_code == 0, first.output
    assert "SYNTHETIC DATA" in first.stdout
    assert "Requirements: 150 requirements" in first.stdout
    assert "make serve" in first.stdout
    for role in ("DE planner", "Ministry planner", "Manager", "Auditor", "Administrator"):
        assert f"\n{role} " in first.stdout
    workbooks = [Path(f"out/allocation-P-000001-{language}.xlsx") for language in ("th", "en")]
    assert sorted(Path("out").iterdir()) == sorted(workbooks)
    before = [(path.stat().st_ino, path.read_bytes()) for path in workbooks]
    again = run("demo", "--requirements", "150", "--language", "en")
    assert again.exit_code == 0, again.output
    assert [(path.stat().st_ino, path.read_bytes()) for path in workbooks] == before
    assert sorted(Path("out").iterdir()) == sorted(workbooks)
    assert again.stdout.partition("\n\n")[2] == first.stdout.partition("\n\n")[2]

    english = run("report", "--language", "en", "--out", "elsewhere")
    assert english.stdout == "elsewhere/allocation-P-000001-en.xlsx\n"
    assert Path("elsewhere/allocation-P-000001-en.xlsx").read_bytes() == workbooks[1].read_bytes()
    assert run("report", "P-000009").exit_code == BAD_INPUT

    own = run("report", "--ministry", "21000", "--language", "th", "--out", "elsewhere")
    assert own.stdout == "elsewhere/allocation-P-000001-21000-th.xlsx\n"
    assert run("report", "--ministry", "99999").exit_code == BAD_INPUT
    assert run("report", "--ministry", "21000", "--all").exit_code == BAD_INPUT
    everything = run("report", "--all", "--language", "th", "--out", "elsewhere")
    assert everything.stdout == "elsewhere/allocation-P-000001-th.zip\n"
    with zipfile.ZipFile("elsewhere/allocation-P-000001-th.zip") as archive:
        assert len(archive.namelist()) == 1 + 20
        assert archive.read("allocation-P-000001-th.xlsx") == workbooks[0].read_bytes()
        assert archive.read("allocation-P-000001-21000-th.xlsx") == Path(own.stdout.strip()).read_bytes()

    assert run("template", "template.xlsx", "--language", "en").exit_code == 0
    assert "Requirements" in openpyxl.load_workbook("template.xlsx").sheetnames

    assert run("export-problem", "next.json").exit_code == 0
    homes = {row["code"]: row["incumbent"] for row in json.loads(Path("next.json").read_text("utf-8"))["requirements"]}
    with sqlite3.connect("instance/planner.db") as database:
        Path("problem.json").write_bytes(zlib.decompress(database.execute(FIRST_INPUT).fetchone()[0]))
    assert run("solve", "problem.json", "--plan", "plan.json").exit_code == 0
    with sqlite3.connect("instance/planner.db") as database:
        kept = database.execute("SELECT requirement, site, standby, start_year, share FROM placement ORDER BY position")
        placements = kept.fetchall()
    plan = json.loads(Path("plan.json").read_text(encoding="utf-8"))
    assert placements == [tuple(row.values()) for row in plan["placements"]]
    first_year = {row[0] for row in placements if row[3] == 2027}
    assert all(homes[code] for code in first_year)  # what is published is where the next problem starts from


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
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own server
                return answer.read().decode()
        except OSError:  # refused, or too busy to answer in time
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
