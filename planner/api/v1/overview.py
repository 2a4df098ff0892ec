"""The four parts of the tool, with what each holds today, as the start page has them."""

from operator import attrgetter
from typing import Annotated

from pydantic import BeforeValidator

from planner.api.resources import Call, Resource
from planner.api.values import Model
from planner.services.overview import load_overview
from planner.services.tokens import Area, Scope

overview = Resource("overview", None, "What each part of the tool holds today, as far as the token was made for it.")


class DatasetsPart(Model):
    """Datasets that are kept."""

    datasets: int
    agencies: int
    volume_tb: float
    personal: int
    ready: int


Year = Annotated[int, BeforeValidator(attrgetter("year"))]
"""A fiscal year, as a year of the common era."""


class CentresPart(Model):
    """Data centres and the fiscal years that are planned."""

    sites: int
    regions: int
    first_year: Year | None
    last_year: Year | None


class PlanPart(Model):
    """The plan that the token's owner goes by; of the own ministry for those who are bound to one."""

    code: str
    name: str
    synthetic: bool
    short: int
    lowest_service: float | None


class HostingPart(Model):
    """What is asked for, and what the plan came to."""

    requirements: int
    approved: int
    agencies: int
    plan: PlanPart | None


class WorkforcePart(Model):
    """Data staff."""

    people: int
    fte: float
    accountable: int
    agencies: int


class Overview(Model):
    """The parts; null where the owner may not see one, or the token was not made for it."""

    datasets: DatasetsPart | None
    centres: CentresPart | None
    hosting: HostingPart | None
    workforce: WorkforcePart | None
    synthetic: bool


@overview.get()
def show(call: Call) -> Overview:
    """What each part of the tool holds today."""
    found = load_overview(call.session, call.actor)
    parts = {
        "datasets": (Area.DATASETS, found.datasets),
        "centres": (Area.REFERENCE, found.centres),
        "hosting": (Area.REQUIREMENTS, found.hosting),
        "workforce": (Area.WORKFORCE, found.workforce),
    }
    shown = {
        name: part if Scope(area, writes=False).within(call.bearer.scopes) else None
        for name, (area, part) in parts.items()
    }
    return Overview.model_validate({**shown, "synthetic": found.synthetic}, from_attributes=True)
