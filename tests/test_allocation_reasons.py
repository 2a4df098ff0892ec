"""Why not more: every reason from a problem made by hand, and each of them a sentence in both languages."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from planner.allocation import Expansion, Policy, Problem, Reason, Requirement, Shortfall, Site, Staff, solve
from planner.bench.problems import random_problem, small_problem
from planner.i18n import LANGUAGES, to_words
from planner.services.wording import reason_name, reason_phrase

ROOT = Path(__file__).resolve().parent.parent
SITE = Site("S1", "central", "protected", {"vcpu": (10.0, 10.0), "tb": (10.0, 10.0)}, running_cost={"vcpu": (2.0, 2.0)})
ROW = Requirement("R1", "a1", "open", {"vcpu": (20.0, 20.0)}, 2027)
EXPANSION = Expansion("E1", "S1", "vcpu", module_size=1.0, module_price=10.0, lead_years=0, max_modules=99)

PROBLEMS: Mapping[str, Problem] = {
    "no_eligible_site": small_problem(
        [replace(ROW, clearance="restricted")], [SITE, replace(SITE, code="S2", clearance="open")]
    ),
    "capacity": small_problem([ROW], [SITE]),
    "staff": small_problem(
        [replace(ROW, demand={"vcpu": (5.0, 5.0)}, staff_load={"dpo": 2.0})],
        [SITE],
        staff=(Staff("a1", "dpo", (1.0, 1.0)),),
        policy=Policy(staff_gate=True),
    ),
    "budget": small_problem(
        [ROW], [SITE], expansions=(EXPANSION,), policy=Policy(capex_limit=(20.0, 0.0))
    ),
    "move_limit": small_problem(
        [replace(ROW, demand={"tb": (5.0, 5.0)}, incumbent="S1")],
        [replace(SITE, end=2027), replace(SITE, code="S2")],
        policy=Policy(move_limit_tb=(1.0, 1.0)),
    ),
    "fairness": small_problem(
        [replace(ROW, priority="high"), replace(ROW, code="R2", agency="b1", priority="low")], [SITE]
    ),
    "outranked": small_problem([replace(ROW, priority="low"), replace(ROW, code="R2", priority="high")], [SITE]),
    "cap": small_problem([replace(ROW, demand={"vcpu": (5.0, 5.0)})], [SITE], policy=Policy(caps={"a": 0.5})),
    "goal": small_problem(
        [replace(ROW, demand={"vcpu": (5.0, 5.0)})], [SITE], policy=Policy(levels=("cost", "priority"))
    ),
    "indivisible": small_problem([replace(ROW, divisible=False)], [SITE]),
    "late_start": small_problem([replace(ROW, demand={"vcpu": (5.0, 5.0)})], [replace(SITE, start=2028)]),
    "tolerance": small_problem(
        [replace(ROW, demand={"vcpu": (5.0, 5.0)})], [SITE], policy=Policy(levels=("fairness", "cost"), tolerance=0.25)
    ),
}  # fmt: skip
"""For each code a problem in which R1 is short for that reason."""


def shortfall_of(problem: Problem) -> Shortfall:
    return next(row for row in solve(problem).shortfalls if row.requirement == "R1")


def reason_of(code: str, problem: Problem | None = None) -> Reason:
    reasons = shortfall_of(problem or PROBLEMS[code]).reasons
    return next(reason for reason in reasons if reason.code == code)


def assert_worded(reason: Reason, problem: Problem) -> None:
    sentences = [to_words(reason_phrase(reason, problem), language) for language in LANGUAGES]
    names = [to_words(reason_name(reason.code), language) for language in LANGUAGES]
    for thai, english in (sentences, names):
        assert re.search(r"[ก-๛]", thai), thai
        assert re.search(r"[A-Za-z]{3}", english), english
        assert "%(" not in thai + english


@pytest.mark.parametrize("code", PROBLEMS)
def test_each_reason_has_its_problem_and_its_words(code: str) -> None:
    assert_worded(reason_of(code), PROBLEMS[code])


def test_these_are_all_the_reasons_there_are() -> None:
    schema = json.loads((ROOT / "docs/allocation-plan-1.schema.json").read_text(encoding="utf-8"))
    reason = schema["properties"]["shortfalls"]["items"]["properties"]["reasons"]["items"]
    page = (ROOT / "docs/formulation.md").read_text(encoding="utf-8")
    table = page.partition("## Reasons")[2].partition("\n## ")[0]
    assert set(PROBLEMS) == set(reason["properties"]["code"]["enum"])
    assert set(PROBLEMS) == set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))


def test_no_eligible_site_counts_what_each_rule_ruled_out() -> None:
    assert reason_of("no_eligible_site") == Reason("no_eligible_site", None, {"clearance": 2.0})


def test_a_full_pool_says_how_much_it_has_and_how_much_would_be_needed() -> None:
    reason = reason_of("capacity")
    assert reason.pool in {"S1/vcpu/2027", "S1/vcpu/2028"}
    assert (reason.amounts["need"], reason.amounts["limit"]) == (20, 10)
    assert 0.05 <= reason.amounts["part"] <= 1


def test_the_pool_that_binds_is_named() -> None:
    assert reason_of("staff").pool in {"staff/a1/dpo/2027", "staff/a1/dpo/2028"}
    assert reason_of("budget").pool == "capex/2027"
    assert reason_of("move_limit").pool in {"moves/2027", "moves/2028"}
    assert reason_of("cap").pool == "cap/a"
    assert reason_of("goal").pool == "level/cost"


def test_a_limit_on_running_costs_is_a_budget_too() -> None:
    problem = small_problem(
        [replace(ROW, demand={"vcpu": (5.0, 5.0)})], [SITE], policy=Policy(opex_limit=(1.0, None))
    )  # fmt: skip
    assert reason_of("budget", problem).pool == "opex/2027"
    assert_worded(reason_of("budget", problem), problem)


def test_only_the_lower_of_two_ranks_is_outranked() -> None:
    problem = PROBLEMS["outranked"]
    assert reason_of("outranked").amounts == {"own": 1.0, "others": 4.0}
    other = next(row for row in solve(problem).shortfalls if row.requirement == "R2")
    assert "outranked" not in {reason.code for reason in other.reasons}


def test_a_statutory_requirement_outranks_without_a_weight() -> None:
    statutory = replace(ROW, code="R2", priority="statutory")
    problem = small_problem([ROW, statutory], [SITE])
    assert reason_of("outranked", problem).amounts == {"own": 2.0}


@pytest.mark.parametrize("seed", range(25))
def test_every_shortfall_has_a_reason_and_every_reason_has_words(seed: int) -> None:
    problem = random_problem(seed)
    plan = solve(problem)
    granted = dict.fromkeys((row.code for row in problem.requirements), 0.0)
    for row in plan.placements:
        granted[row.requirement] += row.share
    for short in plan.shortfalls:
        assert 0 < short.share <= 1
        assert short.reasons
        if granted[short.requirement] > 0:
            assert "no_eligible_site" not in {reason.code for reason in short.reasons}
        for reason in short.reasons:
            assert_worded(reason, problem)


@pytest.mark.parametrize("seed", range(12))
def test_a_pool_named_by_a_reason_is_full(seed: int) -> None:
    problem = random_problem(seed)
    problem = replace(problem, policy=replace(problem.policy, levels=("priority",), floors={}, caps={}, pins={}))
    plan = solve(problem)
    pools = {pool.pool: pool for pool in plan.pools}
    for reason in (reason for short in plan.shortfalls for reason in short.reasons):
        if reason.code in {"capacity", "staff", "move_limit"}:
            pool = pools[reason.pool or ""]
            assert pool.use == pytest.approx(pool.limit, rel=1e-5, abs=1e-5), pool


def test_the_dearest_pool_is_named_where_each_makes_up_little() -> None:
    years = 30
    site = replace(SITE, capacity={"vcpu": (10.0,) * years}, running_cost={})
    stays = replace(ROW, demand={"vcpu": (20.0,) * years}, priority="low", incumbent="S1")
    passing = [
        replace(stays, code=f"Y{year}", start=year, end=year, priority="high") for year in range(2027, 2027 + years)
    ]
    policy = Policy(levels=("priority",), protect_incumbents=False)
    reasons = shortfall_of(small_problem([stays, *passing], [site], years=years, policy=policy)).reasons
    assert [reason.code for reason in reasons] == ["capacity", "outranked"]
    assert reasons[0].amounts["part"] == pytest.approx(1 / years)
