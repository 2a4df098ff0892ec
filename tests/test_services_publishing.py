"""Publishing plans: who may, what comes of it for the next round, and how later edits show."""

import datetime as dt
import threading

import pytest
from sqlalchemy import delete, select, update

import models
from models import Role
from planner.db import open_sessions
from planner.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from planner.i18n import to_words
from planner.services.audit import record, verify_chain
from planner.services.desk.opening import open_for_all, open_for_requirement
from planner.services.inbox import load_inbox
from planner.services.outcomes import load_outcome
from planner.services.permissions import OPERATOR
from planner.services.planning import run_plan
from planner.services.problems import load_problem
from planner.services.publishing import staleness
from planner.services.publishing.publish import LONGEST_NOTE, publish_plan
from planner.services.publishing.staleness import changes_beside, load_changes
from planner.services.publishing.standing import PlanState, list_publications, load_publication, plan_states


@pytest.fixture
def planned(world):
    """The factory of sessions on the small world with its plan, P-000001."""
    run_plan(world, OPERATOR, "แผนแรก")
    return world


def publish(sessions, code, *, seen=None, actor=OPERATOR, note="มติคณะกรรมการ"):
    with sessions.begin() as session:
        publish_plan(session, actor, code, note, seen=seen)


def test_a_plan_is_published_superseded_and_published_once_more(planned, person):
    manager = person(Role.MANAGER)
    run_plan(planned, OPERATOR, "แผนที่สอง")
    publish(planned, "P-000001", actor=manager)
    publish(planned, "P-000002", seen="P-000001", note="  ปรับปรุง \r\n ครั้งที่ 2 ")
    with planned() as session:
        newest, first = list_publications(session)
        assert plan_states(session) == {"P-000001": PlanState.SUPERSEDED, "P-000002": PlanState.PUBLISHED}
        assert load_publication(session) == newest
    assert (newest.plan, newest.note, newest.published_by) == ("P-000002", "ปรับปรุง \n ครั้งที่ 2", "")
    assert newest.superseded_at is newest.superseded_by is None
    assert (first.plan, first.published_by) == ("P-000001", manager.full_name)
    assert (first.superseded_at, first.superseded_by) == (newest.published_at, "P-000002")
    publish(planned, "P-000001", seen="P-000002")
    with planned() as session:
        assert plan_states(session) == {"P-000001": PlanState.PUBLISHED, "P-000002": PlanState.SUPERSEDED}
        assert [row.plan for row in list_publications(session)] == ["P-000001", "P-000002", "P-000001"]
        entries = session.execute(
            select(models.AuditEntry.action, models.AuditEntry.subject, models.AuditEntry.note)
            .where(models.AuditEntry.subject.like("plan:%"))
            .order_by(models.AuditEntry.position)
        ).all()
        assert not verify_chain(session, OPERATOR).breaks
    published = [tuple(entry) for entry in entries if entry[0] in {"published", "superseded"}]
    assert published == [
        ("published", "plan:P-000001", "มติคณะกรรมการ"),
        ("published", "plan:P-000002", "ปรับปรุง \n ครั้งที่ 2"),
        ("superseded", "plan:P-000001", "P-000002"),
        ("published", "plan:P-000001", "มติคณะกรรมการ"),
        ("superseded", "plan:P-000002", "P-000001"),
    ]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MANAGER])
def test_a_manager_alone_publishes(planned, person, role):
    actor = person(role, "21000" if role is Role.MINISTRY_PLANNER else None)
    with pytest.raises(ForbiddenError):
        publish(planned, "P-000001", actor=actor)
    with planned() as session:
        assert load_publication(session) is None


def test_what_cannot_be_published(planned):
    with pytest.raises(NotFoundError):
        publish(planned, "P-999999")
    with pytest.raises(ConflictError, match="meanwhile"):
        publish(planned, "P-000001", seen="P-000009")
    for note, code in ((" \n", "missing"), ("ก" * (LONGEST_NOTE + 1), "too_long"), ("a\x00b", "character")):
        with pytest.raises(InvalidInputError) as refused:
            publish(planned, "P-000001", note=note)
        assert [(found.address, found.code) for found in refused.value.faults] == [("note", code)]
    publish(planned, "P-000001", note="ก" * LONGEST_NOTE)
    with pytest.raises(ConflictError, match="in force already"):
        publish(planned, "P-000001", seen="P-000001")


