"""Workbooks to fill in or to try out."""

from pathlib import Path

import click

from planner.cli.console import Console, speaks
from planner.cli.files import FILE, replacing
from planner.i18n import translator
from planner.services.sample import build_sample
from reports.template import write_workbook


@click.command("sample")
@click.argument("file", metavar="OUT.xlsx", type=FILE)
@speaks
def sample(console: Console, file: Path) -> None:
    """Write the sample workbook: twenty ministries, made-up numbers. `planner import` loads it."""
    with replacing(file) as stream:
        write_workbook(build_sample(), translator(console.language), console.language, stream)
