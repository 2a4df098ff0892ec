"""A linear programme in HiGHS, solved again and again from its last basis, with bounds that need no trust in it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import highspy
import numpy as np

from planner.errors import NotSolvedError
from planner.interrupts import run_highs
from planner.workforce.matrix import LinearProgram
from planner.workforce.norms import Floats
from planner.workforce.register import Ints

SOLVER: Final = f"HiGHS {highspy.HIGHS_VERSION_MAJOR}.{highspy.HIGHS_VERSION_MINOR}.{highspy.HIGHS_VERSION_PATCH}"
FEASIBLE: Final = 1e-9
LARGE: Final = 20_000
"""Columns from which on the first basis is found sooner by interior point and crossover than by simplex."""
DUAL: Final = 1
PRIMAL: Final = 4
"""What HiGHS calls the two simplex methods."""


def no_tick() -> None:
    """Nobody listens."""


@dataclass(frozen=True, eq=False)
class Optimum:
    """The least `value` of an objective, at `x`; `prices` >= 0 are what a unit more of each row's limit saves."""

    value: float
    x: Floats
    prices: Floats


def least_value(program: LinearProgram, objective: Floats, prices: Floats, most: Floats) -> float:
    """A bound below which no solution of `program` can take `objective`, by weak duality, whatever `prices` >= 0 are.

    `most` is the largest value of each column that need be looked at, for columns without an upper bound.
    """
    reduced = objective + program.priced(prices)
    upper = np.minimum(program.upper, most)
    paid = prices > 0
    return float(
        np.where(reduced > 0, reduced * program.lower, reduced * upper).sum() - prices[paid] @ program.limits[paid]
    )


class Simplex:
    """One thread of HiGHS, in process. `program` says how its limits and bounds stand.

    `tick` is called again and again while a solve goes on; what it raises ends the solve and is raised there.
    """

    def __init__(self, program: LinearProgram, tick: Callable[[], None] = no_tick) -> None:
        self.tick = tick
        copied = {name: getattr(program, name).copy() for name in ("lower", "upper", "limits", "value")}
        self.program = replace(program, **copied)
        self._highs = _new_highs()
        self._first = "ipm" if len(program.lower) > LARGE else "simplex"
        order = np.lexsort((program.row, program.column))
        column, row, value = program.column[order], program.row[order], program.value[order]
        # One entry a place: what a column takes of a row by several ways is added up.
        first = np.flatnonzero(np.diff(column, prepend=-1) | np.diff(row, prepend=-1))
        value = np.add.reduceat(value, first) if len(first) else value
        column, row = column[first], row[first]
        model: Any = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(program.lower), len(program.limits)
        model.col_cost_ = np.zeros(len(program.lower))
        model.col_lower_, model.col_upper_ = program.lower, program.upper
        model.row_lower_ = np.full(len(program.limits), -highspy.kHighsInf)
        model.row_upper_ = program.limits
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.searchsorted(column, np.arange(len(program.lower) + 1)).astype(np.int32)
        model.a_matrix_.index_ = row.astype(np.int32)
        model.a_matrix_.value_ = value
        self._highs.passModel(model)

    def limit(self, rows: Ints, limits: Floats) -> None:
        """Set the limits of `rows`."""
        self.program.limits[rows] = limits
        free = np.full(len(rows), -highspy.kHighsInf)
        self._highs.changeRowsBounds(len(rows), rows.astype(np.int32), free, limits)

    def close(self, columns: Ints) -> None:
        """Keep `columns` at nothing."""
        self.program.lower[columns] = self.program.upper[columns] = 0.0
        none = np.zeros(len(columns))
        self._highs.changeColsBounds(len(columns), columns.astype(np.int32), none, none)

    def forget(self) -> None:
        """Solve next from nothing: where much was closed, what presolve leaves is solved sooner than from the basis."""
        self._highs.clearSolver()

    def minimise(self, objective: Floats, *, primal: bool = False) -> Optimum:
        """The least value of `objective`; `NotSolvedError` if HiGHS finds none.

        `primal` says that the last solution keeps all limits and bounds, so that it can be improved step by step.
        """
        self._highs.setOptionValue("simplex_strategy", PRIMAL if primal else DUAL)
        scale = float(np.abs(objective).max(initial=0.0)) or 1.0
        everything = np.arange(len(objective), dtype=np.int32)
        self._highs.changeColsCost(len(objective), everything, objective / scale)
        for attempt in range(2):  # a solve that fails from the last basis is tried once more from none
            if attempt:
                self._highs.clearSolver()
            self._highs.setOptionValue("solver", "simplex" if self._highs.getBasis().valid else self._first)
            run_highs(self._highs, self.tick)
            if self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                solution = self._highs.getSolution()
                x = np.array(solution.col_value)
                prices = np.maximum(-np.array(solution.row_dual), 0.0) * scale
                return Optimum(float(objective @ x), x, prices)
        raise NotSolvedError


def _new_highs() -> Any:
    highs: Any = highspy.Highs()
    for option, value in {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": 0,
        "primal_feasibility_tolerance": FEASIBLE,
        "dual_feasibility_tolerance": FEASIBLE,
    }.items():
        highs.setOptionValue(option, value)
    return highs
