"""What may be done to a requirement now: whether its row may be edited, and which status a file may give it.

What counts is the requirement's open revision where it has one, else the requirement itself.
"""

from enum import StrEnum
from typing import Final

from models import Requirement, RequirementRevision
from models import RequirementStatus as Status
from planner.services.deadlines import Entry
from planner.services.permissions import Actor, Permission, may
from planner.services.transitions import leading
from planner.services.wording import requirement_status_phrase
from planner.text import N_, Phrase


class EditMode(StrEnum):
    """What saving a changed row does: changes the requirement itself, makes a revision of it, or nothing at all."""

    DIRECT = "direct"
    REVISION = "revision"
    REFUSED = "refused"


_EDITABLE: Final = frozenset({Status.DRAFT, Status.RETURNED})


def edit_mode(actor: Actor, requirement: Requirement | None, entry: Entry) -> EditMode:
    """What `actor` may do to the row of `requirement`; None stands for a new one.

    Load `entry` (`deadlines.load_entry`) once for however many rows, and the requirements with their `open_revision`.
    What was submitted is first returned or taken back, so that nobody approves what changes under their eyes; the
    operator alone changes everything in place.
    """
    if not may(actor, Permission.EDIT_REQUIREMENTS) or entry.refusal:
        return EditMode.REFUSED
    if requirement is None or actor.user_id is None:
        return EditMode.DIRECT
    if in_hand(requirement).status is Status.APPROVED:
        return EditMode.REVISION
    if in_hand(requirement).status not in _EDITABLE:
        return EditMode.REFUSED
    return EditMode.REVISION if requirement.open_revision else EditMode.DIRECT


def edit_refusal(actor: Actor, requirement: Requirement | None, entry: Entry) -> Phrase | None:
    """Why `edit_mode` refuses; None where it does not."""
    if edit_mode(actor, requirement, entry) is not EditMode.REFUSED:
        return None
    if entry.refusal:
        return entry.refusal
    if requirement is None or not may(actor, Permission.EDIT_REQUIREMENTS):
        return Phrase(N_("Your role does not allow this."))
    if in_hand(requirement).status is Status.SUBMITTED:
        return Phrase(N_("It is being reviewed. Take it back to draft to change it."))
    return Phrase(N_("It is withdrawn. Take it back to draft to change it."))


def status_refusal(actor: Actor, before: Status | None, after: Status) -> Phrase | None:
    """Why `actor` may not bring in a row whose status was `before` (None: a new row) as `after`; None: may.

    For files, which carry a status: what the actor may do on the page in one step without saying why. Those who review
    may bring in new rows as they stand, such as what was decided before there was this tool.
    """
    start = before or Status.DRAFT
    decided = before is None and may(actor, Permission.REVIEW_REQUIREMENTS)
    if start is after or decided or actor.user_id is None:
        return None
    way = leading(start, after)
    if way and start not in way.explained and may(actor, way.permission):
        return None
    params = {"before": requirement_status_phrase(start), "after": requirement_status_phrase(after)}
    return Phrase(N_("The status cannot be changed here from %(before)s to %(after)s."), params)


def in_hand(requirement: Requirement) -> Requirement | RequirementRevision:
    """What actions on `requirement` are about: its open revision, or else itself."""
    return requirement.open_revision or requirement
