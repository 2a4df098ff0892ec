"""Every rule of a register and of the measures, each fault at its path, all of them at once."""

from dataclasses import replace
from typing import Any

import pytest

from planner.errors import InvalidInputError
from planner.workforce.measures import ClosingProblem, Cohort, Course, Hiring, Lending, Measures
from planner.workforce.problem import (
    Agency,
    Duty,
    Enrolment,
    Level,
    Norm,
    Person,
    Posts,
    Role,
    Secondment,
    Share,
    Workforce,
    Workload,
)

VALID = Workforce(
    (2027, 2028),
    (Role("steward"), Role("dpo")),
    (Agency("A", "M"),),
    people=(Person("P1", "A", (Share("steward", 1.0, "working"),)), Person("P2", "A", ())),
)
COURSE = Course("C1", "steward", "awareness", "steward", "working", 1000.0)


def faults(build: Any, *args: Any, **fields: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        build(*args, **fields)
    return [(fault.address, fault.code) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("field", "rows", "expected"),
    [
        ("fiscal_years", (), [("fiscal_years", "empty")]),
        ("fiscal_years", (2570,), [("fiscal_years[0]", "not_ce_year")]),
        ("fiscal_years", (2027, 2029), [("fiscal_years[1]", "year_gap")]),
        ("agencies", (Agency("A", "M"), Agency("A", "N")), [("agencies[1].code", "duplicate_code")]),
        ("roles", (Role("steward", 1.0), Role("dpo")), [("roles[0].attrition", "out_of_range")]),
        ("levels", (Level("working", -1.0),), [("levels[0].factor", "negative")]),
        ("norms", (Norm("cook", 2027),), [("norms[0].role", "unknown_code")]),
        ("norms", (Norm("dpo", 2027, float("nan")),), [("norms[0].floor", "not_finite")]),
        ("norms", (Norm("dpo", 2027), Norm("dpo", 2027)), [("norms[1].start", "duplicate_code")]),
        ("workloads", (Workload("A", (1.0,), (0, 0), (0, 0), (0, 0)),), [("workloads[0].datasets", "wrong_length")]),
        ("posts", (Posts("B", "dpo", (1.0, 1.0)),), [("posts[0].agency", "unknown_code")]),
        ("posts", (Posts("A", "dpo", (1.0, -1.0), (1.0, 1.0)),), [("posts[0].authorised[1]", "negative")]),
        ("people", (Person("P1", "B", ()), Person("P2", "A", ())), [("people[0].agency", "unknown_code")]),
        (
            "people",
            (Person("P1", "A", (Share("cook", 3.0, "chef"),), (1.5, 1.0)), Person("P2", "A", ())),
            [
                ("people[0].shares[0].role", "unknown_code"),
                ("people[0].shares[0].level", "unknown_code"),
                ("people[0].shares[0].fte", "out_of_range"),
                ("people[0].availability[0]", "out_of_range"),
            ],
        ),
        ("secondments", (Secondment("P9", "A", 2027, 2027),), [("secondments[0].person", "unknown_code")]),
        ("secondments", (Secondment("P1", "A", 2028, 2027),), [("secondments[0].end", "ends_before_start")]),
        (
            "secondments",
            (Secondment("P1", "A", 2027, 2028), Secondment("P1", "A", 2028, 2030)),
            [("secondments[1].start", "overlap")],
        ),
        ("enrolments", (Enrolment("P1", "dpo", "expert", 2027),), [("enrolments[0].role", "not_their_role")]),
        ("duties", (Duty("A", accountable="P9"),), [("duties[0].accountable", "unknown_code")]),
        ("duties", (Duty("A", "D1", "P1", "P1"),), [("duties[0].deputy", "own_deputy")]),
        ("duties", (Duty("A", "D1"), Duty("A", "D1")), [("duties[1].dataset", "duplicate_code")]),
    ],
)
def test_a_fault_of_the_register_stands_at_its_path(field: str, rows: Any, expected: list[tuple[str, str]]) -> None:
    found = faults(replace, VALID, **{field: rows})
    assert [fault for fault in found if fault[0].startswith(field)] == expected


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        (Measures((COURSE, COURSE)), [("courses[1].code", "duplicate_code")]),
        (Measures((replace(COURSE, from_role="cook"),)), [("courses[0].from_role", "unknown_code")]),
        (Measures((replace(COURSE, level="awareness"),)), [("courses[0].level", "leads_nowhere")]),
        (Measures((replace(COURSE, lost_time=1.5),)), [("courses[0].lost_time", "out_of_range")]),
        (Measures((COURSE,), (Cohort("C2", 2027, 5),)), [("cohorts[0].course", "unknown_code")]),
        (
            Measures((COURSE,), (Cohort("C1", 2040, -5),)),
            [("cohorts[0].fiscal_year", "unknown_code"), ("cohorts[0].seats", "negative")],
        ),
        (
            Measures(hiring=(Hiring("dpo", -1.0, "chef"),)),
            [("hiring[0].level", "unknown_code"), ("hiring[0].cost", "negative")],
        ),
        (Measures(lending=Lending(1.0, 1.1)), [("lending.efficiency", "out_of_range")]),
        (Measures(budget=(1.0,)), [("budget", "wrong_length")]),
        (Measures(budget=(None, -1.0)), [("budget[1]", "negative")]),
        (Measures(backup=2.0), [("backup", "out_of_range")]),
    ],
)
def test_a_fault_of_the_measures_stands_at_its_path(measures: Measures, expected: list[tuple[str, str]]) -> None:
    assert faults(ClosingProblem, VALID, measures) == expected


def test_all_faults_come_at_once() -> None:
    assert len(faults(replace, VALID, norms=(Norm("x", 2027), Norm("y", 2027)), posts=(Posts("Z", "z", ()),))) == 6
