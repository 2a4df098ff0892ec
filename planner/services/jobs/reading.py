"""How jobs stand: one with its log, the list of all, and the workers that are there to do them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from models import Job, JobKind, JobStatus, User, Worker
from planner.errors import ForbiddenError, NotFoundError
from planner.services.jobs.kinds import KINDS, may_act, visible_kinds
from planner.services.jobs.states import UNFINISHED
from planner.services.jobs.workers import PATIENCE
from planner.services.lists import ListFilter, Listing, load_slice, sorted_by
from planner.services.permissions import Actor
from planner.services.phrases import read_phrase
from planner.text import N_, Phrase
from reports.values import Column, Table

STATUSES: Final[Mapping[JobStatus, str]] = MappingProxyType(
    {
        JobStatus.QUEUED: N_("Queued"),
        JobStatus.RUNNING: N_("Running"),
        JobStatus.DONE: N_("Done"),
        JobStatus.FAILED: N_("Failed"),
        JobStatus.CANCELLED: N_("Cancelled"),
    }
)


SORTABLE: Final = ("kind", "status")


@dataclass(frozen=True)
class LogLine:
    """One line of a job's log."""

    at: dt.datetime
    text: Phrase


@dataclass(frozen=True)
class JobInfo:
    """How a job stands. Times are aware; `created_by` is a full name, "" for the operator; `share` is done of 1.

    `ahead` counts the jobs of its kind that come before it in the queue, and `workers` the workers that are alive;
    both are None unless it waits. `cancelling` says that it was cancelled and its worker has not looked yet.
    """

    kind: JobKind
    subject: str
    status: JobStatus
    attempt: int
    progress: Phrase | None
    share: float | None
    failure: Phrase | None
    lines: tuple[LogLine, ...]
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    created_by: str
    executor: str | None
    ahead: int | None
    workers: int | None
    cancelling: bool
    may_cancel: bool
    may_retry: bool

    @property
    def finished(self) -> bool:
        """Whether nothing more becomes of it by itself."""
        return self.status not in UNFINISHED

    @property
    def status_name(self) -> Phrase:
        """What its status is called."""
        return Phrase(N_("Being cancelled")) if self.cancelling else Phrase(STATUSES[self.status])


def load_job(session: Session, actor: Actor, kind: JobKind, subject: str) -> JobInfo:
    """How the job stands; `NotFoundError` if there is none, `ForbiddenError` if the role sees no such jobs."""
    found = find_job(session, actor, kind, subject)
    if found is None:
        raise NotFoundError
    return found


def find_job(session: Session, actor: Actor, kind: JobKind, subject: str) -> JobInfo | None:
    """The same, or None where there is none: what was done before there were jobs has none."""
    if kind not in visible_kinds(actor):
        raise ForbiddenError
    job = session.scalar(
        select(Job)
        .where(Job.kind == kind, Job.subject == subject)
        .options(joinedload(Job.created_by), selectinload(Job.lines))
    )
    if job is None:
        return None
    acting, waits = may_act(actor, kind), job.status is JobStatus.QUEUED
    cancelling = job.status is JobStatus.RUNNING and job.cancel_requested_at is not None
    return JobInfo(
        kind=job.kind,
        subject=job.subject,
        status=job.status,
        attempt=job.attempt,
        progress=read_phrase(job.progress) if job.progress else None,
        share=job.share,
        failure=read_phrase(job.failure) if job.failure else None,
        lines=tuple(LogLine(line.at, read_phrase(line.text)) for line in job.lines),
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        created_by=job.created_by.full_name if job.created_by else "",
        executor=job.executor,
        ahead=_count_ahead(session, job) if waits else None,
        workers=count_workers(session) if waits else None,
        cancelling=cancelling,
        may_cancel=acting and job.status in UNFINISHED and not cancelling,
        may_retry=acting and job.status in {JobStatus.FAILED, JobStatus.CANCELLED},
    )


def count_workers(session: Session) -> int:
    """How many workers have given a sign of life of late."""
    alive = select(func.count()).select_from(Worker).where(Worker.heartbeat_at >= _silent_since())
    return session.scalar(alive) or 0


def _silent_since() -> dt.datetime:
    """A worker whose last sign of life is from before this is out of touch."""
    return dt.datetime.now(dt.UTC) - dt.timedelta(seconds=PATIENCE)


def _count_ahead(session: Session, job: Job) -> int:
    before = select(func.count()).where(Job.kind == job.kind, Job.status == JobStatus.QUEUED, Job.id < job.id)
    return session.scalar(before) or 0


def list_jobs(session: Session, actor: Actor, wanted: ListFilter) -> tuple[Listing, Mapping[str, JobKind]]:
    """The jobs that `actor` may see, the newest first unless sorted otherwise, and the kind of each by its code."""
    kinds = visible_kinds(actor)
    if not kinds:
        raise ForbiddenError
    sorts = {"code": -Job.id, "kind": Job.kind, "status": Job.status}
    query = select(
        Job.kind, Job.subject, Job.status, Job.created_at, Job.started_at, Job.finished_at, User.full_name, Job.attempt
    ).outerjoin(Job.created_by)
    found = load_slice(session, sorted_by(query.where(Job.kind.in_(kinds)), sorts, wanted), wanted)
    listing = found.listing(
        Table(
            "jobs",
            N_("Work in the background"),
            (
                Column("subject", N_("Code"), "code"),
                Column("kind", N_("Kind")),
                Column("status", N_("Status")),
                Column("created_at", N_("Asked for"), "moment"),
                Column("started_at", N_("Began"), "moment"),
                Column("finished_at", N_("Ended"), "moment"),
                Column("created_by", N_("Asked for by")),
                Column("attempt", N_("Attempt"), "number"),
            ),
            tuple(
                (
                    row.subject,
                    Phrase(KINDS[row.kind].label),
                    Phrase(STATUSES[row.status]),
                    row.created_at,
                    row.started_at,
                    row.finished_at,
                    row.full_name or Phrase(N_("Operator")),
                    row.attempt,
                )
                for row in found.rows
            ),
        )
    )
    return listing, {row.subject: row.kind for row in found.rows}


def list_workers(session: Session, actor: Actor) -> Table:
    """The workers that are entered, and which of them have given a sign of life of late."""
    if not visible_kinds(actor):
        raise ForbiddenError
    workers = session.scalars(select(Worker).order_by(Worker.started_at, Worker.executor))
    since = _silent_since()
    return Table(
        "workers",
        N_("Workers"),
        (
            Column("executor", N_("Worker"), "code"),
            Column("version", N_("Planner version"), "code"),
            Column("started_at", N_("Started"), "moment"),
            Column("state", N_("Status")),
        ),
        tuple(
            (
                worker.executor,
                worker.version,
                worker.started_at,
                Phrase(N_("Alive") if worker.heartbeat_at >= since else N_("Out of touch")),
            )
            for worker in workers
        ),
    )
