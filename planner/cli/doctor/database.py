"""What the database tells: its tables, its clock, who works, what waits, and which attached files it names."""

import datetime as dt
from collections.abc import Callable, Generator, Iterator
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import Worker
from planner import __version__, db
from planner.cli.doctor.findings import Finding, Verdict, found
from planner.config import Settings
from planner.services.attachments import Shelf
from planner.services.audit import verify_chain
from planner.services.jobs.measures import measure_work
from planner.services.jobs.workers import PATIENCE
from planner.services.overview import is_synthetic
from planner.services.permissions import OPERATOR
from planner.services.stray_files import lost_files, stray_files
from planner.services.webhooks.addresses import Outlet
from planner.services.webhooks.reading import refused_webhooks
from planner.services.wording import SYNTHETIC
from planner.text import N_

SKEW: Final = 5.0
"""Seconds by which the clocks of this machine and of the database may differ."""
LONG: Final = 600.0
"""Seconds after which what waits has waited long."""
MAY_MAKE_SCHEMA: Final = text(
    "SELECT to_regnamespace('dbos') IS NOT NULL OR has_database_privilege(current_database(), 'CREATE')"
)


def _clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def check_database(settings: Settings, *, deep: bool, clock: Callable[[], dt.datetime] = _clock) -> Iterator[Finding]:
    """Everything that can be asked of it, and whether its clock is this machine's `clock`.

    Where its tables are not the newest, that alone is said.
    """
    engine = db.open_engine(settings.database_url)
    try:
        present, newest = db.pending_revisions(engine)
        if present != newest:
            behind = N_("The database is at %(present)s instead of %(newest)s. Run `planner init`.")
            yield found(Verdict.WRONG, behind, present=present, newest=newest)
            return
        yield found(Verdict.SOUND, N_("The database is up to date (%(revision)s)"), revision=present)
        with db.open_snapshot(db.open_sessions(engine)) as session:
            yield found(
                Verdict.SOUND, SYNTHETIC if is_synthetic(session) else N_("No synthetic data was ever imported")
            )
            now = clock()
            if engine.dialect.name == "postgresql":
                now = yield from _check_server(session, now)
            yield from _check_workers(session, now)
            yield from _check_webhooks(session, Outlet.of(settings))
            yield from _check_files(session, Shelf(settings.attachments), now)
            if deep:
                yield from _check_audit_log(session)
    except SQLAlchemyError as error:
        yield found(Verdict.WRONG, N_("The database cannot be reached: %(reason)s"), reason=str(error))
    finally:
        engine.dispose()


def _check_server(session: Session, now: dt.datetime) -> Generator[Finding, None, dt.datetime]:
    """Clock and rights on a server; what its clock says."""
    clock: dt.datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    seconds = round((clock - now).total_seconds(), 1)
    verdict = Verdict.WRONG if abs(seconds) > SKEW else Verdict.SOUND
    yield found(verdict, N_("The database's clock is %(seconds)s s ahead of this machine's"), seconds=seconds)
    if not session.scalar(MAY_MAKE_SCHEMA):
        yield found(Verdict.WRONG, N_("Workers can neither find nor make the schema dbos in the database"))
    return clock


def _check_workers(session: Session, now: dt.datetime) -> Iterator[Finding]:
    """Who works, whether it is this version, and whether anything waits for want of workers."""
    measures = measure_work(session, now)
    alive = {executor for executor, silence in measures.silences.items() if silence <= PATIENCE}
    if alive:
        yield found(Verdict.SOUND, N_("%(count)s workers are alive"), count=len(alive))
    elif measures.longest_wait:
        yield found(Verdict.WRONG, N_("Work waits and no worker is alive. Start `planner worker`."))
    else:
        yield found(Verdict.DOUBTFUL, N_("No worker is alive. Start `planner worker`."))
    if silent := sorted(measures.silences.keys() - alive):
        yield found(
            Verdict.DOUBTFUL, N_("No sign of life comes from these workers: %(workers)s"), workers=tuple(silent)
        )
    versions = dict(session.execute(select(Worker.executor, Worker.version)).all())
    if others := sorted({versions[executor] for executor in alive} - {__version__}):
        yield found(Verdict.WRONG, N_("Workers are of other versions: %(versions)s"), versions=tuple(others))
    if alive and measures.longest_wait > LONG:
        minutes = round(measures.longest_wait / 60)
        yield found(Verdict.DOUBTFUL, N_("The oldest work has waited for %(minutes)s minutes"), minutes=minutes)


def _check_webhooks(session: Session, outlet: Outlet) -> Iterator[Finding]:
    """Whether the settings still allow every webhook's address."""
    if refused := refused_webhooks(session, OPERATOR, outlet):
        wrong = N_("The settings do not allow the addresses of these webhooks: %(webhooks)s")
        yield found(Verdict.WRONG, wrong, webhooks=refused)


def _check_files(session: Session, shelf: Shelf, now: dt.datetime) -> Iterator[Finding]:
    """Whether the attached files and the rows that name them are the same."""
    lost, stray = lost_files(session, shelf), stray_files(session, shelf, now)
    if lost:
        yield found(
            Verdict.WRONG,
            N_("%(count)s attached files are not in %(folder)s. Is it the folder that all processes share?"),
            count=len(lost),
            folder=str(shelf.folder),
        )
    if stray:
        yield found(
            Verdict.DOUBTFUL, N_("Nothing names %(count)s files; `planner purge` removes them"), count=len(stray)
        )
    if not lost and not stray:
        yield found(Verdict.SOUND, N_("Attached files are where they belong"))


def _check_audit_log(session: Session) -> Iterator[Finding]:
    verified = verify_chain(session, OPERATOR)
    if verified.breaks:
        broken = N_("The audit log is not as it was written. Run `planner audit verify`.")
        yield found(Verdict.WRONG, broken)
    else:
        whole = N_("The audit log is as it was written: %(count)s entries.")
        yield found(Verdict.SOUND, whole, count=verified.entries)
