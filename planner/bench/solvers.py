"""General solvers with the whole LP in hand: HiGHS by simplex or interior point, and CBC by way of a file.

Each runs on one thread, on rows scaled as the engine scales its master's, and as exactly as the engine holds levels. In
process, what a solver learnt on one level (a basis) serves it on the next.
"""

import re
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import highspy
import numpy as np
import pulp

from planner.allocation.instance import Floats
from planner.bench.model import DirectModel
from planner.errors import NotSolvedError

CBC: Final = pulp.PULP_CBC_CMD.pulp_cbc_path
EXACT: Final = 1e-9
"""Feasibility that a solver must reach: levels are held to less than the usual 1e-7, which may then leave no plan."""


class TimeUpError(Exception):
    """A solver was still at work when its time was over."""


@dataclass(frozen=True, eq=False)
class Answer:
    """Values of the columns at an optimum and prices (>= 0) of the rows, scaled as the model is."""

    values: Floats
    prices: Floats


class HighsSolver:
    """HiGHS in process; `options` are its own. Past `deadline` (of `time.monotonic`), solves raise `TimeUpError`."""

    def __init__(self, model: DirectModel, deadline: float, **options: str | int) -> None:
        self.model, self.deadline = model, deadline
        self.highs: Any = highspy.Highs()
        exact = dict.fromkeys(("primal_feasibility_tolerance", "dual_feasibility_tolerance"), EXACT)
        for name, value in {"output_flag": False, "threads": 1, **exact, **options}.items():
            self.highs.setOptionValue(name, value)
        columns, rows = len(model.upper), len(model.limits)
        self.highs.addRows(rows, np.full(rows, -np.inf), model.limits, 0, np.zeros(rows, np.int32), [], [])
        nothing = np.zeros(columns)
        self.highs.addCols(columns, nothing, nothing, model.upper, len(model.row), model.first, model.row, model.value)

    def limit(self, row: int, bound: float) -> None:
        """Give `row` another limit, scaled."""
        self.highs.changeRowBounds(row, -np.inf, bound)

    def drop(self, row: int, column: int) -> None:
        """Take `column` out of `row`."""
        self.highs.changeCoeff(row, column, 0.0)

    def minimise(self, level: str) -> Answer:
        """An optimum of `level`; `NotSolvedError` if there is none."""
        cost = self.model.level[level]
        self.highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
        return self.run(max(0.0, self.deadline - time.monotonic()))

    def run(self, seconds: float) -> Answer:
        """Solve what is stated."""
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + seconds)
        self.highs.run()
        match self.highs.getModelStatus():
            case highspy.HighsModelStatus.kOptimal:
                solution = self.highs.getSolution()
                return Answer(np.array(solution.col_value), np.maximum(-np.array(solution.row_dual), 0.0))
            case highspy.HighsModelStatus.kTimeLimit:
                raise TimeUpError
        raise NotSolvedError


class CbcSolver(HighsSolver):
    """CBC, the program that comes with PuLP; HiGHS keeps the model and writes it down for every solve."""

    def run(self, seconds: float) -> Answer:
        """Solve what is stated in a process of its own."""
        with TemporaryDirectory() as folder:
            stated, solved = Path(folder, "model.mps"), Path(folder, "model.sol")
            self.highs.writeModel(str(stated))
            command = [CBC, stated, "-primalTolerance", str(EXACT), "-dualTolerance", str(EXACT), "-initialSolve"]
            command += ["-printingOptions", "all", "-solution", solved]
            try:
                subprocess.run(command, capture_output=True, check=True, timeout=seconds)  # noqa: S603 # nothing of a user's
            except subprocess.TimeoutExpired:
                raise TimeUpError from None
            return self._read(solved)

    def _read(self, solved: Path) -> Answer:
        """CBC's lines: a status, then position, name, value and price of every row and column."""
        values, prices = np.zeros(len(self.model.upper)), np.zeros(len(self.model.limits))
        with solved.open() as lines:
            if not next(lines).startswith("Optimal"):
                raise NotSolvedError
            for line in lines:
                name, value, price = line.split()[-3:]  # behind two stars if it is a hair over its limit
                if name[0] == "c":
                    values[int(name[1:])] = float(value)
                else:
                    prices[int(name[1:])] = max(-float(price), 0.0)
        return Answer(values, prices)


def cbc_version() -> str:
    """The version that CBC gives itself, or "" if it gives none."""
    said = subprocess.run([CBC, "-quit"], capture_output=True, text=True, check=True)  # noqa: S603 # as above
    found = re.search(r"^Version: *(\S+)", said.stdout, re.MULTILINE)
    return found[1] if found else ""


SOLVERS: Final[Mapping[str, Callable[[DirectModel, float], HighsSolver]]] = {
    "highs": lambda model, deadline: HighsSolver(model, deadline, solver="simplex", simplex_strategy=1),
    "primal": lambda model, deadline: HighsSolver(model, deadline, solver="simplex", simplex_strategy=4),
    "ipm": lambda model, deadline: HighsSolver(model, deadline, solver="ipm"),
    "cbc": CbcSolver,
}
"""What the engine can be compared with: HiGHS dual simplex, primal simplex, interior point with crossover; CBC."""
