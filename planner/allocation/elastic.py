"""A few requirements placed anew, some of them whole, while everything else stands: a small MILP, level by level.

Every level is held at a target and may exceed it; the excesses are what is minimised, one after another in the levels'
strict order. Which whole numbers to take is proposed, by the prices of the LP or by a MILP; the LP with them fixed says
what they are worth, and the better ones stay.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import highspy
import numpy as np

from planner.allocation.columns import build_entries, row_use
from planner.allocation.instance import Floats, Instance, Ints
from planner.allocation.layout import Layout
from planner.allocation.master import new_highs
from planner.allocation.options import Options, option_key
from planner.allocation.statement import Stated
from planner.errors import NotSolvedError
from planner.interrupts import run_highs

ROUNDING: Final = 1e-8
"""What a goal that was reached may lose to rounding, relative to its unit."""
NEGLIGIBLE: Final = 1e-6
"""An excess below this, relative to its unit, is none."""
TIGHT: Final = 1e-9
PRIMAL, DUAL = 4, 1
_MIP_OPTIONS: Final = {
    "presolve": "on",
    "simplex_strategy": DUAL,
    "mip_rel_gap": 0.0,
    "mip_pscost_minreliable": 0,  # on problems this small these cost more than what they save
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
}


@dataclass(frozen=True, eq=False)
class Outlook:
    """What plans are made against: the problem's rows, and the `targets` (rows,) of its levels and ministries.

    `tick` is called again and again; what it raises ends everything.
    """

    instance: Instance
    layout: Layout
    stated: Stated
    targets: Floats
    tick: Callable[[], None]


@dataclass(frozen=True, eq=False)
class Draft:
    """A plan in the making: options, their shares, the values of what requirements share.

    `loss` is the sum of its levels' excesses over their targets, each relative to its unit.
    """

    options: Options
    shares: Floats
    shared: Floats
    loss: float = np.inf


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to look for better whole numbers.

    After so many `misses` no more single ones are turned at the LP's prices. The MILP of a level ends after so many
    `nodes` (0: there is none), or within the part `close` of its excess of the least there is.
    """

    misses: int = 0
    nodes: int = 0
    close: float = 0.02


