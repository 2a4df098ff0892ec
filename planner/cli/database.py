"""Commands that work on the database: make it, fill it, plan with it, report from it."""

import functools
from pathlib import Path

import click

from planner.allocation import dump_problem
from planner.cli.console import Console, speaks
from planner.cli.files import EXISTING, FILE, FOLDER, replacing
from planner.cli.opening import migrate_database, open_sessions
from planner.cli.plans import print_summary, write_reports
from planner.cli.steps import import_workbook, load_report, newest_plan, run_plan
from planner.services.planning import load_problem


@click.command("init")
@speaks
def init(console: Console) -> None:
    """Create the database, or bring it up to date. Running it again changes nothing."""
    migrate_database(console)


@click.command("import")
@click.argument("file", type=EXISTING)
@speaks
def import_file(console: Console, file: Path) -> None:
    """Load FILE, a workbook made from the template, exactly as an upload would.

    All or nothing: where a cell has a fault nothing is stored, every fault is listed with its cell, and the exit
    code is 2. Loading a file again changes nothing.
    """
    import_workbook(console, open_sessions(), file)


@click.command("plan")
@click.option("--name", default="", help="What the plan run is called; its code unless given.")
@speaks
def plan(console: Console, name: str) -> None:
    """Run the allocation over the approved requirements and keep the plan.

    Prints the plan run's code and a summary. Exit codes: 0 solved, 3 not solved.
    """
    sessions = open_sessions()
    code = run_plan(console, sessions, name)
    click.echo(code)
    print_summary(console, load_report(sessions, code))


@click.command("report")
@click.argument("code", metavar="[PLAN]", required=False)
@click.option("--out", type=FOLDER, default=Path("out"), show_default=True, help="Folder for the workbooks.")
@functools.partial(speaks, both=True)
def report(console: Console, code: str | None, out: Path) -> None:
    """Write the workbook of PLAN (a code such as P-000001), the newest solved plan unless given.

    Each workbook is OUT/allocation-PLAN-LANGUAGE.xlsx; their paths are printed.
    """
    sessions = open_sessions()
    code = code or newest_plan(sessions)
    for path in write_reports(console, load_report(sessions, code), code, out, console.languages):
        click.echo(path)


@click.command("export-problem")
@click.argument("file", type=FILE, required=False)
@speaks
def export_problem(_console: Console, file: Path | None) -> None:
    """Write the database's problem in the format allocation-problem/1 to FILE, or to standard output.

    `planner solve FILE` gives the same plan as `planner plan`.
    """
    with open_sessions()() as session:
        text = dump_problem(load_problem(session))
    if file is None:
        click.echo(text, nl=False)
    else:
        with replacing(file) as stream:
            stream.write(text.encode())
