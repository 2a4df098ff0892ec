"""Workbooks to fill in or to try out."""

from pathlib import Path

import click

from planner.cli.console import Console, speaks
from planner.cli.files import FILE, replacing
from planner.cli.opening import open_sessions
from planner.i18n import translator
from planner.services.importing.exporting import write_template
from planner.services.permissions import OPERATOR
from planner.services.sample import build_sample
from reports.template import write_workbook


@click.command("sample")
@click.argument("file", metavar="OUT.xlsx", type=FILE)
@speaks
def sample(console: Console, file: Path) -> None:
    """Write the sample workbook: twenty ministries, made-up numbers. `planner import` loads it."""
    with replacing(file) as stream:
        write_workbook(build_sample(), translator(console.language), console.language, stream)


@click.command("template")
@click.argument("file", metavar="OUT.xlsx", type=FILE)
@speaks
def template(console: Console, file: Path) -> None:
    """Write an empty workbook to fill in, with the codes that the database has to choose from."""
    with open_sessions()() as session, replacing(file) as stream:
        write_template(session, OPERATOR, console.language, stream)
