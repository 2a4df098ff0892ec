"""The arrays of a problem, against numbers worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from planner.allocation import Expansion, Policy, Requirement, Site, Staff
from planner.allocation.instance import build_instance
from planner.bench.problems import random_problem, small_problem

SITE = Site("S1", "central", "restricted", {"vcpu": (100.0, 100.0, 120.0), "tb": (10.0, 20.0, 30.0)})


def asks(code: str, agency: str = "a1", start: int = 2027, end: int | None = None, **demand: float) -> Requirement:
    return Requirement(code, agency, "open", {r: (d,) * 3 for r, d in demand.items()}, start, end=end)


def test_usable_capacity_is_nameplate_times_overcommit_less_the_reserve_margin() -> None:
    site = replace(SITE, overcommit={"vcpu": 1.5}, reserve_margin={"vcpu": 0.1, "tb": 0.25}, start=2028)
    instance = build_instance(small_problem([], [site], years=3))
    assert instance.types == ("tb", "vcpu")
    assert instance.capacity[0] == pytest.approx(np.array([[0, 15, 22.5], [0, 135, 162]]))


def test_a_site_offers_nothing_outside_its_years() -> None:
    capacity = build_instance(small_problem([], [replace(SITE, start=2000, end=2027)], years=3)).capacity
    assert capacity[0, 1].tolist() == [100, 0, 0]
    closed = build_instance(small_problem([], [replace(SITE, end=2026)], years=3)).capacity
    assert not closed.any()


def test_demand_counts_only_in_the_years_of_the_requirement() -> None:
    requirements = [asks("R1", start=2028, end=2028, vcpu=4), asks("R2", end=2099, vcpu=1)]
    instance = build_instance(small_problem(requirements, [SITE], years=3))
    assert instance.demand[:, instance.types.index("vcpu")].tolist() == [[0, 4, 0], [1, 1, 1]]
    assert instance.end.tolist() == [1, 2]


def test_size_is_the_mean_share_of_national_demand() -> None:
    requirements = [
        asks("R1", vcpu=30, tb=1),  # a third of the vCPU and half of the storage
        asks("R2", "b1", vcpu=60),
        asks("R3", "b1", tb=1, start=2028),
    ]
    instance = build_instance(small_problem(requirements, [SITE], years=3))
    third, half = 1 / 3, 1 / 2
    expected = [
        [(third + 1) / 2, (third + half) / 2, (third + half) / 2],
        [third, third, third],
        [0, half / 2, half / 2],
    ]
    assert instance.size == pytest.approx(np.array(expected))
    assert instance.size.sum(axis=0) == pytest.approx(np.ones(3))
    assert instance.ministry_size == pytest.approx(instance.size.sum(axis=1) @ np.array([[1, 0], [0, 1], [0, 1]]))


def test_a_resource_type_that_nobody_asks_for_does_not_count_towards_size() -> None:
    instance = build_instance(small_problem([asks("R1", vcpu=1)], [SITE], years=3))
    assert instance.size.tolist() == [[1, 1, 1]]


def test_weight_is_the_priority_times_the_requirements_own_score() -> None:
    rows = [replace(asks(f"R{n}", vcpu=1), priority=priority) for n, priority in enumerate(("high", "normal", "low"))]
    rows[1] = replace(rows[1], weight=2.5)
    rows.append(replace(rows[0], code="R3", priority="statutory"))
    assert build_instance(small_problem(rows, [SITE], years=3)).weight.tolist() == [4, 5, 1, 4]


@pytest.mark.parametrize("protect", [True, False])
def test_statutory_requirements_are_protected_and_incumbents_where_policy_says_so(protect: bool) -> None:
    rows = [asks("R1", vcpu=1), replace(asks("R2", vcpu=1), priority="statutory")]
    rows.append(replace(rows[0], code="R3", incumbent="S1"))
    instance = build_instance(small_problem(rows, [SITE], years=3, policy=Policy(protect_incumbents=protect)))
    assert instance.protected.tolist() == [False, True, protect]


def test_staff_counts_only_behind_the_gate_and_a_role_nobody_fills_is_none_at_all() -> None:
    row = replace(asks("R1", vcpu=1), staff_load={"dpo": 0.2, "steward": 0.5, "idle": 0.0})
    staff = (Staff("a1", "steward", (1.0, 2.0, 3.0)), Staff("a1", "unasked", (9.0,) * 3))
    open_gate = build_instance(small_problem([row], [SITE], years=3, staff=staff))
    assert (open_gate.staff, open_gate.load.size) == ((), 0)
    gated = build_instance(small_problem([row], [SITE], years=3, staff=staff, policy=Policy(staff_gate=True)))
    assert gated.staff == (("a1", "dpo"), ("a1", "steward"))
    assert gated.fte.tolist() == [[0, 0, 0], [1, 2, 3]]
    assert gated.load.tolist() == [0.2, 0.5]


def test_an_incumbent_has_its_home_only_where_it_may_go_on() -> None:
    rows = [replace(asks(f"R{n}", vcpu=1), incumbent="S1") for n in range(3)]
    rows[1] = replace(rows[1], sites=("S2",))
    rows[2] = replace(rows[2], start=2028)
    sites = [replace(SITE, end=2027), replace(SITE, code="S2")]
    assert build_instance(small_problem(rows, sites, years=3)).home.tolist() == [0, -1, -1]


def test_a_requirement_may_live_where_its_lists_of_regions_and_sites_say() -> None:
    lists = [(None, None), (None, ("S3", "S1")), (("north",), None), (("north", "central"), ("S2",)), ((), None)]
    rows = [
        replace(asks(f"R{n}", vcpu=1), regions=regions, sites=sites) for n, (regions, sites) in enumerate(lists)
    ] + [replace(asks("R5", vcpu=1), sites=())]
    sites = [SITE, replace(SITE, code="S2", region="north"), replace(SITE, code="S3", region="south")]
    assert build_instance(small_problem(rows, sites, years=3)).allowed.tolist() == [
        [True, True, True],
        [True, False, True],
        [False, True, False],
        [False, True, False],
        [False, False, False],
        [False, False, False],
    ]


def test_rows_in_any_order_are_one_instance() -> None:
    problem = random_problem(11)
    names = ("resource_types", "ministries", "agencies", "regions", "sites", "requirements", "expansions", "staff")
    backwards = replace(problem, **{name: tuple(reversed(getattr(problem, name))) for name in names})
    one, other = build_instance(problem), build_instance(backwards)
    for name in one.__dataclass_fields__:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_expansions_and_limits_stand_in_their_units() -> None:
    expansion = Expansion("E1", "S1", "tb", module_size=4.0, module_price=7.0, lead_years=1, max_modules=2.5)
    policy = Policy(capex_limit=(5.0, None, 0.0), move_limit_tb=(None, 3.0, None), standby_ratio={"vcpu": 0.5})
    problem = small_problem([asks("R1", vcpu=1)], [SITE], years=3, expansions=(expansion,), policy=policy)
    instance = build_instance(problem)
    assert (instance.module_size[0], instance.module_price[0], instance.lead[0], instance.max_modules[0]) == (
        (4, 7, 1, 2.5)
    )  # fmt: skip
    assert instance.capex_limit.tolist() == [5, np.inf, 0]
    assert instance.opex_limit.tolist() == [np.inf] * 3
    assert instance.move_limit.tolist() == [np.inf, 3, np.inf]
    assert instance.standby_ratio.tolist() == [1, 0.5]
    assert instance.movable.tolist() == [True, False]
