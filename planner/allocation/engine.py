"""Solving level by level: price, let better options enter the master, and stop when value and bound meet.

`docs/formulation.md`, "How to solve it". Every level's bound comes from pricing all options of all requirements at the
master's prices (weak duality), never from the solver's word.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from planner.allocation.columns import idle_staff, row_use
from planner.allocation.filling import Start, fill
from planner.allocation.holding import Held, hold, hold_last
from planner.allocation.instance import Floats, Instance
from planner.allocation.interior_master import InteriorMaster
from planner.allocation.layout import GAP, SLACK, Layout, build_layout
from planner.allocation.master import Master, MasterResult
from planner.allocation.options import Options, option_key
from planner.allocation.part_master import PartMaster
from planner.allocation.plan import Plan, SolveStatus
from planner.allocation.pricing import price, price_tables, spread_prices
from planner.allocation.rounding import Rounding
from planner.allocation.sampling import Reached, draw_sample, stand_by
from planner.allocation.statement import read_statement
from planner.errors import NotSolvedError

DIRECT = 1000
"""Up to this many requirements the exact master takes all of them; beyond, prices come from an interior point."""
APART = 0.1
"""With more rows of staff than this for each requirement, a problem nearly falls apart by agency."""
SAMPLED = 20_000
"""Beyond this many it is quicker to solve a sample first, and to begin where that says."""
SPARE = 0.05
"""The share of every pool that is set free beside what a sample leaves undecided."""
AGAIN = 1000
"""Beyond this many requirements it is quicker to go on from the plan of a problem much like this one."""
FEW = 0.02
"""When less than this share of the options is new, the prices were good enough to go on more precisely."""
HALF = 0.5
"""An interior point prefers an option that has more than this of its requirement."""


@dataclass(frozen=True)
class Progress:
    """How far a solve is: which level, which round of it, and the gap proven so far (None before the first)."""

    level: str
    round: int
    gap: float | None


@dataclass(frozen=True, eq=False)
class LevelOutcome:
    """What one level came to, with the row prices (>= 0, in the level's unit) at its optimum."""

    name: str
    value: float
    bound: float
    gap: float
    status: SolveStatus
    seconds: float
    multipliers: Floats


@dataclass(frozen=True, eq=False)
class Solution:
    """Shares of options, values of the shared variables, every level's outcome, and the rows' limits as held last."""

    options: Options
    shares: Floats
    modules: Floats  # (E, T)
    given: dict[str, float]
    levels: tuple[LevelOutcome, ...]
    limits: Floats  # (rows,)


@dataclass(frozen=True)
class Terms:
    """How a solve is to go: whom to tell how far it is, when it must end, and the gap that proves a level."""

    tell: Callable[[Progress], None]
    deadline: float | None
    gap: float

    def enough(self, level: str) -> float:
        """The gap at which a level is left alone: a wider one than usual is asked for to save time.

        Which ministries can rise no further shows at a small one only.
        """
        return self.gap if self.gap > GAP and level != "fairness" else self.gap / 1000


def optimise(
    instance: Instance,
    layout: Layout,
    progress: Callable[[Progress], None] | None = None,
    time_limit: float | None = None,
    last: Plan | None = None,
    *,
    gap: float = GAP,
) -> Solution:
    """The levels of `instance` in strict order, each proven to `gap` and held there within the policy's tolerance.

    Beyond `DIRECT` requirements an interior point is tried first, unless staff make the problem nearly fall apart by
    agency; where it does not prove every level, the exact master takes over with what time is left. When the time is
    up, the best plan so far comes back, filled up. `last` is a plan of a problem much like this one: the interior point
    then moves what must move and proves that the rest may stay.
    """
    deadline = None if time_limit is None else time.monotonic() + time_limit
    terms = Terms(progress or (lambda _: None), deadline, gap)
    solution, run = None, None
    try:
        for held in () if _falls_apart(instance, layout) else _starts(instance, layout, terms, last):
            run = _Run(instance, layout, InteriorMaster, terms, held)
            try:
                solution = run.solve()
            except NotSolvedError:
                continue
            if all(outcome.status == "optimal" for outcome in solution.levels):
                return solution
    except OutOfTimeError:
        return (run or _Run(instance, layout, InteriorMaster, terms)).interrupted()
    run = _Run(instance, layout, Master, terms)
    try:
        return run.solve()
    except OutOfTimeError:
        return solution or run.interrupted()


def _falls_apart(instance: Instance, layout: Layout) -> bool:
    """Whether agencies' staff are so many limits that the exact master is quicker than an interior point."""
    staff = layout.staff[layout.staff >= 0]
    return int(np.count_nonzero(~idle_staff(instance, layout)[staff])) > APART * len(instance.requirements)


def _starts(instance: Instance, layout: Layout, terms: Terms, last: Plan | None = None) -> Iterator[Held | None]:
    """What an interior point may begin with, the most promising first; None for nothing."""
    count = len(instance.requirements)
    # With no tolerance, what rounding does to the levels above shows in those below: only a fresh solve is the same.
    again = last if count > AGAIN and instance.policy.tolerance > 0 else None
    if again is not None and (held := hold_last(instance, layout, again)):
        yield held
    if count > SAMPLED and (held := _hold_sample(instance, layout, terms)):
        yield held
    if count > DIRECT:
        yield None


def _hold_sample(instance: Instance, layout: Layout, terms: Terms) -> Held | None:
    """What most requirements can be held at by what a sample of them comes to, if that can be solved."""
    sample = draw_sample(instance)
    if 2 * len(sample.instance.requirements) > len(instance.requirements):  # most are pinned
        return None
    smaller = build_layout(sample.instance)
    first = layout.levels[0]

    def tell_first(told: Progress) -> None:
        terms.tell(Progress(first, told.round, None))

    of_sample = replace(terms, tell=tell_first)
    for held in _starts(sample.instance, smaller, of_sample):
        run = _Run(sample.instance, smaller, InteriorMaster, of_sample, held)
        try:
            reached = run.sampled()
        except NotSolvedError:
            continue
        nobody = np.zeros(len(instance.requirements), dtype=bool)
        return hold(instance, layout, stand_by(instance, layout, sample, reached), nobody, SPARE)
    return None


class OutOfTimeError(Exception):
    """The time limit has passed."""


class _Run:
    """One solve: the master, the options it knows, and the clock."""

    def __init__(
        self,
        instance: Instance,
        layout: Layout,
        kind: type[Master] | type[InteriorMaster],
        terms: Terms,
        held: Held | None = None,
    ) -> None:
        self._instance, self._layout, self._terms = instance, layout, terms
        self._told = Progress(layout.levels[0], 1, None)
        self._stated = read_statement(instance, layout)
        first = _first_options(instance, layout)
        self._master: Master | InteriorMaster
        if held is not None:
            part = PartMaster(instance, layout, self._stated, held, first, gap=terms.gap)
            self._master, first = part, part.opening()
        elif kind is InteriorMaster:
            self._master = InteriorMaster(instance, layout, self._stated, terms.gap)
        else:
            self._master = Master(instance, layout, self._stated)
        self._known = np.zeros(0, dtype=np.int64)
        self._settled = np.full(len(instance.ministries), np.nan)
        self._reached: list[LevelOutcome] = []
        self._prices_so_far = np.zeros(len(layout))
        self._bound: float | None = None
        self._rough: tuple[Options, Floats, Floats] | None = None
        self._enter(first)
        terms.tell(self._told)

    def solve(self) -> Solution:
        """Every level in order, and the plan.

        `NotSolvedError` where an interior point does not prove a level and there is time for what will.
        """
        self._reach_all(proven=isinstance(self._master, InteriorMaster) and self._terms.deadline is None)
        return self._solution(tuple(self._reached))

    def sampled(self) -> Reached:
        """Every level in order, and what it says of a problem of which this is a sample."""
        self._reach_all(proven=False)
        master = cast(InteriorMaster, self._master)
        central, mu = master.central()
        return Reached(
            layout=self._layout,
            prices={outcome.name: outcome.multipliers for outcome in self._reached},
            values={outcome.name: outcome.value for outcome in self._reached},
            central=central,
            mu=mu,
            modules=self._modules(master.rough[1]),
        )

    def _reach_all(self, *, proven: bool) -> None:
        """Every level in order; where they must be `proven`, `NotSolvedError` at the first that is not.

        The plan itself may prove the last level yet, unless most of it is held.
        """
        held = isinstance(self._master, PartMaster)
        for level in self._layout.levels:
            self._bound = None
            self._reached.append(self.reach(level))
            must = held or (proven and level != self._layout.levels[-1])
            if must and self._reached[-1].status != "optimal":
                raise NotSolvedError

    def interrupted(self) -> Solution:
        """The plan at hand, filled up; nothing of it is proved best. The levels state what bounds they came to."""
        instance, layout, stated = self._instance, self._layout, self._stated
        start = self._start()
        options, shares = fill(instance, layout, stated, start, _first_options(instance, layout))
        shared, use = start.shared.copy(), row_use(instance, layout, options, shares)
        for row, column in stated.giving.items():
            shared[column] = np.clip(use[row] - layout.limits[row], 0.0, 1.0)
        rows = list(layout.level.values())
        limits = layout.limits.copy()
        limits[rows] = (use + stated.coefficients @ shared)[rows]
        asked = layout.service[layout.service >= 0]
        limits[asked] = use[asked].max(initial=-np.inf)
        return self._pack(options, shares, shared, self._unproven(use + stated.coefficients @ shared), limits)

    def _start(self) -> Start:
        """What the exact master granted; of an interior point the modules, as far as allowed, and what it prefers."""
        master, nothing = self._master, self._stated.nothing()
        nothing[list(self._stated.giving.values())] = 0.0
        if isinstance(master, Master):
            held = master.shares > 0
            modules = list(self._stated.modules.values())
            nothing[modules] = master.shared_values[modules]
            return Start(master.options.take(held), master.shares[held], nothing, Options.none())
        if self._rough is None:
            return Start(Options.none(), np.zeros(0), nothing, master.fixed)
        options, x, y = self._rough
        modules = list(self._stated.modules.values())
        nothing[modules] = y[modules]
        rows = np.concatenate([self._layout.capex, self._layout.expansion])
        rows = rows[rows >= 0]
        spent, limits = (self._stated.coefficients @ nothing)[rows], self._layout.limits[rows]
        nothing *= np.divide(limits, spent, out=np.ones_like(spent), where=spent > limits).min(initial=1.0)
        wanted = Options.join([master.fixed, options.take(x > HALF)])
        return Start(Options.none(), np.zeros(0), nothing, wanted)

    def _unproven(self, use: Floats) -> tuple[LevelOutcome, ...]:
        """What is known of the levels when the time is up, of a plan with that `use` of every row.

        A bound holds for plans that keep the levels above where they are held. This one may not.
        """
        layout, outcomes, kept = self._layout, [], True
        for position, level in enumerate(layout.levels):
            sign = -1.0 if level == "fairness" else 1.0
            best = 1.0 if level == "fairness" else 0.0
            outcome = LevelOutcome(level, best, best, 0.0, "feasible", 0.0, np.zeros(len(layout)))
            if position < len(self._reached) and kept:
                outcome = replace(self._reached[position], status="feasible")
            elif position == len(self._reached) and self._bound is not None and kept:
                best = sign * (self._bound + layout.at_stake[level]) + 0.0
                outcome = replace(outcome, value=best, bound=best, multipliers=self._prices_so_far)
            outcomes.append(outcome)
            rows = layout.service[layout.service >= 0] if level == "fairness" else np.array([layout.level[level]])
            excess = use[rows] - self._master.limits[rows]
            kept = kept and bool((excess <= SLACK * layout.scale[rows]).all())
        return tuple(outcomes)

    def reach(self, level: str) -> LevelOutcome:
        """Optimise `level` and hold it for those below."""
        began = time.perf_counter()
        result, bound, gap, proven = self._descend(level)
        first = result
        if level == "fairness":
            while self._settle_lowest(result) and self._instance.policy.fairness == "leximin":
                result, _, round_gap, round_proven = self._descend(level)
                gap, proven = max(gap, round_gap), proven and round_proven
            self._keep_service()
        constant = self._layout.at_stake[level]
        value = first.value + constant
        if level != "fairness":
            tolerance = self._instance.policy.tolerance * abs(value)
            rounding = SLACK * max(constant, abs(value), self._layout.scale[self._layout.level[level]])
            self._master.hold(level, first.value + tolerance + rounding, value)
        sign = -1.0 if level == "fairness" else 1.0
        return LevelOutcome(
            name=level,
            value=max(sign * value, 0.0) + 0.0,
            bound=sign * (bound + constant) + 0.0,
            gap=gap,
            status="optimal" if proven else "feasible",
            seconds=time.perf_counter() - began,
            multipliers=self._prices(level, first),
        )

    def _prices(self, level: str, result: MasterResult) -> Floats:
        """The prices of rows that bind: an interior point charges a little for what is left over, too."""
        in_scale = result.multipliers * self._layout.scale / self._layout.scale[self._layout.level[level]]
        return np.where(in_scale > result.slack, result.multipliers, 0.0)

    def _solution(self, levels: tuple[LevelOutcome, ...]) -> Solution:
        """What the last solve granted and bought; from an interior point, the plan at a vertex near it."""
        master = self._master
        if isinstance(master, InteriorMaster):
            last = levels[-1]
            bound = last.bound - self._layout.at_stake[last.name]
            vertex = Rounding(
                self._instance, self._layout, self._stated, master, last.name, bound, self._terms.gap, self._tick
            ).settle()
            if last.name != "fairness":
                levels = (*levels[:-1], self._restated(last, vertex.value))
            options, shares, shared = vertex.options, vertex.shares, vertex.shared_values
        else:
            options, shares, shared = master.options, master.shares, master.shared_values
        return self._pack(options, shares, shared, levels, master.limits.copy())

    def _pack(
        self, options: Options, shares: Floats, shared: Floats, levels: tuple[LevelOutcome, ...], limits: Floats
    ) -> Solution:
        given = {self._layout.names[row]: float(shared[at]) for row, at in self._stated.giving.items()}
        return Solution(options, shares, self._modules(shared), given, levels, limits)

    def _modules(self, shared: Floats) -> Floats:
        """Modules bought by expansion and year, (E, T)."""
        modules = np.zeros((len(self._instance.expansions), len(self._instance.years)))
        for (e, t), column in self._stated.modules.items():
            modules[e, t] = shared[column]
        return modules

    def _descend(self, level: str) -> tuple[MasterResult, float, float, bool]:
        """Solve and price in turn until the gap closes or no option improves: result, bound, gap, and whether proven.

        A coarse point proves nothing, however close its value lies to the bound: its limits hold as coarsely, and what
        that may be worth counts towards the gap that proves. What is proven is made finer while that can be done, for
        the levels below are held at it.
        """
        bound = -1.0 if level == "fairness" else -self._layout.at_stake[level]
        rounds, gap, precisions = 0, None, self._master.precisions
        best: tuple[MasterResult, float] | None = None
        while True:
            precision, rounds = precisions[0], rounds + 1
            self._told = Progress(level, rounds, gap)
            result = self._master.solve(level, precision, self._seconds_left(), self._tick)
            round_bound, better = self._price(level, result)
            bound = max(bound, round_bound)
            self._prices_so_far = self._weights(level, result)
            if isinstance(self._master, InteriorMaster):
                self._rough = (self._master.options, *self._master.rough)
            if np.isnan(self._settled).all():
                self._bound = bound
            gap = self._layout.gap(level, result.value, bound)
            self._told = Progress(level, rounds, gap)
            self._tick()
            doubt = self._layout.gap(level, result.value, result.value - result.error)
            proven = gap + doubt <= self._terms.gap and precision <= self._terms.gap and result.finished
            if not result.finished and best:
                result, gap = best
                return result, bound, gap, True
            if (proven and gap <= self._terms.enough(level)) or not result.finished:
                return result, bound, gap, proven
            best = (result, gap) if proven else best
            entered = self._enter(better)
            if not entered and (len(precisions) == 1 or (best and result.nearest)):
                result, gap = best or (result, gap)
                return result, bound, gap, best is not None
            releasing = isinstance(self._master, PartMaster) and self._master.releasing
            few = 0 if releasing else FEW * len(self._known)
            if len(precisions) > 1 and (gap <= 2 * precision or entered <= few):
                precisions = precisions[1:]

    def _price(self, level: str, result: MasterResult) -> tuple[float, Options]:
        """The bound that the prices prove over every option there is, and the options better than those at hand."""
        instance, weights = self._instance, self._weights(level, result)
        held = np.isfinite(self._master.limits)
        bound = -float(result.multipliers[held] @ self._master.limits[held])
        bound += float(np.minimum(weights @ self._stated.coefficients, 0.0) @ self._stated.top)
        found, gains = [Options.none()], [np.zeros(0)]
        tiny = 1e-12 * max(1.0, float(result.surplus.max(initial=0.0)))
        for block in price(instance, spread_prices(instance, self._layout, weights), at_once=self._master.whole):
            bound += float(np.where(self._master.whole[block.rows], block.cost, np.minimum(block.cost, 0.0)).sum())
            gain = -(result.surplus[block.rows] + tiny) - block.cost
            found.append(block.options(gain > 0))
            gains.append(gain[gain > 0])
            self._tick()
        better = Options.join(found)
        if isinstance(self._master, PartMaster):
            better = self._master.admit(better, np.concatenate(gains))
        return bound, better

    def _weights(self, level: str, result: MasterResult) -> Floats:
        """Row prices at a level's solution, its own row at 1."""
        weights = result.multipliers.copy()
        weights[self._layout.level[level]] = 1.0
        return weights

    def _enter(self, options: Options) -> int:
        """Let those of `options` enter that the master does not know; how many those were."""
        keys = option_key(self._instance, options)
        at = np.searchsorted(self._known, keys)
        new = np.append(self._known, -1)[at] != keys
        if new.any():
            self._master.add(options.take(new))
            self._known = np.sort(np.concatenate([self._known, keys[new]]), kind="stable")
        return int(new.sum())

    def _settle_lowest(self, result: MasterResult) -> bool:
        """Settle the ministries that cannot rise above the present floor; whether any other is left to raise.

        A service row with a positive price binds in every optimal plan, so its ministry cannot rise.
        """
        floor = -result.value
        service = self._layout.service
        rising = np.flatnonzero((service >= 0) & np.isnan(self._settled))
        price = result.multipliers[service[rising]] * self._layout.scale[service[rising]]
        stuck = rising[price > np.maximum(result.slack[service[rising]], 1e-7)]
        if not len(stuck) or self._instance.policy.fairness == "maxmin" or floor >= 1 - SLACK:
            stuck = rising
        for m in stuck.tolist():
            self._settled[m] = floor
            self._master.settle(m, floor)
        return len(stuck) < len(rising)

    def _keep_service(self) -> None:
        """Hold every settled ministry at its share, less the policy's tolerance."""
        for m in np.flatnonzero(~np.isnan(self._settled)).tolist():
            self._master.keep(m, self._settled[m] * (1 - self._instance.policy.tolerance))

    def _restated(self, outcome: LevelOutcome, value: float) -> LevelOutcome:
        """The last level's outcome with the value that the plan itself has."""
        constant = self._layout.at_stake[outcome.name]
        gap = self._layout.gap(outcome.name, value, outcome.bound - constant)
        status: SolveStatus = "optimal" if gap <= self._terms.gap else "feasible"
        return replace(outcome, value=max(value + constant, 0.0), gap=gap, status=status)

    def _tick(self) -> None:
        """Tell how far things are, so that whoever listens may end the solve, and end it when the time is up."""
        self._terms.tell(self._told)
        if self._late():
            raise OutOfTimeError

    def _late(self) -> bool:
        return self._terms.deadline is not None and time.monotonic() > self._terms.deadline

    def _seconds_left(self) -> float | None:
        deadline = self._terms.deadline
        return None if deadline is None else max(0.0, deadline - time.monotonic())


def _first_options(instance: Instance, layout: Layout) -> Options:
    """For every requirement and site the earliest start, each with the standby site that is cheapest to run."""
    nothing = np.zeros(len(layout))
    if "cost" in layout.level:
        nothing[layout.level["cost"]] = 1.0
    found = [Options.none()]
    for rows, table in price_tables(instance, spread_prices(instance, layout, nothing)):
        possible = np.isfinite(table.total)
        i, s = np.nonzero(possible.any(axis=2))
        t = possible.argmax(axis=2)[i, s]
        found.append(Options(rows[i], s, table.standby[i, s, t], t))
    return Options.join(found)
