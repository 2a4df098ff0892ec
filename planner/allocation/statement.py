"""What all options share, as arrays read back from the PuLP statement."""

from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
import pulp

from planner.allocation.formulation import state
from planner.allocation.instance import Floats, Instance
from planner.allocation.layout import Layout
from planner.allocation.options import Options


@dataclass(frozen=True, eq=False)
class Stated:
    """Shared variables over the layout's rows: coefficients (p, m), unscaled, and tops (m,).

    `modules[e, t]`, `giving[row]` and `fairness` say which variable is which.
    """

    coefficients: Floats
    top: Floats
    modules: dict[tuple[int, int], int]
    giving: dict[int, int]
    fairness: int

    def nothing(self) -> Floats:
        """The shared values of a plan that grants nothing: no module, and every floor, cap and pin given up."""
        values = np.zeros(len(self.top))
        values[list(self.giving.values())] = 1.0
        return values

    def without_pins(self, layout: Layout) -> "Stated":
        """The same variables, of which the last are those by which pins give way, without these."""
        pins = set(layout.pin.tolist())
        giving = {row: column for row, column in self.giving.items() if row not in pins}
        kept = slice(len(self.top) - len(self.giving) + len(giving))
        return replace(self, coefficients=self.coefficients[:, kept], top=self.top[kept], giving=giving)


def read_statement(instance: Instance, layout: Layout) -> Stated:
    """The statement of `instance` without options, handed to HiGHS by PuLP and read back."""
    statement = state(instance, layout, Options.none())
    model = statement.model
    model.setObjective(pulp.LpAffineExpression())
    solver = pulp.HiGHS(msg=False)
    solver.createAndConfigureSolver(model)
    solver.buildSolverModel(model)
    stated: Any = model.solverModel.getLp()
    coefficients = np.zeros((stated.num_row_, stated.num_col_))
    matrix = stated.a_matrix_
    index, value = np.array(matrix.index_, dtype=np.int64), np.array(matrix.value_)
    outer = np.repeat(np.arange(len(matrix.start_) - 1), np.diff(np.array(matrix.start_)))
    if matrix.format_ == highspy.MatrixFormat.kColwise:
        coefficients[index, outer] = value
    else:
        coefficients[outer, index] = value
    return Stated(
        coefficients=coefficients,
        top=np.array(stated.col_upper_),
        modules={key: variable.index for key, variable in statement.buy.items()},
        giving={row: variable.index for row, variable in statement.give.items()},
        fairness=getattr(statement.fairness, "index", -1),  # a variable that no row has is not handed over
    )
