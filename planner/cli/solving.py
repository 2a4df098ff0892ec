"""`planner solve`: a problem file in, a plan file out, and no database anywhere."""

import datetime as dt
from pathlib import Path

import click

from planner import __version__
from planner.allocation import dump_plan, read_problem, solve
from planner.cli.console import Console, speaks
from planner.cli.files import EXISTING, FILE, replacing
from planner.cli.plans import print_summary, solver_progress, with_gap, write_report
from planner.services.reporting import ReportInfo, build_allocation_report
from planner.text import N_


@click.command("solve")
@click.argument("problem_file", metavar="PROBLEM.json", type=EXISTING)
@click.option("--plan", "plan_file", metavar="PLAN.json", type=FILE, required=True, help="Where the plan goes.")
@with_gap
@click.option("--report", "report_file", metavar="REPORT.xlsx", type=FILE, help="Where a workbook of it goes.")
@speaks
def solve_file(console: Console, problem_file: Path, plan_file: Path, gap: float, report_file: Path | None) -> None:
    """Solve a problem file without any database.

    PROBLEM.json is in the format allocation-problem/1, PLAN.json in allocation-plan/1 (docs/problem-format.md).
    Exit codes: 0 solved, 2 bad input (every fault with its path), 3 not solved.
    """
    problem = read_problem(problem_file.read_bytes())
    with console.step(N_("Solving %(count)s requirements"), count=len(problem.requirements)) as update:
        plan = solve(problem, progress=solver_progress(update), gap=gap)
    with replacing(plan_file) as stream:
        stream.write(dump_plan(plan).encode())
    info = ReportInfo(problem_file.stem, problem_file.name, dt.datetime.now(dt.UTC), planner_version=__version__)
    report = build_allocation_report(problem, plan, info)
    if report_file:
        write_report(console, report, report_file, console.language)
    print_summary(console, report)
