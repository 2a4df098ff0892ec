"""What the command line shows of a plan: the solver's progress, a summary, workbooks. No database."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from planner.allocation import Progress
from planner.cli.console import Console, Update
from planner.cli.files import replacing
from planner.cli.tables import render_table
from planner.i18n import cell_words, translator
from planner.services.wording import level_phrase
from planner.text import N_, Phrase
from reports.values import Report
from reports.workbook import render_report

SUMMARY: Final = ("reasons", "levels")
"""The tables of a report that the summary shows."""


def solver_progress(update: Update) -> Callable[[Progress], None]:
    """What the solver reports, as phrases for `update`."""

    def report(progress: Progress) -> None:
        params = {"level": level_phrase(progress.level), "round": progress.round}
        if progress.gap is None:
            update(Phrase(N_("%(level)s: round %(round)s"), params))
        else:
            update(Phrase(N_("%(level)s: round %(round)s, gap %(gap)s"), {**params, "gap": progress.gap}))

    return report
