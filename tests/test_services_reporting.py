"""The allocation report: figures worked out by hand, and totals that tie out on solved plans."""

import datetime as dt
import random
from dataclasses import replace
from typing import Any

import pytest

from planner.allocation import solve
from planner.allocation.explain import PoolPrice, PriceRange
from planner.allocation.plan import (
    Certificate,
    LevelResult,
    Placement,
    Plan,
    PoolUse,
    Purchase,
    Reason,
    Service,
    Shortfall,
)
from planner.allocation.problem import (
    Agency,
    Expansion,
    Ministry,
    Policy,
    Problem,
    Region,
    Requirement,
    ResourceType,
    Site,
)
from planner.i18n import load_translations, to_words
from planner.services import reporting
from planner.services.reporting import Advice, Ledger, ReportInfo, build_allocation_report, build_ministry_report
from planner.services.reporting.levels import share_phrase
from planner.text import FiscalYear, LocalText, Phrase
from reports.values import Report, Table

INFO = ReportInfo("P-000001", "แผนแรก", dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC), "สมชาย ใจดี", True, "1.2.3")

PROBLEM = Problem(
    fiscal_years=(2027, 2028),
    resource_types=(
        ResourceType("vcpu", "vCPU", name=LocalText("หน่วยประมวลผล", "Processors")),
        ResourceType("tb", "TB", movable=True, name=LocalText("พื้นที่จัดเก็บ", "Storage")),
    ),
    ministries=(
        Ministry("M1", LocalText("กระทรวงหนึ่ง", "Ministry one")),
        Ministry("M2", LocalText("กระทรวงสอง", "Ministry two")),
    ),
    agencies=(Agency("A1", "M1"), Agency("A2", "M2")),
    regions=(Region("north"), Region("south")),
    clearances=("open",),
    sites=(
        Site(
            "NORTH", "north", "open", {"vcpu": (100.0, 100.0), "tb": (50.0, 50.0)}, running_cost={"vcpu": (10.0, 20.0)}
        ),
        Site("SOUTH", "south", "open", {"vcpu": (40.0, 40.0), "tb": (50.0, 50.0)}, running_cost={"tb": (1.0, 2.0)}),
    ),
    requirements=(
        Requirement(
            "R-1", "A1", "open", {"vcpu": (30.0, 30.0), "tb": (10.0, 10.0)}, 2027, incumbent="NORTH", title="=title"
        ),
        Requirement("R-2", "A1", "open", {"vcpu": (30.0, 30.0)}, 2027, copies=2, priority="statutory"),
        Requirement("R-3", "A2", "open", {"vcpu": (0.0, 60.0), "tb": (10.0, 30.0)}, 2027),
    ),
    expansions=(Expansion("NORTH-cpu", "NORTH", "vcpu", 10.0, 1000.0, 1, 5.0),),
    policy=Policy(standby_ratio={"vcpu": 0.5}, capex_limit=(5000.0, None)),
)
"""R-1 moves from NORTH to SOUTH in 2028; R-2 has a standby copy; half of R-3 is granted, from 2028 on."""

PLAN = Plan(
    problem_sha256="ab" * 32,
    solver="by hand",
    status="optimal",
    levels=(
        LevelResult("cost", 0.0, 0.0, 0.0, "optimal", 0.25, 4320.0),
        LevelResult("priority", 0.2, 0.2, 2e-5, "feasible", 0.5, 0.25, whole_loss=0.05),
    ),
    placements=(
        Placement("R-1", "SOUTH", None, 2028, 1.0),
        Placement("R-2", "NORTH", "SOUTH", 2027, 1.0),
        Placement("R-3", "NORTH", None, 2028, 0.5),
    ),
    purchases=(Purchase("NORTH-cpu", 2027, 2.5),),
    shortfalls=(
        Shortfall(
            "R-3", 9 / 14, (Reason("capacity", "NORTH/vcpu/2028", {"need": 60.0, "limit": 100.0}), Reason("outranked"))
        ),
    ),
    pools=(
        PoolUse("NORTH/tb/2027", 50.0, 10.0, 0.0, None),
        PoolUse("NORTH/tb/2028", 50.0, 15.0, 0.0, None),
        PoolUse("NORTH/vcpu/2027", 100.0, 60.0, 0.0, None),
        PoolUse("NORTH/vcpu/2028", 125.0, 60.0, 0.00002, "priority"),
        PoolUse("SOUTH/tb/2028", 50.0, 10.0, 0.0, None),
        PoolUse("SOUTH/vcpu/2027", 40.0, 15.0, 0.0, None),
        PoolUse("SOUTH/vcpu/2028", 40.0, 45.0, 0.0, None),
        PoolUse("capex/2027", 5000.0, 2500.0, 0.0, None),
    ),
    service=(Service("M1", 1.0), Service("M2", 5 / 14)),
    certificate=Certificate(True, 1e-12, "choice/R-1", 42, True, 0.0),
)
LEDGER = Ledger(PROBLEM, PLAN)


