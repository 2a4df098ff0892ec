"""The events of which webhooks are told."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from planner.text import N_, Phrase


class Event(StrEnum):
    """Something that happened; its value stands in the message as `type`."""

    REQUIREMENT_SUBMITTED = "requirement.submitted"
    REQUIREMENT_APPROVED = "requirement.approved"
    RUN_FINISHED = "run.finished"
    PLAN_PUBLISHED = "plan.published"
    TEST = "test"


EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Event.REQUIREMENT_SUBMITTED: N_("A requirement was submitted"),
        Event.REQUIREMENT_APPROVED: N_("A requirement was approved"),
        Event.RUN_FINISHED: N_("A plan run finished"),
        Event.PLAN_PUBLISHED: N_("A plan was published"),
        Event.TEST: N_("A test"),
    }
)
"""What each is called."""
CHOICES: Final = tuple(event for event in Event if event is not Event.TEST)
"""The events that a webhook may ask for; a test is sent by hand."""


def event_phrase(event: str) -> Phrase:
    """What an event is called."""
    return Phrase(EVENTS.get(event, event))
