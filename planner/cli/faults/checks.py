"""Holding the database against the ledger: nothing lost, nothing double, nothing half, and a log that holds."""

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
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
)
from planner.cli.faults.ledger import Ledger, Outcome
from planner.db import open_snapshot
from planner.i18n import LANGUAGES
from planner.services.attachments import Shelf
from planner.services.audit import verify_chain
from planner.services.jobs.requests import ASKED
from planner.services.jobs.states import DONE, UNFINISHED
from planner.services.permissions import OPERATOR

LOST, DOUBLED, HALF, REFUSED_YET_DONE, BROKEN = "lost", "doubled", "half", "refused_yet_done", "broken"
KINDS: Final = (LOST, DOUBLED, HALF, REFUSED_YET_DONE, BROKEN)
"""What must never happen: acknowledged and gone; done twice; done in part; refused and yet done; a log or a database
that does not hold together."""


@dataclass(frozen=True)
class Breach:
    """Something that must never happen, and what it is about."""

    kind: str
    about: str


Traces: TypeAlias = Callable[[Session], Counter[str]]


def _count(column: InstrumentedAttribute[str]) -> Traces:
    """How often each value stands in a column."""
    return lambda session: Counter(dict(session.execute(select(column, func.count()).group_by(column)).all()))


def _count_events(action: str) -> Traces:
    """How often each note stands at an event of the log."""
    notes = select(AuditEntry.note, func.count()).where(AuditEntry.action == action).group_by(AuditEntry.note)
    return lambda session: Counter(dict(session.execute(notes).all()))


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
        "attached": _count(Attachment.name),
        "saved": _count_saved,
        "submitted": _count_events("submitted"),
        "approved": _count_events("approved"),
        "imported": _count(ImportBatch.file_name),
        "queued": _count(PlanRun.name),
        "asked_for_reports": _count_report_jobs,
        "published": _count(Publication.note),
    }
)
"""How often the mark of a deed stands in the database, by the deed's kind."""


def find_breaches(sessions: sessionmaker[Session], ledger: Ledger, attachments: Path) -> list[Breach]:
    """Everything that must never happen and did, in one look at the database while nobody works at pages."""
    with open_snapshot(sessions) as session:
        breaches = [
            breach
            for kind, traces in TRACES.items()
            for breach in _check_deeds(kind, dict(ledger.of_kind(kind)), traces(session))
        ]
        for check in (_check_requirements, _check_imports, _check_runs, _check_jobs, _check_reports, _check_log):
            breaches += check(session)
        return [*breaches, *_check_files(session, Shelf(attachments))]


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
    """Each import has as many rows as it says, and all of them are there."""
    rows = dict(session.execute(select(ImportRow.batch_id, func.count()).group_by(ImportRow.batch_id)).all())
    for batch in session.scalars(select(ImportBatch).where(ImportBatch.file_name.startswith("fault-"))):
        mark = batch.file_name.removesuffix(".xlsx")
        there = session.scalar(select(func.count()).where(Requirement.title.startswith(f"{mark}-")))
        said = sum(sum(counts.values()) for counts in batch.counts.values())
        if not rows.get(batch.id) == there == said:
            yield Breach(HALF, f"import {mark}: {rows.get(batch.id)} rows noted, {there} there, {said} said")


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
    """None was done more often than somebody asked for it, and none was given up."""
    done, asked = (
        Counter(session.scalars(select(JobLine.job_id).where(JobLine.text["msgid"].as_string() == msgid)))
        for msgid in (DONE.msgid, ASKED)
    )
    for number, times in done.items():
        if times > asked[number]:
            yield Breach(DOUBLED, f"job {number} done {times} times, asked for {asked[number]} times")
    for job in session.scalars(select(Job).where(Job.status == JobStatus.FAILED)):
        yield Breach(LOST, f"{job.kind} {job.subject} failed: {job.failure}")


def _check_reports(session: Session) -> Iterator[Breach]:
    """The workbooks of a plan are there in every language, in archives that open."""
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


def _check_log(session: Session) -> Iterator[Breach]:
    """The log's chain holds, and so does the database itself."""
    for broken in verify_chain(session, OPERATOR).breaks:
        yield Breach(BROKEN, f"log at {broken.position}: {broken.message.msgid}")
    if session.get_bind().dialect.name == "sqlite":
        said = session.scalars(text("PRAGMA integrity_check")).all()
        yield from (Breach(BROKEN, line) for line in said if line != "ok")
        if session.execute(text("PRAGMA foreign_key_check")).first():
            yield Breach(BROKEN, "a row refers to one that is not there")


def _check_files(session: Session, shelf: Shelf) -> Iterator[Breach]:
    """Every attached file is there, whole."""
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
    """How many jobs wait or are under way."""
    return session.scalar(select(func.count()).select_from(Job).where(Job.status.in_(UNFINISHED))) or 0
