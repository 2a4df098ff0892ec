"""Everything that can go wrong, in one small tree, each with the HTTP status it stands for."""

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from planner.text import N_, Phrase, Value


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what a user gave us.

    `address` says where, in the words of the input itself: a cell (`ความต้องการ!F12`) or a path
    (`requirements[3].demand.vcpu[0]`); "" means the whole input. `code` is stable, for programs and tests.
    """

    address: str
    code: str
    message: Phrase


def fault(address: str, code: str, msgid: str, /, **params: Value) -> Fault:
    """Shorthand for a `Fault` whose message is `msgid` filled with `params`."""
    return Fault(address, code, Phrase(msgid, params))


FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""How a system says that a disk, a share of one, or a file is full."""


def is_out_of_room(error: BaseException) -> bool:
    """Whether `error` says that there was no room to store something: the system's own, or that of who writes XML."""
    if isinstance(error, OSError):
        return error.errno in FULL
    return str(error) in {f"IO_{errno.errorcode[number]}" for number in FULL}


class PlannerError(Exception):
    """Base of every error that is shown to a user rather than logged as a defect."""

    status = 500
    default = Phrase(N_("Something went wrong."))

    def __init__(self, message: Phrase | None = None) -> None:
        self.message = message or self.default
        super().__init__(self.message.msgid % dict(self.message.params))


class NotFoundError(PlannerError):
    """The thing does not exist, or the actor may not know that it does."""

    status = 404
    default = Phrase(N_("This page or record was not found."))


class ForbiddenError(PlannerError):
    """The actor's role does not allow this."""

    status = 403
    default = Phrase(N_("Your role does not allow this."))


class ConflictError(PlannerError):
    """The state of the record does not allow this, or somebody changed it meanwhile."""

    status = 409
    default = Phrase(N_("The record was changed meanwhile. Reload it and try again."))


class InvalidInputError(PlannerError):
    """A user's data has faults; all of them are in `faults`, and nothing was stored."""

    status = 422
    default = Phrase(N_("The data has faults. Nothing was stored."))

    def __init__(self, faults: Iterable[Fault], message: Phrase | None = None) -> None:
        self.faults = tuple(faults)
        super().__init__(message)

    def __str__(self) -> str:
        lines = [f"{f.address}: {f.message.msgid % dict(f.message.params)}" for f in self.faults]
        return "\n".join([super().__str__(), *lines])


class NotSolvedError(PlannerError):
    """The allocation ended without a plan that its certificate accepts."""

    status = 500
    default = Phrase(N_("The allocation could not be solved."))
