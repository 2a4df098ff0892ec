"""The allocation: a pure engine over plain values (numpy, PuLP, HiGHS), with no database and no web."""

from planner.allocation.engine import Progress
from planner.allocation.layout import GAP
from planner.allocation.plan import (
    Certificate,
    LevelResult,
    Placement,
    Plan,
    PoolUse,
    Purchase,
    Reason,
    Service,
    Shortfall,
)
from planner.allocation.plan_file import dump_plan, read_plan
from planner.allocation.problem import (
    Agency,
    Expansion,
    Ministry,
    Policy,
    Problem,
    Region,
    Requirement,
    ResourceType,
    Site,
    Staff,
)
from planner.allocation.problem_file import dump_problem, problem_sha256, read_problem
from planner.allocation.solving import solve

__all__ = [
    "GAP",
    "Agency",
    "Certificate",
    "Expansion",
    "LevelResult",
    "Ministry",
    "Placement",
    "Plan",
    "Policy",
    "PoolUse",
    "Problem",
    "Progress",
    "Purchase",
    "Reason",
    "Region",
    "Requirement",
    "ResourceType",
    "Service",
    "Shortfall",
    "Site",
    "Staff",
    "dump_plan",
    "dump_problem",
    "problem_sha256",
    "read_plan",
    "read_problem",
    "solve",
]
