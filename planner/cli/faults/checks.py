"""Holding the database against the ledger: nothing lost, nothing double, nothing half, and a log that holds."""

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from sqlalchemy import func, select, text, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker, undefer

from models import (
    Attachment,
    AuditEntry,
    Comment,
    DemandLine,
    ImportBatch,
    ImportRow,
    InboxItem,
    Job,
    JobKind,
    JobLine,
    JobStatus,
    Placement,
    PlanRun,
    Publication,
    ReportArchive,
    Requirement,
    RunStatus,
    Shortfall,
    User,
)
from planner.cli.faults.breaches import BROKEN, DOUBLED, HALF, LOST, REFUSED_YET_DONE, Breach
from planner.cli.faults.hooks import count_due, find_untold
from planner.cli.faults.ledger import Ledger, Outcome
from planner.db import open_snapshot
from planner.i18n import LANGUAGES
from planner.services.attachments import Shelf
from planner.services.audit import verify_chain
from planner.services.jobs.requests import ASKED
from planner.services.jobs.states import DONE, UNFINISHED
from planner.services.permissions import OPERATOR
from planner.services.publishing.publish import TOLD
from planner.services.report_sets import KEPT

Traces: TypeAlias = Callable[[Session], Counter[str]]


def _count(column: InstrumentedAttribute[str]) -> Traces:
    """How often each value stands in a column."""
    return lambda session: Counter(dict(session.execute(select(column, func.count()).group_by(column)).all()))


def _count_events(action: str) -> Traces:
    """How often each note stands at an event of the log."""
    notes = select(AuditEntry.note, func.count()).where(AuditEntry.action == action).group_by(AuditEntry.note)
    return lambda session: Counter(dict(session.execute(notes).all()))


def _count_files(action: str, at: int) -> Traces:
    """How often a file of each name was attached or removed, after the log; `at` is where the name stands there."""
    changes = select(AuditEntry.changes).where(AuditEntry.action == action)
    return lambda session: Counter(str(change["file"][at]) for change in session.scalars(changes))


def _count_undone(session: Session) -> Counter[str]:
    """How often the import of each number was undone."""
    undone = select(AuditEntry.subject).where(AuditEntry.action == "undone", AuditEntry.subject.startswith("import:"))
    return Counter(subject.removeprefix("import:") for subject in session.scalars(undone))


def _count_saved(session: Session) -> Counter[str]:
    """How often each note was written into a requirement, after the log."""
    changes = session.scalars(select(AuditEntry.changes).where(AuditEntry.subject.startswith("requirement:")))
    return Counter(str(change["note"][1]) for change in changes if "note" in change)


def _count_report_jobs(session: Session) -> Counter[str]:
    return Counter(session.scalars(select(Job.subject).where(Job.kind == JobKind.REPORT_SET)))


TRACES: Final[Mapping[str, Traces]] = MappingProxyType(
    {
        "created": _count(Requirement.title),
        "commented": _count(Comment.text),
        "attached": _count_files("attached", 1),
        "detached": _count_files("detached", 0),
        "saved": _count_saved,
        "submitted": _count_events("submitted"),
        "approved": _count_events("approved"),
        "imported": _count(ImportBatch.file_name),
        "undone": _count_undone,
        "queued": _count(PlanRun.name),
        "asked_for_reports": _count_report_jobs,
        "published": _count(Publication.note),
    }
)
"""How often the mark of a deed stands in the database, by the deed's kind."""


def find_breaches(
    sessions: sessionmaker[Session], ledger: Ledger, attachments: Path, got: Mapping[str, bytes]
) -> list[Breach]:
    """Everything that must never happen and did, in one look at the database while nobody works at pages.

    `got` are the messages that the receiver of the webhook has.
    """
    arrived = set(got)  # before the rows are read: a row is there before its message is sent
    with open_snapshot(sessions) as session:
        breaches = [
            breach
            for kind, traces in TRACES.items()
            for breach in _check_deeds(kind, dict(ledger.of_kind(kind)), traces(session))
        ]
        for check in CHECKS:
            breaches += check(session)
        return [*breaches, *_check_files(session, Shelf(attachments)), *find_untold(session, arrived, got)]


