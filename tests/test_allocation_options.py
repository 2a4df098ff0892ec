"""Which homes a requirement could have, and which rule ruled the others out."""

from dataclasses import replace

import numpy as np
import pytest

from planner.allocation import Expansion, Requirement, Site, pricing
from planner.allocation.instance import build_instance
from planner.allocation.layout import build_layout
from planner.allocation.options import list_all_options, list_options, ruled_out
from planner.allocation.pricing import price, price_tables, spread_prices
from planner.bench.problems import random_problem, small_problem

CENTRAL = Site("C1", "central", "protected", {"vcpu": (10.0, 10.0, 10.0)})
NORTH = replace(CENTRAL, code="N1", region="north")
SOUTH = replace(CENTRAL, code="S1", region="south")
ROW = Requirement("R1", "a1", "open", {"vcpu": (1.0, 1.0, 1.0)}, 2027)


def options_of(row: Requirement, *sites: Site, expansions: tuple[Expansion, ...] = ()) -> list[tuple[str, str, int]]:
    """(site, standby or "", start year) of every option of `row`."""
    instance = build_instance(small_problem([row], sites, years=3, expansions=expansions))
    return [
        (instance.sites[s], instance.sites[other] if other >= 0 else "", instance.years[t])
        for _, s, other, t in list_options(instance, 0)
    ]


def rules_of(row: Requirement, *sites: Site, expansions: tuple[Expansion, ...] = ()) -> dict[str, str]:
    return ruled_out(small_problem([row], sites, years=3, expansions=expansions), row)


def test_an_option_is_a_site_and_a_start_in_the_years_of_the_requirement() -> None:
    assert options_of(ROW, CENTRAL) == [("C1", "", 2027), ("C1", "", 2028), ("C1", "", 2029)]
    assert options_of(replace(ROW, start=2028, end=2028), CENTRAL) == [("C1", "", 2028)]


@pytest.mark.parametrize(
    ("row", "site", "rule"),
    [
        (replace(ROW, sites=("C1",)), NORTH, "site_rule"),
        (replace(ROW, sites=()), NORTH, "site_rule"),
        (replace(ROW, regions=("central",)), NORTH, "region_rule"),
        (replace(ROW, clearance="restricted"), NORTH, "clearance"),
        (ROW, replace(NORTH, capacity={"tb": (9.0, 9.0, 9.0)}), "not_offered"),
        (ROW, replace(NORTH, capacity={"vcpu": (0.0, 0.0, 0.0)}), "not_offered"),
        (ROW, replace(NORTH, end=2028), "operating_years"),
        (ROW, replace(NORTH, start=2030), "operating_years"),
        (replace(ROW, end=2027), replace(NORTH, start=2028), "operating_years"),
        (replace(ROW, copies=2), NORTH, "standby_region"),
    ],
)
def test_each_rule_rules_a_site_out_and_is_named(row: Requirement, site: Site, rule: str) -> None:
    sites = (CENTRAL, site) if row.sites == ("C1",) or row.regions == ("central",) else (site,)
    assert rules_of(row, *sites)["N1"] == rule
    assert "N1" not in {code for code, _, _ in options_of(row, *sites)}


@pytest.mark.parametrize("clearance", ["open", "protected"])
def test_a_site_hosts_its_own_clearance_and_every_lower_one(clearance: str) -> None:
    assert options_of(replace(ROW, clearance=clearance), CENTRAL)


def test_a_resource_type_that_may_be_bought_counts_as_offered() -> None:
    bare = replace(CENTRAL, capacity={})
    expansion = Expansion("E1", "C1", "vcpu", 5.0, 1.0, 1, 1)
    assert rules_of(ROW, bare, expansions=(expansion,)) == {}
    assert len(options_of(ROW, bare, expansions=(expansion,))) == 3


def test_demand_outside_the_requirements_years_asks_for_nothing() -> None:
    row = replace(ROW, end=2027, demand={"vcpu": (1.0, 0.0, 0.0), "tb": (0.0, 9.0, 9.0)})
    assert options_of(row, CENTRAL) == [("C1", "", 2027)]
    assert rules_of(row, CENTRAL) == {}


