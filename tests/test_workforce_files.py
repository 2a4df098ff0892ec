"""Problems and plans as text: nothing is lost on the way, and the same problem always has the same hash."""

from dataclasses import replace
from datetime import date

import pytest

from planner.bench.workforce import bench_problem, random_closing_problem
from planner.text import LocalText
from planner.workforce.closing import close_gaps
from planner.workforce.files import (
    Answer,
    dump_answer,
    dump_problem,
    problem_sha256,
    read_answer,
    read_problem,
)
from planner.workforce.measures import ClosingProblem
from planner.workforce.pricing import PoolValue, Worth
from planner.workforce.problem import Duty, Enrolment, Person, Secondment, Share


def full_problem() -> ClosingProblem:
    """One that uses every kind of row and every optional field."""
    problem = bench_problem(2, years=3)
    workforce = problem.workforce
    first, second = workforce.agencies
    person = Person("X", first.code, (Share("steward", 0.5, "working"),), (1.0, 0.5, 0.0), 2029)
    return replace(
        problem,
        workforce=replace(
            workforce,
            agencies=(replace(first, name=LocalText("กรม", "Department")), second),
            people=(*workforce.people, person),
            secondments=(Secondment("X", second.code, 2027, 2028),),
            enrolments=(Enrolment("X", "steward", "practitioner", 2028),),
            duties=(Duty(first.code, None, "X", None, True, date(2027, 9, 30)),),
        ),
    )


@pytest.mark.parametrize("problem", [full_problem(), *(random_closing_problem(seed) for seed in range(4))])
def test_a_problem_comes_back_as_it_went(problem: ClosingProblem) -> None:
    text = dump_problem(problem)
    assert dump_problem(read_problem(text)) == text
    assert read_problem(text.encode()).measures == problem.measures
    assert problem_sha256(read_problem(text)) == problem_sha256(problem)


def test_another_problem_has_another_hash() -> None:
    problem = full_problem()
    assert problem_sha256(replace(problem, measures=replace(problem.measures, backup=0.4))) != problem_sha256(problem)


def test_an_answer_comes_back_as_it_went() -> None:
    values = (PoolValue("budget/2027", 0.1, 2.0, (Worth(1.0, 0.1), Worth(2.0, 0.2))),)
    answer = Answer(close_gaps(bench_problem(3)), values)
    assert read_answer(dump_answer(answer)) == answer


def test_text_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="not of the format"):
        read_answer(dump_problem(full_problem()))