def _check_deeds(kind: str, deeds: Mapping[str, Outcome], traces: Counter[str]) -> Iterator[Breach]:
    for mark, outcome in deeds.items():
        times = traces[mark]
        if times > 1:
            yield Breach(DOUBLED, f"{kind} {mark}: {times} times")
        elif outcome is Outcome.DONE and times == 0:
            yield Breach(LOST, f"{kind} {mark}")
        elif outcome is Outcome.REFUSED and times and kind != "asked_for_reports":  # asked for by publishing too
            yield Breach(REFUSED_YET_DONE, f"{kind} {mark}")


def _check_requirements(session: Session) -> Iterator[Breach]:
    """Each that was entered has its demand, and each stands as the last entries of its history say."""
    bare = select(Requirement.code).where(
        Requirement.title.startswith("fault-"), Requirement.id.not_in(select(DemandLine.requirement_id))
    )
    yield from (Breach(HALF, f"{code} without demand") for code in session.scalars(bare))
    said: dict[str, dict[str, object]] = {}
    entries = select(AuditEntry.subject, AuditEntry.changes).where(AuditEntry.subject.startswith("requirement:"))
    for subject, changes in session.execute(entries.order_by(AuditEntry.position)):
        told = {name: changes[name][1] for name in ("status", "note") if name in changes}
        said.setdefault(subject.partition(":")[2], {}).update(told)
    for code, status, note in session.execute(select(Requirement.code, Requirement.status, Requirement.note)):
        told = said.get(code, {})
        if told.get("status", status) != status or told.get("note", note) != note:
            yield Breach(HALF, f"{code} is not as its history says: {told}, {status}, {note}")


def _check_imports(session: Session) -> Iterator[Breach]:
    """Each import has as many rows as it says, and all of them are there; of one that was undone none is."""
    rows = dict(session.execute(select(ImportRow.batch_id, func.count()).group_by(ImportRow.batch_id)).all())
    for batch in session.scalars(select(ImportBatch).where(ImportBatch.file_name.startswith("fault-"))):
        mark = batch.file_name.removesuffix(".xlsx")
        there = session.scalar(select(func.count()).where(Requirement.title.startswith(f"{mark}-")))
        said = sum(sum(counts.values()) for counts in batch.counts.values())
        left = 0 if batch.undone_at else said
        if rows.get(batch.id) != said or there != left:
            yield Breach(HALF, f"import {mark}: {rows.get(batch.id)} rows noted, {there} of {left} there, {said} said")


def _check_runs(session: Session) -> Iterator[Breach]:
    """A run has a plan, whole and proved, or no part of one; it stands where its job does."""
    parts = union_all(select(Placement.run_id), select(Shortfall.run_id)).subquery()
    partial = select(PlanRun.code).where(PlanRun.status != RunStatus.SOLVED, PlanRun.id.in_(select(parts)))
    yield from (Breach(HALF, f"{code} has parts of a plan") for code in session.scalars(partial))
    same = {JobStatus.DONE: RunStatus.SOLVED}
    pairs = select(PlanRun, Job).outerjoin(Job, (Job.subject == PlanRun.code) & (Job.kind == JobKind.PLAN_RUN))
    for run, job in session.execute(pairs):
        if job is None or same.get(job.status, job.status) != run.status:
            yield Breach(HALF, f"{run.code} is {run.status}, its job {job and job.status}")
        if run.status is RunStatus.SOLVED and not run.certificate.get("feasible"):
            yield Breach(HALF, f"{run.code} is solved without proof")


def _check_jobs(session: Session) -> Iterator[Breach]:
    """Each that is done was done as often as somebody asked for it, none more often, and none was given up."""
    done, asked = (
        Counter(session.scalars(select(JobLine.job_id).where(JobLine.text["msgid"].as_string() == msgid)))
        for msgid in (DONE.msgid, ASKED)
    )
    for number, times in done.items():
        if times > asked[number]:
            yield Breach(DOUBLED, f"job {number} done {times} times, asked for {asked[number]} times")
    for job in session.scalars(select(Job).where(Job.status.in_([JobStatus.DONE, JobStatus.FAILED]))):
        if job.status is JobStatus.FAILED:
            yield Breach(LOST, f"{job.kind} {job.subject} failed: {job.failure}")
        elif done[job.id] < asked[job.id]:
            yield Breach(LOST, f"job {job.id} done {done[job.id]} times, asked for {asked[job.id]} times")