def rows(table: Table, *keys: str) -> list[tuple[object, ...]]:
    return list(zip(*(table.column(key) for key in keys), strict=True))


def test_an_incumbent_is_granted_at_home_until_its_placement_starts() -> None:
    table = reporting.site_year_table(LEDGER)
    use = {
        (code, unit, year.year): (primary, standby)
        for code, unit, year, primary, standby in rows(table, "code", "unit", "year", "primary", "standby")
        if isinstance(year, FiscalYear)
    }
    assert use["NORTH", "vCPU", 2027] == (60, 0)
    assert use["NORTH", "TB", 2027] == (10, 0)
    assert use["SOUTH", "vCPU", 2027] == (0, 15)
    assert use["NORTH", "vCPU", 2028] == (60, 0)
    assert use["SOUTH", "vCPU", 2028] == (30, 15)
    assert use["NORTH", "TB", 2028] == (15, 0)
    assert use["SOUTH", "TB", 2028] == (10, 0)


def test_what_rounding_left_of_a_requirement_that_is_served_in_full_is_no_shortfall() -> None:
    dust = Shortfall("R-1", 3e-7, (Reason("outranked"),))
    ledger = Ledger(PROBLEM, replace(PLAN, shortfalls=(dust, *PLAN.shortfalls)))
    assert ledger.shortfalls == PLAN.shortfalls
    assert rows(reporting.reason_table(ledger), "requirements") == rows(reporting.reason_table(LEDGER), "requirements")
    assert {row[0] for row in rows(reporting.shortfall_table(ledger), "requirement")} == {"R-3"}


def test_expansions_add_capacity_from_their_year_of_use() -> None:
    table = reporting.site_year_table(LEDGER)
    processors = [
        row for row in rows(table, "code", "unit", "usable", "added", "headroom", "utilisation") if row[1] == "vCPU"
    ]
    assert processors[0] == ("NORTH", "vCPU", 100, 0, 40, 0.6)
    assert processors[1] == ("NORTH", "vCPU", 100, 25, 65, 0.48)
    assert reporting.expansion_table(LEDGER).rows[0][4:8] == (FiscalYear(2027), FiscalYear(2028), 2.5, 25)
    assert reporting.expansion_table(LEDGER).total is not None
    assert reporting.expansion_table(LEDGER).total[-1] == 2500


def test_what_is_not_there_is_neither_used_nor_full() -> None:
    """SOUTH has no storage in 2027: no row of use, and no utilisation instead of one of nothing."""
    north, south = PROBLEM.sites
    closed = replace(PROBLEM, sites=(north, replace(south, capacity={**south.capacity, "tb": (0.0, 50.0)})))
    ledger = Ledger(closed, replace(PLAN, pools=(*PLAN.pools, PoolUse("SOUTH/tb/2027", 0.0, 0.0, 0.0, None))))
    years = [
        row[2] for row in rows(reporting.site_year_table(ledger), "code", "unit", "year") if row[:2] == ("SOUTH", "TB")
    ]
    assert years == [FiscalYear(2028)]
    assert [row[1:] for row in rows(reporting.site_utilisation_table(ledger), "unit", "y2027", "y2028")][-1] == (
        None,
        0.2,
    )
    assert len(reporting.pool_table(ledger).rows) == len(PLAN.pools)


def test_a_ministrys_service_is_its_granted_size() -> None:
    """Sizes of R-3: half of 0/60 and half of 10/20 in 2027; half of 60/120 and half of 30/40 in 2028."""
    table = reporting.ministry_table(LEDGER)
    size = 0.5 * (10 / 20), 0.5 * (60 / 120 + 30 / 40)
    granted = 0.5 * size[1]
    assert table.column("full") == (2, 0)
    assert table.column("part") == (0, 1)
    assert table.column("served") == pytest.approx((1.0, granted / sum(size)))
    assert table.total is not None
    assert table.total[3] == 3
    assert table.total[7] == pytest.approx((2 - sum(size) + granted) / 2)


