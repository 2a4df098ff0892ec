"""Asking for work: a new job, an end to one, another try."""

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Job, JobKind, JobStatus
from planner.errors import ConflictError, NotFoundError
from planner.services.audit import record
from planner.services.jobs.kinds import KINDS, require_act, visible_kinds
from planner.services.jobs.states import NOTHING_YET, UNFINISHED, add_line, move, now, ticket_of
from planner.services.locking import begin_writing, lock
from planner.services.permissions import Actor
from planner.text import N_, Phrase

MOST_WAITING: Final = 200
"""How much of what one person asked for may wait at a time: five sweeps of the largest size."""
ASKED: Final = N_("%(person)s asked for it.")
"""What the log of a job says whenever somebody asks for it."""


def add_job(session: Session, actor: Actor, kind: JobKind, subject: str) -> Job:
    """Put the work of `kind` for `subject` into the queue, within the caller's transaction.

    If that very work waits or is under way already it is left alone, and if it has ended it is done anew.
    `ConflictError` where `MOST_WAITING` of the actor's wait.
    """
    require_act(actor, kind)
    lock(session, f"job:{kind}:{subject}")  # two may ask for the first time at once
    job = _locked(session, kind, subject)
    if job is None:
        _require_room(session, actor)
        job = Job(
            kind=kind,
            subject=subject,
            status=JobStatus.QUEUED,
            created_at=now(),
            created_by_id=actor.user_id,
            attempt=1,
        )
        session.add(job)
        session.flush()
        add_line(session, job.id, _queued_by(actor))
    elif job.status not in UNFINISHED:
        _queue_again(session, actor, job)
    return job


def _require_room(session: Session, actor: Actor) -> None:
    """`ConflictError` where as much of the actor's work waits as anybody's may: the queue is everybody's."""
    waiting = select(func.count()).where(Job.created_by_id == actor.user_id, Job.status == JobStatus.QUEUED)
    if actor.user_id is not None and (session.scalar(waiting) or 0) >= MOST_WAITING:
        message = N_("%(most)s pieces of work that you asked for wait already. Let some end, or cancel them, first.")
        raise ConflictError(Phrase(message, {"most": MOST_WAITING}))


def cancel_job(session: Session, actor: Actor, kind: JobKind, subject: str) -> None:
    """End the job: at once if it waits, else as soon as its worker looks. `ConflictError` if it has ended."""
    job = _required(session, actor, kind, subject)
    if job.status not in UNFINISHED:
        raise ConflictError(Phrase(N_("This work has ended already.")))
    line = Phrase(N_("%(person)s cancelled it."), {"person": _name(actor)})
    cancelled = move(session, ticket_of(job), [JobStatus.QUEUED], JobStatus.CANCELLED, line)
    if not cancelled and job.cancel_requested_at is None:
        job.cancel_requested_at = now()
        add_line(session, job.id, line)
    _record(session, actor, "cancelled", job)


def retry_job(session: Session, actor: Actor, kind: JobKind, subject: str) -> None:
    """Put a job that failed or was cancelled back into the queue; `ConflictError` for any other."""
    job = _required(session, actor, kind, subject)
    if job.status not in {JobStatus.FAILED, JobStatus.CANCELLED}:
        raise ConflictError(Phrase(N_("Only work that failed or was cancelled can be tried again.")))
    _queue_again(session, actor, job)
    _record(session, actor, "retried", job)


def _queue_again(session: Session, actor: Actor, job: Job) -> None:
    again = {**NOTHING_YET, "attempt": job.attempt + 1, "losses": 0}
    move(session, ticket_of(job), [job.status], JobStatus.QUEUED, _queued_by(actor), **again)
    session.refresh(job)


def _locked(session: Session, kind: JobKind, subject: str) -> Job | None:
    return session.scalar(select(Job).where(Job.kind == kind, Job.subject == subject).with_for_update())


def _required(session: Session, actor: Actor, kind: JobKind, subject: str) -> Job:
    require_act(actor, kind)
    begin_writing(session)
    job = _locked(session, kind, subject) if kind in visible_kinds(actor) else None
    if job is None:
        raise NotFoundError
    return job


def _queued_by(actor: Actor) -> Phrase:
    return Phrase(ASKED, {"person": _name(actor)})


def _name(actor: Actor) -> str | Phrase:
    return Phrase(N_("Operator")) if actor.user_id is None else actor.full_name


def _record(session: Session, actor: Actor, action: str, job: Job) -> None:
    if (kind := KINDS[job.kind].subject) is not None:
        record(session, actor, action, f"{kind}:{job.subject}")
