"""The whole problem as one PuLP model, solved level by level: slow, simple, and nothing of the engine's search in it.

It states every option of every requirement (`planner.allocation.formulation`), so it is for small problems and for
comparisons. The engine must reach the same value at every level.
"""

from dataclasses import dataclass
from typing import TypeAlias

import pulp

from planner.allocation.formulation import level_terms, lp_name, service_terms, state
from planner.allocation.instance import build_instance
from planner.allocation.layout import SLACK, build_layout
from planner.allocation.options import list_all_options
from planner.allocation.problem import Problem
from planner.errors import NotSolvedError

STUCK = 1e-6
"""A ministry whose service share cannot rise by this much has reached its place in the leximin order."""
EXACT = 1e-9
Term: TypeAlias = tuple[pulp.LpVariable, float]


@dataclass(frozen=True, slots=True)
class DirectLevel:
    """A level's optimal value, in the level's unit, and, for fairness, the service shares it settled, lowest first."""

    name: str
    value: float
    shares: tuple[float, ...] = ()


def solve_direct(problem: Problem, solver: pulp.LpSolver | None = None) -> tuple[DirectLevel, ...]:
    """Every level of `problem` in strict order, by `solver` (HiGHS unless given); `NotSolvedError` if it fails."""
    return _Direct(problem, solver or highs_solver()).levels()


def highs_solver() -> pulp.LpSolver:
    """HiGHS on one thread, in process, as exact as it goes: levels are held to less than its usual tolerance."""
    return pulp.HiGHS(msg=False, threads=1, primal_feasibility_tolerance=EXACT, dual_feasibility_tolerance=EXACT)


def cbc_solver() -> pulp.LpSolver:
    """The CBC that comes with PuLP, as exact as it goes."""
    options = [f"primalTolerance {EXACT}", f"dualTolerance {EXACT}"]
    return pulp.COIN_CMD(path=pulp.PULP_CBC_CMD.pulp_cbc_path, msg=False, threads=1, options=options)


class _Direct:
    """The stated model, and the levels held in it so far."""

    def __init__(self, problem: Problem, solver: pulp.LpSolver) -> None:
        instance = build_instance(problem)
        self.policy, self.solver = problem.policy, solver
        self.layout = build_layout(instance)
        self.statement = state(instance, self.layout, list_all_options(instance))
        self.model = self.statement.model
        self.rows = {row.name: row for row in self.model.constraints()}

    def levels(self) -> tuple[DirectLevel, ...]:
        return tuple(self.fairness() if level == "fairness" else self.reach(level) for level in self.layout.level)

    def reach(self, level: str) -> DirectLevel:
        """Minimise a level and hold it, as the engine does: its tolerance, and a hair for rounding."""
        row, constant = self.layout.level[level], self.layout.at_stake[level]
        least = self.minimise(level_terms(self.statement, level))
        value = least + constant
        rounding = SLACK * max(constant, abs(value), float(self.layout.scale[row]))
        self.limit(row, least + self.policy.tolerance * abs(value) + rounding)
        return DirectLevel(level, value)

    def fairness(self) -> DirectLevel:
        """Raise the lowest share, settle the ministries that can rise no further, and repeat with the rest."""
        rows = {m: row for m, row in enumerate(self.layout.service.tolist()) if row >= 0}
        served = {m: service_terms(self.statement, m) for m in rows}
        keep: dict[int, str] = {}
        settled: dict[int, float] = {}
        lowest = self.raise_floor()
        floor = lowest
        while len(settled) < len(rows):
            self.statement.fairness.lowBound = floor - SLACK
            rising = [m for m in rows if m not in settled]
            stuck = [m for m in rising if self.highest(served[m]) <= floor + STUCK]
            self.statement.fairness.lowBound = 0
            for m in rising if self.policy.fairness == "maxmin" else stuck:
                settled[m], keep[m] = floor, f"keep_{m}"
                self.limit(rows[m], 1.0)
                share = pulp.LpAffineExpression(served[m])
                self.model += pulp.LpConstraint(share, pulp.LpConstraintGE, keep[m], floor - SLACK)
            if len(settled) < len(rows):
                floor = self.raise_floor()
        self.rows = {row.name: row for row in self.model.constraints()}
        for m, share in settled.items():
            self.rows[keep[m]].changeRHS(share * (1 - self.policy.tolerance) - SLACK)
        return DirectLevel("fairness", lowest, tuple(sorted(settled.values())))

    def raise_floor(self) -> float:
        return -self.minimise([(self.statement.fairness, -1.0)])

    def highest(self, share: list[Term]) -> float:
        return -self.minimise([(variable, -amount) for variable, amount in share])

    def limit(self, row: int, bound: float) -> None:
        self.rows[lp_name(self.layout.names[row])].changeRHS(bound)

    def minimise(self, terms: list[Term]) -> float:
        if not terms:
            return 0.0
        self.model.setObjective(pulp.LpAffineExpression(terms))
        if self.model.solve(self.solver) != pulp.LpStatusOptimal:
            raise NotSolvedError
        return float(pulp.value(self.model.objective) or 0.0)
