"""What does the work of each kind of job."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from models import JobKind
from planner.services.jobs import Handler
from planner.services.planning import execute_run

HANDLERS: Final[Mapping[JobKind, Handler]] = MappingProxyType({JobKind.PLAN_RUN: execute_run})
