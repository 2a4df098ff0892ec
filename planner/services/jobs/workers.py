"""Workers and their hearts: who is alive."""

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from models import Worker
from planner import __version__
from planner.services.jobs.states import now

BEAT: Final = 1.0
"""Seconds between two beats of a worker's heart."""
PATIENCE: Final = 15.0
"""Seconds without a beat after which a worker counts as lost."""

_LOGGER: Final = logging.getLogger(__name__)


def new_executor() -> str:
    """A name for this process that no other has or had: its host, its process number, and something random."""
    return f"{socket.gethostname()[:60]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


@contextmanager
def heartbeat(sessions: sessionmaker[Session], executor: str) -> Iterator[None]:
    """Be known as alive within the context, by a thread of its own."""
    stopping = threading.Event()
    _beat(sessions, executor)

    def keep_beating() -> None:
        while not stopping.wait(BEAT):
            try:
                _beat(sessions, executor)
            except SQLAlchemyError:  # the next beat may find the database again
                _LOGGER.warning("a heartbeat was lost", exc_info=True)

    thread = threading.Thread(target=keep_beating, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
        with sessions.begin() as session:
            session.execute(delete(Worker).where(Worker.executor == executor))


def _beat(sessions: sessionmaker[Session], executor: str) -> None:
    """One beat; a worker that was taken for dead meanwhile enters itself again."""
    with sessions.begin() as session:
        moment = now()
        beaten = update(Worker).where(Worker.executor == executor).values(heartbeat_at=moment)
        if session.execute(beaten.returning(Worker.executor)).one_or_none() is None:
            row = {"executor": executor, "version": __version__, "started_at": moment, "heartbeat_at": moment}
            session.execute(insert(Worker).values(row))


class Watch:
    """Tells the living from the lost by whether their heartbeats change, by one clock: hosts' clocks may differ."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._seen: dict[str, tuple[object, float]] = {}

    def bury_lost(self, session: Session) -> set[str]:
        """Forget the workers whose hearts have stopped, and return those that are alive."""
        moment = time.monotonic()
        beats = {worker.executor: worker.heartbeat_at for worker in session.scalars(select(Worker))}
        self._seen = {
            executor: seen if (seen := self._seen.get(executor)) and seen[0] == beat else (beat, moment)
            for executor, beat in beats.items()
        }
        lost = {executor for executor, (_, since) in self._seen.items() if moment - since > self._patience}
        for executor in lost:
            silent = Worker.heartbeat_at == beats[executor]
            session.execute(delete(Worker).where(Worker.executor == executor, silent))
        return set(beats) - lost
