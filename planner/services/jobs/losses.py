"""What becomes of a job whose worker stopped or was lost: it goes back to the queue under its next ticket."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Job, JobStatus
from planner.services.jobs.states import NOTHING_YET, UNFINISHED, Ticket, move
from planner.text import N_, Phrase

MOST_LOSSES: Final = 10
"""A job over which so many workers were lost is their end rather than their victim; nobody takes it up by itself."""
STOPPED: Final = Phrase(N_("The worker stopped; the work waits for another."))
AWAY: Final = Phrase(N_("The database could not be used; the work waits for another try."))
NO_ROOM: Final = Phrase(N_("There was no room to store anything; the work waits for another try."))
LOST: Final = Phrase(N_("The worker was lost; the work waits for another."))


def give_back(session: Session, ticket: Ticket, line: Phrase, *, lost: bool) -> None:
    """Queue an unfinished job anew, so that what held `ticket` can store nothing any more.

    One that was cancelled meanwhile ends instead, and so does one over which too many workers were `lost`.
    """
    job = session.scalar(select(Job).where(ticket.row))
    if job is None:
        return
    if job.cancel_requested_at is not None:
        move(session, ticket, UNFINISHED, JobStatus.CANCELLED, Phrase(N_("The work has stopped.")))
    elif lost and job.losses + 1 >= MOST_LOSSES:
        failure = Phrase(N_("%(count)s workers were lost over this work, one after the other."), {"count": MOST_LOSSES})
        move(session, ticket, UNFINISHED, JobStatus.FAILED, LOST, failure=failure)
    else:
        again = {**NOTHING_YET, "attempt": ticket.attempt + 1, "losses": job.losses + lost}
        move(session, ticket, UNFINISHED, JobStatus.QUEUED, line, **again)
