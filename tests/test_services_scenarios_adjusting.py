"""Adjustments change a problem as their sentences say, leave the base alone, and name what cannot be made."""

import re
from pathlib import Path

import pytest

from planner.errors import InvalidInputError
from planner.services.problems import load_problem
from planner.services.scenarios.adjusting import apply_adjustments
from planner.services.scenarios.adjustments import Adjustment, from_json, read_adjustment, to_json
from planner.services.scenarios.kinds import KINDS


@pytest.fixture
def problem(world):
    with world() as session:
        return load_problem(session)


def adjust(kind, **terms):
    return Adjustment(kind, terms)


def demand(problem, code, resource_type="vcpu"):
    return next(row for row in problem.requirements if row.code == code).demand[resource_type]


def site(problem, code):
    return next(row for row in problem.sites if row.code == code)


def test_no_adjustments_are_the_base_itself(problem):
    assert apply_adjustments(problem, []) is problem


def test_demand_grows_for_those_that_are_meant_alone(problem):
    after = apply_adjustments(problem, [adjust("demand", ministry="11000", resource_type="vcpu", change=0.2)])
    assert demand(after, "R-000002") == pytest.approx([1.2 * amount for amount in demand(problem, "R-000002")])
    assert demand(after, "R-000002", "hot_tb") == demand(problem, "R-000002", "hot_tb")
    assert demand(after, "R-000001") == demand(problem, "R-000001")
    high = apply_adjustments(problem, [adjust("demand", priority="high", change=-1.0)])
    assert demand(high, "R-000002") == (0.0, 0.0, 0.0)
    assert demand(high, "R-000003") == demand(problem, "R-000003")


def test_adjustments_follow_one_another(problem):
    twice = [adjust("demand", change=0.5), adjust("demand", ministry="21000", change=1.0)]
    after = apply_adjustments(problem, twice)
    assert demand(after, "R-000001") == pytest.approx([3 * amount for amount in demand(problem, "R-000001")])


@pytest.mark.parametrize(
    ("adjustment", "years"),
    [
        (adjust("site_lost", site="BKK1"), (None, 2026)),
        (adjust("site_lost", site="BKK1", first=2028), (2025, 2027)),
        (adjust("site_delayed", site="BKK1", first=2028), (2028, None)),
        (adjust("site_delayed", site="BKK1", first=2040), (None, 2026)),
    ],
)
def test_a_site_is_lost_or_delayed(problem, adjustment, years):
    after = apply_adjustments(problem, [adjustment])
    assert (site(after, "BKK1").start, site(after, "BKK1").end) == years
    assert site(after, "CNX1") == site(problem, "CNX1")


def test_capacity_changes_in_its_years(problem):
    after = apply_adjustments(problem, [adjust("capacity", site="CNX1", change=-0.5, first=2028, last=2028)])
    assert site(after, "CNX1").capacity["vcpu"] == (40.0, 20.0, 40.0)
    assert site(after, "BKK1") == site(problem, "BKK1")


def test_expansions_come_change_and_go(problem):
    new = {"site": "CNX1", "resource_type": "vcpu", "module_size": 4.0, "module_price": 7.0}
    after = apply_adjustments(
        problem,
        [
            adjust("expansion_added", code="CNX1-new", lead_years=1, max_modules=3.0, **new),
            adjust("expansion_changed", expansion="CNX1-new", max_modules=5.0),
            adjust("expansion_removed", expansion="BKK1-vcpu"),
        ],
    )
    (only,) = after.expansions
    assert (only.code, only.module_size, only.module_price, only.lead_years, only.max_modules) == (
        "CNX1-new", 4.0, 7.0, 1, 5.0,
    )  # fmt: skip


def test_limits_are_changed_set_and_lifted(problem):
    assert problem.policy.capex_limit == (1_500_000.0, None, 0.0)
    less = apply_adjustments(problem, [adjust("budget_changed", budget="capex", change=-0.2)])
    assert less.policy.capex_limit == (1_200_000.0, None, 0.0)
    some = apply_adjustments(problem, [adjust("budget_set", budget="opex", amount=5.0, first=2028)])
    assert some.policy.opex_limit == (None, 5.0, 5.0)
    none = apply_adjustments(problem, [adjust("budget_set", budget="capex")])
    assert none.policy.capex_limit is None


