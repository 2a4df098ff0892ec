"""The register as arrays: who is where, how much of them arrives as work, and what is expected to be left of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.workforce.norms import Floats, require_fte
from planner.workforce.problem import Workforce

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Register:
    """FTE by agency, role and fiscal year, (A, R, T), where nothing else is said.

    `filled` counts posts held, at the agency that employs; `available` counts work, at the agency where it is done:
    share x level x availability. Both are expectations: what attrition leaves. `largest` is the most that a single
    person brings to a cell, `people` how many they are, `person` who it is where they are one (else -1). `stock` is the
    FTE at each level who stay at their agency over all years, (A, R, L); `survival` is what attrition leaves, (R, T).
    """

    agencies: tuple[str, ...]
    roles: tuple[str, ...]
    levels: tuple[str, ...]
    years: tuple[int, ...]
    persons: tuple[str, ...]
    factor: Floats  # (L,)
    required: Floats
    authorised: Floats
    funded: Floats
    filled: Floats
    available: Floats
    largest: Floats
    people: Ints
    person: Ints
    stock: Floats
    survival: Floats

    @property
    def surplus(self) -> Floats:
        """FTE beyond what is required."""
        return np.maximum(self.available - self.required, 0.0)

    @property
    def vacant(self) -> Floats:
        """FTE of funded posts that nobody holds."""
        return np.maximum(self.funded - self.filled, 0.0)


def build_register(workforce: Workforce) -> Register:
    """The arrays of `workforce`."""
    shares = _Shares(workforce)
    authorised, funded = _posts(workforce)
    survival = _survival(workforce)
    shape = len(workforce.agencies), len(workforce.roles), len(workforce.fiscal_years)
    role = shares.role[:, None]
    year = np.arange(shape[2])
    left = survival[role, year]
    employed = np.ravel_multi_index((shares.employer[:, None], role, year), shape)
    hosted = np.ravel_multi_index((shares.host, role, year), shape)
    brought = shares.fte[:, None] * shares.factor * shares.availability * shares.present * left
    there = brought > 0
    people = _summed(hosted, there, shape).astype(np.int64)
    largest = np.zeros(shape)
    np.maximum.at(largest.reshape(-1), hosted, brought)
    alone = _summed(hosted, there * shares.person[:, None], shape).astype(np.int64)
    return Register(
        agencies=tuple(row.code for row in workforce.agencies),
        roles=tuple(row.code for row in workforce.roles),
        levels=tuple(row.code for row in workforce.levels),
        years=workforce.fiscal_years,
        persons=tuple(row.code for row in workforce.people),
        factor=np.array([row.factor for row in workforce.levels]),
        required=require_fte(workforce),
        authorised=authorised,
        funded=funded,
        filled=_summed(employed, shares.fte[:, None] * shares.present * left, shape),
        available=_summed(hosted, brought, shape),
        largest=largest,
        people=people,
        person=np.where(people == 1, alone, -1),
        stock=shares.stock(shape[0], shape[1], len(workforce.levels)),
        survival=survival,
    )


class _Shares:
    """Each share of each person's time, n of them: (n,) or (n, T)."""

    def __init__(self, workforce: Workforce) -> None:
        agency = {row.code: a for a, row in enumerate(workforce.agencies)}
        role = {row.code: r for r, row in enumerate(workforce.roles)}
        level = {row.code: n for n, row in enumerate(workforce.levels)}
        person = {row.code: p for p, row in enumerate(workforce.people)}
        years = np.array(workforce.fiscal_years)
        rows = [
            (p, role[share.role], level[share.level], share.fte)
            for p, row in enumerate(workforce.people)
            for share in row.shares
        ]
        table = np.array(rows, dtype=np.float64).reshape(-1, 4)
        self.person: Ints = table[:, 0].astype(np.int64)
        self.role: Ints = table[:, 1].astype(np.int64)
        self.fte: Floats = table[:, 3]
        levels = np.repeat(table[:, 2].astype(np.int64)[:, None], len(years), axis=1)
        self.level: Ints = levels[:, 0].copy() if len(years) else levels.sum(axis=1)
        at = {(int(p), int(r)): n for n, (p, r) in enumerate(zip(self.person, self.role, strict=True))}
        learning = np.zeros(len(table), dtype=bool)
        for enrolment in sorted(workforce.enrolments, key=lambda row: row.start):
            n = at[person[enrolment.person], role[enrolment.role]]
            levels[n, years >= enrolment.start] = level[enrolment.level]
            learning[n] = True
        self.factor: Floats = np.array([row.factor for row in workforce.levels])[levels]
        everywhere = np.ones(len(years))
        whole = [everywhere if row.availability is None else row.availability for row in workforce.people]
        availability = np.array(whole, dtype=np.float64).reshape(-1, len(years))
        last = np.array([np.inf if row.leaves is None else row.leaves for row in workforce.people])
        present = years < last[:, None]
        employer = np.array([agency[row.agency] for row in workforce.people], dtype=np.int64)
        host = np.repeat(employer[:, None], len(years), axis=1)
        for secondment in workforce.secondments:
            lent = (years >= secondment.start) & (years <= secondment.end)
            host[person[secondment.person], lent] = agency[secondment.agency]
        self.availability: Floats = availability[self.person]
        self.present = present[self.person]
        self.employer: Ints = employer[self.person]
        self.host: Ints = host[self.person]
        stays = present.all(axis=1) & (host == employer[:, None]).all(axis=1)
        self.stays = stays[self.person] & ~learning

    def stock(self, agencies: int, roles: int, levels: int) -> Floats:
        """FTE who stay at their agency and level over all years, at the least of their availability."""
        at = np.ravel_multi_index((self.employer, self.role, self.level), (agencies, roles, levels))
        return _summed(at, self.fte * self.stays * self.availability.min(axis=1), (agencies, roles, levels))


def _summed(at: Ints, amounts: NDArray[np.generic], shape: tuple[int, ...]) -> Floats:
    weights = np.asarray(amounts, dtype=np.float64).ravel()
    return np.bincount(at.ravel(), weights, int(np.prod(shape))).astype(np.float64).reshape(shape)


def _posts(workforce: Workforce) -> tuple[Floats, Floats]:
    """Authorised and funded FTE, (A, R, T)."""
    agency = {row.code: a for a, row in enumerate(workforce.agencies)}
    role = {row.code: r for r, row in enumerate(workforce.roles)}
    authorised = np.zeros((len(agency), len(role), len(workforce.fiscal_years)))
    funded = np.zeros_like(authorised)
    for row in workforce.posts:
        at = agency[row.agency], role[row.role]
        authorised[at] = row.authorised
        funded[at] = row.authorised if row.funded is None else row.funded
    return authorised, funded


def _survival(workforce: Workforce) -> Floats:
    """What attrition leaves of a role's people after so many years, (R, T)."""
    stays = 1.0 - np.array([role.attrition for role in workforce.roles]).reshape(-1, 1)
    left: Floats = stays ** np.arange(len(workforce.fiscal_years))
    return left
