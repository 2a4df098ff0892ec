"""The steps of the work, each shown while it runs; commands and the demo are made of them."""

import datetime as dt
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from planner.cli.console import Console
from planner.cli.plans import solver_progress
from planner.i18n import TIME_ZONE, format_day
from planner.services import importing, planning
from planner.services.permissions import OPERATOR
from planner.text import N_


def import_workbook(console: Console, sessions: sessionmaker[Session], file: Path) -> None:
    """Load a workbook as an upload would, and say what changed."""
    with (
        console.step(N_("Importing %(file)s"), file=file.name),
        sessions.begin() as session,
        file.open("rb") as stream,
    ):
        result = importing.apply_import(session, OPERATOR, stream, file.name)
    for sheet in result.changes:
        console.say(
            N_("%(sheet)s: %(added)s added, %(changed)s changed, %(unchanged)s unchanged"),
            sheet=sheet.title,
            added=sheet.added,
            changed=sheet.changed,
            unchanged=sheet.unchanged,
        )


def run_plan(console: Console, sessions: sessionmaker[Session], name: str | None, *, reuse: bool = False) -> str:
    """Run the allocation; the code of the plan run that holds its plan."""
    today = format_day(dt.datetime.now(TIME_ZONE).date(), console.language)
    with console.step(N_("Running the allocation")) as update:
        return planning.run_plan(
            sessions,
            OPERATOR,
            name or console.words(N_("Plan of %(day)s"), day=today),
            progress=solver_progress(update),
            reuse=reuse,
        )