def _check_reports(session: Session) -> Iterator[Breach]:
    """The workbooks of a plan that were made are there in every language, in archives that open."""
    made: dict[int, list[bytes]] = {}
    for archive in session.scalars(select(ReportArchive).options(undefer(ReportArchive.content))):
        made.setdefault(archive.run_id, []).append(archive.content)
    for run_id, archives in made.items():
        names = []
        for content in archives:
            with zipfile.ZipFile(io.BytesIO(content)) as opened:
                names.append(len(opened.namelist()))
                if opened.testzip() is not None:
                    yield Breach(HALF, f"a workbook of run {run_id} is damaged")
        if len(names) != len(LANGUAGES) or len(set(names)) != 1:
            yield Breach(HALF, f"workbooks of run {run_id}: {names}")
    done = select(PlanRun.id).join(Job, (Job.subject == PlanRun.code) & (Job.kind == JobKind.REPORT_SET))
    missing = set(session.scalars(done.where(Job.status == JobStatus.DONE))) - made.keys()
    if missing and len(made) < KEPT:  # beyond so many the oldest are forgotten
        yield Breach(LOST, f"workbooks of runs {sorted(missing)}")


def _check_notices(session: Session) -> Iterator[Breach]:
    """Whoever works with a plan was told once that it was published, but for who published it."""
    readers = set(session.scalars(select(User.id).where(User.active, User.role.in_(TOLD))))
    told: dict[str, Counter[int]] = {}
    notices = select(InboxItem.note, InboxItem.user_id).where(InboxItem.event == "published")
    for note, user_id in session.execute(notices):
        told.setdefault(note, Counter())[user_id] += 1
    for publication in session.scalars(select(Publication)):
        if told.get(publication.note) != Counter(readers - {publication.published_by_id}):
            yield Breach(HALF, f"notices of publication {publication.note}: {told.get(publication.note)}")


def _check_log(session: Session) -> Iterator[Breach]:
    """The log's chain holds, and so does the database itself."""
    for broken in verify_chain(session, OPERATOR).breaks:
        yield Breach(BROKEN, f"log at {broken.position}: {broken.message.msgid}")
    if session.get_bind().dialect.name == "sqlite":
        said = session.scalars(text("PRAGMA integrity_check")).all()
        yield from (Breach(BROKEN, line) for line in said if line != "ok")
        if session.execute(text("PRAGMA foreign_key_check")).first():
            yield Breach(BROKEN, "a row refers to one that is not there")


CHECKS: Final[tuple[Callable[[Session], Iterator[Breach]], ...]] = (
    _check_requirements,
    _check_imports,
    _check_runs,
    _check_jobs,
    _check_reports,
    _check_notices,
    _check_log,
)
"""What must hold whatever anybody did."""


def _check_files(session: Session, shelf: Shelf) -> Iterator[Breach]:
    """Every attached file is there, whole, and none else stands in the list."""
    attached = TRACES["attached"](session)
    attached.subtract(TRACES["detached"](session))
    listed = Counter(session.scalars(select(Attachment.name)))
    for name in (attached - listed) | (listed - attached):
        yield Breach(HALF, f"file {name} is listed {listed[name]} times, attached {attached[name]} times")
    for token, sha256 in session.execute(select(Attachment.token, Attachment.sha256)):
        path = shelf.path(token)
        if not path.is_file():
            yield Breach(LOST, f"file {token}")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            yield Breach(HALF, f"file {token}")


def count_orphans(sessions: sessionmaker[Session], attachments: Path) -> int:
    """Files that no row knows: what a process left that died between the file and its row. They harm nothing."""
    with sessions() as session:
        known = set(session.scalars(select(Attachment.token)))
    return sum(path.is_file() and path.name not in known for path in attachments.glob("*/*"))


def count_unfinished(session: Session) -> int:
    """How many jobs wait or are under way, and how many messages are due."""
    jobs = session.scalar(select(func.count()).select_from(Job).where(Job.status.in_(UNFINISHED))) or 0
    return jobs + count_due(session)