def test_costs_follow_where_the_work_runs() -> None:
    north, south = 60 * 10 + 60 * 20, 10 * 2
    assert reporting.site_table(LEDGER).column("cost") == (north, south)
    assert reporting.site_table(LEDGER).column("capex") == (2500, 0)
    assert rows(reporting.cost_table(LEDGER), "running", "capex", "total", "capex_limit") == [
        (600, 2500, 3100, 5000),
        (1220, 0, 1220, None),
    ]
    moved, standby, half = 30 * 10 + 10 * 2, 30 * 10 + 30 * 20, 30 * 20
    assert reporting.ministry_table(LEDGER).column("cost") == (moved + standby, half)


def test_units_are_granted_by_year() -> None:
    table = reporting.ministry_resource_table(LEDGER)
    assert rows(table, "code", "unit", "y2027", "y2028", "asked", "granted") == [
        ("M1", "vCPU", 60, 60, 120, 120),
        ("M1", "TB", 10, 10, 20, 20),
        ("M2", "vCPU", 0, 30, 60, 30),
        ("M2", "TB", 0, 15, 40, 15),
    ]
    assert rows(reporting.year_share_table(LEDGER), "vcpu", "tb") == [(1, 0.5), (0.75, 0.625)]


def test_a_shortfall_has_one_row_a_reason_and_counts_once() -> None:
    table = reporting.shortfall_table(LEDGER)
    assert rows(table, "requirement", "share", "number") == [
        ("R-3", pytest.approx(9 / 14), 1),
        ("R-3", pytest.approx(9 / 14), 2),
    ]
    explanation = table.column("explanation")[0]
    assert isinstance(explanation, Phrase)
    assert to_words(explanation, "en").startswith("Full: Processors at NORTH, fiscal year 2028. It needs 60 vCPU")
    reasons = reporting.reason_table(LEDGER)
    assert reasons.column("requirements") == (1,)
    assert reasons.column("unmet") == pytest.approx((9 / 14 * 0.875 / 2,))


def test_placements_say_what_moves() -> None:
    table = reporting.placement_table(LEDGER)
    assert rows(table, "requirement", "site", "standby", "moved_from") == [
        ("R-1", "SOUTH", None, "NORTH"),
        ("R-2", "NORTH", "SOUTH", None),
        ("R-3", "NORTH", None, None),
    ]


def test_a_price_names_its_unit_and_level_or_is_absent() -> None:
    table = reporting.pool_table(LEDGER)
    unit = table.column("price_unit")[3]
    assert isinstance(unit, Phrase)
    assert to_words(unit, "en") == "weighted unmet size per vCPU"
    assert table.column("price") == (None, None, None, 0.00002, *[None] * 4)
    assert table.column("headroom") == (40, 35, 40, 65, 40, 25, -5, 2500)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, set()),
        (
            {"shortfalls": (Shortfall("R-3", 0.6, ()),)},
            {"National service share, from shortfalls"},
        ),
        (
            {"service": (Service("M1", 1.0), Service("M2", 0.4))},
            {"Service shares of ministries, added up, from the solver"},
        ),
        ({"pools": PLAN.pools[1:]}, {"Use of Storage, all years, from the solver"}),
        ({"levels": (replace(PLAN.levels[0], kept=4300.0), PLAN.levels[1])}, {"Total cost, from the solver"}),
    ],
)
def test_the_check_sheet_finds_a_plan_that_does_not_agree_with_itself(change: dict[str, Any], wrong: set[str]) -> None:
    table = checks(build_allocation_report(PROBLEM, replace(PLAN, **change), INFO))
    assert {to_words(what, "en") for what, agrees in rows(table, "what", "agrees") if not agrees} == wrong


@pytest.mark.parametrize("seed", range(6))
def test_totals_tie_out_on_solved_plans(seed: int) -> None:
    problem = make_problem(random.Random(seed))  # noqa: S311 - the same problems every time
    plan = solve(problem)
    table = checks(build_allocation_report(problem, plan, INFO))
    assert len(table.rows) >= 15
    assert [(to_words(row[0], "en"), row[2:5]) for row in table.rows if not row[-1]] == []
    assert set(table.column("difference")) == {0.0}


