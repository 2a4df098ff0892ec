"""The certificate accepts true plans, and refuses a tampered one by the rule that it breaks."""

import ast
import inspect
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType

import pytest
from plain_certificate import PlainCheck

from planner.allocation import (
    Certificate,
    Expansion,
    LevelResult,
    Placement,
    Plan,
    Policy,
    Problem,
    Purchase,
    Requirement,
    Site,
    Staff,
    certificate,
    evidence,
    solve,
)
from planner.allocation.certificate import certify
from planner.bench.problems import random_problem, small_problem

BKK = Site(
    "BKK",
    "central",
    "restricted",
    {"vcpu": (20.0, 20.0), "tb": (10.0, 10.0)},
    running_cost={"vcpu": (3.0, 3.0), "tb": (1.0, 1.0)},
)
PROBLEM = small_problem(
    [
        Requirement("R1", "a1", "protected", {"vcpu": (8.0, 8.0)}, 2027, end=2027, regions=("central", "north")),
        Requirement("R2", "b1", "protected", {"tb": (6.0, 6.0)}, 2027, incumbent="CNX", staff_load={"dpo": 0.5}),
        Requirement("R3", "b1", "protected", {"vcpu": (10.0, 10.0)}, 2027, copies=2, priority="statutory"),
    ],
    [
        BKK,
        replace(BKK, code="BKK2"),
        replace(BKK, code="CNX", region="north", capacity={"vcpu": (9.0, 9.0), "tb": (6.0, 6.0)}),
        replace(BKK, code="HDY", region="south", clearance="open"),
    ],
    expansions=(Expansion("E1", "BKK", "vcpu", 5.0, 100.0, 1, 2),),
    staff=(Staff("b1", "dpo", (0.5, 0.5)),),
    policy=Policy(
        tolerance=0.0,
        standby_ratio={"vcpu": 0.5},
        capex_limit=(150.0, None),
        opex_limit=(80.0, None),
        move_limit_tb=(1.0, None),
        staff_gate=True,
    ),
)  # fmt: skip
TRUE = (
    Placement("R1", "BKK", None, 2027, 1.0),
    Placement("R2", "CNX", None, 2027, 1.0),
    Placement("R3", "BKK2", "CNX", 2027, 1.0),
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve(PROBLEM)


def verdict(*placements: Placement, purchases: tuple[Purchase, ...] = (), problem: Problem = PROBLEM) -> Certificate:
    return certify(problem, placements, purchases, ())


def tampered(code: str, **fields: object) -> tuple[Placement, ...]:
    return tuple(replace(row, **fields) if row.requirement == code else row for row in TRUE)


@pytest.mark.parametrize("seed", range(25))
def test_plans_of_the_engine_are_accepted(seed: int) -> None:
    problem = random_problem(seed)
    plan = solve(problem)
    again = certify(problem, plan.placements, plan.purchases, plan.levels)
    assert again == plan.certificate
    assert again.feasible
    assert again.values_agree
    assert again.checked >= len(plan.placements)
    assert again.largest_gap == max(level.gap for level in plan.levels)


def test_a_plan_made_by_hand_is_accepted() -> None:
    assert verdict(*TRUE) == Certificate(True, 0.0, "", verdict(*TRUE).checked, True, 0.0)
    assert verdict().feasible


@pytest.mark.parametrize(
    ("placements", "rule", "violation"),
    [
        (tampered("R1", site="HDY"), "home/R1/HDY", 1.0),
        (tampered("R1", start=2028), "start/R1", 1.0),
        (tampered("R2", site="HDY", share=0.1), "home/R2/HDY", 1.0),
        (tampered("R3", standby=None), "standby/R3", 1.0),
        (tampered("R1", standby="CNX"), "standby/R1", 1.0),
        (tampered("R3", standby="BKK"), "standby_region/R3", 1.0),
        (tampered("R3", standby="HDY"), "home/R3/HDY", 1.0),
        (tampered("R1", share=1.25), "choice/R1", 0.25),
        ((*TRUE, replace(TRUE[0], site="BKK2", share=0.5)), "choice/R1", 0.5),
        (tampered("R3", site="CNX", standby="BKK"), "CNX/vcpu", 1 / 9),
        (tampered("R2", site="BKK"), "moves/2027", 5.0),
        (tampered("R1", share=-0.5), "share/R1", 0.5),
        (tampered("R1", share=math.nan), "BKK/vcpu", math.inf),
    ],
)
def test_a_tampered_placement_is_refused_by_the_rule_it_breaks(
    placements: tuple[Placement, ...], rule: str, violation: float
) -> None:
    found = verdict(*placements)
    assert not found.feasible
    assert found.worst_rule == rule
    assert found.largest_violation == pytest.approx(violation)


@pytest.mark.parametrize(
    ("purchase", "rule", "violation"),
    [
        (Purchase("E1", 2028, 3.0), "expansion/E1", 0.5),
        (Purchase("E1", 2027, 2.0), "capex/2027", 50 / 150),
        (Purchase("E1", 2028, -0.5), "purchase/E1", 0.5),
    ],
)
def test_a_tampered_purchase_is_refused_by_the_rule_it_breaks(purchase: Purchase, rule: str, violation: float) -> None:
    found = verdict(*TRUE, purchases=(purchase,))
    assert not found.feasible
    assert (found.worst_rule, found.largest_violation) == (rule, pytest.approx(violation))


def test_a_module_serves_only_after_its_lead_time() -> None:
    full = replace(PROBLEM.requirements[0], demand={"vcpu": (25.0, 25.0)}, end=None)
    problem = replace(PROBLEM, requirements=(full,), policy=Policy())
    placed = Placement("R1", "BKK", None, 2028, 1.0)
    bought = Purchase("E1", 2027, 1.0)
    assert not verdict(placed, problem=problem).feasible
    assert verdict(placed, purchases=(bought,), problem=problem).feasible
    assert not verdict(placed, purchases=(replace(bought, fiscal_year=2028),), problem=problem).feasible
    early = verdict(replace(placed, start=2027), purchases=(bought,), problem=problem)
    assert (early.feasible, early.worst_rule) == (False, "BKK/vcpu")


def test_amounts_far_below_one_are_measured_by_the_demand() -> None:
    tiny = replace(PROBLEM.requirements[0], demand={"vcpu": (1e-8, 1e-8)})
    site = replace(BKK, capacity={"vcpu": (0.5e-8, 0.5e-8)}, running_cost={})
    found = verdict(TRUE[0], problem=small_problem([replace(tiny, regions=None)], [site]))
    assert (found.feasible, found.worst_rule, found.largest_violation) == (False, "BKK/vcpu", pytest.approx(0.5))


@pytest.mark.parametrize(
    ("limits", "rule"),
    [
        ({"opex_limit": (40.0, None)}, "opex/2027"),
        ({"opex_limit": (None, 10.0)}, "opex/2028"),
    ],
)
def test_running_costs_beyond_their_limit_are_refused(limits: dict[str, tuple[float, ...]], rule: str) -> None:
    found = verdict(*TRUE, problem=replace(PROBLEM, policy=replace(PROBLEM.policy, **limits)))
    assert (found.feasible, found.worst_rule) == (False, rule)


def test_staff_beyond_what_an_agency_has_is_refused_where_the_gate_is_on() -> None:
    fewer = replace(PROBLEM, staff=(Staff("b1", "dpo", (0.5, 0.25)),))
    found = verdict(*TRUE, problem=fewer)
    assert (found.feasible, found.worst_rule) == (False, "staff/b1/dpo")
    none = verdict(*TRUE, problem=replace(PROBLEM, staff=()))
    assert (none.feasible, none.worst_rule) == (False, "staff/b1/dpo")
    assert verdict(*TRUE, problem=replace(fewer, policy=Policy(standby_ratio={"vcpu": 0.5}))).feasible


@pytest.mark.parametrize("level", ["statutory", "fairness", "priority", "cost", "moves"])
def test_a_level_value_that_is_not_the_plans_own_is_noticed(plan: Plan, level: str) -> None:
    levels = tuple(replace(row, kept=row.kept + 0.01 * (row.name == level)) for row in plan.levels)
    true, false = (certify(PROBLEM, plan.placements, plan.purchases, rows) for rows in (plan.levels, levels))
    assert true.values_agree
    assert false.feasible
    assert not false.values_agree


COUNTED = [seed for seed in range(40) if "priority" in random_problem(seed).policy.levels]
"""Problems in which every requirement's share counts in some level."""


@pytest.mark.parametrize("seed", COUNTED)
def test_no_share_of_a_full_plan_can_be_raised_unnoticed(seed: int) -> None:
    problem = random_problem(seed)
    plan = solve(problem)
    for n, row in enumerate(plan.placements):
        more = (*plan.placements[:n], replace(row, share=row.share + 0.5), *plan.placements[n + 1 :])
        found = certify(problem, more, plan.purchases, plan.levels)
        assert not (found.feasible and found.values_agree), row


def spoiled(
    problem: Problem, plan: Plan, dice: random.Random, times: int
) -> tuple[Sequence[Placement], Sequence[Purchase]]:
    """The plan's rows with `times` of them changed, added, taken out or put elsewhere."""
    sites, years = [site.code for site in problem.sites], problem.fiscal_years
    placements, purchases = list(plan.placements), list(plan.purchases)
    for _ in range(times):
        row = Placement(
            dice.choice(problem.requirements).code,
            dice.choice(sites),
            dice.choice([None, *sites]),
            dice.choice(years),
            dice.choice([1.0, 0.5]),
        )
        at = dice.randrange(len(placements)) if placements else 0
        old = placements[at] if placements else row
        elsewhere = {
            "site": dice.choice(sites),
            "standby": dice.choice([None, *sites]),
            "start": dice.choice([years[0] - 1, *years, years[-1] + 1]),
            "share": dice.choice([-1.0, -0.5, 0.0, 0.3, 1.0, 1.5, math.nan]),
        }
        name = dice.choice([*elsewhere, *elsewhere, "added", "left out", "twice", "mixed", "bought"])
        if name in elsewhere:
            placements[at : at + 1] = [replace(old, **{name: elsewhere[name]})]
        elif name == "added":
            placements.append(row)
        elif name == "left out":
            del placements[at : at + 1]
        elif name == "twice":
            placements.append(old)
        elif name == "mixed":
            dice.shuffle(placements)
        elif problem.expansions:
            modules = dice.choice([-1.0, 0.5, 9.0, math.nan])
            purchases.append(Purchase(dice.choice(problem.expansions).code, dice.choice(years), modules))
    return placements, purchases


@pytest.mark.parametrize("module", [certificate, evidence])
def test_the_certificate_uses_none_of_the_solvers_code(module: ModuleType) -> None:
    imported = [
        node.module or "" for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.ImportFrom)
    ]
    allowed = {"planner.allocation.problem", "planner.allocation.plan", "planner.allocation.evidence"}
    assert {name for name in imported if name.startswith("planner")} <= allowed


