"""`planner bench`: what it prints, where, and with which exit code."""

import json
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from planner.bench.solvers import SOLVERS
from planner.cli import main
from planner.cli.console import BAD_INPUT

SIZE = ("--requirements", "40", "--sites", "4")
LEVELS = ["statutory", "fairness", "priority", "cost", "moves"]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["bench", *map(str, arguments)])


@pytest.fixture(scope="module")
def report() -> Any:
    ended = run(*SIZE, "--seed", "3", "--repeat", "2", "--compare", ",".join(SOLVERS), "--language", "en")
    assert ended.exit_code == 0
    assert "Comparing with cbc" in ended.stderr
    return json.loads(ended.stdout)


def test_it_says_what_was_measured_on_what(report: Any) -> None:
    assert set(report) == {"format", "machine", "problem", "solve", "compare"}
    assert report["format"] == "planner-bench/1"
    assert report["machine"]["cores"] >= 1
    assert report["machine"]["python"] == platform.python_version()
    for name in ("highspy", "numpy", "pulp", "cbc", "planner"):
        assert re.fullmatch(r"\d+(\.\d+)+", report["machine"][name]), name
    problem = report["problem"]
    assert (problem["requirements"], problem["sites"], problem["seed"]) == (40, 4, 3)
    assert problem["options"] > 40
    assert problem["rows"] > 40 + 4 * 4 * 5


def test_a_wider_gap_is_what_everything_is_solved_to() -> None:
    ended = run(*SIZE, "--gap", "0.01", "--what-if")
    assert ended.exit_code == 0
    measured = json.loads(ended.stdout)
    assert measured["solve"]["gap"] == 0.01
    assert measured["solve"]["status"] == "optimal"
    assert {row["status"] for row in measured["what_if"]} == {"optimal"}


def test_it_names_no_machine_and_no_folder(report: Any) -> None:
    text = json.dumps(report["machine"])
    assert platform.node() not in text
    assert str(Path.cwd()) not in text


def test_steps_add_up_and_the_fastest_run_counts(report: Any) -> None:
    solve = report["solve"]
    seconds = solve["seconds"]
    assert set(seconds) == {"build", "levels", "certificate", "other", "total", "cpu"}
    assert all(amount >= 0 for amount in seconds.values())
    assert seconds["levels"] == pytest.approx(sum(level["seconds"] for level in solve["levels"]))
    assert seconds["levels"] < seconds["total"]
    assert len(solve["total_of_each_run"]) == 2
    assert seconds["total"] == min(solve["total_of_each_run"])
    memory = solve["peak_memory_mib"]
    assert 10 < memory["before"] <= memory["after"] < 10_000


def test_quotes_are_timed_one_by_one(report: Any) -> None:
    quotes = report["solve"]["quotes"]
    assert quotes["count"] == 40
    assert quotes["open_seconds"] > 0
    assert quotes["median_seconds"] > 0


def test_every_level_has_its_value_and_proof(report: Any) -> None:
    solve = report["solve"]
    assert solve["status"] == "optimal"
    assert [level["name"] for level in solve["levels"]] == LEVELS
    for level in solve["levels"]:
        assert set(level) == {"name", "value", "bound", "gap", "status", "rounds", "seconds"}
        assert level["rounds"] >= 1
        assert level["gap"] <= solve["largest_gap"] <= 1e-6


def test_each_comparison_has_ratios_and_the_same_values(report: Any) -> None:
    assert [other["solver"] for other in report["compare"]] == list(SOLVERS)
    ours = report["solve"]
    for other in report["compare"]:
        assert other["status"] == "solved"
        seconds = other["seconds"]
        assert seconds["total"] == pytest.approx(seconds["build"] + seconds["levels"])
        assert seconds["cpu"] > 0
        assert other["ratio"] == pytest.approx(
            seconds["total"] / (ours["seconds"]["build"] + ours["seconds"]["levels"])
        )
        assert other["ratio_to_whole"] == pytest.approx(seconds["total"] / ours["seconds"]["total"])
        assert [level["name"] for level in other["levels"]] == LEVELS
        for level, mine in zip(other["levels"], ours["levels"], strict=True):
            assert level["difference"] == level["value"] - mine["value"]
            assert level["relative_difference"] < (1e-4 if other["solver"] == "cbc" else 1e-6)
            assert level["ratio"] == level["seconds"] / mine["seconds"]


def test_what_ifs_are_solved_from_the_plan_and_anew() -> None:
    ended = run(*SIZE, "--what-if")
    assert ended.exit_code == 0
    report = json.loads(ended.stdout)
    found = report["what_if"]
    assert [row["change"] for row in found] == ["capacity_less", "capacity_more", "demand_more"]
    first = {level["name"]: level["value"] for level in report["solve"]["levels"]}
    for row in found:
        assert row["status"] == "optimal"
        assert set(row["seconds"]) == set(row["cpu"]) == {"again", "anew"}
        assert min(*row["seconds"].values(), row["ratio_to_first"], row["ratio_to_anew"]) > 0
        assert [level["name"] for level in row["levels"]] == LEVELS
        for level in row["levels"]:
            assert level["gap"] <= 1e-6
            assert level["relative_difference"] <= 1e-6
            assert min(level["rounds"].values()) >= 1
    fairness = [row["levels"][1]["value"] for row in found]
    assert fairness[0] < first["fairness"] < fairness[1], "less room, less service; more room, more"
    assert fairness[2] < first["fairness"], "more demand, less service"


def test_without_a_comparison_there_is_none(tmp_path: Path) -> None:
    file = tmp_path / "new" / "bench.json"
    ended = run(*SIZE, "--out", file)
    assert ended.exit_code == 0
    assert not ended.stdout
    assert json.loads(file.read_bytes())["compare"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--requirements", "0"),
        ("--sites", "none"),
        ("--seed", "-1"),
        ("--repeat", "0"),
        ("--time-limit", "0"),
        ("--gap", "0.5"),
        ("--compare", "highs,guess"),
    ],
    ids=" ".join,
)
def test_bad_usage_is_told_before_anything_is_solved(arguments: tuple[str, str]) -> None:
    ended = run(*arguments)
    assert ended.exit_code == BAD_INPUT
    assert arguments[0] in ended.stderr
    assert not ended.stdout


def test_help_names_every_solver() -> None:
    shown = run("--help")
    assert shown.exit_code == 0
    assert ",".join(SOLVERS) in shown.stdout


def test_measuring_knows_neither_the_web_nor_the_database() -> None:
    code = "import planner.bench.compare, planner.bench.run, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"alembic", "flask", "models", "sqlalchemy"} & {name.partition(".")[0] for name in done.stdout.split()}
