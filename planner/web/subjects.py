"""Where the page of each object stands."""

from collections.abc import Mapping
from typing import Final

from flask import url_for

from planner.services.subjects import split

PAGES: Final[Mapping[str, str]] = {
    "account": "accounts.show",
    "dataset": "datasets.show",
    "person": "register.person",
    "plan": "plans.show",
    "workforce_plan": "closing.show",
    "publication": "outcome.index",
    "requirement": "requirements.show",
    "round": "rounds.show",
    "scenario": "scenarios.show",
    "site": "sites.show",
    "sweep": "sweeps.show",
    "webhook": "webhooks.show",
}
"""The endpoint of each kind of object's page; the part of its address is the code."""


def page_url(subject: str) -> str | None:
    """The address of the object's page; None where its kind has none."""
    kind, code = split(subject)
    return url_for(PAGES[kind], code=code) if kind in PAGES else None


def subject_url(subject: str) -> str:
    """The address of the object's page, or of its history where its kind has no page."""
    return page_url(subject) or url_for("history.show", subject=subject)
