"""The objects that history and inbox speak of: who may see which, and what each is called."""

import datetime as dt

import pytest

from models import PlanningRound, Role
from planner.errors import ForbiddenError, NotFoundError
from planner.services.permissions import OPERATOR
from planner.services.subjects import KINDS, find_subject, load_subjects
from planner.text import LocalText

OF_SMALL_WORLD = {
    "requirement": "R-000001",
    "dataset": "D-000001",
    "site": "BKK1",
    "ministry": "11000",
    "agency": "11004",
    "region": "north",
    "clearance": "open",
    "priority": "high",
    "resource_type": "vcpu",
    "fiscal_year": "2027",
    "expansion": "BKK1-vcpu",
    "policy": "policy",
    "skill_level": "working",
    "work_role": "steward",
    "norm": "steward/2027",
    "position": "11004/steward/2027",
    "person": "P1",
    "course": "eng-2",
    "cohort": "eng-2-70",
    "agency_duty": "11004",
    "dataset_duty": "D-000003",
}
OTHERS = {
    "account",
    "closing_terms",
    "coverage",
    "import",
    "plan",
    "publication",
    "round",
    "scenario",
    "sweep",
    "webhook",
    "workforce_plan",
}
"""Kinds of which the small world has no object at first; each is looked up by the tests of its own area."""


@pytest.mark.parametrize("kind", OF_SMALL_WORLD)
def test_an_object_of_each_kind_is_found_by_its_code(staffed, kind: str) -> None:
    with staffed() as session:
        found = find_subject(session, OPERATOR, f"{kind}:{OF_SMALL_WORLD[kind]}")
        assert (found.kind, found.code) == (kind, OF_SMALL_WORLD[kind])
        assert found.name.th
        assert find_subject(session, OPERATOR, found.key) == found
        with pytest.raises(NotFoundError):
            find_subject(session, OPERATOR, f"{kind}:no-such-code")


def test_accounts_rounds_and_imports_are_objects_too(world, person) -> None:
    planner = person(Role.MINISTRY_PLANNER, "21000")
    assert set(OF_SMALL_WORLD) | OTHERS == set(KINDS)
    with world() as session:
        assert find_subject(session, OPERATOR, f"account:{planner.username}").name.th == planner.full_name


@pytest.mark.parametrize("subject", ["", ":", "requirement", "nosuch:R-000001", "requirement:' OR 1=1"])
def test_what_names_no_object_is_not_found(world, subject: str) -> None:
    with world() as session, pytest.raises(NotFoundError):
        find_subject(session, OPERATOR, subject)


def test_another_ministrys_object_seems_not_to_exist(world, person) -> None:
    planner = person(Role.MINISTRY_PLANNER, "21000")
    with world() as session:
        assert find_subject(session, planner, "requirement:R-000001").name == LocalText(
            "เวชระเบียนกลาง", "เวชระเบียนกลาง"
        )
        assert find_subject(session, planner, "site:BKK1")
        with pytest.raises(NotFoundError):
            find_subject(session, planner, "requirement:R-000002")


def test_a_role_that_sees_none_of_a_kind_is_told_so(world, person) -> None:
    with world() as session, pytest.raises(ForbiddenError):
        find_subject(session, person(Role.HR), "requirement:R-000001")


def test_many_objects_take_a_query_for_each_kind(world, count_queries) -> None:
    keys = [f"requirement:R-{number:06}" for number in range(1, 5)] + ["site:BKK1", "site:CNX1", "nosuch:1"]
    with world() as session, count_queries() as statements:
        assert set(load_subjects(session, keys)) == set(keys) - {"nosuch:1"}
    assert len(statements) == 2


def test_a_planning_round_is_seen_by_all_who_see_requirements(world, person) -> None:
    opens = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    round_ = PlanningRound(
        code="2570-1", name_th="รอบแรก", name_en="First", opens_at=opens, closes_at=opens + dt.timedelta(30)
    )
    with world.begin() as session:
        session.add(round_)
    with world() as session:
        assert find_subject(session, person(Role.MINISTRY_PLANNER, "21000"), "round:2570-1").name.en == "First"