def test_policy_is_what_it_says(problem):
    after = apply_adjustments(
        problem,
        [
            adjust("levels", levels=("fairness", "cost")),
            adjust("fairness", fairness="maxmin"),
            adjust("tolerance", tolerance=0.01),
            adjust("floor", ministry="21000", share=0.4),
            adjust("cap", ministry="11000", share=0.9),
            adjust("pin", requirement="R-000003", site="CNX1"),
            adjust("staff_gate", on=True),
            adjust("protect_incumbents", on=False),
        ],
    ).policy
    assert (after.levels, after.fairness, after.tolerance) == (("fairness", "cost"), "maxmin", 0.01)
    assert (after.floors, after.caps, after.pins) == ({"21000": 0.4}, {"11000": 0.9}, {"R-000003": "CNX1"})
    assert (after.staff_gate, after.protect_incumbents) == (True, False)
    bound = [adjust("floor", ministry="21000", share=0.4), adjust("floor", ministry="21000")]
    assert apply_adjustments(problem, bound).policy.floors == {}


def test_every_fault_is_found_at_its_adjustment(problem):
    with pytest.raises(InvalidInputError) as raised:
        apply_adjustments(
            problem,
            [
                adjust("demand", ministry="99999", change=0.1),
                adjust("site_lost", site="XXX", first=2050),
                adjust("expansion_added", code="BKK1-vcpu", site="BKK1", resource_type="vcpu"),
                adjust("budget_changed", budget="opex", change=0.1),
                adjust("cap", ministry="11000", share=0.5),
                adjust("floor", ministry="11000", share=0.6),
                adjust("pin", requirement="R-000005", site="BKK1"),
            ],
        )
    assert [(found.address, found.code) for found in raised.value.faults] == [
        ("adjustments[0].ministry", "unknown_code"),
        ("adjustments[1].site", "unknown_code"),
        ("adjustments[1].first", "outside_horizon"),
        ("adjustments[2].code", "duplicate_code"),
        ("adjustments[3].budget", "no_limit"),
        ("adjustments[5].share", "floor_above_cap"),
        ("adjustments[6].requirement", "unknown_code"),
    ]


def test_what_the_engine_does_not_take_is_named_at_the_adjustment_that_brings_it(problem):
    tenfold = [adjust("staff_gate", on=False), *[adjust("demand", change=9.0)] * 15]
    with pytest.raises(InvalidInputError) as raised:
        apply_adjustments(problem, tenfold)
    assert {(found.address, found.code) for found in raised.value.faults} == {("adjustments[14]", "out_of_range")}


def test_every_kind_is_stored_and_read_again():
    for kind in KINDS.values():
        typed = {"change": "-๒๐", "first": "2570", "last": "2571", "on": "yes", "levels.0": "cost", "levels.2": "moves"}
        typed |= {"budget": "capex", "fairness": "maxmin", "share": "12.5 %", "tolerance": "1", "lead_years": "2"}
        codes = {field.key: "X1" for field in kind.fields if field.kind == "code"}
        amounts = dict.fromkeys(("module_size", "module_price", "max_modules", "amount"), "1,500")
        read = read_adjustment(kind, {**typed, **codes, **amounts})
        assert set(read.terms) == {field.key for field in kind.fields}
        assert from_json(to_json(read)) == read
    assert read_adjustment(KINDS["demand"], typed).terms == {"change": -0.2}
    assert read_adjustment(KINDS["levels"], typed).terms == {"levels": ("cost", "moves")}
    assert read_adjustment(KINDS["staff_gate"], {}).terms == {"on": False}


@pytest.mark.parametrize(
    ("kind", "typed", "where"),
    [
        ("demand", {"change": ""}, "change"),
        ("demand", {"change": "0"}, "change"),
        ("demand", {"change": "-101"}, "change"),
        ("demand", {"change": "1e400"}, "change"),
        ("demand", {"change": "nan"}, "change"),
        ("capacity", {"change": "5", "first": "2572", "last": "2570"}, "last"),
        ("expansion_changed", {"expansion": "E"}, "module_size"),
        ("expansion_changed", {"expansion": "E", "module_size": "0"}, "module_size"),
        ("levels", {}, "levels"),
        ("levels", {"levels.0": "best"}, "levels"),
        ("floor", {"ministry": "11000", "share": "101"}, "share"),
        ("pin", {"requirement": "a b"}, "requirement"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(kind, typed, where):
    with pytest.raises(InvalidInputError) as raised:
        read_adjustment(KINDS[kind], typed)
    assert [found.address for found in raised.value.faults] == [where]


def test_the_page_on_scenarios_tells_of_every_kind():
    page = (Path(__file__).parent.parent / "docs/scenarios.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    told = {kind: (bool(row[3].strip()), "●" in row[4]) for row in rows for kind in re.findall("`([a-z_]+)`", row[1])}
    assert told == {kind.key: (kind.swept is not None, kind.promoted) for kind in KINDS.values()}
