"""The interior point's master over some of the requirements, while the others stay where they are held.

Rows keep their meaning: what is held takes its part of every limit, and of every level's value. Whoever prices all
options of all requirements learns which of those held would rather be elsewhere, and the master sets these free.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from planner.allocation.columns import build_entries
from planner.allocation.holding import MOST, Held
from planner.allocation.instance import Flags, Floats, Instance
from planner.allocation.interior import Interior, Point, grow
from planner.allocation.interior_master import FAR, InteriorMaster, Met
from planner.allocation.layout import GAP, POLICY, Layout
from planner.allocation.master import MasterResult
from planner.allocation.option_matrix import OptionMatrix, build_matrix
from planner.allocation.options import Options, option_key
from planner.allocation.statement import Stated
from planner.errors import NotSolvedError

AT_ONCE: Final = 0.1
"""At most this share of the free requirements, more, is set free at once: the most beaten tell what the others need."""
FEW: Final = 200
TELLING: Final = 0.01
"""Who is beaten by less than this share of what the most beaten is, may be so by their prices alone."""
NOISE: Final = 10.0
"""Nor does it tell anything to be beaten by less than so many times a requirement's part of the point's error."""
SOLVES: Final = 40
"""A level, or a round of leximin, that takes more solves than this is quicker solved anew."""


class PartMaster(InteriorMaster):
    """`InteriorMaster` over the requirements that are free; `fixed` are the options at which others are held.

    `first` are options to begin with, of any requirement. `releasing` says whether the last pricing set any free.
    """

    def __init__(
        self, instance: Instance, layout: Layout, stated: Stated, held: Held, first: Options, *, gap: float = GAP
    ) -> None:
        super().__init__(instance, layout, stated, gap)
        self.precisions = self.precisions[1:4]
        self._held, self._first = held.options, first
        self._stood = option_key(instance, Options.nowhere(np.arange(len(instance.requirements))))
        self._stood[held.options.requirement] = option_key(instance, held.options)
        self.releasing = False
        self._noise, self._surplus = np.inf, np.zeros(len(self._place))
        self._row, self._solves = -1, 0
        self.fixed, self._entries = held.options, build_entries(instance, layout, held.options)
        self._let_go(build_matrix(instance, layout, held.free))

    def opening(self) -> Options:
        """The options to begin with."""
        return self._each_once([self._known_of(self._place >= 0)])

    def admit(self, better: Options, gains: Floats) -> Options:
        """Which of the `better` options should enter, and what must be known with them.

        At prices that are not quite right nearly all that is held seems beaten, for most have other options as good. So
        the most beaten alone are set free, which puts the prices right that the others went by. `gains` says by how
        much each is better than what its requirement has. `NotSolvedError` when too many are free.
        """
        free = self._place >= 0
        stays = ~free[better.requirement]
        beaten = np.where(self.whole | free, 0.0, np.maximum(-self._surplus, 0.0))  # by being granted nothing
        np.maximum.at(beaten, better.requirement[stays], gains[stays])
        ranked = np.sort(beaten)[::-1]
        most = min(max(FEW, int(AT_ONCE * free.sum())), len(ranked) - 1)
        freed = beaten > max(ranked[most], TELLING * ranked[0], self._noise)
        self.releasing = bool(freed.any())
        if (freed | free).mean() > MOST:
            raise NotSolvedError
        enter = better.take(~stays | freed[better.requirement])
        return self._each_once([enter, self._known_of(freed)])

    def add(self, options: Options) -> None:
        """Let `options` enter, and set free whose they are."""
        freed = np.zeros(len(self._place), dtype=bool)
        freed[options.requirement] = True
        joining = np.flatnonzero(freed & (self._place < 0))
        self._let_go(self._at_hand.welcome(self._instance, self._layout, joining))
        super().add(options)
        self._drop_wanting()

    def hold(self, level: str, limit: float, unmet: float) -> None:
        """As `InteriorMaster`; `NotSolvedError` if something held is not granted whole though all must be."""
        super().hold(level, limit, unmet)
        n, wholly = self.fixed.requirement, self._place >= 0
        wholly[n] = (self.fixed.start <= self._instance.start[n]) | (self._instance.home[n] >= 0)
        if (self.whole & ~wholly).any():
            raise NotSolvedError

    def settle(self, ministry: int, share: float) -> None:
        """As `InteriorMaster`."""
        super().settle(ministry, share)
        self._solves = 0

    def _known_of(self, those: Flags) -> Options:
        """What those requirements had in the earlier plan, and options to begin with."""
        return Options.join([part.take(those[part.requirement]) for part in (self._held, self._first)])

    def _each_once(self, parts: Sequence[Options]) -> Options:
        joined = Options.join(parts)
        _, at = np.unique(option_key(self._instance, joined), return_index=True)
        return joined.take(at)

    def _let_go(self, at_hand: OptionMatrix) -> None:
        """Hold no longer who has become a choice of `at_hand`."""
        self._at_hand, self._place = at_hand, at_hand.place
        stay = self._place[self.fixed.requirement] < 0
        self.fixed, self._entries = self.fixed.take(stay), self._entries.among(stay)
        self._taken = np.bincount(self._entries.row, self._entries.value, len(self._layout)).astype(np.float64)
        if POLICY in self._layout.level:
            held = self._layout.pin[(self._place < 0) & (self._instance.pin >= 0)]
            self._taken[self._layout.level[POLICY]] += len(held) + self._taken[held].sum()  # at its pin each has -1

    def _solve(
        self, costs: Floats, shared_costs: Floats, row: int, precision: float, tick: Callable[[], None]
    ) -> MasterResult:
        self._solves = self._solves + 1 if row == self._row else 1
        self._row = row
        if self._solves > SOLVES or not len(self._at_hand.options):
            raise NotSolvedError
        result = super()._solve(costs, shared_costs, row, precision, tick)
        weights = result.multipliers.copy()
        weights[row] = 1.0
        entries, free = self._entries, self._place >= 0
        own = np.bincount(entries.column, entries.value * weights[entries.row], len(self.fixed))
        surplus = np.where(free, result.surplus, 0.0)
        surplus[self.fixed.requirement] = -own
        self._noise = NOISE * result.error / int(free.sum())
        self._surplus = surplus
        return replace(result, value=result.value + float(self._taken[row]), surplus=surplus)

    def _state(self, rows: Flags, costs: Floats, shared_costs: Floats) -> Interior:
        """The LP over what is free, with what is held taken from the limits."""
        lp = super()._state(rows, costs, shared_costs)
        limits = lp.shared.limits - self._taken[rows] / self._layout.scale[rows]
        return replace(lp, shared=replace(lp.shared, limits=limits))

    def _start(self, lp: Interior, least: float = 0.0) -> Point | None:
        """As `InteriorMaster`, from points to which those that were set free since have been added.

        A coarse point can suit them worse than a finer one, for its prices are those of no plan.
        """
        grown = [self._grown(met, lp) for met in self._met]
        wrong = [by for _, by in grown]
        suits = [n for n, by in enumerate(wrong) if by <= max(FAR, min(wrong))]
        self._met = [met for met, _ in grown[: max(suits, default=0) + 1]]
        return super()._start(lp, least)

    def _grown(self, met: Met, lp: Interior) -> tuple[Met, float]:
        """`met` with all that are free now, and how wrong it is about those that were not then."""
        before = len(met.point.alpha)
        if before == lp.choices:
            return met, 0.0
        joined = np.empty(lp.choices - before, dtype=np.int64)
        of_all = np.flatnonzero(self._place >= before)
        joined[self._place[of_all] - before] = of_all
        stood = self._stood[joined]
        keys = self._keys()
        order = np.argsort(keys)
        home = order[np.searchsorted(keys, stood, sorter=order)]
        point, wrong = grow(lp, met.point, home)
        return Met(np.concatenate([met.options, stood]), met.gap, point), wrong
