"""The steps of the work on a database, each shown while it runs; commands and the demo are made of them."""

from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from planner.cli.console import Console
from planner.cli.files import replacing
from planner.cli.opening import settings
from planner.errors import NotFoundError
from planner.services import importing, planning, report_sets
from planner.services.permissions import OPERATOR
from planner.services.plan_storage import newest_solved
from planner.services.publishing import publish
from planner.services.publishing.staleness import load_changes
from planner.services.publishing.standing import load_publication
from planner.services.report_sets import Contents, make_archives
from planner.text import N_, Phrase
from reports.archive import Limits
from reports.values import Report


def import_workbook(console: Console, sessions: sessionmaker[Session], file: Path) -> None:
    """Load a workbook as an upload would, and say what changed."""
    with (
        console.step(N_("Importing %(file)s"), file=file.name),
        sessions.begin() as session,
        file.open("rb") as stream,
    ):
        limits = Limits(file_bytes=settings().upload_limit)
        result = importing.apply_import(session, OPERATOR, stream, file.name, limits)
    for sheet in result.changes:
        console.say(
            N_("%(sheet)s: %(added)s added, %(changed)s changed, %(unchanged)s unchanged"),
            sheet=sheet.title,
            added=sheet.added,
            changed=sheet.changed,
            unchanged=sheet.unchanged,
        )


def run_plan(
    console: Console, sessions: sessionmaker[Session], name: str, *, reuse: bool = False, scenario: str | None = None
) -> str:
    """Run the allocation, of the base or of a scenario; the code of the plan run that holds its plan."""
    with console.step(N_("Running the allocation")) as update:
        return planning.run_plan(sessions, OPERATOR, name, progress=update, reuse=reuse, scenario=scenario)


def publish_plan(console: Console, sessions: sessionmaker[Session], name: str, note: str) -> str:
    """Run the allocation and put its plan in force, unless the one in force is up to date; the code of the plan."""
    with sessions() as session:
        known = load_publication(session)
        if known and not load_changes(session, OPERATOR, known.plan).stale:
            return known.plan
    code = run_plan(console, sessions, name)
    with console.step(N_("Publishing the plan")), sessions.begin() as session:
        publish.publish_plan(session, OPERATOR, code, note, seen=known.plan if known else None)
    return code


def newest_plan(sessions: sessionmaker[Session]) -> str:
    """The code of the newest solved plan run of the base; `NotFoundError` if there is none."""
    with sessions() as session:
        run = newest_solved(session)
    if run is None:
        raise NotFoundError(Phrase(N_("There is no solved plan yet. Run `planner plan` first.")))
    return run.code


def load_contents(sessions: sessionmaker[Session], code: str) -> Contents:
    """What the reports on the plan run called `code` are made of."""
    with sessions() as session:
        return report_sets.load_contents(session, OPERATOR, code)


def load_report(sessions: sessionmaker[Session], code: str) -> Report:
    """The managers' report of the plan run called `code`."""
    return load_contents(sessions, code).managers()


def write_archives(console: Console, contents: Contents, code: str, folder: Path) -> list[Path]:
    """Write `folder`/allocation-`code`-LANGUAGE.zip in each language of the console; the paths."""
    with console.step(N_("Writing workbooks")) as update:
        archives = make_archives(contents, console.languages, lambda progress, _share: update(progress))
    paths = []
    for language, content in archives.items():
        paths.append(folder / f"allocation-{code}-{language}.zip")
        with replacing(paths[-1]) as stream:
            stream.write(content)
    return paths
