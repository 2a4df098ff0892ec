"""`planner account`: links for passwords, without which nobody could sign in to a new installation."""

import datetime as dt

import click

from planner.cli.console import Console, speaks
from planner.cli.opening import open_sessions, settings
from planner.i18n import format_moment
from planner.services import accounts
from planner.services.accounts import AccountFields
from planner.services.invitations import IssuedLink
from planner.services.permissions import OPERATOR
from planner.services.wording import ROLES
from planner.text import N_


@click.group("account")
def account() -> None:
    """Let people in: the first administrator above all, who then invites the others on the pages."""


@account.command("invite")
@click.argument("username")
@click.option("--name", required=True, help="The person's full name.")
@click.option("--role", type=click.Choice(list(ROLES)), default="administrator", show_default=True)
@click.option("--ministry", default="", help="Code of the ministry, for who belongs to one.")
@click.option("--email", default="", help="The person's e-mail address, for notices.")
@speaks
def invite(console: Console, username: str, *, name: str, role: str, ministry: str, email: str) -> None:
    """Make the account USERNAME and print the link with which its person sets a password."""
    with open_sessions().begin() as session:
        given = AccountFields(name, email, role, ministry)
        link = accounts.invite(session, OPERATOR, username, given, dt.datetime.now(dt.UTC))
    print_link(console, link)


@account.command("link")
@click.argument("username")
@speaks
def issue_link(console: Console, username: str) -> None:
    """Print a new link for the password of USERNAME. Using it unlocks the account; an earlier link stops working."""
    with open_sessions().begin() as session:
        link = accounts.issue_link(session, OPERATOR, username, dt.datetime.now(dt.UTC))
    print_link(console, link)


def print_link(console: Console, link: IssuedLink) -> None:
    """The link, alone on its line, and how long it works."""
    base = settings().address or "http://127.0.0.1:8000"
    click.echo(f"{base}/password/{link.token}")
    moment = format_moment(link.expires_at, console.language)
    click.echo(console.words(N_("The link works once, until %(moment)s."), moment=moment), err=True)
