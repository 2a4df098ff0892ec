"""What nobody asks for and yet has to be done: every hour, by whichever worker comes first."""

import logging
import time
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from planner.errors import ConflictError
from planner.services.coverage.history import keep_quarter

EVERY: Final = 3600.0
"""Seconds between two times."""

_LOGGER: Final = logging.getLogger(__name__)


class Routine:
    """One worker's part in it."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._due = time.monotonic()

    def run(self) -> None:
        """Keep coverage of the data staff, once a quarter; nothing if the hour is not over yet."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + EVERY
        try:
            with self._sessions.begin() as session:
                keep_quarter(session)
        except ConflictError:
            pass  # another worker came first
        except SQLAlchemyError:  # an hour later the database may be there again
            _LOGGER.warning("cannot keep coverage", exc_info=True)