def test_a_run_without_a_plan_or_without_its_certificate_is_not_published(planned):
    with planned.begin() as session:
        run = session.scalars(select(models.PlanRun)).one()
        for number, status, certificate in ((2, "failed", {}), (3, "solved", {"feasible": False})):
            session.add(
                models.PlanRun(
                    code=f"P-00000{number}",
                    name="ไม่มีแผน",
                    status=models.RunStatus(status),
                    solve_status=models.SolveStatus.OPTIMAL if status == "solved" else None,
                    input_snapshot=b"",
                    input_sha256="0" * 64,
                    planner_version="0",
                    certificate=certificate,
                    created_at=run.created_at,
                )
            )
    for code in ("P-000002", "P-000003"):
        with pytest.raises(ConflictError):
            publish(planned, code)


def test_placements_become_the_incumbents_of_the_next_round(planned):
    with planned() as session:
        before = {row.code: row.incumbent for row in load_problem(session).requirements}
        placed = session.scalars(select(models.Placement).order_by(models.Placement.share)).all()
    assert set(before.values()) == {None}
    homes = {row.requirement: row.site for row in placed}
    publish(planned, "P-000001")
    with planned() as session:
        after = {row.code: row.incumbent for row in load_problem(session).requirements}
    assert homes
    assert after == before | homes


def place(sessions, code, placements, *, year=2027):
    """Publish a plan called `code` that consists of those placements: requirement, site, start and share."""
    with sessions.begin() as session:
        run = models.PlanRun(
            code=code,
            name=code,
            status=models.RunStatus.RUNNING,
            input_snapshot=b"",
            input_sha256="0" * 64,
            planner_version="0",
            certificate={"feasible": True},
            created_at=dt.datetime(year, 1, 1, tzinfo=dt.UTC),
        )
        session.add(run)
        session.flush()
        for position, (requirement, site, start, share) in enumerate(placements):
            session.add(
                models.Placement(
                    run_id=run.id, position=position, requirement=requirement, site=site, start_year=start, share=share
                )
            )
        session.flush()
        run.solve_status, run.status = models.SolveStatus.OPTIMAL, models.RunStatus.SOLVED
        session.flush()
        published = load_publication(session)
        publish_plan(session, OPERATOR, code, "ทดสอบ", seen=published.plan if published else None)


def homes_of(sessions):
    with sessions() as session:
        return {row.code: row.incumbent for row in load_problem(session).requirements}


def test_a_home_is_where_the_published_plans_host_it_in_its_first_year(world):
    with world.begin() as session:
        north = session.scalars(select(models.Site).where(models.Site.code == "CNX1")).one()
        session.execute(
            update(models.Requirement)
            .where(models.Requirement.code.in_(["R-000001", "R-000004"]))
            .values(incumbent_site_id=north.id)
        )
    place(world, "P-000001", [("R-000002", "CNX1", 2027, 1.0), ("R-000003", "BKK1", 2027, 1.0)])
    place(
        world,
        "P-000002",
        [
            ("R-000001", "CNX1", 2027, 0.3),
            ("R-000001", "BKK1", 2027, 0.6),
            ("R-000002", "BKK1", 2028, 1.0),  # moves next year: at home where the plan before had it
            ("R-000004", "BKK1", 2029, 1.0),  # begins later: still where it was entered
            ("R-000003", "GONE", 2027, 1.0),  # a site that is no more
        ],
    )
    assert homes_of(world) == {"R-000001": "BKK1", "R-000002": "CNX1", "R-000003": None, "R-000004": "CNX1"}
    with world.begin() as session:
        for table in (models.DemandLine, models.Capacity, models.FiscalYear):
            session.execute(delete(table).where(table.year == 2027))
    assert homes_of(world)["R-000002"] == "BKK1"


def test_ministries_go_by_the_published_plan_and_planners_by_the_newest_until_there_is_one(planned, person):
    ours, planner = person(Role.MINISTRY_PLANNER, "21000"), person(Role.DE_PLANNER)
    with planned() as session:
        assert load_outcome(session, ours, "R-000001") is None
        draft = load_outcome(session, planner, "R-000001")
        with pytest.raises(NotFoundError):
            open_for_requirement(session, ours, "P-000001", "R-000001")
    assert draft is not None
    assert not draft.in_force
    publish(planned, "P-000001")
    run_plan(planned, OPERATOR, "แผนที่สอง")
    with planned() as session:
        for actor in (ours, planner):
            found = load_outcome(session, actor, "R-000001")
            assert found is not None
            assert (found.plan, found.in_force) == ("P-000001", True)
        desk = open_for_all(session)
        assert desk is not None
        assert desk.info.code == "P-000001"
        assert open_for_requirement(session, ours, "P-000001", "R-000001").info.code == "P-000001"
        with pytest.raises(NotFoundError):
            open_for_requirement(session, ours, "P-000002", "R-000001")


