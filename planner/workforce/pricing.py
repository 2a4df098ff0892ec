"""What one more seat or one more million baht is worth, and for how many of them: found by solving again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from planner.workforce.layout import MILLION, build_layout
from planner.workforce.leximin import raise_coverage
from planner.workforce.matrix import build_model
from planner.workforce.measures import ClosingProblem, Cohort
from planner.workforce.simplex import Simplex

AMOUNTS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
SAME: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Worth:
    """What `amount` more of a pool is worth: by how much it raises the lowest coverage that could rise at all."""

    amount: float
    gain: float


@dataclass(frozen=True, slots=True)
class PoolValue:
    """A pool's worth by amount, each solved anew. `holds_to`: the largest amount of which each unit is worth the first.

    `price` is what the first unit is worth.
    """

    pool: str
    price: float
    holds_to: float
    worth: tuple[Worth, ...]


def value_pool(problem: ClosingProblem, pool: str, amounts: Sequence[float] = AMOUNTS) -> PoolValue:
    """What more of `pool` (`seats/COURSE/year`, `budget/year` in million THB) is worth at growing `amounts`.

    `ValueError` for a pool that is neither, or a year without a limit: nobody can add to it.
    """
    now = shared_floor(problem)
    worth = tuple(Worth(amount, shared_floor(with_more(problem, pool, amount)) - now) for amount in sorted(amounts))
    price = worth[0].gain / worth[0].amount
    holds_to = 0.0
    for step in worth:
        if abs(step.gain / step.amount - price) > SAME * max(price, SAME * SAME):
            break
        holds_to = step.amount
    return PoolValue(pool, price, holds_to, worth)


def shared_floor(problem: ClosingProblem) -> float:
    """The lowest coverage among the agencies that only what is shared holds back; 1 where nothing does."""
    model = build_model(build_layout(problem))
    rounds = raise_coverage(model, Simplex(model.program), until_priced=True).rounds
    return rounds[-1].floor if rounds and len(rounds[-1].weights) else 1.0


def with_more(problem: ClosingProblem, pool: str, amount: float) -> ClosingProblem:
    """`problem` with `amount` more of `pool`."""
    measures = problem.measures
    kind, *place = pool.split("/")
    if kind == "seats":
        cohorts = (*measures.cohorts, Cohort(place[0], int(place[1]), amount))
        return replace(problem, measures=replace(measures, cohorts=cohorts))
    if kind == "budget" and measures.budget is not None:
        year = problem.workforce.fiscal_years.index(int(place[0]))
        budget = list(measures.budget)
        if (limit := budget[year]) is not None:
            budget[year] = limit + amount * MILLION
            return replace(problem, measures=replace(measures, budget=tuple(budget)))
    raise ValueError(f"nobody can add to {pool!r}")
