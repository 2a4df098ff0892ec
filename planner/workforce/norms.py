"""Norms: the FTE that each agency needs of each role.

required = max(floor, coefficients x (datasets, personal-data sets, TB, vCPU)), by the norm in force in that year.
"""

import numpy as np
from numpy.typing import NDArray

from planner.workforce.problem import Workforce

Floats = NDArray[np.float64]


def require_fte(workforce: Workforce) -> Floats:
    """Required FTE, (agencies, roles, years). A role without a norm in force requires nobody."""
    floor, coefficients = _norms_in_force(workforce)
    required: Floats = np.maximum(floor, np.einsum("rtc,atc->art", coefficients, _workloads(workforce)))
    return required


def _norms_in_force(workforce: Workforce) -> tuple[Floats, Floats]:
    """Floors (roles, years) and coefficients (roles, years, 4): of each role and year, the latest norm begun."""
    place = {role.code: r for r, role in enumerate(workforce.roles)}
    years = np.array(workforce.fiscal_years)
    floor = np.zeros((len(place), len(years)))
    coefficients = np.zeros((len(place), len(years), 4))
    for norm in sorted(workforce.norms, key=lambda norm: norm.start):
        begun = years >= norm.start
        floor[place[norm.role], begun] = norm.floor
        coefficients[place[norm.role], begun] = norm.per_dataset, norm.per_personal_dataset, norm.per_tb, norm.per_vcpu
    return floor, coefficients


def _workloads(workforce: Workforce) -> Floats:
    """What agencies look after, (agencies, years, 4), in the order of the coefficients."""
    place = {agency.code: a for a, agency in enumerate(workforce.agencies)}
    amounts = np.zeros((len(place), len(workforce.fiscal_years), 4))
    for load in workforce.workloads:
        series = load.datasets, load.personal_datasets, load.terabytes, load.vcpu
        amounts[place[load.agency]] = np.array(series).T
    return amounts
