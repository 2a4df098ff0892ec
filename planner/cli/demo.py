"""`planner demo`: the main job from an empty folder to two workbooks, on synthetic data."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
from sqlalchemy.orm import Session, sessionmaker

from planner.cli.console import Console, speaks
from planner.cli.opening import migrate_database, open_sessions
from planner.cli.plans import print_summary, write_reports
from planner.cli.steps import import_workbook, load_report, publish_plan
from planner.cli.tables import render_table
from planner.cli.workbooks import sample_size
from planner.i18n import LANGUAGES
from planner.services.closing.sample import plan_sample
from planner.services.demo_accounts import DemoAccount, seed_demo_accounts
from planner.services.sample import sample_workbook
from planner.services.scenarios.sample import seed_scenarios
from planner.services.wording import role_phrase
from planner.text import N_
from reports.values import Column, Table

PLAN_NAME: Final = "ข้อมูลตัวอย่าง (sample data)"
"""In both languages: whoever ran the demo, readers of either see the same plan."""
NOTE: Final = "แผนตัวอย่างสำหรับทดลองใช้ (a plan for trying the tool out)"
"""With which it is published."""


@click.command("demo")
@sample_size
@speaks
def demo(console: Console, requirements: int) -> None:
    """Load the sample, run the plans, publish one, and write its reports to out/. Running it again changes nothing."""
    migrate_database(console)
    sessions = open_sessions()
    with TemporaryDirectory() as folder:
        sample = Path(folder) / "sample.xlsx"
        sample.write_bytes(sample_workbook(requirements))
        import_workbook(console, sessions, sample)
    accounts = make_accounts(console, sessions)
    code = publish_plan(console, sessions, PLAN_NAME, NOTE)
    plan_workforce(console, sessions)
    make_scenarios(console, sessions)
    report = load_report(sessions, code)
    paths = write_reports(console, report, code, Path("out"), LANGUAGES)
    print_summary(console, report)
    say_what_next(console, paths, accounts)


def make_accounts(console: Console, sessions: sessionmaker[Session]) -> list[DemoAccount]:
    """The demo's accounts, made where missing."""
    with console.step(N_("Making demo accounts")), sessions.begin() as session:
        return seed_demo_accounts(session)


def make_scenarios(console: Console, sessions: sessionmaker[Session]) -> None:
    """Scenarios to try out, made where there is none."""
    with console.step(N_("Making scenarios")), sessions.begin() as session:
        seed_scenarios(session)


def plan_workforce(console: Console, sessions: sessionmaker[Session]) -> None:
    """A plan that closes gaps of the data staff, made where there is none."""
    with console.step(N_("Planning the data workforce")):
        plan_sample(sessions, PLAN_NAME)


def say_what_next(console: Console, paths: list[Path], accounts: list[DemoAccount]) -> None:
    """The reports, how to see the pages, and who may sign in."""
    console.say()
    console.say(N_("Reports:"))
    for path in paths:
        click.echo(f"  {path}")
    console.say()
    console.say(N_("Next: run `make serve` and open %(address)s"), address="http://127.0.0.1:8000")
    console.say()
    click.echo(render_table(account_table(accounts), console.language))


def account_table(accounts: list[DemoAccount]) -> Table:
    """The accounts by role."""
    return Table(
        key="accounts",
        title=N_("Demo accounts"),
        columns=(
            Column("role", N_("Role")),
            Column("username", N_("User name")),
            Column("password", N_("Password")),
            Column("ministry", N_("Ministry"), "code"),
        ),
        rows=tuple(
            (role_phrase(account.role), account.username, account.password, account.ministry_code)
            for account in accounts
        ),
    )
