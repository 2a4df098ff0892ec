"""What must never happen."""

from dataclasses import dataclass

LOST, DOUBLED, HALF, REFUSED_YET_DONE, BROKEN = "lost", "doubled", "half", "refused_yet_done", "broken"
"""Acknowledged and gone; done twice; done in part; refused and yet done; a log or a database that does not hold
together."""


@dataclass(frozen=True)
class Breach:
    """Something that must never happen, and what it is about."""

    kind: str
    about: str
