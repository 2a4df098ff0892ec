"""The classical manpower-planning model of H. P. Williams, in PuLP and as a direct HiGHS model.

Model Building in Mathematical Programming, 5th edition, problem 12.5: a firm with three grades of workers plans three
years of recruitment, retraining, downgrading, redundancy, short-time working and overmanning. It is here because its
structure (stocks, attrition, retraining, recruits within limits) is that of `planner.workforce`, and because its
optimum is published: it shows that the same solver, bound and statement style come to a known answer.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import highspy
import pulp

from planner.errors import NotSolvedError

Goal: TypeAlias = Literal["redundancy", "cost"]
GOALS: Final[tuple[Goal, ...]] = ("redundancy", "cost")
GRADES: Final = ("unskilled", "semiskilled", "skilled")
YEARS: Final = (1, 2, 3)
STRENGTH: Final = {"unskilled": 2000.0, "semiskilled": 1500.0, "skilled": 1000.0}
DEMAND: Final = {
    "unskilled": (1000.0, 500.0, 0.0),
    "semiskilled": (1400.0, 2000.0, 2500.0),
    "skilled": (1000.0, 1500.0, 2000.0),
}
LEAVE_FIRST_YEAR: Final = {"unskilled": 0.25, "semiskilled": 0.20, "skilled": 0.10}
LEAVE_LATER: Final = {"unskilled": 0.10, "semiskilled": 0.05, "skilled": 0.05}
RECRUITS: Final = {"unskilled": 500.0, "semiskilled": 800.0, "skilled": 500.0}
REDUNDANCY_COST: Final = {"unskilled": 200.0, "semiskilled": 500.0, "skilled": 500.0}
OVERMANNING_COST: Final = {"unskilled": 1500.0, "semiskilled": 2000.0, "skilled": 3000.0}
SHORT_TIME_COST: Final = {"unskilled": 500.0, "semiskilled": 400.0, "skilled": 400.0}
RETRAINING_COST: Final = {("unskilled", "semiskilled"): 400.0, ("semiskilled", "skilled"): 500.0}
DOWNGRADES: Final = (("semiskilled", "unskilled"), ("skilled", "semiskilled"), ("skilled", "unskilled"))
RETRAINED_UNSKILLED: Final = 200.0
RETRAINED_PER_SKILLED: Final = 0.25
DOWNGRADED_WHO_STAY: Final = 0.5
OVERMANNING: Final = 150.0
SHORT_TIME: Final = 50.0
SHORT_TIME_WORK: Final = 0.5


@dataclass(frozen=True, slots=True)
class ManpowerAnswer:
    """The optimum of one goal: workers made redundant and pounds spent over the three years, and how it was found."""

    redundancies: float
    cost: float
    build_seconds: float
    solve_seconds: float


def solve_with_pulp(goal: Goal) -> ManpowerAnswer:
    """The optimum by the PuLP statement."""
    began = time.perf_counter()
    model = state_manpower(goal)
    built = time.perf_counter()
    if model.solve(pulp.HiGHS(msg=False, threads=1)) != pulp.LpStatusOptimal:
        raise NotSolvedError
    solved = time.perf_counter()
    values = {variable.name: float(variable.value()) for variable in model.variables()}
    goals = [sum(price * values[name] for name, price in _objective(which).items()) for which in GOALS]
    return ManpowerAnswer(goals[0], goals[1], built - began, solved - built)


def solve_directly(goal: Goal) -> ManpowerAnswer:
    """The optimum by rows handed to HiGHS one by one, without PuLP."""
    began = time.perf_counter()
    highs: Any = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    at: dict[str, int] = {}
    for name, most in _columns():
        at[name] = len(at)
        highs.addVar(0.0, highspy.kHighsInf if most is None else most)
    for _, terms, low, high in _rows():
        limits = (-highspy.kHighsInf if low is None else low), high
        highs.addRow(*limits, len(terms), [at[name] for name in terms], list(terms.values()))
    for name, price in _objective(goal).items():
        highs.changeColCost(at[name], price)
    built = time.perf_counter()
    highs.run()
    solved = time.perf_counter()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise NotSolvedError
    x = list(highs.getSolution().col_value)
    goals = [sum(price * x[at[name]] for name, price in _objective(which).items()) for which in GOALS]
    return ManpowerAnswer(goals[0], goals[1], built - began, solved - built)


def state_manpower(goal: Goal) -> pulp.LpProblem:
    """The model in PuLP, row by row."""
    model = pulp.LpProblem("manpower", pulp.LpMinimize)
    variables = {name: model.add_variable(name, 0, most) for name, most in _columns()}
    model.setObjective(pulp.LpAffineExpression({variables[name]: price for name, price in _objective(goal).items()}))
    for row, terms, low, high in _rows():
        expression = pulp.LpAffineExpression({variables[name]: amount for name, amount in terms.items()})
        sense = pulp.LpConstraintLE if low is None else pulp.LpConstraintEQ
        model += pulp.LpConstraint(expression, sense, row, high)
    return model


Row: TypeAlias = tuple[str, dict[str, float], float | None, float]
"""Name, terms, lower limit (None: none; else equal to the upper one), upper limit."""


def _columns() -> Iterable[tuple[str, float | None]]:
    for year in YEARS:
        for grade in GRADES:
            yield f"workers_{grade}_{year}", None
            yield f"recruit_{grade}_{year}", RECRUITS[grade]
            yield f"redundant_{grade}_{year}", None
            yield f"short_time_{grade}_{year}", SHORT_TIME
            yield f"excess_{grade}_{year}", None
        yield f"retrain_unskilled_semiskilled_{year}", RETRAINED_UNSKILLED
        yield f"retrain_semiskilled_skilled_{year}", None
        for old, new in DOWNGRADES:
            yield f"downgrade_{old}_{new}_{year}", None


def _rows() -> Iterable[Row]:
    for year in YEARS:
        for grade in GRADES:
            yield _balance(grade, year)
            yield _demand(grade, year)
        trained = {f"retrain_semiskilled_skilled_{year}": 1.0, f"workers_skilled_{year}": -RETRAINED_PER_SKILLED}
        yield f"on_the_job_{year}", trained, None, 0.0
        yield f"overmanning_{year}", {f"excess_{grade}_{year}": 1.0 for grade in GRADES}, None, OVERMANNING


def _balance(grade: str, year: int) -> Row:
    """Workers = those who stay + recruits who stay + who comes by retraining and downgrading - who goes."""
    stay = 1 - LEAVE_LATER[grade]
    terms = {
        f"workers_{grade}_{year}": 1.0,
        f"recruit_{grade}_{year}": -(1 - LEAVE_FIRST_YEAR[grade]),
        f"redundant_{grade}_{year}": 1.0,
    }
    if year > 1:
        terms[f"workers_{grade}_{year - 1}"] = -stay
    for old, new in RETRAINING_COST:
        if grade in (old, new):
            terms[f"retrain_{old}_{new}_{year}"] = 1.0 if grade == old else -stay
    for old, new in DOWNGRADES:
        if grade in (old, new):
            terms[f"downgrade_{old}_{new}_{year}"] = 1.0 if grade == old else -DOWNGRADED_WHO_STAY
    start = stay * STRENGTH[grade] if year == 1 else 0.0
    return f"balance_{grade}_{year}", terms, start, start


def _demand(grade: str, year: int) -> Row:
    """Workers - what short time loses - overmanning = demand."""
    terms = {
        f"workers_{grade}_{year}": 1.0,
        f"short_time_{grade}_{year}": -SHORT_TIME_WORK,
        f"excess_{grade}_{year}": -1.0,
    }
    demand = DEMAND[grade][year - 1]
    return f"demand_{grade}_{year}", terms, demand, demand


def _objective(goal: Goal) -> dict[str, float]:
    if goal == "redundancy":
        return {f"redundant_{grade}_{year}": 1.0 for grade in GRADES for year in YEARS}
    prices = {"redundant": REDUNDANCY_COST, "excess": OVERMANNING_COST, "short_time": SHORT_TIME_COST}
    costs = {f"{what}_{grade}_{year}": of[grade] for what, of in prices.items() for grade in GRADES for year in YEARS}
    retraining = {f"retrain_{old}_{new}_{y}": cost for (old, new), cost in RETRAINING_COST.items() for y in YEARS}
    return costs | retraining
