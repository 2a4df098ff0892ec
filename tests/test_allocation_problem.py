"""A problem that exists is valid: every rule by an example that breaks it, and all faults at once."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from planner.allocation import Expansion, Policy, Problem, Region, Requirement, Site, Staff
from planner.bench.problems import random_problem, small_problem
from planner.errors import InvalidInputError
from planner.i18n import to_words

SITE = Site("S1", "central", "protected", {"vcpu": (10.0, 10.0)}, running_cost={"vcpu": (1.0, 1.0)})
REQUIREMENT = Requirement("R1", "a1", "open", {"vcpu": (4.0, 4.0)}, 2027)
EXPANSION = Expansion("E1", "S1", "vcpu", 5.0, 100.0, 1, 2)
PROBLEM = small_problem(
    [REQUIREMENT, replace(REQUIREMENT, code="R2")],
    [SITE],
    expansions=(EXPANSION,),
    staff=(Staff("a1", "steward", (1.0, 1.0)),),
)


def faults_of(build: Callable[[], object]) -> list[tuple[str, str]]:
    """(path, code) of every fault that `build` meets; the sentence of each has words in both languages."""
    with pytest.raises(InvalidInputError) as caught:
        build()
    for fault in caught.value.faults:
        english, thai = (to_words(fault.message, language) for language in ("en", "th"))
        assert english
        assert thai != english, f"no Thai for {fault.message.msgid!r}"
    return [(fault.address, fault.code) for fault in caught.value.faults]


def changed(name: str, **fields: Any) -> Callable[[], Problem]:
    """Builds the problem with fields of the first row of `name` (or of the policy, or of itself) changed."""
    if name == "problem":
        return lambda: replace(PROBLEM, **fields)
    if name == "policy":
        return lambda: replace(PROBLEM, policy=Policy(**fields))
    first, *rest = getattr(PROBLEM, name)
    return lambda: replace(PROBLEM, **{name: (replace(first, **fields), *rest)})


def twice(name: str) -> Callable[[], Problem]:
    rows = getattr(PROBLEM, name)
    return lambda: replace(PROBLEM, **{name: (*rows, rows[0])})


@pytest.mark.parametrize(
    ("build", "path", "code"),
    [
        (changed("problem", fiscal_years=()), "fiscal_years", "empty"),
        (changed("problem", fiscal_years=(2570, 2571)), "fiscal_years[1]", "not_ce_year"),
        (changed("problem", fiscal_years=(2027, 2029)), "fiscal_years[1]", "year_gap"),
        (changed("problem", regions=(Region("a b"), *PROBLEM.regions)), "regions[0].code", "bad_code"),
        (changed("problem", clearances=("x/y", *PROBLEM.clearances)), "clearances[0]", "bad_code"),
        (changed("problem", clearances=("", *PROBLEM.clearances)), "clearances[0]", "bad_code"),
        (twice("clearances"), "clearances[3]", "duplicate_code"),
        (twice("resource_types"), "resource_types[1].code", "duplicate_code"),
        (twice("ministries"), "ministries[1].code", "duplicate_code"),
        (twice("agencies"), "agencies[1].code", "duplicate_code"),
        (twice("regions"), "regions[1].code", "duplicate_code"),
        (twice("sites"), "sites[1].code", "duplicate_code"),
        (twice("expansions"), "expansions[1].code", "duplicate_code"),
        (twice("requirements"), "requirements[2].code", "duplicate_code"),
        (twice("staff"), "staff[1]", "duplicate_code"),
        (changed("agencies", ministry="x"), "agencies[0].ministry", "unknown_code"),
        (changed("sites", region="x"), "sites[0].region", "unknown_code"),
        (changed("sites", clearance="x"), "sites[0].clearance", "unknown_code"),
        (changed("sites", capacity={"x": (1.0, 1.0)}), "sites[0].capacity.x", "unknown_code"),
        (changed("sites", capacity={"vcpu": (1.0,)}), "sites[0].capacity.vcpu", "wrong_length"),
        (changed("sites", capacity={"vcpu": (1.0, -2.0)}), "sites[0].capacity.vcpu[1]", "negative"),
        (changed("sites", capacity={"vcpu": (math.nan, 0.0)}), "sites[0].capacity.vcpu[0]", "not_finite"),
        (changed("sites", capacity={"vcpu": (1e16, 0.0)}), "sites[0].capacity.vcpu[0]", "out_of_range"),
        (changed("sites", running_cost={"vcpu": (1.0, math.inf)}), "sites[0].running_cost.vcpu[1]", "not_finite"),
        (changed("sites", overcommit={"x": 1.0}), "sites[0].overcommit.x", "unknown_code"),
        (changed("sites", overcommit={"vcpu": 0.0}), "sites[0].overcommit.vcpu", "not_positive"),
        (changed("sites", reserve_margin={"x": 0.1}), "sites[0].reserve_margin.x", "unknown_code"),
        (changed("sites", reserve_margin={"vcpu": 1.1}), "sites[0].reserve_margin.vcpu", "out_of_range"),
        (changed("sites", start=2028, end=2027), "sites[0].to", "ends_before_start"),
        (changed("sites", start=2570), "sites[0].from", "not_ce_year"),
        (changed("sites", end=2572), "sites[0].to", "not_ce_year"),
        (changed("requirements", end=2572), "requirements[0].end", "not_ce_year"),
        (changed("expansions", site="x"), "expansions[0].site", "unknown_code"),
        (changed("expansions", resource_type="x"), "expansions[0].resource_type", "unknown_code"),
        (changed("expansions", module_size=0.0), "expansions[0].module_size", "not_positive"),
        (changed("expansions", module_price=-1.0), "expansions[0].module_price", "negative"),
        (changed("expansions", lead_years=101), "expansions[0].lead_years", "out_of_range"),
        (changed("expansions", max_modules=math.inf), "expansions[0].max_modules", "not_finite"),
        (changed("requirements", agency="x"), "requirements[0].agency", "unknown_code"),
        (changed("requirements", clearance="x"), "requirements[0].clearance", "unknown_code"),
        (changed("requirements", priority="x"), "requirements[0].priority", "unknown_code"),
        (changed("requirements", weight=0.0), "requirements[0].weight", "not_positive"),
        (changed("requirements", regions=("x",)), "requirements[0].regions[0]", "unknown_code"),
        (changed("requirements", sites=("S1", "x")), "requirements[0].sites[1]", "unknown_code"),
        (changed("requirements", incumbent="x"), "requirements[0].incumbent", "unknown_code"),
        (changed("requirements", copies=3), "requirements[0].copies", "bad_copies"),
        (changed("requirements", start=2026), "requirements[0].start", "outside_horizon"),
        (changed("requirements", start=2028, end=2027), "requirements[0].end", "ends_before_start"),
        (changed("requirements", demand={"x": (1.0, 1.0)}), "requirements[0].demand.x", "unknown_code"),
        (changed("requirements", demand={"vcpu": (1.0,) * 3}), "requirements[0].demand.vcpu", "wrong_length"),
        (changed("requirements", demand={"vcpu": (-0.1, 1.0)}), "requirements[0].demand.vcpu[0]", "negative"),
        (changed("requirements", staff_load={"dpo": -1.0}), "requirements[0].staff_load.dpo", "negative"),
        (changed("staff", agency="x"), "staff[0].agency", "unknown_code"),
        (changed("staff", fte=(1.0,)), "staff[0].fte", "wrong_length"),
        (changed("policy", levels=()), "policy.levels", "empty"),
        (changed("policy", levels=("cost", "speed")), "policy.levels[1]", "bad_level"),
        (changed("policy", levels=("cost", "cost")), "policy.levels[1]", "bad_level"),
        (changed("policy", tolerance=1.5), "policy.tolerance", "out_of_range"),
        (changed("policy", priority_weights={"normal": 0.0}), "policy.priority_weights.normal", "not_positive"),
        (changed("policy", priority_weights={"high": 1.0}), "requirements[0].priority", "unknown_code"),
        (changed("policy", standby_ratio={"x": 0.5}), "policy.standby_ratio.x", "unknown_code"),
        (changed("policy", standby_ratio={"vcpu": 1.5}), "policy.standby_ratio.vcpu", "out_of_range"),
        (changed("policy", capex_limit=(1.0,)), "policy.capex_limit", "wrong_length"),
        (changed("policy", opex_limit=(None, -1.0)), "policy.opex_limit[1]", "negative"),
        (changed("policy", move_limit_tb=(math.nan, None)), "policy.move_limit_tb[0]", "not_finite"),
        (changed("policy", floors={"x": 0.5}), "policy.floors.x", "unknown_code"),
        (changed("policy", floors={"a": 1.5}), "policy.floors.a", "out_of_range"),
        (changed("policy", caps={"a": -0.5}), "policy.caps.a", "negative"),
        (changed("policy", pins={"x": "S1"}), "policy.pins.x", "unknown_code"),
        (changed("policy", pins={"R1": "x"}), "policy.pins.R1", "unknown_code"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_rule_is_kept_at_its_path(build: Callable[[], Problem], path: str, code: str) -> None:
    assert (path, code) in faults_of(build)


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    bad_site = replace(SITE, region="x", capacity={"vcpu": (1.0, -1.0)})
    bad_requirement = replace(REQUIREMENT, code="R2", copies=0, start=1999)
    assert faults_of(lambda: replace(PROBLEM, sites=(bad_site,), requirements=(REQUIREMENT, bad_requirement))) == [
        ("sites[0].region", "unknown_code"),
        ("sites[0].capacity.vcpu[1]", "negative"),
        ("requirements[1].copies", "bad_copies"),
        ("requirements[1].start", "outside_horizon"),
    ]


@pytest.mark.parametrize(
    "parts",
    [
        {"sites": (), "expansions": ()},
        {"requirements": ()},
        {"expansions": (), "staff": ()},
        {"policy": Policy(capex_limit=(None, 0.0), opex_limit=(None, None), floors={"a": 1.0}, caps={"a": 0.0})},
        {"sites": (replace(SITE, reserve_margin={"vcpu": 1.0}, start=1990, end=2100),)},
        {"requirements": (replace(REQUIREMENT, regions=(), sites=(), end=2100, demand={}),)},
    ],
)
def test_what_is_unusual_but_meaningful_is_allowed(parts: dict[str, Any]) -> None:
    assert replace(PROBLEM, **parts) != PROBLEM


@pytest.mark.parametrize("seed", range(20))
def test_random_problems_are_valid_and_reproducible(seed: int) -> None:
    assert random_problem(seed) == random_problem(seed)
    assert random_problem(seed) != random_problem(seed + 1)
