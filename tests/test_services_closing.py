"""Plans that close the workforce's gaps: what they work on, what-ifs, terms, jobs, and what each reader sees."""

import datetime as dt
import zlib

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

import models
from planner.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from planner.services.closing import calendar, runs, sample, terms
from planner.services.closing.calendar import load_calendar
from planner.services.closing.loading import load_closing_problem
from planner.services.closing.opening import open_closing
from planner.services.closing.pages import PAGES, pages_of
from planner.services.closing.runs import (
    execute_closing,
    get_closing,
    list_closings,
    load_closing,
    newest_closing,
    queue_closing,
    run_closing,
)
from planner.services.closing.sample import plan_sample
from planner.services.closing.tables import pool_table, unlocked_table, worth_table
from planner.services.closing.terms import Terms, get_terms, load_terms, load_terms_form, save_terms
from planner.services.closing.whatif import WhatIf, read_what_if, sentences, suppose
from planner.services.closing.workbook import build_closing_report
from planner.services.jobs import CancelledError, cancel_job, load_job, run_now
from planner.services.permissions import OPERATOR
from planner.services.register.loading import load_workforce
from planner.services.reporting.staff import StaffPool
from planner.workforce.files import dump_problem
from planner.workforce.measures import ClosingProblem, Lending

DAY = dt.date(2026, 11, 22)
TYPED = {"lend_cost": "120,000", "lend_efficiency": "80", "backup": "50", "budget_2028": "900000"}


