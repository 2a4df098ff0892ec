"""The coverage level: the lowest coverage is raised first, then the next, until no agency can rise (leximin).

Every agency has a ceiling: what it could reach if it had all seats, surplus and money to itself. A round looks for the
highest f at which every agency that is not settled yet can have min(f, its ceiling) at once. It goes up from the last
round's f by growing steps, until a target is out of reach, and comes down to f by Newton's: the dual prices of such a
target say that a weighted sum of coverages stays below a bound, so f can be no higher than where the weighted targets
meet it. At f that inequality is tight. So agencies with a weight in it are settled there, and columns that it prices
are closed to the rest: complementary slackness lets nobody gain by them without lowering a settled agency.

By how much targets are out of reach is counted in two ways. In the first round all give way alike (`rise`), which finds
f in one solve from nothing. After it each gives way by itself (`missed`): so a few agencies out of reach are no concern
of the others' columns, and a solve moves tens of them where `rise` would move thousands.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner.errors import NotSolvedError
from planner.workforce.matrix import ClosingModel
from planner.workforce.norms import Floats
from planner.workforce.register import Ints
from planner.workforce.simplex import Simplex, least_value

REACHED = 1e-7
"""A coverage that is missed by less is reached."""
HELD = 2e-7
"""By how much a settled coverage may give way, so that rounding never makes a round infeasible."""
NO_WEIGHT = 1e-7
STEP = 0.01
"""By how much a round first looks up."""


def ignored(_share: float) -> None:
    """Nobody listens."""


@dataclass(frozen=True, eq=False)
class Round:
    """One round: the coverage f reached, the agencies settled there (positions in `covered`), and why no more.

    No plan lets the sum of `weights` x coverage exceed `bound`; `prices` of the shared rows are coverage f per unit of
    their limit. Both are empty where agencies are settled at their own ceilings.
    """

    floor: float
    settled: Ints
    weights: Floats
    bound: float
    prices: Floats


@dataclass(frozen=True, eq=False)
class Leximin:
    """Coverage guaranteed to each agency of `covered`, its ceiling alone, and the rounds in order."""

    coverage: Floats
    ceiling: Floats
    rounds: tuple[Round, ...]
    solves: int


def raise_coverage(
    model: ClosingModel, simplex: Simplex, *, until_priced: bool = False, told: Callable[[float], None] = ignored
) -> Leximin:
    """Settle every agency's coverage; the floors stay set in `simplex`.

    With `until_priced`, only up to the first round that something shared holds back. `told` is the share of agencies
    settled, after every round.
    """
    return _Rounds(model, simplex).run(until_priced=until_priced, told=told)


@dataclass(frozen=True, eq=False)
class _Cut:
    """No plan lets `weights` x coverage exceed `bound`: found at prices of all rows."""

    weights: Floats
    bound: float
    prices: Floats
    priced: Ints  # the columns that take no part in a plan that meets the bound


class _Rounds:
    def __init__(self, model: ClosingModel, simplex: Simplex) -> None:
        self.model, self.simplex = model, simplex
        self.rows = np.arange(model.rows["coverage"].start, model.rows["coverage"].stop)
        self.objective = np.zeros(len(model.cost))
        self.missed = np.arange(model.columns["missed"].start, model.columns["missed"].stop)
        self.objective[self.missed], self.objective[model.rise] = 1.0, -1.0
        limits = model.program.limits.copy()
        limits[model.shared] = np.inf
        self.alone = Simplex(replace(model.program, limits=limits), simplex.tick)
        self.short = model.columns["short"]
        self.losses = np.zeros(len(model.cost))
        self.losses[self.short] = 1.0 / model.layout.stake_of_short
        agency = np.full(len(model.layout.register.agencies), -1)
        agency[model.layout.covered] = np.arange(len(self.rows))
        self.agency_of_short = agency[model.layout.short[:, 0]]
        self.cuts: list[_Cut] = []
        self.solves = 0

    def run(self, *, until_priced: bool, told: Callable[[float], None]) -> Leximin:
        coverage = np.zeros(len(self.rows))
        settled = np.zeros(len(self.rows), dtype=bool)
        rounds: list[Round] = []
        first = ceiling = self.ceilings()
        while not settled.all():
            floor, cut = self.highest(coverage, ceiling, settled)
            stuck = ~settled & (ceiling <= floor + REACHED)
            if cut is not None:
                stuck |= ~settled & (cut.weights > NO_WEIGHT)
            if not stuck.any():
                raise NotSolvedError  # rounding has eaten the round: better no plan than one without end
            at = np.flatnonzero(stuck)
            coverage[at] = np.minimum(ceiling[at], floor)
            settled |= stuck
            told(float(settled.mean()))
            rounds.append(self.describe(floor, at, cut, ceiling))
            if until_priced and cut is not None:
                break
            self.simplex.close(np.append(self.missed[at], self.model.rise))
            if cut is not None and not settled.all():
                self.simplex.close(cut.priced)
                self.alone.close(cut.priced)
                ceiling = np.where(settled, ceiling, np.maximum(self.ceilings(), np.minimum(floor, ceiling)))
        self.keep(coverage)
        return Leximin(coverage, first, tuple(rounds), self.solves)

    def highest(self, coverage: Floats, ceiling: Floats, settled: Ints) -> tuple[float, _Cut | None]:
        """The highest floor of a round and the cut that keeps it from being higher, None if only ceilings do."""
        top, last = float(ceiling[~settled].max()), None
        for cut in self.cuts:  # what held before holds still: whoever is settled takes no less than then
            lower = self.meet(cut, coverage, ceiling, settled)
            top, last = (lower, cut) if lower < top else (top, last)
        step = STEP
        floor = min(top, coverage.max() + step) if settled.any() else top
        while True:
            self.hold(np.where(settled, coverage - HELD, np.minimum(floor, ceiling)))
            self.solves += 1
            optimum = self.simplex.minimise(self.objective)
            if optimum.value > REACHED:
                cut = self.cut(optimum.prices)
                self.cuts.append(cut)
                lower = self.meet(cut, coverage, ceiling, settled)
                if lower >= floor - REACHED / 10:
                    return floor - optimum.value, last or cut
                floor, top, last = lower, lower, cut
            elif floor < top:
                step *= 2
                floor = min(top, floor + step)
            else:
                return top, last

    def cut(self, prices: Floats) -> _Cut:
        program = self.simplex.program
        weights = prices[self.rows]
        reduced = self.objective + program.priced(prices)
        # bound on sum of weights x coverage: the dual value at any targets, less what the targets add
        highest = -least_value(program, self.objective, prices, self.model.most)
        targets = 1.0 - program.limits[self.rows]
        bound = highest + float(weights @ targets)
        scale = np.abs(program.value).max(initial=1.0)
        priced = np.flatnonzero((reduced > NO_WEIGHT * scale) & (np.arange(len(reduced)) < self.short.start))
        return _Cut(weights, bound, prices, priced)

    def meet(self, cut: _Cut, coverage: Floats, ceiling: Floats, settled: Ints) -> float:
        """The largest f at which weights x targets is still within the cut's bound."""
        left = cut.bound - float(cut.weights[settled] @ (coverage[settled] - HELD))
        weights, tops = cut.weights[~settled], ceiling[~settled]
        order = np.argsort(tops, kind="stable")
        weights, tops = weights[order], tops[order]
        # below each top: weights of those with lower tops at their tops, the others at f
        done = np.concatenate([[0.0], np.cumsum(weights * tops)])
        rest = weights.sum() - np.concatenate([[0.0], np.cumsum(weights)])
        at_top = done[:-1] + rest[:-1] * tops
        beyond = np.flatnonzero(at_top > left)
        if not len(beyond):
            return np.inf
        n = int(beyond[0])
        return float((left - done[n]) / rest[n])

    def ceilings(self) -> Floats:
        """What each agency could reach with all that is shared to itself."""
        self.solves += 1
        x = self.alone.minimise(self.losses).x[self.short]
        lost = np.bincount(self.agency_of_short, x * self.losses[self.short], len(self.rows))
        reached: Floats = np.clip(1.0 - lost, 0.0, 1.0)
        return reached

    def hold(self, floors: Floats) -> None:
        self.simplex.limit(self.rows, 1.0 - floors)

    def keep(self, coverage: Floats) -> None:
        """Hold what was settled, less what rounding over all rounds has made of it."""
        self.hold(coverage - 2 * HELD)
        self.simplex.close(np.append(self.missed, self.model.rise))

    def describe(self, floor: float, settled: Ints, cut: _Cut | None, ceiling: Floats) -> Round:
        """The round's prices are of f: the cut's, over the weight of the agencies that f moves."""
        shared = self.model.shared
        if cut is None:
            return Round(floor, settled, np.zeros(0), np.inf, np.zeros(shared.stop - shared.start))
        moving = np.zeros(len(ceiling), dtype=bool)
        moving[settled] = ceiling[settled] > floor + REACHED
        weight = float(cut.weights[moving].sum())
        prices = cut.prices[shared] / weight if weight > NO_WEIGHT else np.zeros(shared.stop - shared.start)
        return Round(floor, settled, cut.weights, cut.bound, prices)