def test_a_plan_that_grants_nothing_is_reported_all_the_same() -> None:
    nothing = replace(PLAN, placements=(), purchases=(), shortfalls=(), pools=(), levels=())
    report = build_allocation_report(PROBLEM, nothing, INFO)
    served = {section.key: section for section in report.sections}["ministries"].tables[0]
    assert served.column("served") == (0, 0)
    empty = build_allocation_report(replace(PROBLEM, requirements=()), nothing, INFO)
    assert {section.key: section for section in empty.sections}["ministries"].tables[0].column("served") == (1, 1)


def test_the_cover_says_what_it_is_and_warns_of_made_up_data() -> None:
    report = build_allocation_report(PROBLEM, PLAN, INFO)
    assert report.notices
    assert not build_allocation_report(PROBLEM, PLAN, replace(INFO, synthetic=False)).notices
    facts = {fact.label: fact.value for fact in report.facts}
    assert facts["Plan"] == "P-000001 แผนแรก"
    assert facts["Date"] == INFO.created_at
    unnamed = build_allocation_report(PROBLEM, PLAN, replace(INFO, name=INFO.code))
    assert {fact.label: fact.value for fact in unnamed.facts}["Plan"] == "P-000001"
    certificate = facts["Certificate"]
    assert isinstance(certificate, Phrase)
    assert "42 checked" in to_words(certificate, "en")


ADVICE = Advice(
    (PriceRange(PoolPrice("NORTH/vcpu/2028", "vCPU", 125.0, 60.0, 2e-5, "priority", "weighted size"), 110.0, 140.0),),
    {"NORTH-cpu": {"cost": -12.0, "priority": 0.5}},
)


def test_proved_advice_stands_beside_what_it_is_about() -> None:
    report = build_allocation_report(PROBLEM, PLAN, INFO, ADVICE, (Phrase("Base plan"),))
    tables = {table.key: table for section in report.sections for table in section.tables}
    assert rows(tables["ranges"], "limit", "price", "lowest", "highest") == [(125.0, 2e-5, 110.0, 140.0)]
    assert rows(tables["gains"], "code", "price", "cost", "priority") == [("NORTH-cpu", 1000.0, -12.0, 0.5)]
    assert rows(tables["adjustments"], "number", "adjustment") == [(1, Phrase("Base plan"))]
    unproved = {section.key for section in build_allocation_report(PROBLEM, PLAN, INFO).sections}
    assert not unproved & {"ranges", "gains", "adjustments"}


def test_a_requirement_is_listed_with_its_peak_and_its_share() -> None:
    table = reporting.requirement_table(LEDGER)
    assert rows(table, "requirement", "vcpu", "tb") == [("R-1", 30, 10), ("R-2", 30, None), ("R-3", 60, 30)]
    shares = [share for (share,) in rows(table, "served")]
    assert shares == pytest.approx([1.0, 1.0, 5 / 14])
    assert [reason for (reason,) in rows(table, "reason")] == [None, None, Phrase("Capacity full")]


def test_a_ministrys_part_has_its_own_rows_in_the_countrys_sizes() -> None:
    own = LEDGER.of_ministry("M2")
    assert [row.code for row in own.problem.requirements] == ["R-3"]
    assert own.ministry_share.tolist() == pytest.approx([LEDGER.ministry_share[1]])
    assert own.ministry_cost.sum() == pytest.approx(LEDGER.ministry_cost[1].sum())
    report = build_ministry_report(LEDGER, "M2", INFO)
    tables = {table.key: table for section in report.sections for table in section.tables}
    assert {code for key in ("requirements", "placements") for (code,) in rows(tables[key], "requirement")} == {"R-3"}
    assert rows(tables["agencies"], "code", "requirements", "part") == [("A2", 1, 1)]
    assert not {"pools", "prices", "expansions", "fairness", "ministries"} & set(tables)
    assert {agrees for (agrees,) in rows(tables["checks"], "agrees")} == {True}
    assert report.facts[0].value == LocalText("กระทรวงสอง", "Ministry two")


def test_a_ministrys_unmet_parts_are_of_its_own_demand_and_say_so() -> None:
    report = build_ministry_report(LEDGER, "M2", INFO)
    (reasons,) = (table for section in report.sections for table in section.tables if table.key == "reasons")
    assert reasons.total is not None
    assert reasons.total[-1] == pytest.approx(1.0 - LEDGER.ministry_share[1])
    assert reasons.columns[-1].header == "Part of the ministry's demand"


