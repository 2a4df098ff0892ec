"""Workbooks to fill in or to try out."""

from pathlib import Path

import click

from planner.cli.console import Console, speaks
from planner.cli.files import FILE, replacing
from planner.cli.opening import open_sessions
from planner.services.importing.exporting import write_template
from planner.services.permissions import OPERATOR
from planner.services.sample import LEAST_REQUIREMENTS, MOST_REQUIREMENTS, REQUIREMENTS, sample_workbook

sample_size = click.option(
    "--requirements",
    type=click.IntRange(LEAST_REQUIREMENTS, MOST_REQUIREMENTS),
    default=REQUIREMENTS,
    show_default=True,
    help="How many requirements the sample has.",
)


@click.command("sample")
@click.argument("file", metavar="OUT.xlsx", type=FILE)
@sample_size
@speaks
def sample(console: Console, file: Path, requirements: int) -> None:
    """Write the sample workbook: twenty ministries, made-up numbers. `planner import` loads it."""
    with replacing(file) as stream:
        stream.write(sample_workbook(requirements, console.language))


@click.command("template")
@click.argument("file", metavar="OUT.xlsx", type=FILE)
@speaks
def template(console: Console, file: Path) -> None:
    """Write an empty workbook to fill in, with the codes that the database has to choose from."""
    with open_sessions()() as session, replacing(file) as stream:
        write_template(session, OPERATOR, console.language, stream)
