"""A plan that closes gaps, as plain values: who goes where, what it reaches, why no more, and the proof."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

LevelName: TypeAlias = Literal["coverage", "single_person", "cost"]
ReasonCode: TypeAlias = Literal["covered", "own_limits", "shared_limits"]


@dataclass(frozen=True, slots=True)
class Seats:
    """People (FTE) whom an agency sends to a course in a fiscal year."""

    agency: str
    course: str
    fiscal_year: int
    seats: float


@dataclass(frozen=True, slots=True)
class Hire:
    """People (FTE) whom an agency decides to hire in a fiscal year."""

    agency: str
    role: str
    fiscal_year: int
    fte: float


@dataclass(frozen=True, slots=True)
class Loan:
    """FTE that one agency lends another for a fiscal year; `fte` leaves the lender."""

    lender: str
    borrower: str
    role: str
    fiscal_year: int
    fte: float


@dataclass(frozen=True, slots=True)
class AgencyOutcome:
    """Coverage of an agency over all roles and years, before and after the plan.

    `ceiling` is what it could reach with everything that is shared to itself. Reason: all is `covered`; its
    `own_limits` (vacancies, people to train, time) end there; or `shared_limits`: the pools named in `prices` are used
    up by agencies no better off, and a unit more of one would raise the lowest of them by its price.
    """

    agency: str
    before: float
    after: float
    ceiling: float
    reason: ReasonCode
    prices: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PoolUse:
    """Something that agencies share: its limit and use, and its price.

    `pool` is `seats/COURSE/year` (FTE), `exchange/role/year` (FTE borrowed and, as the limit, what arrives of the time
    lent) or `budget/year` (million THB). `price` is by how much the lowest coverage that is not at its own ceiling
    rises for a unit more.
    """

    pool: str
    limit: float
    use: float
    price: float


@dataclass(frozen=True, slots=True)
class LevelResult:
    """What a level reached.

    `coverage`: the lowest coverage; `single_person`: FTE-years of backup missing, weighted; `cost`: THB over all
    years. `bound` is proven by weak duality among the plans that keep the levels above, and for coverage among those
    that keep the rounds before, the worst of all rounds. `gap` = |value - bound| / max(1, |value|).
    """

    name: LevelName
    value: float
    bound: float
    gap: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Certificate:
    """The independent check: rules counted, the worst breach, and whether the level values are the plan's own."""

    feasible: bool
    largest_violation: float
    worst_rule: str
    checked: int
    values_agree: bool
    largest_gap: float


@dataclass(frozen=True)
class ClosingPlan:
    """The answer to one closing problem; rows sorted by code throughout.

    `columns` and `rows` are the size of the LP; `rounds` and `solves` count leximin's work.
    """

    solver: str
    levels: tuple[LevelResult, ...]
    seats: tuple[Seats, ...]
    hires: tuple[Hire, ...]
    loans: tuple[Loan, ...]
    agencies: tuple[AgencyOutcome, ...]
    pools: tuple[PoolUse, ...]
    certificate: Certificate
    columns: int
    rows: int
    rounds: int
    solves: int
    seconds: float
