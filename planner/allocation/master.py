"""The master: the LP over the options at hand, stated in PuLP and solved by HiGHS in process.

PuLP states the rows and the few variables that requirements share; options and their choice rows enter HiGHS behind
that statement as arrays. Rows are divided by their typical coefficient on the way in, and prices multiplied back on
the way out. The solver is one thread of simplex, so the same instance gives the same basis.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from planner.allocation.columns import build_entries
from planner.allocation.instance import Flags, Floats, Instance
from planner.allocation.layout import SLACK, Layout
from planner.allocation.options import Options
from planner.allocation.statement import Stated
from planner.errors import NotSolvedError
from planner.interrupts import run_highs

SOLVER = f"HiGHS {highspy.HIGHS_VERSION_MAJOR}.{highspy.HIGHS_VERSION_MINOR}.{highspy.HIGHS_VERSION_PATCH}"


@dataclass(frozen=True, eq=False)
class MasterResult:
    """One solve. `value` excludes the level's constant.

    `multipliers` (rows,) are >= 0, `slack` (rows,) is what rows have left in units of their scale, and `surplus` (n,)
    is what each requirement gains by its best option at hand. `error` is how far the value may lie from one that keeps
    every row, in the level's unit; `nearest` says that doubles let it be no less than that.
    """

    value: float
    multipliers: Floats
    slack: Floats
    surplus: Floats
    finished: bool
    error: float = 0.0
    nearest: bool = False


class Master:
    """The LP over the options at hand, exact; the shared variables are its first columns.

    `limits` (rows,) are the rows' limits as they stand, and `whole` (n,) the requirements that must be granted whole:
    none, for here a level that has been reached is held by its row. Options of those that are `free` (n,) alone may
    enter, of all if nothing is said: what is decided of the others would have empty rows, which cost time.
    """

    precisions: tuple[float, ...] = (0.0,)

    def __init__(
        self,
        instance: Instance,
        layout: Layout,
        stated: Stated,
        limits: Floats | None = None,
        free: Flags | None = None,
    ) -> None:
        self._instance, self._layout, self._stated = instance, layout, stated
        self._shared = len(stated.top)
        self._highs = new_highs()
        self._level_values = stated.coefficients[list(layout.level.values())]
        self._x = stated.nothing()
        self.limits = (layout.limits if limits is None else limits).copy()
        self.whole: Flags = np.zeros(len(instance.requirements), dtype=bool)
        self.options = Options.none()
        self._free = np.flatnonzero(np.ones_like(self.whole) if free is None else free)
        self._pass_statement()

    def add(self, options: Options) -> None:
        """Let `options` enter; the caller adds none twice."""
        entries = build_entries(self._instance, self._layout, options)
        level_rows = np.array(list(self._layout.level.values()), dtype=np.int64)
        values = np.zeros((len(level_rows), len(options)))
        is_level = entries.row >= level_rows[0]
        values[entries.row[is_level] - level_rows[0], entries.column[is_level]] = entries.value[is_level]
        self._level_values = np.hstack([self._level_values, values])
        self._x = np.concatenate([self._x, np.zeros(len(options))])
        self.options = Options.join([self.options, options])
        choices = np.searchsorted(self._free, options.requirement)
        rows = np.concatenate([entries.row, len(self._layout) + choices])
        columns = np.concatenate([entries.column, np.arange(len(options))])
        scaled = np.concatenate([entries.value / self._layout.scale[entries.row], np.ones(len(options))])
        order = np.lexsort((rows, columns))
        first = np.searchsorted(columns[order], np.arange(len(options)))
        self._highs.addCols(
            len(options),
            np.zeros(len(options)),
            np.zeros(len(options)),
            np.full(len(options), highspy.kHighsInf),
            len(rows),
            first.astype(np.int32),
            rows[order].astype(np.int32),
            scaled[order],
        )

    def hold(self, level: str, limit: float, unmet: float) -> None:
        """Keep `level` at `limit`, in its own unit and without its constant; `unmet` is not used."""
        self._limit(self._layout.level[level], limit)

    def settle(self, ministry: int, share: float) -> None:
        """Take a ministry out of the fairness floor and guarantee it `share` instead, less rounding."""
        row = int(self._layout.service[ministry])
        self._stated.coefficients[row, self._stated.fairness] = 0.0
        self._highs.changeCoeff(row, self._stated.fairness, 0.0)
        self.keep(ministry, share)

    def keep(self, ministry: int, share: float) -> None:
        """Guarantee `share`, less rounding, to a ministry that is settled."""
        self._limit(int(self._layout.service[ministry]), SLACK - share)

    def _limit(self, row: int, limit: float) -> None:
        self.limits[row] = limit
        self._highs.changeRowBounds(row, -highspy.kHighsInf, limit / self._layout.scale[row])

    def solve(self, level: str, precision: float, seconds: float | None, tick: Callable[[], None]) -> MasterResult:
        """The least value of `level` over the options at hand, exact whatever `precision` asks.

        Unfinished if the time ran out first: then the last finished solve stands, at prices of nothing. What `tick`
        raises, which is called again and again, ends the solve.
        """
        row = self._layout.level[level]
        scale = self._layout.scale[row]
        position = row - min(self._layout.level.values())
        objective = self._level_values[position]
        largest = float(np.abs(objective).max(initial=0.0)) or scale
        self._highs.changeColsCost(len(objective), np.arange(len(objective), dtype=np.int32), objective / largest)
        self._highs.setOptionValue("time_limit", highspy.kHighsInf if seconds is None else self._elapsed() + seconds)
        finished = self._run(tick)
        rows = len(self._layout)
        prices = np.zeros(rows + len(self._free))
        slack = np.full(rows, np.inf)
        if finished and len(self._x):
            solution = self._highs.getSolution()
            self._x = np.array(solution.col_value)
            prices = np.maximum(-np.array(solution.row_dual), 0.0) * largest
            slack = self.limits / self._layout.scale - np.array(solution.row_value)[:rows]
        surplus = np.zeros(len(self.whole))
        surplus[self._free] = prices[rows:]
        return MasterResult(
            value=float(objective @ self._x),
            multipliers=prices[:rows] / self._layout.scale,
            slack=slack,
            surplus=surplus,
            finished=finished,
        )

    def _run(self, tick: Callable[[], None]) -> bool:
        """Run HiGHS; False if the time ran out. A solve that fails from the last basis is tried once more from none."""
        for attempt in range(2):
            if attempt:
                self._highs.clearSolver()
            run_highs(self._highs, tick)
            status = self._highs.getModelStatus()
            if status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty):
                return True
            if status == highspy.HighsModelStatus.kTimeLimit:
                return False
        raise NotSolvedError

    @property
    def shared_values(self) -> Floats:
        """Values of the shared variables in the last solve."""
        return self._x[: self._shared]

    @property
    def shares(self) -> Floats:
        """Share granted to each option in the last solve."""
        return self._x[self._shared :]

    def _elapsed(self) -> float:
        return float(self._highs.getRunTime())

    def _pass_statement(self) -> None:
        count = len(self._free)
        self._highs.addVars(self._shared, np.zeros(self._shared), self._stated.top)
        row, column = np.nonzero(self._stated.coefficients)
        value = self._stated.coefficients[row, column] / self._layout.scale[row]
        upper = np.concatenate([self.limits / self._layout.scale, np.ones(count)])
        first = np.searchsorted(row, np.arange(len(upper)))
        self._highs.addRows(
            len(upper),
            np.full(len(upper), -highspy.kHighsInf),
            upper,
            len(value),
            first.astype(np.int32),
            column.astype(np.int32),
            value,
        )


def new_highs() -> Any:
    """HiGHS as the engine uses it: one thread, silent, exact, the same way every time."""
    highs: Any = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("parallel", "off")
    highs.setOptionValue("simplex_strategy", 4)  # primal: every level ends where the next may begin
    highs.setOptionValue("presolve", "off")  # it pays only once, and cannot be interrupted
    highs.setOptionValue("random_seed", 0)
    highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
    highs.setOptionValue("dual_feasibility_tolerance", 1e-9)
    return highs
