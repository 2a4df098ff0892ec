"""Coverage read from the register: who sees what, what changed since it was kept, and its link to the allocation."""

import datetime as dt

import pytest
from sqlalchemy import select

import models
from models import Role
from planner.errors import ConflictError, ForbiddenError, NotFoundError
from planner.services.closing.runs import run_closing
from planner.services.closing.whatif import WhatIf
from planner.services.coverage import PAGES, history, open_visit, opening
from planner.services.coverage.history import (
    changes_since,
    keep_coverage,
    keep_quarter,
    kept_days,
    last_quarter,
    load_kept,
)
from planner.services.coverage.norms import get_norm, list_norms, preview_norm, remove_norm, save_norm
from planner.services.coverage.opening import open_staffing
from planner.services.coverage.places import read_agency, read_ministry
from planner.services.coverage.workbook import build_coverage_report
from planner.services.desk import PAGES as PAGES_OF_PLANS
from planner.services.desk import open_desk
from planner.services.permissions import OPERATOR
from planner.services.planning import load_plan, run_plan
from planner.services.problems import load_problem
from planner.services.reporting.staff import staff_pools

DAY = dt.date(2026, 11, 22)


@pytest.fixture(autouse=True)
def day(monkeypatch: pytest.MonkeyPatch):
    """Sets today, for all that asks."""

    def be(day: dt.date) -> None:
        for module in (opening, history):
            monkeypatch.setattr(module, "today", lambda: day)

    be(DAY)
    return be


def turn_gate_on(sessions) -> None:
    with sessions.begin() as session:
        session.add(
            models.Policy(
                id=1, levels=["statutory", "fairness", "priority", "cost"], fairness="leximin", tolerance=0.0,
                protect_incumbents=True, staff_gate=True,
            )
        )  # fmt: skip


def test_a_surplus_of_one_agency_hides_no_gap_of_another(staffed) -> None:
    with staffed() as session:
        staffing = open_staffing(session, OPERATOR)
    # stewards: 1.25 for 1 at statistics, none for 1 at the weather office
    assert staffing.coverage.codes == ("11003", "11004", "21004")
    assert staffing.coverage.available[:, 0, 0].tolist() == [0.0, 1.25, 1.0]
    assert staffing.by_ministry.coverage[0, 0, 0] == 0.5
    assert staffing.by_ministry.surplus[0, 0, 0] == 0.25


def test_the_number_of_queries_does_not_grow_with_the_rows(staffed, count_queries) -> None:
    counts = []
    for more in (0, 30):
        with staffed.begin() as session:
            ministry = session.scalars(select(models.Ministry)).first()
            role = session.scalars(select(models.WorkRole)).first()
            level = session.scalars(select(models.SkillLevel)).first()
            for n in range(more):
                agency = models.Agency(code=f"X{n}", ministry=ministry, name_th=f"X{n}", name_en="")
                somebody = models.Person(code=f"X{n}", full_name=f"คน {n}", agency=agency)
                share = models.PersonRole(role=role, level=level, fte=1.0, basis="assessed", level_on=DAY)
                somebody.roles.append(share)
                session.add_all([agency, somebody])
        with staffed() as session, count_queries() as statements:
            visit = open_visit(session, OPERATOR)
            for _, read in PAGES.values():
                read(visit, {})
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_ministry_opens_itself_alone(staffed, person) -> None:
    of_health = person(Role.HR, "21000")
    with staffed() as session:
        visit = open_visit(session, of_health)
        assert list(visit.staffing.agencies) == ["21004"]
        assert read_agency(visit, {}, "21004").table("people").column("person") == ("P4", "P5")
        for read, code in ((read_agency, "11004"), (read_ministry, "11000"), (read_agency, "nothing")):
            with pytest.raises(NotFoundError):
                read(visit, {}, code)
        with pytest.raises(NotFoundError):
            build_coverage_report(visit, "11000")


def test_an_administrator_does_not_read_coverage(staffed, person) -> None:
    with staffed() as session, pytest.raises(ForbiddenError):
        open_visit(session, person(Role.ADMINISTRATOR))


def test_norms_are_for_human_resources_of_the_whole_country(staffed, person) -> None:
    norm = {"role": "steward", "from_year": "2027", "floor": "2"}
    with staffed.begin() as session:
        for who in (person(Role.HR, "21000", "hr21"), person(Role.MANAGER)):
            with pytest.raises(ForbiddenError):
                save_norm(session, who, norm, 1)
            with pytest.raises(ForbiddenError):
                preview_norm(session, who, norm)
            with pytest.raises(ForbiddenError):
                remove_norm(session, who, "steward", 2029, 1)
            with pytest.raises(ForbiddenError):
                keep_coverage(session, who)


def test_norms_are_read_as_plain_values(staffed, person) -> None:
    reader = person(Role.AUDITOR)
    with staffed() as session:
        found = list_norms(session, reader)
        assert [(each.norm.role, each.norm.start, each.version) for each in found] == [
            ("steward", 2027, 1),
            ("steward", 2029, 1),
            ("engineer", 2027, 1),
        ]
        assert get_norm(session, reader, "steward", 2029) == found[1]
        with pytest.raises(NotFoundError):
            get_norm(session, reader, "steward", 2028)
        with pytest.raises(ForbiddenError):
            list_norms(session, person(Role.ADMINISTRATOR))


