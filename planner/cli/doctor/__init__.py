"""`planner doctor`: is this installation sound?"""

import sys
from collections.abc import Iterator

import click

from planner.cli.console import WRONG, Console, speaks
from planner.cli.doctor.database import check_database
from planner.cli.doctor.findings import Finding, Verdict, found
from planner.cli.doctor.machine import check_disks, check_folders, check_settings
from planner.cli.doctor.network import check_certificate, check_mail, check_provider, check_scanner
from planner.cli.doctor.packages import check_packages
from planner.config import load_settings
from planner.environment import SettingsError
from planner.i18n import to_words
from planner.text import N_


@click.command("doctor")
@click.option(
    "--deep",
    is_flag=True,
    help="Also ask mail server, virus scanner, provider and address, and check the whole audit log.",
)
@speaks
def doctor(console: Console, deep: bool) -> None:
    """Check this installation; exit code 1 if something is wrong.

    Packages, settings, folders and disks, the database with its tables, clock, workers, queue and attached files. What
    is worth a look, and not wrong in itself, leaves the exit code as it is.
    """
    wrong = False
    for finding in examine(deep=deep):
        wrong = wrong or finding.verdict is Verdict.WRONG
        click.echo(f"{console.words(finding.verdict.value)}: {to_words(finding.message, console.language)}")
    if wrong:
        sys.exit(WRONG)


def examine(*, deep: bool) -> Iterator[Finding]:
    """Everything that is looked at, one after the other; where settings are bad, the rest cannot be."""
    yield from check_packages()
    try:
        settings = load_settings()
    except SettingsError as error:
        for fault in error.faults:
            yield found(Verdict.WRONG, N_("%(setting)s: %(fault)s"), setting=fault.address, fault=fault.message)
        return
    yield from check_settings(settings)
    yield from check_folders(settings)
    yield from check_disks(settings)
    yield from check_database(settings, deep=deep)
    if deep:
        yield from check_mail(settings)
        yield from check_scanner(settings)
        yield from check_provider(settings)
        yield from check_certificate(settings)
