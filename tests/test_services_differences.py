"""What differs between two inputs: nothing between equals, something between any others, and every field by name."""

from dataclasses import replace

import pytest

from planner.allocation import Staff
from planner.bench.problems import random_problem
from planner.i18n import to_words
from planner.services.differences import compare_problems, count_rows, difference_table
from planner.text import LocalText

PROBLEM = random_problem(3)


def said(before, after):
    return [
        (row.kind, row.code, to_words(row.field, "en"), to_words(row.before, "en"), to_words(row.after, "en"))
        for row in compare_problems(before, after)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_equal_inputs_do_not_differ_and_others_do(seed):
    problem, other = random_problem(seed), random_problem(seed + 1)
    assert compare_problems(problem, random_problem(seed)) == ()
    found = compare_problems(problem, other)
    assert found
    back = compare_problems(other, problem)
    assert {(row.kind, row.code, repr(row.field)) for row in found} == {
        (row.kind, row.code, repr(row.field)) for row in back
    }
    table = difference_table(found)
    assert len(table.rows) == len(found) >= count_rows(found)
    assert all(to_words(cell, language) for language in ("th", "en") for row in table.rows for cell in row[:4])


def changed(rows, **fields):
    """`rows` with the first of them changed."""
    return (replace(rows[0], **fields), *rows[1:])


def test_every_part_of_a_requirement_is_told():
    row = PROBLEM.requirements[0]
    agency = next(each.code for each in PROBLEM.agencies if each.code != row.agency)
    fields = {
        "agency": agency,
        "priority": "low" if row.priority != "low" else "high",
        "weight": row.weight + 1,
        "clearance": next(each for each in PROBLEM.clearances if each != row.clearance),
        "end": row.start if row.end != row.start else None,
        "regions": (PROBLEM.regions[0].code,) if row.regions is None else None,
        "sites": (PROBLEM.sites[0].code,) if row.sites is None else None,
        "copies": 3 - row.copies,
        "divisible": not row.divisible,
        "incumbent": PROBLEM.sites[0].code if row.incumbent != PROBLEM.sites[0].code else None,
        "staff_load": {"dpo": 9.0},
    }
    for field, value in fields.items():
        after = replace(PROBLEM, requirements=changed(PROBLEM.requirements, **{field: value}))
        found = compare_problems(PROBLEM, after)
        assert {(each.kind, each.code) for each in found} == {("requirement", row.code)}, field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tolerance", 0.5),
        ("fairness", "maxmin" if PROBLEM.policy.fairness == "leximin" else "leximin"),
        ("staff_gate", not PROBLEM.policy.staff_gate),
        ("protect_incumbents", not PROBLEM.policy.protect_incumbents),
        ("levels", PROBLEM.policy.levels[::-1]),
        ("capex_limit", (1.5, 2.5, 3.5)),
        ("opex_limit", (1.5, None, 3.5)),
        ("move_limit_tb", (1.5, 2.5, 3.5)),
        ("floors", {PROBLEM.ministries[0].code: 0.123}),
        ("caps", {PROBLEM.ministries[0].code: 0.987}),
        ("pins", {PROBLEM.requirements[0].code: PROBLEM.sites[-1].code}),
        ("priority_weights", {"high": 9, "normal": 8, "low": 7}),
        ("standby_ratio", {PROBLEM.resource_types[0].code: 0.321}),
    ],
)
def test_every_setting_of_policy_is_told(field, value):
    found = compare_problems(PROBLEM, replace(PROBLEM, policy=replace(PROBLEM.policy, **{field: value})))
    assert found
    assert {row.kind for row in found} == {"policy"}


def test_names_are_no_input():
    renamed = replace(
        PROBLEM,
        ministries=changed(PROBLEM.ministries, name=LocalText("ใหม่", "New")),
        agencies=changed(PROBLEM.agencies, name=LocalText("ใหม่", "New")),
        sites=tuple(replace(row, name=LocalText("ใหม่", row.code)) for row in PROBLEM.sites),
        requirements=changed(PROBLEM.requirements, title="ชื่อใหม่"),
    )
    assert compare_problems(PROBLEM, renamed) == ()


def test_staff_is_told_by_agency_role_and_year():
    agency = PROBLEM.agencies[0].code
    before = replace(PROBLEM, staff=(Staff(agency, "dpo", (1.0, 2.0, 3.0)),))
    after = replace(
        PROBLEM, staff=(Staff(agency, "dpo", (1.0, 2.5, 3.0)), Staff(agency, "data_steward", (0.0, 0.0, 1.0)))
    )
    assert said(before, after) == [
        ("staff", agency, "Data protection officer, fiscal year 2028", "2", "2.5"),
        ("staff", agency, "Data steward, fiscal year 2029", "–", "1"),
    ]
    assert said(replace(PROBLEM, staff=()), before) == [("staff", agency, "The whole row", "–", "added")]
