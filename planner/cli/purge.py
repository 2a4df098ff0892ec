"""`planner purge`: remove what nobody needs any more."""

import datetime as dt

import click

from planner.cli.console import Console, speaks
from planner.cli.opening import open_sessions, settings
from planner.cli.tables import render_table
from planner.services.attachments import Shelf
from planner.services.permissions import OPERATOR
from planner.services.retention import Purge
from planner.services.retention import purge as remove_unneeded
from planner.services.sign_ins import Lifetimes
from planner.text import N_


@click.command("purge")
@click.option(
    "--days",
    type=click.IntRange(1, 36_500),
    help="What is older is removed. Unless given, PLANNER_KEEP_DAYS; where that is 0, only what has expired goes.",
)
@click.option("--dry-run", is_flag=True, help="Only count what would be removed.")
@speaks
def purge(console: Console, days: int | None, dry_run: bool) -> None:
    """Remove what nobody needs any more, and say how much of each kind.

    Expired sign-ins and links, and attached files that nothing names, always. After so many days also plan runs and
    workforce plans, workbooks, notices that were read, and what imports kept to be undone. Never a plan that was ever
    published, the newest plans, what somebody wrote about, and the audit log, which tells what was removed.
    """
    known, now = settings(), dt.datetime.now(dt.UTC)
    kept = days or known.keep_days
    terms = Purge(
        Lifetimes(known.session_idle, known.session_lifetime), now, now - dt.timedelta(days=kept) if kept else None
    )
    with console.step(N_("Removing what nobody needs any more")):
        table = remove_unneeded(open_sessions(), OPERATOR, Shelf(known.attachments), terms, dry_run=dry_run)
    click.echo(render_table(table, console.language))
