"""The courier beside a worker: it delivers what webhooks are to be told, several of them at once, each in order."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from planner.services.webhooks.addresses import Outlet
from planner.services.webhooks.delivering import deliver_waiting, waiting_webhooks
from planner.services.webhooks.sending import Sender

PAUSE: Final = 1.0
"""Seconds between two looks at what waits."""
AT_ONCE: Final = 8
"""Webhooks that are delivered to at the same time, so that one that is slow keeps few others waiting."""

_LOGGER: Final = logging.getLogger(__name__)


@contextmanager
def courier(sessions: sessionmaker[Session], outlet: Outlet) -> Iterator[None]:
    """Deliver within the context, by threads of its own. What is under way in the end is waited for."""
    stopping = threading.Event()
    thread = threading.Thread(target=_Courier(sessions, outlet, stopping).run, name="courier", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


class _Courier:
    """What one courier has in hand; several workers' couriers keep out of each other's way by the table alone."""

    def __init__(self, sessions: sessionmaker[Session], outlet: Outlet, stopping: threading.Event) -> None:
        self._sessions, self._outlet, self._stopping = sessions, outlet, stopping
        self._sender = Sender(outlet)
        self._busy: set[int] = set()

    def run(self) -> None:
        """Look and deliver until told to stop."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="courier") as pool:
            while not self._stopping.wait(PAUSE):
                try:
                    waiting = waiting_webhooks(self._sessions)
                except SQLAlchemyError:  # the next look may find the database again
                    _LOGGER.warning("cannot look at what is to be delivered", exc_info=True)
                    continue
                for webhook_id in set(waiting) - self._busy:
                    self._busy.add(webhook_id)
                    pool.submit(self._deliver, webhook_id)

    def _deliver(self, webhook_id: int) -> None:
        try:
            deliver_waiting(self._sessions, self._outlet, self._sender, webhook_id, self._stopping)
        except Exception:
            _LOGGER.exception("deliveries to webhook %s were interrupted", webhook_id)
        finally:
            self._busy.discard(webhook_id)
