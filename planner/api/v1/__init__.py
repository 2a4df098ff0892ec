"""Every resource of the first version."""

from typing import Final

from planner.api.resources import Resource
from planner.api.v1.explaining import quotes
from planner.api.v1.jobs import jobs
from planner.api.v1.me import me
from planner.api.v1.plans import plans
from planner.api.v1.policy import policy
from planner.api.v1.pools import pools
from planner.api.v1.publishing import outcomes, publications
from planner.api.v1.requirements import requirements
from planner.api.v1.scenarios import scenarios
from planner.api.v1.sites import sites
from planner.api.v1.sweeps import sweeps
from planner.api.v1.tables import reference, register
from planner.api.v1.webhooks import webhooks

RESOURCES: Final[tuple[Resource, ...]] = (
    me,
    requirements,
    quotes,
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
    webhooks,
)
"""In the order of the documentation."""