def test_a_late_site_may_be_started_late() -> None:
    assert options_of(ROW, replace(CENTRAL, start=2029)) == [("C1", "", 2029)]
    assert rules_of(ROW, replace(CENTRAL, start=2029)) == {}


def test_a_standby_copy_lives_in_another_region() -> None:
    row = replace(ROW, copies=2, start=2029)
    twin = replace(CENTRAL, code="C2")
    pairs = {(site, standby) for site, standby, _ in options_of(row, CENTRAL, twin, NORTH)}
    assert pairs == {("C1", "N1"), ("C2", "N1"), ("N1", "C1"), ("N1", "C2")}
    assert rules_of(row, CENTRAL, twin) == {"C1": "standby_region", "C2": "standby_region"}


def test_a_standby_site_must_be_open_when_the_copy_starts() -> None:
    late = replace(NORTH, start=2029)
    assert {start for _, _, start in options_of(replace(ROW, copies=2), CENTRAL, late)} == {2029}
    assert options_of(replace(ROW, copies=2), CENTRAL, replace(NORTH, end=2028)) == []


def test_an_incumbent_stays_from_the_first_year_or_moves_in_any() -> None:
    assert options_of(replace(ROW, incumbent="C1"), CENTRAL, NORTH) == [
        ("C1", "", 2027),
        ("N1", "", 2027),
        ("N1", "", 2028),
        ("N1", "", 2029),
    ]


def test_an_incumbent_leaves_a_home_that_closes_in_time() -> None:
    closing = replace(CENTRAL, end=2027)
    assert options_of(replace(ROW, incumbent="C1"), closing, NORTH) == [("N1", "", 2027), ("N1", "", 2028)]


def test_an_incumbent_that_may_not_go_on_at_home_chooses_like_any_other() -> None:
    row = replace(ROW, incumbent="C1", clearance="protected")
    low = replace(CENTRAL, clearance="open")
    assert options_of(row, low, NORTH) == [("N1", "", 2027), ("N1", "", 2028), ("N1", "", 2029)]


@pytest.mark.parametrize("seed", range(30))
def test_a_site_is_ruled_out_by_name_where_the_requirement_has_no_option_at_all(seed: int) -> None:
    problem = random_problem(seed)
    instance = build_instance(problem)
    rows = {row.code: row for row in problem.requirements}
    options = list_all_options(instance)
    for n, code in enumerate(instance.requirements):
        usable = {instance.sites[s] for s in options.site[options.requirement == n]}
        ruled = ruled_out(problem, rows[code])
        assert not usable & set(ruled), code
        if not usable:
            assert set(ruled) == set(instance.sites), code


@pytest.mark.parametrize("seed", range(20))
def test_pricing_knows_exactly_the_listed_options(seed: int) -> None:
    instance = build_instance(random_problem(seed))
    layout = build_layout(instance)
    options = list_all_options(instance)
    listed = set(zip(options.requirement.tolist(), options.site.tolist(), options.start.tolist(), strict=True))
    free = spread_prices(instance, layout, np.zeros(len(layout)))
    priced = {
        (int(rows[i]), int(s), int(t))
        for rows, table in price_tables(instance, free)
        for i, s, t in zip(*np.nonzero(np.isfinite(table.total)), strict=True)
    }
    assert priced == listed


@pytest.mark.parametrize("seed", range(40))
def test_compiled_loops_find_what_a_table_of_all_options_says(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = build_instance(random_problem(seed))
    layout = build_layout(instance)
    rng = np.random.default_rng(seed)
    prices = spread_prices(instance, layout, rng.uniform(0, 1, len(layout)) / layout.scale)
    at_once = rng.random(len(instance.requirements)) < 0.3
    (listed,) = price(instance, prices, at_once=at_once)
    monkeypatch.setattr(pricing, "FEW", 0)
    (found,) = price(instance, prices, at_once=at_once)
    some = np.isfinite(listed.cost)
    assert found.cost == pytest.approx(listed.cost, rel=1e-9, abs=1e-12)
    assert [*found.options(some)] == [*listed.options(some)]


def test_what_a_site_offers_before_it_opens_does_not_count() -> None:
    late = replace(CENTRAL, start=2029, capacity={"vcpu": (9.0, 9.0, 0.0)})
    assert options_of(ROW, late) == []
    assert rules_of(ROW, late) == {"C1": "not_offered"}
