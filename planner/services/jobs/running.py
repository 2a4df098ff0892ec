"""Doing a job: beginning it, handing it to its handler, and saying how it ended."""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeAlias

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from models import Job, JobKind, JobStatus
from planner.errors import NotFoundError, PlannerError, is_out_of_room
from planner.services.jobs.losses import AWAY, NO_ROOM, STOPPED, give_back
from planner.services.jobs.states import UNFINISHED, Ticket, move, now, ticket_of
from planner.services.jobs.work import CancelledError, HandedBackError, LostError, Work
from planner.services.jobs.workers import heartbeat, new_executor
from planner.services.phrases import read_phrase
from planner.text import N_, Phrase

Handler: TypeAlias = Callable[[Work], None]
"""Does the work of a job, and stores what comes of it within `Work.completing`."""

PAUSE: Final = 0.2
"""Seconds between two looks at work that another does."""


def execute(
    sessions: sessionmaker[Session],
    ticket: Ticket,
    executor: str,
    handler: Handler,
    *,
    listener: Callable[[Phrase], None] | None = None,
    stopping: threading.Event | None = None,
) -> bool:
    """Do the job of `ticket` to its end, as `executor`; False if it is not for the taking.

    What the handler raises is raised here, once the job says so. With `stopping` set, or where the database cannot be
    used, the job goes back to the queue.
    """
    began = Phrase(N_("Worker %(worker)s began, attempt %(attempt)s."), {"worker": executor, "attempt": ticket.attempt})
    with sessions.begin() as session:
        waits = [JobStatus.QUEUED]
        if not move(session, ticket, waits, JobStatus.RUNNING, began, executor=executor, started_at=now()):
            return False
    work = Work(sessions, ticket, listener, stopping)
    try:
        handler(work)
        if not work.completed:
            with work.completing():
                pass
    except LostError:
        raise
    except HandedBackError:
        with sessions.begin() as session:
            give_back(session, ticket, STOPPED, lost=False)
        raise
    except (CancelledError, KeyboardInterrupt):
        _end(sessions, ticket, JobStatus.CANCELLED, Phrase(N_("The work has stopped.")))
        raise
    except Exception as error:
        if isinstance(error, OperationalError) or is_out_of_room(error):  # nothing is wrong with the work
            with sessions.begin() as session:
                give_back(session, ticket, NO_ROOM if is_out_of_room(error) else AWAY, lost=True)
            raise
        failure = error.message if isinstance(error, PlannerError) else _unexpected(error)
        _end(sessions, ticket, JobStatus.FAILED, Phrase(N_("The work failed.")), failure)
        raise
    return True


def run_now(
    sessions: sessionmaker[Session],
    kind: JobKind,
    subject: str,
    handler: Handler,
    progress: Callable[[Phrase], None] | None = None,
) -> None:
    """Do the job that waits in the queue here and now; if a worker was quicker, wait until it has done it.

    What the handler raises is raised; if a worker's attempt failed or was cancelled, a `PlannerError` that says why.
    """
    executor = new_executor()
    with heartbeat(sessions, executor):
        while True:
            with sessions() as session:
                job = session.scalar(select(Job).where(Job.kind == kind, Job.subject == subject))
            if job is None:
                raise NotFoundError
            if job.status not in UNFINISHED:
                break
            if job.status is JobStatus.QUEUED and execute(
                sessions, ticket_of(job), executor, handler, listener=progress
            ):
                return
            if progress is not None and job.progress is not None:
                progress(read_phrase(job.progress))
            time.sleep(PAUSE)
    if job.status is JobStatus.CANCELLED:
        raise CancelledError
    if job.failure is not None:
        raise PlannerError(read_phrase(job.failure))


def _end(
    sessions: sessionmaker[Session], ticket: Ticket, status: JobStatus, line: Phrase, failure: Phrase | None = None
) -> None:
    with sessions.begin() as session:
        move(session, ticket, [JobStatus.RUNNING], status, line, failure=failure)


def _unexpected(error: Exception) -> Phrase:
    return Phrase(N_("Something unexpected went wrong: %(error)s"), {"error": repr(error)[:500]})
