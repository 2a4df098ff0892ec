"""Every resource of the first version."""

from typing import Final

from planner.api.resources import Resource
from planner.api.v1.me import me
from planner.api.v1.requirements import requirements

RESOURCES: Final[tuple[Resource, ...]] = (
    me,
    requirements,
)
"""In the order of the documentation."""
