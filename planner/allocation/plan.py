"""A plan as plain values: what was granted, what was not and why, and the proof that it is right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

SolveStatus: TypeAlias = Literal["optimal", "feasible", "infeasible", "unbounded", "error"]


@dataclass(frozen=True, slots=True)
class LevelResult:
    """What one level reached. `value` and `bound` are in the level's unit (share, weighted size, THB or TB).

    `bound` is proven by weak duality over every option of every requirement; `gap` = |value - bound| / max(|value|,
    |bound|), with a floor at a thousandth of what is at stake. All three are the LP's, which may divide everything.
    `kept` is the level's value in the plan that comes back: the levels below used its tolerance, and what may not be
    divided was placed whole; `whole_loss` >= 0 is by how much that made it worse than what the LP's own plan has.
    `values` holds the sorted service shares of the fairness level, lowest first.
    `prices` are the row prices > 0 at the level's optimum, by row name (pools as in `PoolUse`, then `service/MINISTRY`,
    `floor/…`, `cap/…`, `pin/REQUIREMENT` and `level/NAME`): improvement of the level per unit of the row's limit. With
    the problem they are all that explanations and quotes need.
    """

    name: str
    value: float
    bound: float
    gap: float
    status: SolveStatus
    seconds: float
    kept: float
    values: tuple[float, ...] = ()
    prices: Mapping[str, float] = field(default_factory=dict)
    whole_loss: float = 0.0


@dataclass(frozen=True, slots=True)
class Placement:
    """A share of a requirement granted a home from `start` to the requirement's end."""

    requirement: str
    site: str
    standby: str | None
    start: int
    share: float


@dataclass(frozen=True, slots=True)
class Purchase:
    """Modules of an expansion bought in a fiscal year."""

    expansion: str
    fiscal_year: int
    modules: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a share was not granted, as data.

    Codes: `no_eligible_site` (amounts: how many sites each rule ruled out), `capacity`, `staff`, `budget`,
    `move_limit` (the named pool is full), `fairness` (gave way to another ministry's floor), `outranked` (others of
    higher priority or weight took what it needed), `cap` (its ministry is at the most that policy allows), `goal` (the
    named level, which stands above, would lose by it), `late_start` (nothing it needs is short, but no site is open to
    it from its first year), `indivisible` (it is placed whole or not at all, and the LP could grant a `share` of it),
    `tolerance` (nothing it needs is short: left out within the tolerance that its level gives to the levels below).
    """

    code: str
    pool: str | None = None
    amounts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """The share of a requirement not granted, averaged over its years by size."""

    requirement: str
    share: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class PoolUse:
    """One pool: its limit and use in its own unit, and its price.

    `pool` is `SITE/resource/year` for capacity, `capex/year`, `opex/year`, `expansion/CODE`,
    `staff/AGENCY/role/year` or `moves/year`. `price` >= 0 is the improvement of `level` per extra unit.
    """

    pool: str
    limit: float
    use: float
    price: float
    level: str | None


@dataclass(frozen=True, slots=True)
class Service:
    """The share of its requirements' size that a ministry is granted."""

    ministry: str
    share: float


@dataclass(frozen=True, slots=True)
class Certificate:
    """The independent check of a plan against its problem, in plain NumPy.

    `largest_violation` is the worst breach of any rule relative to the rule's limit; `checked` counts the rules.
    """

    feasible: bool
    largest_violation: float
    worst_rule: str
    checked: int
    values_agree: bool
    largest_gap: float


@dataclass(frozen=True)
class Plan:
    """The answer to one problem (`problem_sha256`), sorted by code throughout."""

    problem_sha256: str
    solver: str
    status: SolveStatus
    levels: tuple[LevelResult, ...]
    placements: tuple[Placement, ...]
    purchases: tuple[Purchase, ...]
    shortfalls: tuple[Shortfall, ...]
    pools: tuple[PoolUse, ...]
    service: tuple[Service, ...]
    certificate: Certificate
    seconds: float = 0.0
