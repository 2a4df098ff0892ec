"""Scenarios are kept as differences, by those who may, and everything that happens to one is in its history."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select

import models
from models import AuditEntry, PlanRun, Role, RunStatus, Scenario
from planner.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from planner.i18n import to_words
from planner.services.history import load_history
from planner.services.permissions import OPERATOR
from planner.services.planning import load_inputs, load_plan, run_plan
from planner.services.problems import load_policy, load_problem
from planner.services.reference import Typed
from planner.services.scenarios.forms import load_adjustment_form, load_sweep_form
from planner.services.scenarios.keeping import (
    archive_scenario,
    copy_scenario,
    drop_adjustment,
    put_adjustment,
    raise_adjustment,
    restore_scenario,
    save_scenario,
)
from planner.services.scenarios.kinds import KINDS
from planner.services.scenarios.promoting import preview_promotion, promote_scenario
from planner.services.scenarios.reading import get_scenario, list_scenarios
from planner.services.scenarios.sample import seed_scenarios


def make(sessions, *adjustments: tuple[str, Mapping[str, str]], actor=OPERATOR, name="ถ้าศูนย์บางรักหยุด") -> str:
    """A scenario with adjustments as they are typed; its code."""
    with sessions.begin() as session:
        code = save_scenario(session, actor, {"name": name})
        for kind, typed in adjustments:
            put_adjustment(session, actor, code, typed, kind=kind, version=version_of(session, code))
    return code


def version_of(session, code: str) -> int:
    return session.scalars(select(Scenario.version).where(Scenario.code == code)).one()


def sentences(sessions, code: str, language: str = "en") -> list[str]:
    with sessions() as session:
        return [to_words(each.text, language) for each in get_scenario(session, OPERATOR, code).sentences]


MORE: Mapping[str, str] = {"ministry": "21000", "resource_type": "vcpu", "change": "๒๐"}


def test_a_scenario_reads_like_sentences(world):
    code = make(
        world,
        ("demand", MORE),
        ("demand", {"priority": "high", "change": "-5"}),
        ("site_lost", {"site": "BKK1", "first": "2571"}),
        ("site_delayed", {"site": "CNX1", "first": "2571"}),
        ("capacity", {"change": "10", "first": "2570", "last": "2571"}),
        ("expansion_added", {"code": "E2", "site": "CNX1", "resource_type": "vcpu", "module_size": "4",
                             "module_price": "1,500,000", "lead_years": "1", "max_modules": "3"}),
        ("expansion_changed", {"expansion": "E2", "max_modules": "5"}),
        ("budget_set", {"budget": "opex", "amount": "1e6", "last": "2571"}),
        ("levels", {"levels.0": "fairness", "levels.1": "cost"}),
        ("floor", {"ministry": "11000", "share": "40"}),
        ("pin", {"requirement": "R-000003", "site": "CNX1"}),
        ("staff_gate", {}),
    )  # fmt: skip
    assert sentences(world, code) == [
        "Demand of Ministry of Public Health for vCPU is 20% higher.",
        "Demand with priority High is 5% lower.",
        "Bang Rak is lost from fiscal year 2028 on.",
        "Chiang Mai does not open before fiscal year 2028.",
        "Capacity in fiscal years 2027 to 2028 is 10% higher.",
        "An expansion E2 of vCPU at Chiang Mai is offered: 4 units a module, 1,500,000 THB a module, in use 1 years "
        "after purchase, at most 3 modules.",
        "The expansion E2 is offered with at most 5 modules.",
        "Running cost limit up to fiscal year 2028 is 1,000,000 THB a year.",
        "The goals, in strict order: Fairness between ministries, Least cost.",
        "Ministry of Digital Economy and Society is granted at least 40% of what it asks for.",
        "R-000003 is placed at Chiang Mai.",
        "Data staff does not limit what is granted.",
    ]


def test_only_differences_are_stored(world):
    code = make(world, ("demand", MORE))
    with world() as session:
        (stored,) = session.scalars(select(Scenario.adjustments).where(Scenario.code == code)).one()
    assert stored == {"kind": "demand", "terms": {"ministry": "21000", "resource_type": "vcpu", "change": 0.2}}


def test_adjustments_are_changed_moved_and_taken_out(world):
    code = make(world, ("demand", MORE), ("site_lost", {"site": "BKK1"}))
    with world.begin() as session:
        raise_adjustment(session, OPERATOR, code, 1, version_of(session, code))
        put_adjustment(
            session, OPERATOR, code, {**MORE, "change": "30"}, kind="demand", version=version_of(session, code), at=1
        )
        drop_adjustment(session, OPERATOR, code, 0, version_of(session, code))
    assert sentences(world, code) == ["Demand of Ministry of Public Health for vCPU is 30% higher."]
    with world() as session:
        entries = load_history(session, OPERATOR, f"scenario:{code}").entries
    assert [entry.action for entry in entries] == ["changed"] * 5 + ["created"]
    told = [
        [to_words(value, "en") for change in entry.changes for value in (change.old, change.new)] for entry in entries
    ]
    lost, more = "Bang Rak is lost.", "Demand of Ministry of Public Health for vCPU is 20% higher."
    assert told[0] == [lost, "–"]
    assert told[1] == [more, more.replace("20", "30")]
    assert told[2] == [f"{more}, {lost}", f"{lost}, {more}"]
    assert told[4] == ["–", more]


def test_what_cannot_be_made_is_said_at_its_field_and_nothing_is_stored(world):
    code = make(world)
    for typed, where in (({"ministry": "99999", "change": "5"}, "ministry"), ({"change": "x"}, "change")):
        with world.begin() as session, pytest.raises(InvalidInputError) as raised:
            put_adjustment(session, OPERATOR, code, typed, kind="demand", version=version_of(session, code))
        assert [found.address for found in raised.value.faults] == [where]
    with world.begin() as session, pytest.raises(NotFoundError):
        put_adjustment(session, OPERATOR, code, {}, kind="none", version=version_of(session, code))
    assert sentences(world, code) == []


def test_a_sentence_that_can_no_longer_be_made_says_so(world):
    code = make(world, ("expansion_removed", {"expansion": "BKK1-vcpu"}), ("demand", MORE))
    with world.begin() as session:
        session.delete(session.scalars(select(models.Expansion)).one())
    with world() as session:
        gone, kept = get_scenario(session, OPERATOR, code).sentences
    assert to_words(gone.faults[0], "en") == "There is no BKK1-vcpu among: Expansion."
    assert not kept.faults
    with pytest.raises(InvalidInputError) as raised:
        run_plan(world, OPERATOR, "", scenario=code)
    assert [found.address for found in raised.value.faults] == ["adjustments[0].expansion"]


def test_of_two_who_change_it_at_once_the_second_is_told(world):
    code = make(world)
    with world.begin() as session:
        version = version_of(session, code)
        put_adjustment(session, OPERATOR, code, MORE, kind="demand", version=version)
    with world.begin() as session, pytest.raises(ConflictError):
        put_adjustment(session, OPERATOR, code, MORE, kind="demand", version=version)


def test_an_archived_scenario_stays_and_cannot_be_changed_or_run(world):
    code = make(world, ("demand", MORE))
    with world.begin() as session:
        archive_scenario(session, OPERATOR, code, version_of(session, code))
    with world.begin() as session:
        version = version_of(session, code)
        assert list_scenarios(session, OPERATOR).rows == ()
        assert list_scenarios(session, OPERATOR, archived=True).column("code") == (code,)
        for attempt in (
            lambda: put_adjustment(session, OPERATOR, code, MORE, kind="demand", version=version),
            lambda: save_scenario(session, OPERATOR, {"name": "x"}, code=code, version=version),
            lambda: archive_scenario(session, OPERATOR, code, version),
        ):
            with pytest.raises(ConflictError):
                attempt()
        copy = copy_scenario(session, OPERATOR, code)
    with pytest.raises(ConflictError):
        run_plan(world, OPERATOR, "", scenario=code)
    assert sentences(world, copy) == sentences(world, code)
    with world.begin() as session:
        restore_scenario(session, OPERATOR, code)
        assert set(list_scenarios(session, OPERATOR).column("code")) == {code, copy}


def test_a_plan_keeps_what_it_was_made_of_when_the_scenario_changes(world):
    code = make(world, ("demand", MORE))
    run = run_plan(world, OPERATOR, "มากขึ้น", scenario=code)
    with world.begin() as session:
        drop_adjustment(session, OPERATOR, code, 0, version_of(session, code))
    with world() as session:
        row = session.scalars(select(PlanRun).where(PlanRun.code == run)).one()
        assert (row.status, row.scenario, row.sweep) == (RunStatus.SOLVED, code, None)
        assert [each["kind"] for each in row.adjustments] == ["demand"]
        base = next(each for each in load_problem(session).requirements if each.code == "R-000001")
        asked = next(each for each in load_plan(session, OPERATOR, run).problem.requirements if each.code == base.code)
        assert asked.demand["vcpu"] == pytest.approx([1.2 * amount for amount in base.demand["vcpu"]])
        detail = get_scenario(session, OPERATOR, code)
    assert (detail.newest_plan, detail.base_plan) == (run, None)


def test_promoting_makes_the_base_what_the_scenario_said(world):
    code = make(
        world,
        ("demand", MORE),
        ("site_lost", {"site": "CNX1", "first": "2572"}),
        ("site_delayed", {"site": "BKK1", "first": "2571"}),
        ("capacity", {"site": "BKK1", "change": "50", "first": "2571"}),
        ("expansion_changed", {"expansion": "BKK1-vcpu", "max_modules": "7"}),
        ("expansion_added", {"code": "E2", "site": "CNX1", "resource_type": "vcpu", "module_size": "4",
                             "module_price": "1", "lead_years": "0", "max_modules": "3"}),
        ("budget_changed", {"budget": "capex", "change": "-50"}),
        ("levels", {"levels.0": "fairness"}),
        ("floor", {"ministry": "11000", "share": "40"}),
        ("pin", {"requirement": "R-000003", "site": "CNX1"}),
        ("protect_incumbents", {}),
    )  # fmt: skip
    with world() as session:
        preview = preview_promotion(session, OPERATOR, code)
    told = {tuple(to_words(cell, "en") for cell in row) for row in preview.changes.rows}
    assert {
        ("Data centre", "CNX1", "To year", "–", "2028"),
        ("Data centre", "BKK1", "vCPU: Nameplate 2029", "100", "150"),
        ("Expansion", "BKK1-vcpu", "Most modules", "2", "7"),
        ("Expansion", "E2", "Code", "–", "E2"),
        ("Fiscal year", "2027", "Capex limit", "1,500,000", "750,000"),
        ("Policy", "policy", "Ministry of Digital Economy and Society: Least share", "–", "40.0%"),
    } <= told
    assert (len(preview.entering), len(preview.staying)) == (10, 1)
    with world.begin() as session:
        base = load_problem(session)
        promote_scenario(session, OPERATOR, code, version_of(session, code))
    with world() as session:
        after, policy = load_problem(session), load_policy(session)
    bangkok, chiang_mai = after.sites
    assert (bangkok.start, chiang_mai.start, chiang_mai.end) == (2028, 2025, 2028)
    assert bangkok.capacity["vcpu"] == (100.0, 150.0, 150.0)
    assert bangkok.overcommit == base.sites[0].overcommit
    assert bangkok.running_cost == base.sites[0].running_cost
    assert [(row.code, row.max_modules) for row in after.expansions] == [("BKK1-vcpu", 7.0), ("E2", 3.0)]
    assert after.policy.capex_limit == (750_000.0, None, 0.0)
    assert (policy.levels, policy.floors, policy.pins) == (("fairness",), {"11000": 0.4}, {"R-000003": "CNX1"})
    assert not policy.protect_incumbents
    assert after.requirements == base.requirements
    assert sentences(world, code) == ["Demand of Ministry of Public Health for vCPU is 20% higher."]
    with world() as session:
        subjects = set(session.scalars(select(AuditEntry.subject)))
    assert {
        "site:BKK1",
        "site:CNX1",
        "expansion:BKK1-vcpu",
        "expansion:E2",
        "fiscal_year:2027",
        "policy:policy",
    } <= subjects


def test_promoting_all_of_it_archives_the_scenario_and_demand_alone_is_refused(world):
    removed = make(world, ("expansion_removed", {"expansion": "BKK1-vcpu"}))
    with world.begin() as session:
        promote_scenario(session, OPERATOR, removed, version_of(session, removed))
    with world() as session:
        assert load_problem(session).expansions == ()
        assert get_scenario(session, OPERATOR, removed).archived_at
    demand = make(world, ("demand", MORE))
    with world.begin() as session, pytest.raises(ConflictError):
        promote_scenario(session, OPERATOR, demand, version_of(session, demand))


def test_what_breaks_a_rule_of_the_reference_data_is_not_promoted(world):
    code = make(world, ("budget_changed", {"budget": "capex", "change": "10"}), ("site_lost", {"site": "BKK1"}))
    with world.begin() as session:
        session.scalars(select(models.Site).where(models.Site.code == "BKK1")).one().from_year = 2027
    with pytest.raises(InvalidInputError) as raised, world.begin() as session:
        promote_scenario(session, OPERATOR, code, version_of(session, code))
    assert [found.address for found in raised.value.faults] == ["BKK1.to_year"]
    with world() as session:
        assert load_problem(session).policy.capex_limit == (1_500_000.0, None, 0.0)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DE_PLANNER])
def test_de_planners_alone_keep_scenarios(world, person, role):
    code = make(world, ("demand", MORE))
    actor = person(role, "21000" if role is Role.MINISTRY_PLANNER else None)
    with world.begin() as session:
        for attempt in (
            lambda: save_scenario(session, actor, {"name": "x"}),
            lambda: put_adjustment(session, actor, code, MORE, kind="demand", version=2),
            lambda: drop_adjustment(session, actor, code, 0, 2),
            lambda: raise_adjustment(session, actor, code, 0, 2),
            lambda: copy_scenario(session, actor, code),
            lambda: archive_scenario(session, actor, code, 2),
            lambda: restore_scenario(session, actor, code),
            lambda: promote_scenario(session, actor, code, 2),
            lambda: preview_promotion(session, actor, code),
            lambda: load_adjustment_form(session, actor, code, kind="demand"),
            lambda: load_sweep_form(session, actor, "demand"),
        ):
            with pytest.raises(ForbiddenError):
                attempt()


def test_reading_takes_as_many_queries_for_many_sentences_as_for_few(world, count_queries):
    few = make(world, ("demand", MORE))
    many = make(world, *[("demand", MORE), ("site_lost", {"site": "BKK1"})] * 5)
    counts = []
    for code in (few, many):
        with world() as session, count_queries() as statements:
            get_scenario(session, OPERATOR, code)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_every_kind_has_a_form_that_shows_what_is_kept(world):
    code = make(world, ("levels", {"levels.0": "fairness", "levels.1": "cost"}))
    thai = replace(OPERATOR, language="th")
    with world() as session:
        for kind in KINDS:
            form = load_adjustment_form(session, thai, code, kind=kind)
            assert form.fields
        kept = load_adjustment_form(session, thai, code, at=0)
        assert [field.entry.text for field in kept.fields] == ["fairness", "cost", "", "", ""]
        typed = load_adjustment_form(session, thai, code, kind="demand", typed=Typed({"change": "abc"}))
        assert {field.entry.name: field.entry.text for field in typed.fields}["change"] == "abc"
        with pytest.raises(NotFoundError):
            load_adjustment_form(session, thai, code, at=5)


def test_a_plan_of_a_scenario_keeps_to_it(world):
    lost = make(world, ("site_lost", {"site": "BKK1"}), ("demand", {"ministry": "11000", "change": "-100"}))
    run = run_plan(world, OPERATOR, "", scenario=lost)
    with world() as session:
        plan = load_plan(session, OPERATOR, run).plan
    assert {row.site for row in plan.placements} <= {"CNX1"}
    short = next(row for row in plan.shortfalls if row.requirement == "R-000001")
    assert short.share == pytest.approx(1)
    assert [reason.code for reason in short.reasons] == ["no_eligible_site"]


def test_the_staff_gate_of_a_scenario_brings_the_staff_of_today(world):
    gated = make(world, ("staff_gate", {"on": "yes"}))
    with world() as session:
        assert load_inputs(session).sha256 != load_inputs(session, gated).sha256
    run = run_plan(world, OPERATOR, "", scenario=gated)
    with world() as session:
        problem = load_plan(session, OPERATOR, run).problem
        assert problem.policy.staff_gate
        assert {(row.agency, row.role) for row in problem.staff} == {
            (row.agency, role) for row in problem.requirements for role in row.staff_load
        }


def test_the_samples_scenarios_can_be_made_and_are_made_once(world):
    with world.begin() as session:
        known = session.scalars(select(models.Site)).first()
        session.add(
            models.Site(
                code="KKC1",
                name_th="ขอนแก่น",
                name_en="",
                region=known.region,
                clearance=known.clearance,
                from_year=2025,
            )
        )
    for _ in range(2):
        with world.begin() as session:
            seed_scenarios(session)
    with world() as session:
        codes = list_scenarios(session, OPERATOR).column("code")
        details = [get_scenario(session, OPERATOR, str(code)) for code in codes]
    assert len(details) == 3
    assert all(each.sentences and not any(said.faults for said in each.sentences) for each in details)
