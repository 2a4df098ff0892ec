"""`planner audit verify`: is the audit log as it was written?"""

import sys

import click

from planner.cli.console import WRONG, Console, speaks
from planner.cli.opening import open_sessions
from planner.db import open_snapshot
from planner.i18n import to_words
from planner.services.audit import verify_chain
from planner.services.permissions import OPERATOR
from planner.text import N_, Phrase


class Anchor(click.ParamType[tuple[int, str]]):
    """A position and its hash, as `verify` prints them."""

    name = "POSITION:HASH"

    def convert(
        self, value: str | tuple[int, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, str]:
        """The two parts; anything else is a usage error."""
        if isinstance(value, tuple):
            return value
        position, _, digest = value.partition(":")
        if not (position.isascii() and position.isdecimal() and len(digest) == 64):
            self.fail(f"{value!r} is not a position and a hash of 64 signs")
        return int(position), digest.lower()


@click.group("audit")
def audit() -> None:
    """Look after the audit log."""


@audit.command("verify")
@click.option("--anchor", type=Anchor(), help="What an earlier check printed as the end of the log.")
@speaks
def verify(console: Console, anchor: tuple[int, str] | None) -> None:
    """Compute the whole log's chain of hashes anew; exit code 1 if any entry was changed, added or taken away.

    The last line printed is the end of the log as POSITION:HASH. Keep it elsewhere: whoever has the database in hand
    could forge the whole chain, and only a check with --anchor would show it.
    """
    with console.step(N_("Checking the audit log")), open_snapshot(open_sessions()) as session:
        found = verify_chain(session, OPERATOR, anchor)
    for place in found.breaks:
        line = Phrase(N_("Entry %(position)s: %(message)s"), {"position": place.position, "message": place.message})
        click.echo(to_words(line, console.language), err=True)
    if found.breaks:
        sys.exit(WRONG)
    console.say(N_("The audit log is as it was written: %(count)s entries."), count=found.entries)
    click.echo(f"{found.entries}:{found.head}")