def test_a_preview_says_what_saving_then_does(staffed, person) -> None:
    norm = {"role": "steward", "from_year": "2027", "floor": "2", "per_dataset": "0"}
    everywhere = person(Role.HR)
    with staffed.begin() as session:
        years = preview_norm(session, everywhere, norm).table("norm_years")
        before = open_staffing(session, everywhere)
        save_norm(session, everywhere, norm, 1)
    with staffed() as session:
        after = open_staffing(session, everywhere)
        entry = session.scalars(select(models.AuditEntry).where(models.AuditEntry.subject == "norm:steward/2027")).one()
    for column, staffing in (("before", before), ("after", after)):
        assert list(years.column(column)) == pytest.approx(staffing.coverage.required[:, 0].sum(axis=0).tolist())
    assert entry.changes["floor"] == [1.0, 2.0]


def test_coverage_is_kept_once_a_quarter_and_compared_with_later_days(staffed, person, day) -> None:
    everywhere = person(Role.HR)
    day(dt.date(2026, 8, 3))
    with staffed.begin() as session:
        assert keep_quarter(session)
        assert not keep_quarter(session)
    day(DAY)
    with staffed.begin() as session:
        assert keep_quarter(session)
        with pytest.raises(ConflictError):
            keep_coverage(session, everywhere)
    with staffed.begin() as session:
        gone = session.scalars(select(models.Person).where(models.Person.code == "P4")).one()
        session.delete(gone)
    with staffed() as session:
        days = kept_days(session, everywhere)
        assert days == (dt.date(2026, 8, 3),)
        staffing = open_staffing(session, everywhere)
        lost = changes_since(staffing, load_kept(session, days[0]))
    found = {(row.agency, row.role): (row.coverage, row.by_required, row.by_available) for row in lost}
    wanted = {
        ("11003", "engineer"): ((1.0, 0.0), 0.0, -1.0),  # whose contract has ended
        ("11003", "steward"): ((1.0, 0.0), -1.0, 0.0),  # required from 2027 on, and never there
        ("21004", "steward"): ((1.0, 0.0), 0.0, -1.0),  # who has gone
    }
    assert {place: found[place] for place in wanted} == wanted


@pytest.mark.parametrize(
    ("days", "chosen"),
    [
        ((), None),
        ((dt.date(2026, 10, 5),), dt.date(2026, 10, 5)),
        ((dt.date(2026, 10, 5), dt.date(2026, 9, 30), dt.date(2026, 1, 2)), dt.date(2026, 9, 30)),
    ],
)
def test_the_day_to_compare_with_is_the_last_before_this_quarter(days, chosen) -> None:
    assert last_quarter(days, DAY) == chosen


def test_without_the_gate_no_staff_is_read(world) -> None:
    with world() as session:
        assert load_problem(session).staff == ()


def test_the_allocation_reads_the_staff_that_the_register_has(staffed) -> None:
    turn_gate_on(staffed)
    with staffed() as session:
        problem = load_problem(session)
        available = open_staffing(session, OPERATOR).coverage
    loads = {row.code: dict(row.staff_load) for row in problem.requirements}
    assert loads["R-000002"] == pytest.approx({"engineer": 0.01 * 30 + 0.02 * 7.5})
    staff = {(row.agency, row.role): row.fte for row in problem.staff}
    assert set(staff) == {("11003", "engineer"), ("11004", "engineer"), ("21004", "engineer")}
    assert staff["11004", "engineer"] == pytest.approx(tuple(available.available[1, 1, :3]))


def test_a_plan_within_the_staff_says_what_one_more_of_them_unlocks(staffed) -> None:
    turn_gate_on(staffed)
    code = run_plan(staffed, OPERATOR, "")
    with staffed() as session:
        stored = load_plan(session, OPERATOR, code)
        visit = open_visit(session, OPERATOR)
        table = PAGES["hosting"][1](visit, {}).table("staff")
    pools = {(row.agency, row.fiscal_year): row for row in staff_pools(stored.problem, stored.plan)}
    nobody = pools["11003", 2029]
    assert (nobody.limit, nobody.use) == (0.0, 0.0)
    assert nobody.price > 0
    # one engineer looks after R-000003 (10 TB) with 0.6 of the time, and with the rest after a part of R-000004
    assert nobody.unlocked == pytest.approx(10 + 15 * 0.4 / 0.9)
    assert pools["11003", 2027].unlocked == pytest.approx(10)
    assert pools["11004", 2027].unlocked == 0.0
    assert table.column("agency")[0] == "11003"
    assert table.column("unlocked")[0] == pytest.approx(nobody.unlocked)


def test_the_plan_leads_to_the_staff_who_limit_it(staffed) -> None:
    turn_gate_on(staffed)
    code = run_plan(staffed, OPERATOR, "")
    with staffed() as session:
        page = PAGES_OF_PLANS["expansion"][1](open_desk(session, OPERATOR, code), {})
        shown = PAGES["hosting"][1](open_visit(session, OPERATOR), {})
    assert page.table("staff").rows == shown.table("staff").rows


def test_the_report_holds_the_newest_plan_that_closes_the_gaps(staffed, person) -> None:
    with staffed() as session:
        before = build_coverage_report(open_visit(session, OPERATOR))
    code = run_closing(staffed, person(Role.HR), "ปิดส่วนขาด", WhatIf())
    with staffed() as session:
        after = build_coverage_report(open_visit(session, OPERATOR), "21000")
    assert "plan" not in {section.key for section in before.sections}
    plan = next(section for section in after.sections if section.key == "plan")
    assert plan.lead.params == {"code": code}
    assert set(plan.tables[0].column("agency")) == {"21004"}
