"""The life of a requirement as one table: screens, docs and tests read it, and nothing moves but along it.

A revision of an approved requirement lives by the same table until it is approved or withdrawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from models import RequirementStatus as Status
from planner.services.permissions import Actor, Permission, may
from planner.text import N_


class Action(StrEnum):
    """What can be done to a requirement, apart from editing it."""

    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Transition:
    """One action: from which statuses it leads to which, and who may do it.

    `label` is what its button says, `done` the answer to it, and `event` what history calls it. Where it is `bound`,
    the deadlines of planning rounds hold for it, though for ministries alone. From the statuses `explained` it is not
    done without a comment, and `ask` says so.
    """

    action: Action
    sources: frozenset[Status]
    target: Status
    permission: Permission
    label: str
    done: str
    event: str
    bound: bool = False
    explained: frozenset[Status] = frozenset()
    ask: str = ""


TRANSITIONS: Final[Mapping[Action, Transition]] = MappingProxyType(
    {
        transition.action: transition
        for transition in (
            Transition(
                Action.SUBMIT,
                frozenset({Status.DRAFT, Status.RETURNED}),
                Status.SUBMITTED,
                Permission.EDIT_REQUIREMENTS,
                N_("Submit"),
                N_("Submitted for review."),
                "submitted",
                bound=True,
            ),
            Transition(
                Action.APPROVE,
                frozenset({Status.SUBMITTED}),
                Status.APPROVED,
                Permission.REVIEW_REQUIREMENTS,
                N_("Approve"),
                N_("Approved. It is part of the next plan run."),
                "approved",
            ),
            Transition(
                Action.RETURN,
                frozenset({Status.SUBMITTED}),
                Status.RETURNED,
                Permission.REVIEW_REQUIREMENTS,
                N_("Return"),
                N_("Returned to the ministry."),
                "returned",
                explained=frozenset({Status.SUBMITTED}),
                ask=N_("Returning needs a comment that says what is to be changed."),
            ),
            Transition(
                Action.REOPEN,
                frozenset({Status.SUBMITTED, Status.WITHDRAWN}),
                Status.DRAFT,
                Permission.EDIT_REQUIREMENTS,
                N_("Take back to draft"),
                N_("Taken back to draft."),
                "reopened",
                bound=True,
            ),
            Transition(
                Action.WITHDRAW,
                frozenset({Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.APPROVED}),
                Status.WITHDRAWN,
                Permission.EDIT_REQUIREMENTS,
                N_("Withdraw"),
                N_("Withdrawn."),
                "withdrawn",
                bound=True,
                explained=frozenset({Status.APPROVED}),
                ask=N_("Withdrawing what is approved needs a comment that says why."),
            ),
        )
    }
)
"""Every transition by its action, in the order in which pages offer them."""


def possible(actor: Actor, status: Status) -> tuple[Transition, ...]:
    """What `actor`'s role may do to something of that status; deadlines are another matter."""
    return tuple(
        transition
        for transition in TRANSITIONS.values()
        if status in transition.sources and may(actor, transition.permission)
    )


def leading(before: Status, after: Status) -> Transition | None:
    """The one transition from `before` to `after`; None if there is none."""
    return next((way for way in TRANSITIONS.values() if before in way.sources and way.target is after), None)
