"""Commands that work on the database: make it, fill it, plan with it, report from it."""

import functools
from pathlib import Path

import click

from planner.allocation import dump_problem
from planner.cli.console import Console, speaks
from planner.cli.files import EXISTING, FILE, FOLDER, replacing
from planner.cli.opening import migrate_database, open_sessions
from planner.cli.plans import print_summary, write_reports
from planner.cli.steps import import_workbook, load_contents, load_report, newest_plan, run_plan, write_archives
from planner.services.planning import load_problem
from planner.text import N_


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
@click.option("--scenario", metavar="CODE", help="Run that scenario (such as S-000001) instead of the base.")
@speaks
def plan(console: Console, name: str, scenario: str | None) -> None:
    """Run the allocation over the approved requirements and keep the plan.

    Prints the plan run's code and a summary. Exit codes: 0 solved, 3 not solved.
    """
    sessions = open_sessions()
    code = run_plan(console, sessions, name, scenario=scenario)
    click.echo(code)
    print_summary(console, load_report(sessions, code))


@click.command("report")
@click.argument("code", metavar="[PLAN]", required=False)
@click.option("--out", type=FOLDER, default=Path("out"), show_default=True, help="Folder for the workbooks.")
@click.option("--ministry", metavar="CODE", help="Write the workbook for that ministry instead.")
@click.option("--all", "everything", is_flag=True, help="Write a ZIP of the managers' and every ministry's instead.")
@click.option("--prove", is_flag=True, help="Prove first what more capacity would bring, by solving again.")
@functools.partial(speaks, both=True)
def report(
    console: Console, *, code: str | None, out: Path, ministry: str | None, everything: bool, prove: bool
) -> None:
    """Write the managers' workbook of PLAN (a code such as P-000001), the newest solved plan unless given.

    Each file is OUT/allocation-PLAN-LANGUAGE.xlsx, OUT/allocation-PLAN-MINISTRY-LANGUAGE.xlsx, or
    OUT/allocation-PLAN-LANGUAGE.zip; their paths are printed.
    """
    if ministry and everything:
        raise click.UsageError("--ministry and --all exclude each other")
    sessions = open_sessions()
    code = code or newest_plan(sessions)
    contents = load_contents(sessions, code)
    if prove:
        with console.step(N_("Proving what more capacity would bring")):
            contents = contents.with_advice()
    if everything:
        paths = write_archives(console, contents, code, out)
    else:
        found = contents.ministry(ministry) if ministry else contents.managers()
        paths = write_reports(console, found, f"{code}-{ministry}" if ministry else code, out, console.languages)
    for path in paths:
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
