"""How a job moves from state to state: always by its ticket, so that who lost it moves nothing."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, insert, select, update
from sqlalchemy.orm import Session

from models import Job, JobKind, JobLine, JobStatus, PlanRun, RunStatus
from planner.services.phrases import dump_phrase
from planner.services.webhooks.events import Event
from planner.services.webhooks.outbox import announce
from planner.text import N_, Phrase

DONE: Final = Phrase(N_("Done."))
UNFINISHED: Final = (JobStatus.QUEUED, JobStatus.RUNNING)
NOTHING_YET: Final[dict[str, Any]] = {
    "executor": None,
    "progress": None,
    "share": None,
    "failure": None,
    "cancel_requested_at": None,
    "started_at": None,
    "finished_at": None,
}
"""What a job that waits in the queue does not have."""


@dataclass(frozen=True)
class Ticket:
    """One attempt at a job. Whoever holds the newest one owns the job."""

    kind: JobKind
    subject: str
    attempt: int

    @property
    def workflow_id(self) -> str:
        """What DBOS knows the attempt by; it makes a workflow of an id once, whoever asks."""
        return f"{self.kind}-{self.subject}-{self.attempt}"

    @property
    def row(self) -> ColumnElement[bool]:
        """The condition for the job, as long as this is its newest ticket."""
        return and_(Job.kind == self.kind, Job.subject == self.subject, Job.attempt == self.attempt)


def ticket_of(job: Job) -> Ticket:
    """The newest ticket of `job`."""
    return Ticket(job.kind, job.subject, job.attempt)


def now() -> dt.datetime:
    """This moment, aware."""
    return dt.datetime.now(dt.UTC)


def ending(run: PlanRun) -> dt.datetime:
    """This moment, as the end of `run`: not before it began, even by a clock that is behind the one that said so."""
    return max(now(), run.created_at)


def move(
    session: Session,
    ticket: Ticket,
    before: Collection[JobStatus],
    after: JobStatus,
    line: Phrase,
    *,
    failure: Phrase | None = None,
    **values: Any,
) -> bool:
    """Move the job of `ticket` from one of `before` to `after` and log `line`; False if the ticket lost it.

    The statement that asks is the one that moves, so of two who try at once one has it.
    """
    if failure is not None:
        values["failure"] = dump_phrase(failure)
    if after not in UNFINISHED:
        values |= {"finished_at": now(), "progress": None}
    moved = session.execute(
        update(Job).where(ticket.row, Job.status.in_(before)).values(status=after, **values).returning(Job.id)
    ).scalar_one_or_none()
    if moved is None:
        return False
    add_line(session, moved, line)
    if ticket.kind is JobKind.PLAN_RUN:
        _follow(session, ticket.subject, after, failure)
    return True


def add_line(session: Session, job_id: int, text: Phrase) -> None:
    """Add `text` to the job's log."""
    session.execute(insert(JobLine).values(job_id=job_id, at=now(), text=dump_phrase(text)))


def _follow(session: Session, code: str, status: JobStatus, failure: Phrase | None) -> None:
    """Give the plan run its job's status. When the job is done, whoever stores the plan says so, after the plan."""
    if status is JobStatus.DONE:
        return
    run = session.scalars(select(PlanRun).where(PlanRun.code == code)).one()
    run.status = RunStatus(status.value)
    run.finished_at = None if status in UNFINISHED else ending(run)
    run.failure = (failure.msgid % dict(failure.params))[:2000] if failure else ""
    session.flush()
    if status not in UNFINISHED:
        announce(session, Event.RUN_FINISHED, {"code": code, "status": run.status.value})