def levels_of(values: dict[str, float]) -> tuple[LevelResult, ...]:
    return tuple(LevelResult(name, kept, kept, 0.0, "optimal", 0.0, kept) for name, kept in values.items())


@pytest.mark.parametrize("seed", range(40))
def test_whatever_a_plan_breaks_is_found_as_by_looking_at_its_rows_one_by_one(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same plans every time
    problem = random_problem(seed, 12)
    rows = [replace(row, divisible=dice.random() < 0.6) for row in problem.requirements]
    problem = replace(problem, requirements=tuple(dice.sample(rows, len(rows))))
    plan = solve(problem)
    for times in (0, 0, 1, 1, 1, 1, 2, 2, 3, 4):
        placements, purchases = spoiled(problem, plan, dice, times)
        plain = PlainCheck(problem, placements, purchases)
        found = certify(problem, placements, purchases, levels_of(plain.values))
        largest = max(breach for _, breach in plain.breaches)
        assert found.checked == len(plain.breaches)
        assert found.largest_violation == pytest.approx(largest, rel=1e-9, abs=1e-12)
        assert found.feasible == (largest <= 1e-6)
        if largest > 1e-6:
            breach = max(breach for rule, breach in plain.breaches if rule == found.worst_rule)
            assert breach == pytest.approx(largest, rel=1e-9)
        assert found.values_agree == all(map(math.isfinite, plain.values.values()))
        for name in plain.values:
            false = {**plain.values, name: plain.values[name] + max(0.01, 0.01 * abs(plain.values[name]))}
            assert not certify(problem, placements, purchases, levels_of(false)).values_agree
