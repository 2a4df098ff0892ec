"""Running a plan, keeping it, and reading back the very plan that the solver returned."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import select

import models
from planner.allocation import Plan, problem_sha256, solve
from planner.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from planner.services.permissions import OPERATOR
from planner.services.planning import RunFilter, find_plans, get_run, list_plans, load_plan, load_problem, run_plan
from planner.text import Phrase

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def without_seconds(plan: Plan) -> Plan:
    return replace(plan, seconds=0.0, levels=tuple(replace(level, seconds=0.0) for level in plan.levels))


def test_a_stored_plan_is_the_plan_that_solve_returned(world):
    with world() as session:
        problem = load_problem(session)
    solved = solve(problem)
    assert solved.placements
    assert solved.shortfalls
    code = run_plan(world, OPERATOR, "รอบแรก")
    with world() as session:
        stored = load_plan(session, OPERATOR, code)
    assert stored.problem == problem
    assert without_seconds(stored.plan) == without_seconds(solved)
    assert stored.plan.seconds > 0


def test_the_problem_is_what_the_rows_say(world):
    with world() as session:
        problem = load_problem(session)
    assert problem.fiscal_years == (2027, 2028, 2029)
    assert problem.clearances == ("open", "protected", "restricted")
    assert problem.policy.priority_weights == {"high": 4.0, "normal": 2.0, "low": 1.0}
    assert problem.policy.standby_ratio == {"vcpu": 0.5, "hot_tb": 1.0}
    assert problem.policy.capex_limit == (1_500_000.0, None, 0.0)
    assert problem.policy.opex_limit is None
    site = problem.sites[0]
    assert (site.code, site.name.en, site.start, site.end) == ("BKK1", "Bang Rak", 2025, None)
    assert site.capacity["vcpu"] == (100.0, 100.0, 100.0)
    assert site.reserve_margin == {"vcpu": 0.1, "hot_tb": 0.1}
    assert site.running_cost["hot_tb"] == (100.0, 100.0, 100.0)
    assert [(row.code, row.lead_years, row.max_modules) for row in problem.expansions] == [("BKK1-vcpu", 1, 2.0)]


def test_only_approved_requirements_within_the_horizon_count_and_are_clipped(world):
    with world() as session:
        requirements = {row.code: row for row in load_problem(session).requirements}
    assert sorted(requirements) == ["R-000001", "R-000002", "R-000003", "R-000004"]
    assert (requirements["R-000002"].start, requirements["R-000002"].end) == (2027, 2028)
    assert requirements["R-000002"].demand["vcpu"] == (30.0, 30.0, 0.0)
    assert requirements["R-000003"].start == 2027
    assert requirements["R-000004"].title == "=HYPERLINK(1)"
    assert requirements["R-000001"].regions is None


def test_restrictions_and_homes_reach_the_problem(world):
    with world.begin() as session:
        row = session.scalars(select(models.Requirement).where(models.Requirement.code == "R-000002")).one()
        bangkok = session.scalars(select(models.Site).where(models.Site.code == "BKK1")).one()
        row.sites, row.regions, row.incumbent, row.copies = [bangkok], [bangkok.region], bangkok, 2
    with world() as session:
        requirement = next(row for row in load_problem(session).requirements if row.code == "R-000002")
    assert (requirement.sites, requirement.regions, requirement.incumbent, requirement.copies) == (
        ("BKK1",),
        ("central",),
        "BKK1",
        2,
    )


def test_loading_a_problem_takes_as_many_queries_however_many_rows(world, count_queries):
    with world() as session, count_queries() as few:
        load_problem(session)
    with world.begin() as session:
        agency = session.scalars(select(models.Agency)).first()
        likeness = session.scalars(select(models.Requirement)).first()
        session.add_all(
            models.Requirement(
                code=f"R-1{n:05}",
                title="x",
                agency=agency,
                priority_id=likeness.priority_id,
                clearance_id=likeness.clearance_id,
                start_year=2027,
                status=models.RequirementStatus.APPROVED,
            )
            for n in range(20)
        )
    with world() as session, count_queries() as many:
        load_problem(session)
    assert len(many) == len(few)


def test_an_empty_database_has_no_problem(session):
    with pytest.raises(InvalidInputError, match="at least one fiscal year"):
        load_problem(session)


def test_a_run_tells_who_when_and_with_what(world, person):
    planner = person(models.Role.DE_PLANNER)
    seen: list[Phrase] = []
    code = run_plan(world, planner, "  รอบแรก  ", progress=seen.append)
    with world() as session:
        (info,) = list_plans(session, planner)
        assert get_run(session, planner, code) == info
        assert info.sha256 == problem_sha256(load_problem(session))
    assert (info.code, info.name, info.status, info.solve_status) == ("P-000001", "รอบแรก", "solved", "optimal")
    assert info.created_by == planner.full_name
    assert info.finished_at >= info.created_at
    assert not info.synthetic
    assert "HiGHS" in info.solver
    assert seen


def test_a_run_without_a_name_is_called_by_its_code(world):
    code = run_plan(world, OPERATOR, " ")
    with world() as session:
        assert get_run(session, OPERATOR, code).name == code


def test_plans_from_made_up_data_say_so(world):
    with world.begin() as session:
        for synthetic in (True, False):
            session.add(
                models.ImportBatch(file_name="x.xlsx", sha256="0" * 64, synthetic=synthetic, counts={}, imported_at=NOW)
            )
    code = run_plan(world, OPERATOR, "x")
    with world() as session:
        assert get_run(session, OPERATOR, code).synthetic


def test_the_same_input_is_not_solved_again_when_that_will_do(world):
    first = run_plan(world, OPERATOR, "x", reuse=True)
    assert run_plan(world, OPERATOR, "y", reuse=True) == first
    second = run_plan(world, OPERATOR, "z")
    assert second != first
    with world.begin() as session:
        session.scalars(select(models.Site)).first().to_year = 2028
    third = run_plan(world, OPERATOR, "x", reuse=True)
    with world() as session:
        assert [info.code for info in list_plans(session, OPERATOR)] == [third, second, first]
        part, last = find_plans(session, OPERATOR, RunFilter(page_size=2, after=()))
        rest, end = find_plans(session, OPERATOR, RunFilter(page_size=2, after=last))
        assert ([info.code for info in (*part, *rest)], end) == ([third, second, first], None)
        for none in (RunFilter(status="failed", after=()), RunFilter(scenario="S-000001", after=())):
            assert find_plans(session, OPERATOR, none) == ((), None)


def test_a_solve_that_breaks_off_is_kept_as_failed(world):
    def stop(progress):
        raise RuntimeError("somebody pulled the plug")

    with pytest.raises(RuntimeError, match="plug"):
        run_plan(world, OPERATOR, "x", progress=stop)
    with world() as session:
        (info,) = list_plans(session, OPERATOR)
        assert info.status == "failed"
        assert "pulled the plug" in info.failure
        with pytest.raises(ConflictError, match="P-000001 has no plan"):
            load_plan(session, OPERATOR, info.code)


def test_nobody_reads_or_runs_plans_without_the_permission(world, person):
    auditor, ministry = person(models.Role.AUDITOR), person(models.Role.MINISTRY_PLANNER, "21000")
    with pytest.raises(ForbiddenError):
        run_plan(world, auditor, "x")
    with world() as session:
        assert list_plans(session, auditor) == ()
        for read in (
            list_plans,
            lambda session, actor: find_plans(session, actor, RunFilter(after=())),
            lambda session, actor: load_plan(session, actor, "P-000001"),
        ):
            with pytest.raises(ForbiddenError):
                read(session, ministry)
        for read in (get_run, load_plan):
            with pytest.raises(NotFoundError):
                read(session, auditor, "P-000009")
