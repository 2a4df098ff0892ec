"""One large thing at a time for each person: whoever sends ten large files at once does not hold every thread.

Each process counts for itself, in memory, for it is the threads of a process that are to be left to others. What waits
in the queue is bounded where it is queued (`planner.services.jobs.requests`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from planner.errors import PlannerError
from planner.services.permissions import Actor
from planner.text import N_, Phrase

_at_work: Final[set[int]] = set()
_lock: Final = Lock()


class TurnError(PlannerError):
    """Something large of the same person's is being worked on."""

    status = 429
    default = Phrase(N_("A large file of yours is being worked on already. Wait until that is done."))


@contextmanager
def turn_of(actor: Actor) -> Iterator[None]:
    """Work on something large for `actor`; `TurnError` while this process does so already."""
    key = actor.user_id
    if key is None:
        raise LookupError("only people who come by the server take turns")
    with _lock:
        if key in _at_work:
            raise TurnError
        _at_work.add(key)
    try:
        yield
    finally:
        with _lock:
            _at_work.discard(key)