@pytest.mark.parametrize("seed", range(3))
def test_the_parts_of_ministries_make_up_the_whole(seed: int) -> None:
    problem = make_problem(random.Random(seed))  # noqa: S311 - the same problems every time
    whole = Ledger(problem, solve(problem))
    parts = [whole.of_ministry(code) for code in whole.ministry_at]
    for what in ("served_size", "ministry_cost", "use", "site_cost"):
        assert sum(getattr(part, what).sum() for part in parts) == pytest.approx(getattr(whole, what).sum())
    for code in whole.ministry_at:
        assert set(checks(build_ministry_report(whole, code, INFO)).column("agrees")) == {True}


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "less than 0.0001\xa0%"), (2.9e-11, "less than 0.0001\xa0%"), (2e-5, "0.002\xa0%"), (0.0123, "1.2\xa0%")],
)
def test_gaps_are_written_as_people_read_them(share: float, words: str) -> None:
    assert to_words(share_phrase(share), "en") == words


def test_a_level_says_what_it_lost_to_what_may_not_be_divided() -> None:
    assert reporting.level_table(LEDGER).column("whole_loss") == (0.0, 0.05)


def test_every_word_of_the_reports_has_thai() -> None:
    managers = build_allocation_report(PROBLEM, PLAN, INFO, ADVICE, (Phrase("Base plan"),))
    for report in (managers, build_ministry_report(LEDGER, "M1", INFO)):
        assert untranslated(report) - {"vCPU", "TB", "NORTH", "SOUTH"} == set()


def untranslated(report: Report) -> set[str]:
    """The message ids of `report`, and the codes of what has no name, that the Thai catalogue does not know."""
    catalogue = load_translations("th")._catalog
    labels = [report.title, report.publisher, *report.signatures, *report.notices]
    for section in report.sections:
        labels += [section.title, section.lead, *(fact.label for fact in section.facts)]
        labels += [label for chart in section.charts for label in (chart.title, chart.axis)]
        for table in section.tables:
            labels += [table.title, table.note, *(column.header for column in table.columns)]
            labels += [cell for row in (*table.rows, table.total or ()) for cell in row if isinstance(cell, Phrase)]
    msgids = {label.msgid if isinstance(label, Phrase) else label for label in labels}
    return {msgid for msgid in msgids if isinstance(msgid, str) and msgid not in catalogue}


def checks(report: Report) -> Table:
    """The check sheet's table."""
    return next(section for section in report.sections if section.key == "checks").tables[0]


def make_problem(draw: random.Random) -> Problem:
    """A scarce problem with incumbents, standby copies, late starts, early ends and expansions."""
    years = (2027, 2028, 2029)
    types = ("vcpu", "tb")
    sites = tuple(
        Site(
            f"S{n}",
            f"region{n % 2}",
            draw.choice(("open", "secret")),
            {code: tuple(draw.uniform(20, 60) for _ in years) for code in types},
            reserve_margin={"vcpu": 0.1},
            running_cost={code: tuple(draw.uniform(1, 9) for _ in years) for code in types},
            end=draw.choice((None, None, 2028)),
        )
        for n in range(4)
    )
    requirements = tuple(
        Requirement(
            f"R-{n:03}",
            f"A{n % 4}",
            draw.choice(("open", "open", "secret")),
            {code: tuple(draw.uniform(0, 8) for _ in years) for code in types},
            draw.choice((2027, 2027, 2028)),
            end=draw.choice((None, None, 2028)),
            priority=draw.choice(("statutory", "high", "normal", "low")),
            copies=draw.choice((1, 1, 2)),
            incumbent=draw.choice((None, None, "S0", "S1")),
        )
        for n in range(40)
    )
    return Problem(
        fiscal_years=years,
        resource_types=(ResourceType("vcpu", "vCPU"), ResourceType("tb", "TB", movable=True)),
        ministries=(Ministry("M0", LocalText("ศูนย์", "Zero")), Ministry("M1", LocalText("หนึ่ง", "One"))),
        agencies=tuple(Agency(f"A{n}", f"M{n % 2}") for n in range(4)),
        regions=(Region("region0"), Region("region1")),
        clearances=("open", "secret"),
        sites=sites,
        requirements=requirements,
        expansions=(Expansion("S0-cpu", "S0", "vcpu", 5.0, 100.0, 1, 4.0),),
        policy=Policy(standby_ratio={"vcpu": 0.5}, capex_limit=(150.0, None, 0.0)),
    )
