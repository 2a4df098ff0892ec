"""What waits for whom: revisions and requirements alike, within the own ministry, in few queries."""

import pytest
from sqlalchemy import select

import models
from models import RequirementStatus as Status
from models import Role
from planner.errors import ForbiddenError
from planner.i18n import to_words
from planner.services import reviewing
from planner.services.revisions import propose, row_in_force
from planner.services.worklist import SORTABLE, WorkFilter, count_waiting, load_worklist


def find(session, code: str) -> models.Requirement:
    return session.scalars(select(models.Requirement).where(models.Requirement.code == code)).one()


def listed(session, actor, **wanted) -> tuple[str, ...]:
    return load_worklist(session, actor, WorkFilter(**wanted)).listing.table.column("code")


@pytest.fixture
def health(world, person):
    return person(Role.MINISTRY_PLANNER, "21000")


@pytest.fixture
def reviewer(world, person):
    return person(Role.DE_PLANNER)


@pytest.fixture
def busy(world, health, reviewer):
    """R-000001 is returned, R-000006 has a submitted revision, R-000003 of another ministry is submitted."""
    with world.begin() as session:
        find(session, "R-000001").status = Status.SUBMITTED
        find(session, "R-000003").status = Status.SUBMITTED
        row = {**row_in_force(session, "R-000006"), "title": "ระบบใหม่"}
        propose(session, health, find(session, "R-000006"), row)
        reviewing.submit(session, health, ["R-000006"])
        reviewing.return_(session, reviewer, ["R-000001"], "ขาดเหตุผล")
    return world


def test_each_sees_what_waits_for_them(busy, health, reviewer):
    with busy() as session:
        assert listed(session, health) == ("R-000001",)
        assert listed(session, reviewer) == ("R-000003", "R-000006")
        assert (count_waiting(session, health), count_waiting(session, reviewer)) == (1, 2)
        work = load_worklist(session, reviewer, WorkFilter())
        assert [way.action for way in work.actions] == ["approve", "return"]
        assert work.seen == {"R-000003": 2, "R-000006": 2}
        assert [to_words(status, "en") for status in work.listing.table.column("status")] == [
            "Submitted",
            "Revision: Submitted",
        ]


def test_what_was_returned_shows_when_and_why(busy, health):
    with busy() as session:
        work = load_worklist(session, health, WorkFilter())
    (row,) = work.listing.table.rows
    shown = dict(zip((column.key for column in work.listing.table.columns), row, strict=True))
    assert shown["comment"] == "ขาดเหตุผล"
    assert shown["since"] is not None
    assert [way.action for way in work.actions] == ["submit", "withdraw"]


def test_a_returned_revision_waits_for_its_ministry_again(busy, health, reviewer):
    with busy.begin() as session:
        reviewing.return_(session, reviewer, ["R-000006"], "ไม่ครบ")
    with busy() as session:
        assert listed(session, health) == ("R-000001", "R-000006")
        assert listed(session, reviewer) == ("R-000003",)


def test_a_work_list_is_narrowed_and_sorted(busy, reviewer):
    with busy() as session:
        assert listed(session, reviewer, ministry="21000") == ("R-000006",)
        assert listed(session, reviewer, text="พยากรณ์") == ("R-000003",)
        assert listed(session, reviewer, sort="ministry", descending=True) == ("R-000006", "R-000003")
        for sort in SORTABLE:
            assert set(listed(session, reviewer, sort=sort)) == {"R-000003", "R-000006"}


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR, Role.HR, Role.ADMINISTRATOR])
def test_nothing_waits_for_those_who_neither_enter_nor_review(busy, person, role):
    actor = person(role)
    with busy() as session:
        assert count_waiting(session, actor) == 0
        with pytest.raises(ForbiddenError):
            load_worklist(session, actor, WorkFilter())


def test_a_work_list_takes_three_queries_and_its_count_one(busy, reviewer, count_queries):
    with busy() as session, count_queries() as queries:
        load_worklist(session, reviewer, WorkFilter())
    assert len(queries) == 3
    with busy() as session, count_queries() as queries:
        count_waiting(session, reviewer)
    assert len(queries) == 1