@pytest.fixture(autouse=True)
def day(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day on which the staff of the small world is what the tests say."""
    for module in (runs, terms, calendar):
        monkeypatch.setattr(module, "today", lambda: DAY)


def problem_of(sessions) -> ClosingProblem:
    with sessions() as session:
        return load_closing_problem(session, DAY)


def test_a_plan_works_on_the_register_and_the_measures_in_force(staffed):
    with staffed.begin() as session:
        save_terms(session, OPERATOR, TYPED, 0)
    problem = problem_of(staffed)
    assert [(row.role, row.cost, row.level) for row in problem.measures.hiring] == [
        ("steward", 600_000.0, "practitioner"),
        ("engineer", 600_000.0, "practitioner"),
    ]
    course = problem.measures.courses[0]
    assert (course.code, course.from_level, course.level, course.price) == (
        "eng-2",
        "working",
        "practitioner",
        50_000.0,
    )
    assert problem.measures.lending == Lending(120_000.0, 0.8)
    assert problem.measures.budget == (None, 900_000.0, None, None, None)


def test_seats_that_somebody_has_are_not_given_again(staffed):
    assert [(row.course, row.fiscal_year, row.seats) for row in problem_of(staffed).measures.cohorts] == [
        ("eng-2", 2027, 19.0)
    ]


def test_the_problem_is_about_nobody(staffed):
    with staffed() as session:
        workforce = load_workforce(session, DAY)
    problem = problem_of(staffed)
    assert [row.code for row in problem.workforce.people] == ["1", "2", "3", "4", "5"]
    assert not {f'"{row.code}"' for row in workforce.people} & set(dump_problem(problem).split(" "))
    assert problem.workforce.secondments[0].person == "4"
    assert problem.workforce.enrolments[0].person == "5"
    assert {(duty.accountable, duty.deputy) for duty in problem.workforce.duties if duty.accountable} == {
        ("1", None),
        ("3", "1"),
    }


def test_a_what_if_changes_what_it_says_and_nothing_else(staffed):
    with staffed.begin() as session:
        save_terms(session, OPERATOR, TYPED, 0)
    problem = problem_of(staffed)
    assert suppose(problem, WhatIf()) == problem
    less = suppose(problem, WhatIf(budget=-0.5, seats=1.0, attrition=20.0, no_hiring=True, no_lending=True))
    assert less.measures.budget == (None, 450_000.0, None, None, None)
    assert [row.seats for row in less.measures.cohorts] == [38.0]
    assert {role.attrition for role in less.workforce.roles} == {0.99}
    assert (less.measures.hiring, less.measures.lending) == ((), None)
    assert less.measures.courses == problem.measures.courses


def test_a_what_if_is_read_as_it_was_typed_and_told_in_words():
    what_if = read_what_if({"budget": "-20", "seats": "50%", "no_hiring": "yes"})
    assert what_if == WhatIf(budget=-0.2, seats=0.5, no_hiring=True)
    assert what_if.stored == {"budget": -0.2, "seats": 0.5, "no_hiring": True}
    assert [phrase.msgid % dict(phrase.params) for phrase in sentences(what_if)] == [
        "Budget -20%",
        "Training seats +50%",
        "Without hiring",
    ]
    with pytest.raises(InvalidInputError) as caught:
        read_what_if({"budget": "nan", "seats": "-101", "attrition": "1e400"})
    assert [fault.address for fault in caught.value.faults] == ["budget", "seats", "attrition"]


def test_terms_are_kept_by_version_with_every_fault_at_its_field(staffed):
    with staffed() as session:
        assert load_terms(session) == Terms()
        with pytest.raises(InvalidInputError) as caught:
            save_terms(session, OPERATOR, {"lend_cost": "-1", "lend_efficiency": "0", "budget_2027": "many"}, 0)
        assert [fault.address for fault in caught.value.faults] == ["lend_cost", "lend_efficiency", "budget_2027"]
    with staffed.begin() as session:
        save_terms(session, OPERATOR, TYPED, 0)
    with staffed() as session:
        assert get_terms(session, OPERATOR) == (Terms(120_000.0, 0.8, 0.5, {2028: 900_000.0}), 1)
        with pytest.raises(ConflictError):
            save_terms(session, OPERATOR, TYPED, 0)
    with staffed.begin() as session:
        save_terms(session, OPERATOR, {"backup": "25"}, 1)
    with staffed() as session:
        assert load_terms(session) == Terms(None, 1.0, 0.25, {})
        form = load_terms_form(session, OPERATOR)
        assert (form.version, form.editable) == (2, True)
        entries = select(models.AuditEntry).where(models.AuditEntry.subject == terms.SUBJECT)
        assert len(session.scalars(entries).all()) == 2


def test_a_budget_of_a_year_gone_by_is_kept(staffed):
    with staffed.begin() as session:
        session.add(models.ClosingTerms(lend_efficiency=1.0, backup=0.5, budget={"2020": 5.0}))
    with staffed.begin() as session:
        save_terms(session, OPERATOR, TYPED, 1)
    with staffed() as session:
        assert load_terms(session).budget == {2020: 5.0, 2028: 900_000.0}


def test_a_plan_is_kept_with_its_inputs_and_read_again(staffed):
    with staffed.begin() as session:
        save_terms(session, OPERATOR, TYPED, 0)
    code = run_closing(staffed, OPERATOR, " แผนแรก ", WhatIf(attrition=0.1))
    with staffed() as session:
        stored = load_closing(session, OPERATOR, code)
        run = session.scalars(select(models.ClosingRun)).one()
        assert zlib.decompress(run.input_snapshot).decode() == dump_problem(stored.problem)
    assert (stored.info.code, stored.info.name, stored.info.on) == ("WF-000001", "แผนแรก", DAY)
    assert stored.info.what_if == WhatIf(attrition=0.1)
    assert stored.problem.workforce.roles[0].attrition == pytest.approx(0.11)
    assert stored.plan.certificate.feasible
    assert stored.plan.hires
    assert {value.pool for value in stored.values} <= {row.pool for row in stored.plan.pools if row.price > 0}


def test_a_finished_plan_cannot_be_changed_even_in_sql(staffed):
    run_closing(staffed, OPERATOR, "", WhatIf())
    for statement in ("UPDATE closing_run SET name = 'x'", "DELETE FROM closing_run"):
        with pytest.raises(DBAPIError, match="cannot be changed"), staffed.begin() as session:
            session.execute(text(statement))


def test_a_plan_that_waits_is_told_by_its_job_and_can_be_cancelled(staffed):
    code = queue_closing(staffed, OPERATOR, "", WhatIf())
    with staffed() as session:
        assert get_closing(session, OPERATOR, code).finished_at is None
        assert load_job(session, OPERATOR, models.JobKind.WORKFORCE_PLAN, code).status is models.JobStatus.QUEUED
        with pytest.raises(ConflictError):
            load_closing(session, OPERATOR, code)
        assert newest_closing(session) is None
    with staffed.begin() as session:
        cancel_job(session, OPERATOR, models.JobKind.WORKFORCE_PLAN, code)
    with pytest.raises(CancelledError):
        run_now(staffed, models.JobKind.WORKFORCE_PLAN, code, execute_closing)
    with staffed() as session:
        assert [str(cell) for cell in list_closings(session, OPERATOR).column("code")] == [code]
        assert get_closing(session, OPERATOR, code).finished_at is None


def test_the_newest_plan_is_one_without_a_what_if(staffed):
    code = run_closing(staffed, OPERATOR, "", WhatIf())
    run_closing(staffed, OPERATOR, "", WhatIf(budget=0.5))
    with staffed() as session:
        assert newest_closing(session) == code


def test_hr_of_a_ministry_asks_for_no_plan_and_changes_no_terms(staffed, person):
    home = person(models.Role.HR, "21000")
    with pytest.raises(ForbiddenError):
        queue_closing(staffed, home, "", WhatIf())
    with staffed() as session:
        with pytest.raises(ForbiddenError):
            save_terms(session, home, TYPED, 0)
        assert not load_terms_form(session, home).editable


@pytest.mark.parametrize("role", [models.Role.DE_PLANNER, models.Role.MANAGER, models.Role.AUDITOR])
def test_whoever_does_not_plan_the_workforce_reads_only(staffed, person, role):
    code = run_closing(staffed, OPERATOR, "", WhatIf())
    reader = person(role)
    with pytest.raises(ForbiddenError):
        queue_closing(staffed, reader, "", WhatIf())
    with staffed() as session:
        assert open_closing(session, reader, code).whole


def test_a_ministry_sees_its_own_agencies_alone_and_nothing_unfinished(staffed, person):
    with staffed.begin() as session:
        save_terms(session, OPERATOR, TYPED, 0)
    code, waiting = run_closing(staffed, OPERATOR, "", WhatIf()), queue_closing(staffed, OPERATOR, "", WhatIf())
    home = person(models.Role.MINISTRY_PLANNER, "21000")
    with staffed() as session:
        closing = open_closing(session, home, code)
        assert not closing.whole
        assert set(closing.before.agencies) == {"21004"}
        assert list_closings(session, home).column("code") == (code,)
        with pytest.raises(NotFoundError):
            get_closing(session, home, waiting)
        pages = {name: read(session, closing, {}) for name, (_, read) in pages_of(closing).items()}
    assert pages["agencies"].table("agencies").column("agency") == ("21004",)
    assert set(pages["measures"].table("hires").column("agency")) == {"21004"}
    assert "limits" not in pages
    with pytest.raises(NotFoundError):
        pages["overview"].table("levels")


def test_an_administrator_sees_no_plan(staffed, person):
    code = run_closing(staffed, OPERATOR, "", WhatIf())
    with staffed() as session, pytest.raises(ForbiddenError):
        load_closing(session, person(models.Role.ADMINISTRATOR), code)


def test_after_the_plan_coverage_is_what_the_plan_says(staffed):
    with staffed() as session:
        closing = open_closing(session, OPERATOR, run_closing(staffed, OPERATOR, "", WhatIf()))
        agencies = PAGES["agencies"][1](session, closing, {}).table("agencies")
    over_years = dict(zip(closing.after.coverage.codes, closing.after.coverage.over_years, strict=True))
    for code, share in zip(agencies.column("agency"), agencies.column("after"), strict=True):
        assert share == pytest.approx(over_years[code], abs=1e-5)
    before, after = agencies.column("before"), agencies.column("after")
    assert all(old <= new + 1e-6 for old, new in zip(before, after, strict=True))
    assert any(old < new - 0.01 for old, new in zip(before, after, strict=True))


def test_the_report_has_a_sheet_for_each_table_of_the_pages(staffed):
    with staffed() as session:
        closing = open_closing(session, OPERATOR, run_closing(staffed, OPERATOR, "", WhatIf()))
        report = build_closing_report(session, closing)
    assert [section.key for section in report.sections] == [
        "years", "roles", "levels", "agencies", "heat", "seats", "hires", "loans", "pools", "budget",
    ]  # fmt: skip
    assert report.reference == "WF-000001"


def test_the_calendar_says_which_seats_are_taken_and_which_the_plan_fills(staffed):
    code = run_closing(staffed, OPERATOR, "", WhatIf())
    with staffed() as session:
        cohorts, courses = load_calendar(session, OPERATOR)
        filled = sum(row.seats for row in load_closing(session, OPERATOR, code).plan.seats)
    assert [row[0] for row in cohorts.rows] == ["eng-2-70"]
    assert cohorts.rows[0][-3:] == (20, 1, 19)
    assert courses.column("planned") == (pytest.approx(filled, abs=1e-6),)


def test_the_sample_s_terms_and_plan_are_made_once(staffed, monkeypatch):
    monkeypatch.setattr(sample, "today", lambda: DAY)
    assert plan_sample(staffed, "ตัวอย่าง") == "WF-000001"
    assert plan_sample(staffed, "ตัวอย่าง") is None
    with staffed() as session:
        assert load_terms(session).budget == dict.fromkeys(range(2027, 2032), 12_000_000.0)
        assert len(list_closings(session, OPERATOR).rows) == 1


def test_the_page_on_hosting_says_where_added_people_unlock_storage(staffed):
    code = run_closing(staffed, OPERATOR, "", WhatIf())
    with staffed() as session:
        closing = open_closing(session, OPERATOR, code)
    hire = next(row for row in closing.plan.hires if row.agency == "21004")
    year = hire.fiscal_year + 1
    pools = [
        StaffPool("21004", hire.role, year, 1.0, 1.0, 2.0, 40.0),
        StaffPool("21004", hire.role, year, 1.0, 0.5, 0.0, 0.0),
        StaffPool("21004", "no_such_role", year, 1.0, 1.0, 2.0, 40.0),
        StaffPool("11004", hire.role, 2099, 1.0, 1.0, 2.0, 40.0),
    ]
    table = unlocked_table(closing, pools)
    assert table.column("agency") == ("21004",)
    added, unlocked = table.rows[0][-3], table.rows[0][-1]
    assert float(str(added)) > 0
    assert unlocked == pytest.approx(min(float(str(added)), 1.0) * 40.0)


def test_a_price_that_holds_is_proved_by_solving_again(staffed):
    with staffed.begin() as session:
        save_terms(session, OPERATOR, TYPED | {"lend_cost": "", "budget_2028": "100000", "budget_2029": "100000"}, 0)
    code = run_closing(staffed, OPERATOR, "", WhatIf())
    with staffed() as session:
        closing = open_closing(session, OPERATOR, code)
    assert closing.stored.values
    prices = {row.pool: row.price for row in closing.plan.pools}
    for value in closing.stored.values:
        assert value.price <= prices[value.pool] + 1e-6
    worth = worth_table(closing)
    assert len(worth.rows) == sum(len(value.worth) for value in closing.stored.values)
    held = [row for row in pool_table(closing).rows if row[4]]
    assert {str(row[6] is not None) for row in held} == {"True"}


def test_pages_take_no_more_queries_for_more_plans(staffed, count_queries):
    run_closing(staffed, OPERATOR, "", WhatIf())
    counts = []
    for turn in range(2):
        with staffed() as session, count_queries() as statements:
            list_closings(session, OPERATOR)
            load_calendar(session, OPERATOR)
        counts.append(len(statements))
        with staffed.begin() as session:
            course = session.scalars(select(models.Course)).one()
            session.add(models.Cohort(code=f"eng-2-71-{turn}", course=course, year=2028, seats=5))
        run_closing(staffed, OPERATOR, "", WhatIf())
    assert counts[0] == counts[1]


def test_the_log_tells_what_was_supposed(staffed):
    run_closing(staffed, OPERATOR, "", WhatIf(budget=0.5))
    with staffed() as session:
        entry = session.scalars(select(models.AuditEntry).where(models.AuditEntry.action == "queued")).one()
    assert entry.subject == "workforce_plan:WF-000001"
    assert entry.changes["what_if"][1][0]["params"] == {"change": "+50%"}


def test_a_what_if_stands_beside_the_plan_as_it_is(staffed):
    plain = run_closing(staffed, OPERATOR, "", WhatIf())
    with staffed() as session:
        alone = PAGES["compare"][1](session, open_closing(session, OPERATOR, plain), {})
    assert not alone.choices
    assert not alone.sections[0].tables
    code = run_closing(staffed, OPERATOR, "", WhatIf(no_hiring=True))
    with staffed() as session:
        page = PAGES["compare"][1](session, open_closing(session, OPERATOR, code), {"other": plain})
    figures = {row[0].msgid: row[2:] for row in page.table("figures").rows}
    assert figures["People hired"][0] == 0
    assert figures["People hired"][2] == pytest.approx(-figures["People hired"][1])
    changes = page.table("changes").column("change")
    assert changes
    assert list(changes) == sorted(changes, key=lambda change: -abs(change))
    assert all(change < 0 for change in changes)
