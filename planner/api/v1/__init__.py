"""Every resource of the first version."""

from typing import Final

from planner.api.resources import Resource
from planner.api.v1 import reports, reviewing
from planner.api.v1.accounts import accounts
from planner.api.v1.audit import audit
from planner.api.v1.closing import closing
from planner.api.v1.coverage import coverage
from planner.api.v1.datasets import datasets
from planner.api.v1.explaining import quotes
from planner.api.v1.imports import imports
from planner.api.v1.inbox import inbox
from planner.api.v1.jobs import jobs
from planner.api.v1.me import me
from planner.api.v1.norms import norms
from planner.api.v1.objects import objects
from planner.api.v1.overview import overview
from planner.api.v1.people import people
from planner.api.v1.plans import plans
from planner.api.v1.policy import policy
from planner.api.v1.pools import pools
from planner.api.v1.publishing import outcomes, publications
from planner.api.v1.requirements import requirements
from planner.api.v1.rounds import rounds
from planner.api.v1.scenarios import scenarios
from planner.api.v1.sites import sites
from planner.api.v1.sweeps import sweeps
from planner.api.v1.tables import reference, register
from planner.api.v1.webhooks import webhooks
from planner.api.v1.worklist import worklist

RESOURCES: Final[tuple[Resource, ...]] = (
    me,
    overview,
    worklist,
    inbox,
    requirements,
    quotes,
    datasets,
    rounds,
    imports,
    sites,
    reference,
    policy,
    pools,
    plans,
    scenarios,
    sweeps,
    publications,
    outcomes,
    jobs,
    register,
    people,
    coverage,
    norms,
    closing,
    objects,
    audit,
    accounts,
    webhooks,
)
"""In the order of the documentation."""

ELSEWHERE: Final = (reports, reviewing)
"""The modules that declare nothing but more operations of these."""