def test_a_scenarios_plan_is_not_what_planners_go_by(planned, person):
    with planned.begin() as session:
        session.add(models.Scenario(code="S-1", name="ไม่มีอะไรต่าง", created_at=dt.datetime.now(dt.UTC)))
    run_plan(planned, OPERATOR, "ฉากทัศน์", scenario="S-1")
    with planned() as session:
        found = load_outcome(session, person(Role.DE_PLANNER), "R-000001")
        assert found is not None
        assert found.plan == "P-000001"


def test_of_managers_who_publish_at_once_one_does(planned):
    run_plan(planned, OPERATOR, "แผนที่สอง")
    sessions = open_sessions(planned.kw["bind"])
    start = threading.Barrier(2)
    ends: list[str] = []

    def attempt(code):
        start.wait()
        try:
            publish(sessions, code)
            ends.append(code)
        except ConflictError:
            ends.append("")

    threads = [threading.Thread(target=attempt, args=(code,)) for code in ("P-000001", "P-000002")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with planned() as session:
        assert [row.plan for row in list_publications(session)] == [code for code in ends if code]
    assert sorted(ends)[0] == ""


def test_whoever_works_with_the_plan_is_told(planned, person):
    manager, planner, auditor, hr = map(person, (Role.MANAGER, Role.DE_PLANNER, Role.AUDITOR, Role.HR))
    ours = person(Role.MINISTRY_PLANNER, "21000")
    publish(planned, "P-000001", actor=manager, note="มติที่ 3/2569")
    with planned() as session:
        for reader, told in ((ours, True), (planner, True), (manager, False), (auditor, False), (hr, False)):
            items = load_inbox(session, reader).items
            assert [(item.subject, item.event, item.note) for item in items] == [
                ("publication:P-000001", "published", "มติที่ 3/2569")
            ] * told


def test_publishing_alone_makes_no_plan_stale(planned):
    publish(planned, "P-000001")
    with planned() as session:
        assert not load_changes(session, OPERATOR, "P-000001").stale
    run_plan(planned, OPERATOR, "แผนที่สอง")
    publish(planned, "P-000002", seen="P-000001")
    with planned() as session:
        assert not load_changes(session, OPERATOR, "P-000002").stale


def test_later_edits_make_it_stale_with_the_list_of_what_changed(planned):
    publish(planned, "P-000001")
    with planned.begin() as session:
        session.execute(update(models.Site).where(models.Site.code == "BKK1").values(name_th="ชื่อใหม่", name_en="New"))
    with planned() as session:
        assert not load_changes(session, OPERATOR, "P-000001").stale  # what things are called is no input
    with planned.begin() as session:
        rows = {row.code: row for row in session.scalars(select(models.Requirement))}
        rows["R-000002"].copies = 2
        rows["R-000003"].status = models.RequirementStatus.WITHDRAWN
        rows["R-000005"].status = models.RequirementStatus.APPROVED
        line = next(line for line in rows["R-000002"].demand if line.year == 2028 and line.resource_type.code == "vcpu")
        line.amount = 31.5
        session.get_one(models.FiscalYear, 2028).capex_limit = 7e6
        session.scalars(select(models.Expansion)).one().max_modules = 3
        record(session, OPERATOR, "changed", "requirement:R-000002")
    with planned() as session:
        found = load_changes(session, OPERATOR, "P-000001")
    assert found.stale
    assert found.rows == 5
    said = [
        (row.code, to_words(row.field, "en"), *(to_words(value, "en") for value in (row.before, row.after)))
        for row in found.differences
    ]
    assert said == [
        ("R-000002", "Copies", "1", "2"),
        ("R-000002", "Demand: vCPU, fiscal year 2028", "30", "31.5"),
        ("R-000003", "The whole row", "–", "removed"),
        ("R-000005", "The whole row", "–", "added"),
        ("BKK1-vcpu", "Most modules", "2", "3"),
        ("policy", "Investment limit, fiscal year 2028", "No limit", "7,000,000"),
    ]
    assert len(found.table.rows) == len(said)


def test_a_new_fiscal_year_and_faulty_rows_make_it_stale_too(planned):
    publish(planned, "P-000001")
    with planned.begin() as session:
        session.add(models.FiscalYear(year=2030))
        record(session, OPERATOR, "created", "fiscal_year:2030")
    with planned() as session:
        found = load_changes(session, OPERATOR, "P-000001")
    assert ("fiscal_year", "2030") in {(row.kind, row.code) for row in found.differences}
    with planned.begin() as session:
        session.add(models.FiscalYear(year=2040))
        record(session, OPERATOR, "created", "fiscal_year:2040")
    with planned() as session:
        faulty = load_changes(session, OPERATOR, "P-000001")
    assert faulty.stale
    assert faulty.faults
    assert not faulty.differences


def test_changes_are_worked_out_once_until_something_is_written(planned, monkeypatch):
    publish(planned, "P-000001")
    loads = []
    real = staleness.load_problem
    monkeypatch.setattr(staleness, "load_problem", lambda session: loads.append(1) or real(session))
    for _ in range(3):
        with planned() as session:
            found = changes_beside(session, OPERATOR, "P-000001")
            assert found is not None
            assert not found.stale
    assert len(loads) == 1
    run_plan(planned, OPERATOR, "แผนที่สอง")
    publish(planned, "P-000002", seen="P-000001")
    with planned() as session:
        changes_beside(session, OPERATOR, "P-000002")
        assert len(loads) == 2
        monkeypatch.setattr(staleness, "LARGE", 3)
        assert changes_beside(session, OPERATOR, "P-000002") is None


def test_what_is_not_in_force_is_written_without_working_out_anything_anew(planned, monkeypatch):
    publish(planned, "P-000001")
    with planned.begin() as session:  # one that is approved and has a step behind it
        record(session, OPERATOR, "approved", "requirement:R-000001")
    loads = []
    real = staleness.load_problem
    monkeypatch.setattr(staleness, "load_problem", lambda session: loads.append(1) or real(session))

    def loads_after(action: str, subject: str, **fields: object) -> int:
        with planned.begin() as session:
            if fields:
                code = subject.removeprefix("requirement:")
                session.execute(update(models.Requirement).where(models.Requirement.code == code).values(**fields))
            record(session, OPERATOR, action, subject)
        with planned() as session:
            assert changes_beside(session, OPERATOR, "P-000001") is not None
        return len(loads)

    assert loads_after("signed_in", "account:planner") == 1
    draft = "requirement:R-000005"
    for action, subject in (("changed", draft), ("created", "dataset:D-000009"), ("signed_out", "account:planner")):
        assert loads_after(action, subject) == 1, subject
    assert loads_after("submitted", draft, status=models.RequirementStatus.SUBMITTED) == 2  # a step might be any
    assert loads_after("changed", draft) == 2
    assert loads_after("approved", draft, status=models.RequirementStatus.APPROVED) == 3
    assert loads_after("changed", draft, copies=2) == 4
    assert loads_after("withdrawn", draft, status=models.RequirementStatus.WITHDRAWN) == 5
    assert loads_after("changed", draft, copies=1) == 5
    assert loads_after("changed", "site:BKK1") == 6
    assert loads_after("removed", "requirement:R-000404") == 7


def test_the_changes_of_a_scenarios_plan_are_those_of_the_rows_alone(planned):
    adjustment = {"kind": "demand", "terms": {"change": 0.1}}
    with planned.begin() as session:
        session.add(
            models.Scenario(
                code="S-1",
                name="เพิ่มร้อยละ 10",
                adjustments=[adjustment],
                created_at=dt.datetime.now(dt.UTC),
            )
        )
    code = run_plan(planned, OPERATOR, "ฉากทัศน์", scenario="S-1")
    with planned() as session:
        assert not load_changes(session, OPERATOR, code).stale


def test_the_number_of_queries_does_not_grow_with_publications(planned, count_queries):
    publish(planned, "P-000001")
    with planned() as session, count_queries() as few:
        list_publications(session)
    run_plan(planned, OPERATOR, "แผนที่สอง")
    publish(planned, "P-000002", seen="P-000001")
    with planned() as session, count_queries() as more:
        assert len(list_publications(session)) == 2
    assert len(more) == len(few)
