"""What nobody asks for and yet has to be done: every hour, by whichever worker comes first."""

import datetime as dt
import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from planner.errors import ConflictError
from planner.services.answers import forget_old_answers
from planner.services.coverage.history import keep_quarter

EVERY: Final = 3600.0
"""Seconds between two times."""

_LOGGER: Final = logging.getLogger(__name__)


def _forget_answers(session: Session) -> None:
    forget_old_answers(session, dt.datetime.now(dt.UTC))


_DUTIES: Final[Mapping[str, Callable[[Session], object]]] = {
    "keep coverage": keep_quarter,
    "forget old answers": _forget_answers,
}


class Routine:
    """One worker's part in it."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._due = time.monotonic()

    def run(self) -> None:
        """Keep coverage of the data staff, once a quarter, and forget answers that no program asks for again; nothing
        if the hour is not over yet.
        """
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + EVERY
        for what, duty in _DUTIES.items():
            try:
                with self._sessions.begin() as session:
                    duty(session)
            except ConflictError:
                pass  # another worker came first
            except SQLAlchemyError:  # an hour later the database may be there again
                _LOGGER.warning("cannot %s", what, exc_info=True)