class Elastic:
    """The model over `options` of the requirements to be placed anew; all other shares of `draft` stay.

    Its columns are what requirements share, the options, and the excesses over the targets: one for each level (for
    fairness what all ministries have in common), then one for each ministry. It begins at `draft`, whose whole numbers
    must fit together with what is left once all that is divisible here gives way.
    """

    def __init__(self, outlook: Outlook, draft: Draft, options: Options, effort: Effort) -> None:
        instance, layout, stated = outlook.instance, outlook.layout, outlook.stated
        self._outlook, self._options, self._effort = outlook, options, effort
        self._misses = 0
        self._stands = False  # whether its values keep all rules: then a level that is not reached stays where they are
        again = np.isin(draft.options.requirement, options.requirement)
        self._rest, self._rest_shares = draft.options.take(~again), draft.shares[~again]
        self._shared, first = len(stated.top), len(stated.top) + len(options)
        whole = np.flatnonzero(instance.indivisible[options.requirement])
        self._whole, self._holder = self._shared + whole, options.requirement[whole]
        ministries = layout.service[layout.service >= 0].tolist() if "fairness" in layout.level else []
        elastic = [*layout.level.values(), *ministries]
        self._excess = {level: first + position for position, level in enumerate(layout.level)}
        self._each = np.arange(first + len(layout.level), first + len(elastic))
        self._held = -outlook.targets[ministries]

        rows, entries = len(layout), build_entries(instance, layout, options)
        chosen, choice = np.unique(options.requirement, return_inverse=True)
        matrix = np.zeros((rows + len(chosen), first + len(elastic)))
        matrix[:rows, : self._shared] = stated.coefficients
        matrix[:rows, stated.fairness] = 0.0
        matrix[entries.row, self._shared + entries.column] = entries.value
        matrix[rows + choice, self._shared + np.arange(len(options))] = 1.0
        matrix[elastic, np.arange(first, first + len(elastic))] = -1.0
        if ministries:
            matrix[ministries, self._excess["fairness"]] = -1.0
        key = option_key(instance, options)
        order = np.argsort(key)
        at = order[np.searchsorted(key[order], option_key(instance, draft.options.take(again)))]
        self._values = np.zeros(matrix.shape[1])
        self._values[: self._shared] = draft.shared
        self._values[self._shared + at] = draft.shares[again]

        limits = np.ones(len(matrix))
        limits[:rows] = layout.limits
        limits[elastic] = outlook.targets[elastic]
        limits[:rows] -= row_use(instance, layout, self._rest, self._rest_shares)
        firm = np.concatenate([np.arange(self._shared), self._whole])
        least = matrix[: layout.pools, firm] @ self._values[firm]
        limits[: layout.pools] = np.maximum(limits[: layout.pools], least)  # what rounding left over the limit may stay
        tops = np.full(matrix.shape[1], highspy.kHighsInf)
        tops[: self._shared] = stated.top
        scale = np.ones(len(matrix))
        scale[:rows] = layout.scale
        matrix, limits = matrix / scale[:, None], limits / scale
        in_lp = limits.copy()
        in_lp[rows:][instance.indivisible[chosen]] = highspy.kHighsInf  # fixed whole numbers keep it by themselves
        self._lp, self._mip = _new_model(matrix, in_lp, tops), _new_model(matrix, limits, tops)
        self._lp.setBasis(_basis_at(self._values, tops, in_lp - matrix @ self._values))
        kinds = np.full(len(whole), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        self._mip.changeColsIntegrality(len(whole), self._whole.astype(np.int32), kinds)
        for option, value in {**_MIP_OPTIONS, "mip_max_nodes": effort.nodes}.items():
            self._mip.setOptionValue(option, value)

    def settle(self) -> Draft:
        """The best draft found."""
        self._fix(self._standing)
        loss = 0.0
        for level, column in self._excess.items():
            if level == "fairness" and len(self._each):
                loss += self._be_fair(column)
            else:
                loss += self._reach(np.array([column]), self._unit(level))
        shares = self._values[self._shared : min(self._excess.values())]
        granted = shares > 0
        return Draft(
            options=Options.join([self._rest, self._options.take(granted)]),
            shares=np.concatenate([self._rest_shares, shares[granted]]),
            shared=self._values[: self._shared],
            loss=loss,
        )

    @property
    def _standing(self) -> Floats:
        """The whole numbers as they stand."""
        return np.round(self._values[self._whole])

    def _unit(self, level: str) -> float:
        """What an excess is relative to: the target, or a thousandth of what is at stake."""
        layout = self._outlook.layout
        row, constant = layout.level[level], layout.at_stake[level]
        stake = constant or float(layout.scale[row])
        return max(abs(float(self._outlook.targets[row]) + constant), 1e-3 * stake)

    def _be_fair(self, common: int) -> float:
        """As little as can be below the lowest target of a ministry, then below all their own targets together."""
        room = self._held - self._held.min()
        self._top(self._each, room)
        lowest = self._reach(np.array([common]), 1.0)
        self._top(self._each, room + self._values[common] + ROUNDING)
        self._top(np.array([common]), np.zeros(1))
        return max(lowest, self._reach(self._each, 1.0))

    def _reach(self, columns: Ints, unit: float) -> float:
        """Make the excess in `columns` as small as can be, and keep it there."""
        costs = np.zeros(len(self._values))
        costs[columns] = 1.0 / unit
        found = self._solve(self._lp, costs)
        if found is None:
            self._lp.clearSolver()  # what primal simplex had moved aside it did not always put back
            found = self._solve(self._lp, costs)
        if found is None and not self._stands:
            raise NotSolvedError
        self._values, self._stands = self._values if found is None else found, True
        if len(self._whole):
            self._turn(costs)
            self._search(costs)
        self._top(columns, self._values[columns] + ROUNDING * unit)
        return float(costs @ self._values)

    def _turn(self, costs: Floats) -> None:
        """Give single requirements another home, or none, while the LP's prices say that it pays and it does."""
        holder = np.unique(self._holder, return_inverse=True)[1]
        tried: list[int] = []
        reduced = self._reduced_costs()
        while self._misses < self._effort.misses and costs @ self._values > NEGLIGIBLE:
            stands = self._standing
            now = np.bincount(holder, reduced * stands)
            change = np.concatenate([np.where(stands > 0, 0.0, reduced - now[holder]), -now])
            change[tried] = 0.0
            best = int(change.argmin())
            if change[best] > -NEGLIGIBLE:
                return
            tried.append(best)
            to_none = best - len(stands)
            turned = np.where(holder == (holder[best] if to_none < 0 else to_none), 0.0, stands)
            if to_none < 0:
                turned[best] = 1.0
            if self._try(turned, costs):
                reduced = self._reduced_costs()
            else:
                self._misses += 1

    def _reduced_costs(self) -> Floats:
        """What the LP's prices charge for one more of each whole number."""
        return np.array(self._lp.getSolution().col_dual)[self._whole]

    def _search(self, costs: Floats) -> None:
        """What the MILP proposes."""
        loss = float(costs @ self._values)
        if not self._effort.nodes or loss <= NEGLIGIBLE:
            return
        before = highspy.HighsSolution()
        before.col_value = self._values.tolist()
        self._mip.setSolution(before)
        self._mip.setOptionValue("mip_abs_gap", self._effort.close * loss)
        proposed = self._solve(self._mip, costs)
        if proposed is not None:
            self._try(np.round(proposed[self._whole]), costs)

    def _try(self, whole: Floats, costs: Floats) -> bool:
        """Take these whole numbers if the LP says that they are better; whether they are."""
        basis, stood, loss = self._lp.getBasis(), self._standing, float(costs @ self._values)
        self._fix(whole)
        self._lp.setOptionValue("simplex_strategy", DUAL)
        self._lp.setOptionValue("objective_bound", loss)
        found = self._solve(self._lp, costs)
        self._lp.setOptionValue("simplex_strategy", PRIMAL)
        self._lp.setOptionValue("objective_bound", highspy.kHighsInf)
        if found is not None and costs @ found < loss - NEGLIGIBLE:
            self._values = found
            return True
        self._fix(stood)
        self._lp.setBasis(basis)
        return False

    def _solve(self, highs: Any, costs: Floats) -> Floats | None:
        """The values of least `costs` that `highs` finds: of the LP the optimum, of the MILP the best; None if none."""
        highs.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)
        run_highs(highs, self._outlook.tick)
        optimal = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        feasible = highs.getInfo().primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
        if not feasible or (highs is self._lp and not optimal):
            return None
        values: Floats = np.maximum(np.array(highs.getSolution().col_value), 0.0)
        return values

    def _fix(self, whole: Floats) -> None:
        """Fix the whole numbers in the LP."""
        self._lp.changeColsBounds(len(whole), self._whole.astype(np.int32), whole, whole)

    def _top(self, columns: Ints, tops: Floats) -> None:
        for highs in (self._lp, self._mip):
            highs.changeColsBounds(len(columns), columns.astype(np.int32), np.zeros(len(columns)), tops)


def _basis_at(values: Floats, tops: Floats, slack: Floats) -> Any:
    """The basis of the vertex `values`, as far as it is one; HiGHS fills in what is missing."""
    status = highspy.HighsBasisStatus
    basis = highspy.HighsBasis()
    within, at_top = (values > 0.0) & (values < tops), values > 0.0
    basis.col_status = [
        status.kBasic if inside else status.kUpper if upper else status.kLower
        for inside, upper in zip(within.tolist(), at_top.tolist(), strict=True)
    ]
    basis.row_status = [status.kBasic if left > TIGHT else status.kUpper for left in slack.tolist()]
    return basis


def _new_model(matrix: Floats, limits: Floats, tops: Floats) -> Any:
    """HiGHS with columns in [0, `tops`] and rows `matrix` x <= `limits`."""
    highs = new_highs()
    highs.addVars(len(tops), np.zeros(len(tops)), tops)
    row, column = np.nonzero(matrix)
    first = np.searchsorted(row, np.arange(len(matrix))).astype(np.int32)
    below = np.full(len(matrix), -highspy.kHighsInf)
    highs.addRows(len(matrix), below, limits, len(row), first, column.astype(np.int32), matrix[row, column])
    return highs
