"""Norms, coverage and its roll-ups, the projection, and what changed between two dates."""

import sys
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.bench.workforce import bench_workforce
from planner.workforce.coverage import by_ministry, compare_coverage, cover, measure_coverage, nationwide
from planner.workforce.norms import require_fte
from planner.workforce.problem import (
    Agency,
    Enrolment,
    Norm,
    Person,
    Posts,
    Role,
    Secondment,
    Share,
    Workforce,
    Workload,
)
from planner.workforce.register import build_register

YEARS = (2027, 2028, 2029)
TraceFunction: TypeAlias = Callable[[FrameType, str, Any], Any]


def person(code: str, agency: str, role: str = "steward", fte: float = 1.0, level: str = "practitioner") -> Person:
    return Person(code, agency, (Share(role, fte, level),))


def workforce(**others: object) -> Workforce:
    """Two agencies of ministry M and one of ministry N; two stewards each are required from a floor."""
    parts: dict[str, object] = {
        "fiscal_years": YEARS,
        "roles": (Role("steward"), Role("engineer")),
        "agencies": (Agency("A", "M"), Agency("B", "M"), Agency("C", "N")),
        "norms": (Norm("steward", 2027, floor=2.0),),
    }
    return Workforce(**{**parts, **others})  # type: ignore[arg-type]


def test_a_norm_takes_the_larger_of_floor_and_coefficients() -> None:
    load = Workload("A", (10.0, 100.0, 100.0), (0.0, 10.0, 10.0), (0.0, 50.0, 50.0), (0.0, 0.0, 400.0))
    norm = Norm("steward", 2027, 2.0, per_dataset=0.05, per_personal_dataset=0.1, per_tb=0.02, per_vcpu=0.01)
    required = require_fte(workforce(norms=(norm,), workloads=(load,)))
    assert required[0, 0].tolist() == [2.0, 7.0, 11.0]
    assert required[1, 0].tolist() == [2.0, 2.0, 2.0]
    assert not required[:, 1].any()


def test_a_later_norm_replaces_an_earlier_one_from_its_year_on() -> None:
    norms = Norm("steward", 2028, floor=5.0), Norm("steward", 2020, floor=1.0), Norm("steward", 2035, floor=9.0)
    assert require_fte(workforce(norms=norms))[0, 0].tolist() == [1.0, 5.0, 5.0]


def test_available_is_share_by_level_by_availability_until_the_person_leaves() -> None:
    half = Person("P1", "A", (Share("steward", 0.5, "working"),), availability=(1.0, 0.5, 1.0), leaves=2029)
    available = measure_coverage(workforce(people=(half,))).available
    assert available[0, 0].tolist() == pytest.approx([0.3, 0.15, 0.0])


def test_training_under_way_counts_from_its_year_and_attrition_from_the_second() -> None:
    roles = Role("steward", attrition=0.1), Role("engineer")
    training = Enrolment("P1", "steward", "practitioner", 2028)
    people = (person("P1", "A", level="awareness"),)
    available = measure_coverage(workforce(roles=roles, people=people, enrolments=(training,))).available
    assert available[0, 0].tolist() == pytest.approx([0.25, 0.9, 0.81])


def test_who_is_seconded_works_there_but_holds_the_post_here() -> None:
    posts = (Posts("A", "steward", (3.0, 3.0, 3.0), funded=(2.0, 2.0, 2.0)),)
    lent = Secondment("P1", "B", 2028, 2028)
    register = build_register(workforce(people=(person("P1", "A"),), posts=posts, secondments=(lent,)))
    assert register.available[0, 0].tolist() == [1.0, 0.0, 1.0]
    assert register.available[1, 0].tolist() == [0.0, 1.0, 0.0]
    assert register.vacant[0, 0].tolist() == [1.0, 1.0, 1.0]


def test_a_surplus_in_one_agency_does_not_hide_a_gap_in_another() -> None:
    people = tuple(person(f"P{n}", "A") for n in range(9))
    register = workforce(people=people)
    coverage = measure_coverage(register)
    ministries = by_ministry(register, coverage)
    assert coverage.coverage[:, 0, 0].tolist() == [1.0, 0.0, 0.0]
    assert ministries.codes == ("M", "N")
    assert ministries.overall[:, 0].tolist() == [0.5, 0.0]
    assert nationwide(coverage).overall[0].tolist() == pytest.approx([1 / 3] * 3)
    assert coverage.surplus[0, 0, 0] == 7.0


