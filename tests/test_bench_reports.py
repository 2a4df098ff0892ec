"""`planner bench reports`: plans that are made up and hold together, and what is printed of their workbooks."""

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from planner.bench.problems import bench_problem
from planner.bench.reports import WRITERS, fill_plan, plain_sheets
from planner.cli import main
from planner.services.reporting import Ledger, ReportInfo, build_allocation_report

BAD_USAGE = 2


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["bench", "reports", *map(str, arguments)])


@pytest.mark.parametrize("seed", range(3))
def test_a_filled_plan_overdraws_nothing_and_accounts_for_every_requirement(seed: int) -> None:
    problem = bench_problem(200, 5, seed)
    plan = fill_plan(problem)
    ledger = Ledger(problem, plan)
    assert (ledger.primary <= ledger.instance.capacity * (1 + 1e-9)).all()
    assert all(pool.use <= pool.limit * (1 + 1e-9) for pool in plan.pools)
    granted = {row.requirement: row.share for row in plan.placements}
    unmet = {row.requirement: row.share for row in plan.shortfalls}
    assert {granted.get(row.code, 0.0) + unmet.get(row.code, 0.0) for row in problem.requirements} == {1.0}
    assert 0 < len(unmet) < len(granted)


def test_every_writer_writes_every_row(tmp_path: Path) -> None:
    problem = bench_problem(30, 5, 0)
    info = ReportInfo("P-1", "", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    sheets = plain_sheets(build_allocation_report(problem, fill_plan(problem), info), "th")
    for name, write in WRITERS.items():
        write(sheets, tmp_path / name)
        with (tmp_path / name).open("rb") as file:
            workbook = load_workbook(file)
        for title, rows in sheets:
            width = len(rows[0])
            found = [[shown(cell.value) for cell in row] for row in workbook[title].iter_rows(max_col=width)]
            assert found == [[shown(cell) for cell in row] for row in rows]


def shown(value: object) -> object:
    """A cell's value as far as every writer keeps it."""
    return f"{value:.12g}" if isinstance(value, int | float) else value or None


def test_what_is_measured_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "new" / "bench.json"
    done = run("--requirements", 40, "--sites", 5, "--compare", "openpyxl,xlsxwriter", "--out", file)
    assert (done.exit_code, done.stdout) == (0, "")
    measured = json.loads(file.read_text())
    assert measured["format"] == "planner-bench-reports/1"
    assert measured["plan"]["requirements"] == 40
    assert measured["report"]["rows"] > 100
    for written in (measured["report"]["write"], *measured["compare"]):
        assert written["rows_per_second"] == pytest.approx(measured["report"]["rows"] / written["seconds"])
        assert written["size"] > 1000
    assert [other["writer"] for other in measured["compare"]] == [*WRITERS]


def test_a_writer_that_there_is_not_is_bad_usage() -> None:
    done = run("--compare", "openpyxl,calc")
    assert (done.exit_code, done.stdout) == (BAD_USAGE, "")
    assert "calc" in done.stderr
