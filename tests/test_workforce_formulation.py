"""Closing the gap in PuLP: a golden LP file and a heading in the docs for each family; the arrays say the same.

After a change that is meant, write the files anew with `GOLDEN=write pytest tests/test_workforce_formulation.py` and
read the difference before committing it.
"""

import os
import re
from pathlib import Path

import numpy as np
import pulp
import pytest

from planner.bench.workforce import bench_problem, random_closing_problem
from planner.workforce import formulation
from planner.workforce.formulation import Statement, define_variables, level_terms, state
from planner.workforce.layout import build_layout
from planner.workforce.matrix import build_model
from planner.workforce.measures import ClosingProblem, Cohort, Course, Hiring, Lending, Measures
from planner.workforce.problem import Agency, Duty, Norm, Person, Posts, Role, Share, Workforce

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests/golden/workforce"
FAMILIES = sorted(name.removeprefix("define_") for name in vars(formulation) if name.startswith("define_"))


def tiny_problem() -> ClosingProblem:
    """A lacks a steward and has a learner, B has stewards to spare; both may hire, and an analyst may change."""
    learner = Person("P1", "A", (Share("steward", 1.0, "awareness"),))
    spare = tuple(Person(f"P{n}", "B", (Share("steward", 1.0, "expert"),)) for n in (2, 3))
    analyst = Person("P4", "A", (Share("analyst", 1.0, "working"),))
    return ClosingProblem(
        Workforce(
            (2027, 2028),
            (Role("steward", 0.5), Role("analyst")),
            (Agency("A", "M"), Agency("B", "M")),
            norms=(Norm("steward", 2027, 1.0),),
            posts=(Posts("A", "steward", (2.0, 2.0)),),
            people=(learner, *spare, analyst),
            duties=(Duty("A", "D1", "P1"),),
        ),
        Measures(
            courses=(
                Course("basic", "steward", "awareness", "steward", "working", 2e6, 0, 0.2),
                Course("deep", "steward", "working", "steward", "expert", 4e6),
                Course("change", "analyst", "working", "steward", "practitioner", 8e6),
            ),
            cohorts=tuple(Cohort(code, year, 3.0) for code in ("basic", "deep", "change") for year in (2027, 2028)),
            hiring=(Hiring("steward", 16e6, "practitioner"),),
            lending=Lending(32e6, 0.5),
            budget=(None, 64e6),
        ),
    )


def variables_of(statement: Statement) -> list[pulp.LpVariable]:
    """In the order of the arrays' columns."""
    names = ("train", "hire", "borrow", "lend", "short", "alone", "missed")
    return [*(variable for name in names for variable, _ in getattr(statement, name)), statement.rise]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_states_what_its_golden_file_says(family: str, tmp_path: Path) -> None:
    statement = Statement(build_layout(tiny_problem()), pulp.LpProblem("tiny", pulp.LpMinimize))
    define_variables(statement)
    if family == "variables":
        statement.model.setObjective(pulp.lpSum(variables_of(statement)))
    else:
        getattr(formulation, f"define_{family}")(statement)
    path = tmp_path / "model.lp"
    statement.model.writeLP(str(path))
    text, golden = path.read_text(encoding="utf-8"), GOLDEN / f"{family}.lp"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_there_is_a_golden_file_for_each_family_and_for_nothing_else() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.lp")) == FAMILIES


def test_the_docs_have_a_heading_for_each_family() -> None:
    page = (ROOT / "docs/workforce.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^### `define_(\w+)`", page, re.MULTILINE)) == FAMILIES


@pytest.mark.parametrize(
    "problem",
    [tiny_problem(), bench_problem(4, years=3), *(random_closing_problem(seed) for seed in range(8))],
)
def test_the_arrays_say_what_the_statement_says(problem: ClosingProblem) -> None:
    layout = build_layout(problem)
    statement, model = state(layout), build_model(layout)
    variables = variables_of(statement)
    place = {variable.name: n for n, variable in enumerate(variables)}
    stated = np.zeros((len(model.program.limits), len(variables)))
    limits = np.zeros(len(model.program.limits))
    for n, row in enumerate(statement.model.constraints()):
        limits[n] = -row.constant
        for variable, amount in row.items():
            stated[n, place[variable.name]] += amount
    built = np.zeros_like(stated)
    np.add.at(built, (model.program.row, model.program.column), model.program.value)
    assert np.allclose(built, stated)
    assert np.allclose(np.minimum(model.program.limits, formulation.NO_LIMIT), limits)
    assert np.allclose(model.program.lower, [variable.lowBound for variable in variables])
    tops = [np.inf if variable.upBound is None else variable.upBound for variable in variables]
    assert np.allclose(model.program.upper, tops)
    for level, objective in (("single_person", model.risk), ("cost", model.cost)):
        expected = np.zeros(len(variables))
        for variable, amount in level_terms(statement, level):
            expected[place[variable.name]] += amount
        assert np.allclose(objective, expected)
