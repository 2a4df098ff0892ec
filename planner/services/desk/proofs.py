"""What is proved by solving again, one question at a time: ranges of prices, one more module, fairness, changes."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Final

from planner.allocation import Plan, Problem, solve
from planner.allocation.explain import least_change, module_value, price_of_fairness, price_range
from planner.errors import ConflictError
from planner.services.desk.opening import Desk
from planner.services.desk.wording import change_phrase
from planner.services.reporting.ledger import tidy
from planner.services.wording import level_phrase, level_unit, pool_phrase, pool_unit
from planner.text import N_, Phrase
from reports.values import Column, Fact, Table

SLOWEST: Final = 5.0
"""Seconds that solving a plan may have taken for its questions to be answered while somebody waits."""
LONGEST: Final = 60.0
"""Seconds after which a proof is given up."""


@dataclass(frozen=True)
class Proof:
    """An answer that was proved: a sentence, its figures, and how long and how many solves it took."""

    sentence: Phrase
    table: Table | None
    facts: tuple[Fact, ...]


def is_provable(desk: Desk) -> bool:
    """Whether the plan is small enough to be solved again while somebody waits."""
    return desk.info.seconds <= SLOWEST


def prove_price(desk: Desk, pool: str) -> Proof:
    """The limits between which the price of `pool` holds; `NotFoundError` for a pool without a price."""
    with _solving(desk) as solver:
        found = price_range(desk.problem, desk.plan, pool, solve=solver)
    unit = pool_unit(pool, desk.names)
    sentence = Phrase(
        N_("%(pool)s: its price holds for no change at all; the limit of %(limit)s %(unit)s is where it turns.")
        if found.lowest == found.highest
        else N_(
            "%(pool)s: one more %(unit)s improves the goal “%(level)s” by %(price)s %(gain)s, as long as the limit "
            "lies between %(lowest)s and %(highest)s %(unit)s; now it is %(limit)s."
        ),
        {
            "pool": pool_phrase(pool, desk.names),
            "unit": unit,
            "level": level_phrase(found.price.level),
            "price": found.price.price,
            "gain": level_unit(found.price.level),
            "lowest": tidy(found.lowest),
            "highest": tidy(found.highest),
            "limit": tidy(found.price.limit),
        },
    )
    return Proof(sentence, None, solver.facts())


def prove_module(desk: Desk, expansion: str) -> Proof:
    """What one more module of `expansion` to buy would bring; `NotFoundError` if there is none of that code."""
    with _solving(desk) as solver:
        found = module_value(desk.problem, desk.plan, expansion, solve=solver)
    sentence = Phrase(
        N_("If one more module of %(expansion)s could be bought, the goals would change like this."),
        {"expansion": desk.names.expansion(expansion)},
    )
    return Proof(sentence, _gain_table(found), solver.facts())


def prove_fairness(desk: Desk) -> Proof:
    """What fairness costs the other goals."""
    with _solving(desk) as solver:
        found = price_of_fairness(desk.problem, solve=solver)
    sentence = Phrase(
        N_(
            "Without the goal of fairness the least served ministry would get %(without)s %% instead of %(with)s %%, "
            "and the other goals would change like this."
        ),
        {"without": round(100 * found.lowest_without, 1), "with": round(100 * found.lowest_with, 1)},
    )
    return Proof(sentence, _gain_table(found.gains), solver.facts())


def prove_changes(desk: Desk, requirement: str) -> Proof:
    """The least changes that would serve the shortfall of a requirement, each proved or refused."""
    with _solving(desk) as solver:
        found = least_change(desk.view, requirement, solve=solver)
    proved = [remedy for remedy in found if remedy.status == "proved"]
    sentence = (
        Phrase(
            N_("It would be served in full by this: %(change)s"),
            {"change": change_phrase(proved[0].change, desk.names)},
        )
        if proved
        else Phrase(N_("No single change was found that would serve it in full."))
    )
    table = Table(
        "remedies",
        N_("Changes, proved by solving again"),
        (
            Column("change", N_("Change"), width=64.0),
            Column("status", N_("Result")),
            Column("served", N_("Share granted then"), "share"),
        ),
        tuple(
            (
                change_phrase(remedy.change, desk.names),
                Phrase(_STATUSES[remedy.status]),
                tidy(remedy.served) if remedy.served is not None else None,
            )
            for remedy in found
        ),
    )
    return Proof(sentence, table, solver.facts())


_STATUSES: Final = {
    "proved": N_("Proved: serves it, and nine tenths of it would not"),
    "unproved": N_("Serves it, but less might do"),
    "refused": N_("Does not serve it"),
}


def _gain_table(gains: Mapping[str, float]) -> Table:
    return Table(
        "gains",
        N_("Change of each goal"),
        (Column("level", N_("Level")), Column("gain", N_("Better by"), "measure"), Column("unit", N_("Unit"))),
        tuple((level_phrase(level), tidy(gain), level_unit(level)) for level, gain in gains.items()),
    )


class _Solver:
    """Solves from the plan that is asked about, counts, and gives up after `LONGEST` seconds."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.solves = 0
        self.started = time.monotonic()

    def __call__(self, problem: Problem) -> Plan:
        if time.monotonic() - self.started > LONGEST:
            raise ConflictError(
                Phrase(N_("The proof took too long and was given up. Make a scenario of it and run it."))
            )
        self.solves += 1
        return solve(problem, last=self.plan)

    def facts(self) -> tuple[Fact, ...]:
        """How long it took."""
        seconds = round(time.monotonic() - self.started, 1)
        return (
            Fact(N_("Time taken"), seconds, "number", N_("seconds")),
            Fact(N_("Solved again"), self.solves, "integer", N_("times")),
        )


_one_at_a_time: Final = Lock()


@contextmanager
def _solving(desk: Desk) -> Iterator[_Solver]:
    """A solver for one question. A process answers one at a time, so that its pages stay quick."""
    if not is_provable(desk):
        raise ConflictError(Phrase(N_("This plan is too large to be solved again while you wait.")))
    if not _one_at_a_time.acquire(blocking=False):
        raise ConflictError(Phrase(N_("Another proof is being worked out. Try again in a moment.")))
    try:
        yield _Solver(desk.plan)
    finally:
        _one_at_a_time.release()
