"""What people tried while things broke, and what they were told: the paper that the database is held against."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum


class Outcome(IntEnum):
    """What whoever did it knows of it. Of several tries at the same thing the greatest holds."""

    REFUSED = 0
    """It was answered that this cannot be done: it must have left nothing."""
    UNKNOWN = 1
    """No answer, or that of a defect: it was done once or not at all."""
    DONE = 2
    """It was acknowledged: it must be there, once."""


@dataclass
class Ledger:
    """Every deed by its kind and by a mark that no other has, and how often each status was answered, 0 for nothing.

    Many threads write into it.
    """

    deeds: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, mark: str, outcome: Outcome) -> None:
        """Note what became of a try."""
        with self.lock:
            self.deeds[kind, mark] = max(outcome, self.deeds.get((kind, mark), outcome))

    def count(self, status: int) -> None:
        """Note an answer."""
        with self.lock:
            self.answers[status] += 1

    def of_kind(self, kind: str) -> Iterator[tuple[str, Outcome]]:
        """The deeds of one kind, by their marks."""
        return ((mark, outcome) for (known, mark), outcome in self.deeds.items() if known == kind)
