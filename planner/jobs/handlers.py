"""What does the work of each kind of job."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from models import JobKind
from planner.services.closing.runs import execute_closing
from planner.services.jobs import Handler
from planner.services.planning import execute_run
from planner.services.report_sets import build_report_set

HANDLERS: Final[Mapping[JobKind, Handler]] = MappingProxyType(
    {
        JobKind.PLAN_RUN: execute_run,
        JobKind.REPORT_SET: build_report_set,
        JobKind.WORKFORCE_PLAN: execute_closing,
    }
)
