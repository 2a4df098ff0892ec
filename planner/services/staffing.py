"""Data staff as a limit of what is hosted: what agencies have, by the register; what hosting takes, by the norms."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session

from planner.allocation import Problem, Requirement, Staff
from planner.services.register.loading import PROCESSORS, load_workforce
from planner.workforce.problem import Norm, Workforce
from planner.workforce.register import build_register
from reports.words import BANGKOK

STORAGE: Final = "TB"
"""The unit of the resource types whose demand counts as terabytes."""


def limit_by_staff(session: Session, problem: Problem) -> Problem:
    """`problem` with the staff of today's register where its policy asks for the staff gate, else as it is."""
    if not problem.policy.staff_gate:
        return problem
    return add_staff(problem, load_workforce(session, dt.datetime.now(BANGKOK).date()))


def add_staff(problem: Problem, workforce: Workforce) -> Problem:
    """`problem` with the FTE that agencies have and that its requirements take, of every role that hosting takes.

    A requirement takes what the norm of its first year says of its TB and vCPU, in the year when that is most. What an
    agency has is what is available to it, in years outside the register's as in the nearest one.
    """
    norms = {role.code: _of_role(workforce, role.code) for role in workforce.roles}
    storage = frozenset(row.code for row in problem.resource_types if row.unit == STORAGE)
    requirements = tuple(replace(row, staff_load=_load(row, norms, storage)) for row in problem.requirements)
    wanted = sorted({(row.agency, role) for row in requirements for role in row.staff_load})
    register = build_register(workforce)
    agency_at = {code: a for a, code in enumerate(register.agencies)}
    role_at = {code: r for r, code in enumerate(register.roles)}
    nearest = [
        min(max(year, register.years[0]), register.years[-1]) - register.years[0] for year in problem.fiscal_years
    ]
    staff = (
        Staff(agency, role, tuple(register.available[agency_at[agency], role_at[role], nearest].tolist()))
        for agency, role in wanted
    )
    return replace(problem, requirements=requirements, staff=tuple(staff))


def _of_role(workforce: Workforce, role: str) -> list[Norm]:
    return sorted((norm for norm in workforce.norms if norm.role == role), key=lambda norm: norm.start)


def _load(row: Requirement, norms: Mapping[str, Sequence[Norm]], storage: frozenset[str]) -> dict[str, float]:
    """FTE that hosting the requirement takes, by role."""
    terabytes = _most([row.demand[code] for code in row.demand if code in storage])
    processors = _most([row.demand[PROCESSORS]] if PROCESSORS in row.demand else [])
    loads = {}
    for role, dated in norms.items():
        norm = next((norm for norm in reversed(dated) if norm.start <= row.start), None)
        load = norm.per_tb * terabytes + norm.per_vcpu * processors if norm else 0.0
        if load > 0:
            loads[role] = load
    return loads


def _most(demands: Sequence[Sequence[float]]) -> float:
    """The sum of `demands` in the year when it is most."""
    return max(map(sum, zip(*demands, strict=True)), default=0.0)
