"""What a handler is given: its subject, a way to say how far it is, and the one transaction in which it stores."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from models import Job, JobStatus
from planner.errors import PlannerError
from planner.services.jobs.states import DONE, Ticket, add_line, move
from planner.services.phrases import dump_phrase
from planner.text import N_, Phrase

LOOK: Final = 0.25
"""Seconds between two looks at whether the work is to end."""
WRITE: Final = 1.0
"""Seconds between two writings of how far it is."""

_LOGGER: Final = logging.getLogger(__name__)


class CancelledError(PlannerError):
    """The work is to end and to store nothing. Handlers let it pass."""

    status = 409
    default = Phrase(N_("The work was cancelled."))


class LostError(CancelledError):
    """The job is no longer this worker's: it was thought dead, and the job was given to another."""

    default = Phrase(N_("The work was taken over by another worker."))


class HandedBackError(CancelledError):
    """The worker is stopping; the job goes back to the queue."""

    default = Phrase(N_("The worker is stopping."))


class Work:
    """One attempt at a job, as its handler sees it."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        ticket: Ticket,
        listener: Callable[[Phrase], None] | None = None,
        stopping: threading.Event | None = None,
    ) -> None:
        self.sessions = sessions
        self.subject = ticket.subject
        self.completed = False
        self._ticket, self._listener, self._stopping = ticket, listener, stopping
        self._progress: Phrase | None = None
        self._looked = self._written = -WRITE

    def tell(self, progress: Phrase, share: float | None = None) -> None:
        """Say how far the work is, `share` of 1 if that can be said. Call it as often as you like.

        `CancelledError` if the work is to end; nothing that was stored outside `completing` is undone then.
        """
        if self._listener is not None and progress != self._progress:
            self._listener(progress)
        self._progress = progress
        if self._stopping is not None and self._stopping.is_set():
            raise HandedBackError
        if time.monotonic() - self._looked < LOOK:
            return
        try:
            self._look(progress, share)
        except OperationalError:  # a database that is busy or away for a moment ends no work of an hour
            _LOGGER.warning("cannot tell how far %s is", self._ticket.workflow_id, exc_info=True)
        self._looked = time.monotonic()

    def note(self, text: Phrase) -> None:
        """Add `text` to the job's log."""
        with self.sessions.begin() as session:
            if (job_id := session.scalar(select(Job.id).where(self._ticket.row))) is not None:
                add_line(session, job_id, text)

    @contextmanager
    def completing(self) -> Iterator[Session]:
        """A session in which the result is stored; the job is done in the same transaction, or neither is.

        `CancelledError` instead, before anything is stored, if somebody cancelled the job or another has it.
        """
        with self.sessions.begin() as session:
            if not move(session, self._ticket, [JobStatus.RUNNING], JobStatus.DONE, DONE, share=1.0):
                raise LostError
            if session.scalar(select(Job.cancel_requested_at).where(self._ticket.row)) is not None:
                raise CancelledError
            yield session
        self.completed = True

    def _look(self, progress: Phrase, share: float | None) -> None:
        with self.sessions.begin() as session:
            found = session.execute(
                select(Job.cancel_requested_at).where(self._ticket.row, Job.status == JobStatus.RUNNING)
            ).one_or_none()
            if found is None:
                raise LostError
            if found[0] is not None:
                raise CancelledError
            if time.monotonic() - self._written >= WRITE:
                told = {"progress": dump_phrase(progress), "share": share}
                session.execute(update(Job).where(self._ticket.row).values(told))
                self._written = time.monotonic()
