"""`planner account`: links for passwords, without which nobody could sign in to a new installation."""

import datetime as dt

import click

from planner.cli.console import Console, speaks
from planner.cli.opening import open_sessions, settings
from planner.errors import ConflictError
from planner.i18n import format_moment
from planner.services import accounts, arrivals, emergencies
from planner.services.accounts import AccountFields
from planner.services.invitations import IssuedLink
from planner.services.permissions import OPERATOR
from planner.services.wording import ROLES
from planner.text import N_, Phrase


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


@account.command("emergency")
@click.argument("username")
@speaks
def issue_emergency_link(console: Console, username: str) -> None:
    """Print a link that signs in as USERNAME once, when every other way in is closed.

    It needs no password and no second factor, works for 15 minutes, and stands in the audit log.
    """
    with open_sessions().begin() as session:
        link = emergencies.issue(session, OPERATOR, username, dt.datetime.now(dt.UTC))
    click.echo(f"{_base()}/emergency/{link.token}")
    moment = format_moment(link.expires_at, console.language)
    until = N_("The link signs in once, without password and second factor, until %(moment)s.")
    click.echo(console.words(until, moment=moment), err=True)


@account.command("identity")
@click.argument("username")
@click.argument("subject")
@speaks
def link_identity(console: Console, username: str, subject: str) -> None:
    """Let the person whom the provider calls SUBJECT (`sub`) come in as USERNAME.

    Only needed where the user name is not the person's verified e-mail address. The password of the account ends.
    """
    provider = settings().ways_in.provider
    if provider is None:
        raise ConflictError(Phrase(N_("No provider of sign-ins is set (PLANNER_OIDC_ISSUER).")))
    with open_sessions().begin() as session:
        known_as = arrivals.KnownAs(provider.issuer, subject)
        arrivals.link_account(session, OPERATOR, username, known_as, dt.datetime.now(dt.UTC))
    console.say(N_("%(username)s comes by the provider from now on."), username=username)


def print_link(console: Console, link: IssuedLink) -> None:
    """The link, alone on its line, and how long it works."""
    click.echo(f"{_base()}/password/{link.token}")
    moment = format_moment(link.expires_at, console.language)
    click.echo(console.words(N_("The link works once, until %(moment)s."), moment=moment), err=True)


def _base() -> str:
    return settings().address or "http://127.0.0.1:8000"
