"""What the doctor says."""

import enum
from dataclasses import dataclass

from planner.text import N_, Phrase, Value


class Verdict(enum.Enum):
    """What to think of a finding; its value is the word for it."""

    SOUND = N_("ok")
    DOUBTFUL = N_("LOOK")
    WRONG = N_("WRONG")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is as it should be, and what was seen."""

    verdict: Verdict
    message: Phrase


def found(verdict: Verdict, msgid: str, /, **params: Value) -> Finding:
    """Shorthand for a `Finding` whose message is `msgid` filled with `params`."""
    return Finding(verdict, Phrase(msgid, params))
