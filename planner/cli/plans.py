"""What the command line shows of a plan: the solver's progress, a summary, workbooks. No database."""

from collections.abc import Callable, Iterable
from pathlib import Path

import click

from planner.allocation import GAP, Progress
from planner.cli.console import Console, Update
from planner.cli.files import replacing
from planner.cli.tables import render_table
from planner.i18n import cell_words, label_words, translator
from planner.services.wording import progress_phrase
from planner.text import N_
from reports.values import Report
from reports.workbook import render_report

with_gap = click.option(
    "--gap",
    type=click.FloatRange(1e-8, 1e-2),
    default=GAP,
    show_default=True,
    help="Relative gap at which a level counts as proven.",
)


def solver_progress(update: Update) -> Callable[[Progress], None]:
    """What the solver reports, as phrases for `update`."""
    return lambda progress: update(progress_phrase(progress))


def print_summary(console: Console, report: Report) -> None:
    """What a plan came to: its facts, what is unmet by main reason, and what each level reached."""
    sections = {section.key: section for section in report.sections}
    console.say()
    for notice in report.notices:
        click.echo(f"** {label_words(notice, console.language)} **")
    for fact in (*report.facts, *sections["summary"].facts):
        value = cell_words(fact.value, fact.kind, console.language)
        unit = f" {label_words(fact.unit, console.language)}" if fact.unit else ""
        click.echo(f"{label_words(fact.label, console.language)}: {value}{unit}")
    for table in (sections["summary"].tables[0], *sections["levels"].tables):
        console.say()
        click.echo(label_words(table.title, console.language))
        click.echo(render_table(table, console.language))


def write_report(console: Console, report: Report, path: Path, language: str) -> None:
    """Write the workbook of `report` in `language` to `path`, whole or not at all."""
    with console.step(N_("Writing %(file)s"), file=str(path)), replacing(path) as stream:
        render_report(report, translator(language), language, stream)


def write_reports(console: Console, report: Report, code: str, folder: Path, languages: Iterable[str]) -> list[Path]:
    """Write `folder`/allocation-`code`-LANGUAGE.xlsx in each of `languages`; the paths."""
    paths = []
    for language in languages:
        path = folder / f"allocation-{code}-{language}.xlsx"
        write_report(console, report, path, language)
        paths.append(path)
    return paths
