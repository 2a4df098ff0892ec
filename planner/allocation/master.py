"""The master: the LP over the options at hand, stated in PuLP and solved by HiGHS in process.

PuLP states the rows and the few variables that requirements share; options and their choice rows enter HiGHS behind
that statement as arrays. Rows are divided by their typical coefficient on the way in, and prices multiplied back on
the way out. The solver is one thread of simplex, so the same instance gives the same basis.
"""

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import pulp

from planner.allocation.columns import build_entries
from planner.allocation.formulation import Statement, state
from planner.allocation.instance import Floats, Instance, Ints
from planner.allocation.layout import Layout
from planner.allocation.options import Options
from planner.errors import NotSolvedError

SOLVER = f"HiGHS {highspy.HIGHS_VERSION_MAJOR}.{highspy.HIGHS_VERSION_MINOR}.{highspy.HIGHS_VERSION_PATCH}"


@dataclass(frozen=True, eq=False)
class MasterResult:
    """One solve. `value` excludes the level's constant; `multipliers` (rows,) and `surplus` (n,) are >= 0."""

    value: float
    multipliers: Floats
    surplus: Floats
    finished: bool


class Master:
    """The LP over the options at hand. Columns 0 to `shared` are modules, fairness, and what gives way."""

    def __init__(self, instance: Instance, layout: Layout) -> None:
        self._instance, self._layout = instance, layout
        statement = state(instance, layout, Options.none())
        self._read_statement(statement)
        self._highs = _new_highs()
        self._level_values = self.coefficients[list(layout.level.values())]
        self._x = np.zeros(self.shared)
        self._x[list(self.giving.values())] = 1.0
        self.limits = layout.limits.copy()
        self.options = Options.none()
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
        rows = np.concatenate([entries.row, len(self._layout) + options.requirement])
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

    def hold(self, row: int, limit: float) -> None:
        """Give `row` the limit `limit`, in the row's own unit."""
        self.limits[row] = limit
        self._highs.changeRowBounds(row, -highspy.kHighsInf, limit / self._layout.scale[row])

    def settle_service(self, ministry: int, share: float) -> None:
        """Take a ministry out of the fairness floor and guarantee it `share` instead."""
        row = int(self._layout.service[ministry])
        self.coefficients[row, self.fairness] = 0.0
        self._highs.changeCoeff(row, self.fairness, 0.0)
        self.hold(row, -share)

    def solve(self, level: str, seconds: float | None = None) -> MasterResult:
        """The least value of `level` over the options at hand.

        Unfinished if the time ran out first: then the last finished solve stands, at prices of nothing.
        """
        row = self._layout.level[level]
        scale = self._layout.scale[row]
        position = row - min(self._layout.level.values())
        objective = self._level_values[position]
        largest = float(np.abs(objective).max(initial=0.0)) or scale
        self._highs.changeColsCost(len(objective), np.arange(len(objective), dtype=np.int32), objective / largest)
        self._highs.setOptionValue("time_limit", highspy.kHighsInf if seconds is None else self._elapsed() + seconds)
        finished = self._run()
        rows = len(self._layout)
        prices = np.zeros(rows + len(self._instance.requirements))
        if finished:
            solution = self._highs.getSolution()
            self._x = np.array(solution.col_value)
            prices = np.maximum(-np.array(solution.row_dual), 0.0) * largest
        return MasterResult(
            value=float(objective @ self._x),
            multipliers=prices[:rows] / self._layout.scale,
            surplus=prices[rows:],
            finished=finished,
        )

    def _run(self) -> bool:
        """Run HiGHS; False if the time ran out. A solve that fails from the last basis is tried once more from none."""
        for attempt in range(2):
            if attempt:
                self._highs.clearSolver()
            self._highs.run()
            status = self._highs.getModelStatus()
            if status == highspy.HighsModelStatus.kOptimal:
                return True
            if status == highspy.HighsModelStatus.kTimeLimit:
                return False
        raise NotSolvedError

    @property
    def shared_values(self) -> Floats:
        """Values of the shared variables in the last solve."""
        return self._x[: self.shared]

    @property
    def shares(self) -> Floats:
        """Share granted to each option in the last solve."""
        return self._x[self.shared :]

    def _elapsed(self) -> float:
        return float(self._highs.getRunTime())

    def _read_statement(self, statement: Statement) -> None:
        """The statement's shared variables as arrays: `coefficients` (rows, shared), unscaled, and upper bounds."""
        model = statement.model
        model.setObjective(pulp.LpAffineExpression())
        solver = pulp.HiGHS(msg=False)
        solver.createAndConfigureSolver(model)
        solver.buildSolverModel(model)
        stated = model.solverModel.getLp()
        self.shared = stated.num_col_
        self.coefficients = np.zeros((stated.num_row_, stated.num_col_))
        matrix = stated.a_matrix_
        starts, index, value = np.array(matrix.start_), np.array(matrix.index_), np.array(matrix.value_)
        if matrix.format_ == highspy.MatrixFormat.kColwise:
            column = np.repeat(np.arange(self.shared), np.diff(starts))
            self.coefficients[index, column] = value
        else:
            row = np.repeat(np.arange(stated.num_row_), np.diff(starts))
            self.coefficients[row, index] = value
        self.upper = np.array(stated.col_upper_)
        self.modules = {key: variable.index for key, variable in statement.buy.items()}
        self.giving = {row: variable.index for row, variable in statement.give.items()}
        self.fairness: int = statement.fairness.index if statement.fairness is not None else -1

    def _pass_statement(self) -> None:
        count = len(self._instance.requirements)
        self._highs.addVars(self.shared, np.zeros(self.shared), self.upper)
        row, column = np.nonzero(self.coefficients)
        value = self.coefficients[row, column] / self._layout.scale[row]
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


def _new_highs() -> Any:
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call] # highspy ships no annotation for it
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("parallel", "off")
    highs.setOptionValue("random_seed", 0)
    highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
    highs.setOptionValue("dual_feasibility_tolerance", 1e-9)
    return highs


def option_key(instance: Instance, options: Options) -> Ints:
    """A number for each option, equal only for equal options."""
    sites, years = len(instance.sites) + 1, len(instance.years)
    key: Ints = ((options.requirement * sites + options.site) * sites + options.standby + 1) * years + options.start
    return key