def test_what_changed_is_split_between_the_requirement_and_the_people() -> None:
    before = workforce(people=(person("P1", "A"),))
    after = workforce(people=(person("P1", "A"), person("P2", "A")), norms=(Norm("steward", 2027, floor=4.0),))
    change = compare_coverage(measure_coverage(before), measure_coverage(after))[0]
    assert (change.agency, change.role, change.fiscal_year) == ("A", "steward", 2027)
    assert change.coverage == (0.5, 0.5)
    assert (change.by_required, change.by_available) == (-0.25, 0.25)
    assert compare_coverage(measure_coverage(before), measure_coverage(before)) == ()


def test_agencies_that_only_one_date_knows_are_not_compared() -> None:
    before = workforce()
    after = workforce(agencies=(Agency("B", "M"), Agency("D", "N")), norms=(Norm("steward", 2027, floor=4.0),))
    assert {change.agency for change in compare_coverage(measure_coverage(before), measure_coverage(after))} == {"B"}


@st.composite
def staffed(draw: st.DrawFn) -> Workforce:
    people = []
    for n in range(draw(st.integers(0, 12))):
        agency, role = draw(st.sampled_from("ABC")), draw(st.sampled_from(("steward", "engineer")))
        level = draw(st.sampled_from(("awareness", "working", "practitioner", "expert")))
        people.append(person(f"P{n}", agency, role, draw(st.floats(0, 1)), level))
    norms = tuple(Norm(role, 2027, draw(st.floats(0, 4))) for role in ("steward", "engineer"))
    return workforce(people=tuple(people), norms=norms)


@given(staffed())
@settings(max_examples=60, deadline=None)
def test_a_group_is_never_covered_better_than_its_best_member_nor_worse_than_its_worst(register: Workforce) -> None:
    coverage = measure_coverage(register)
    nation = nationwide(coverage)
    assert (nation.overall <= coverage.overall.max(axis=0) + 1e-9).all()
    assert (nation.overall >= coverage.overall.min(axis=0) - 1e-9).all()
    assert ((nation.gap > 1e-9) == (coverage.gap > 1e-9).any(axis=0)).all()


@given(staffed(), st.sampled_from("ABC"), st.floats(0.1, 5))
@settings(max_examples=60, deadline=None)
def test_more_people_where_there_are_enough_change_no_coverage(register: Workforce, agency: str, fte: float) -> None:
    coverage = measure_coverage(register)
    row = register.agencies.index(Agency(agency, "N" if agency == "C" else "M"))
    enough = coverage.gap[row, 0].max() == 0
    more = replace(register, people=(*register.people, person("new", agency, fte=min(fte, 2.0))))
    gained = nationwide(measure_coverage(more)).overall - nationwide(coverage).overall
    assert (gained >= -1e-9).all()
    assert not enough or np.allclose(gained, 0)


@given(staffed(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_does_not_matter(register: Workforce, random: object) -> None:
    people, agencies = list(register.people), list(register.agencies)
    random.shuffle(people)  # type: ignore[attr-defined]
    random.shuffle(agencies)  # type: ignore[attr-defined]
    shuffled = measure_coverage(replace(register, people=tuple(people), agencies=tuple(agencies)))
    place = [shuffled.codes.index(code) for code in "ABC"]
    assert np.allclose(shuffled.coverage[place], measure_coverage(register).coverage)


def count_lines(work: Callable[[], object]) -> int:
    """How many lines of Python run: what the work costs on any machine, as far as it is not done on whole arrays."""
    counted = 0

    def count(_frame: FrameType, event: str, _about: Any) -> TraceFunction:
        nonlocal counted
        counted += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return counted


def test_a_thousand_agencies_are_worked_out_on_whole_arrays() -> None:
    few, many = bench_workforce(100), bench_workforce(1000)
    assert count_lines(lambda: build_register(many)) < 11 * count_lines(lambda: build_register(few))
    register = build_register(many)
    assert register.required.shape == (1000, 8, 5)
    assert count_lines(lambda: nationwide(by_ministry(many, cover(register)))) < register.required.size / 10
