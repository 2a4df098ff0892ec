"""Four eyes: nobody approves what they submitted or proposed, and nothing approved goes without a word to DE."""

import io

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

import models
from models import RequirementStatus as Status
from models import Role
from planner.errors import InvalidInputError
from planner.i18n import to_words, translator
from planner.services import reviewing
from planner.services.editing import RowEdit, save_rows
from planner.services.importing import apply_import, preview_import
from planner.services.permissions import OPERATOR, Actor
from planner.text import LocalText
from reports.template import Exchange, write_workbook

DRAFT = "R-000005"
APPROVED = "R-000002"
ROW = {
    "code": DRAFT,
    "title": "แบบร่าง",
    "agency": "11004",
    "priority": "normal",
    "clearance": "open",
    "start_year": 2027,
}


@pytest.fixture
def reviewer(world: sessionmaker[Session], person) -> Actor:
    return person(Role.DE_PLANNER)


@pytest.fixture
def other(world: sessionmaker[Session], person) -> Actor:
    return person(Role.DE_PLANNER, username="de.two")


@pytest.fixture
def ministry(world: sessionmaker[Session], person) -> Actor:
    return person(Role.MINISTRY_PLANNER, "11000")


def act(sessions: sessionmaker[Session], step, actor: Actor, *codes: str, comment: str = "") -> None:
    with sessions.begin() as session:
        step(session, actor, codes, comment)


def refusals(sessions: sessionmaker[Session], step, actor: Actor, *codes: str) -> dict[str, str]:
    with sessions() as session, pytest.raises(InvalidInputError) as caught:
        step(session, actor, codes)
    assert all(to_words(found.message, language) for found in caught.value.faults for language in ("th", "en"))
    return {found.address: found.code for found in caught.value.faults}


def file_with(status: str) -> io.BytesIO:
    stream = io.BytesIO()
    content = Exchange(LocalText("ทดสอบ", "Test"), {"requirements": [ROW | {"status": status}]}, (2027,), {})
    write_workbook(content, translator("en"), "en", stream)
    stream.seek(0)
    return stream


def status_of(session: Session, code: str) -> Status:
    return session.scalars(select(models.Requirement.status).where(models.Requirement.code == code)).one()


def told(session: Session, actor: Actor) -> list[tuple[str, str]]:
    items = select(models.InboxItem).where(models.InboxItem.user_id == actor.user_id).order_by(models.InboxItem.id)
    return [(item.subject, item.event) for item in session.scalars(items)]


def test_whoever_submitted_it_does_not_approve_it(world, reviewer: Actor, other: Actor) -> None:
    act(world, reviewing.submit, reviewer, DRAFT)
    assert refusals(world, reviewing.approve, reviewer, DRAFT) == {DRAFT: "own_work"}
    act(world, reviewing.approve, other, DRAFT)
    with world() as session:
        assert status_of(session, DRAFT) is Status.APPROVED


def test_whoever_proposed_a_revision_does_not_approve_it_whoever_submits_it(
    world, reviewer: Actor, other: Actor, ministry: Actor
) -> None:
    with world.begin() as session:
        save_rows(session, reviewer, [RowEdit(APPROVED, 1, {"title": "ชื่อใหม่"})])
    act(world, reviewing.submit, ministry, APPROVED)
    assert refusals(world, reviewing.approve, reviewer, APPROVED) == {APPROVED: "own_work"}
    act(world, reviewing.approve, other, APPROVED)


def test_what_was_decided_on_since_counts_no_more(world, reviewer: Actor, other: Actor, ministry: Actor) -> None:
    act(world, reviewing.submit, reviewer, DRAFT)
    act(world, reviewing.approve, other, DRAFT)
    with world.begin() as session:
        save_rows(session, ministry, [RowEdit(DRAFT, None, {"title": "ชื่อใหม่"})])
    act(world, reviewing.submit, ministry, DRAFT)
    act(world, reviewing.approve, reviewer, DRAFT)


def test_the_operator_may_do_both(world) -> None:
    act(world, reviewing.submit, OPERATOR, DRAFT)
    act(world, reviewing.approve, OPERATOR, DRAFT)


def test_a_file_neither_approves_ones_own_work_nor_skips_the_review(world, reviewer: Actor, other: Actor) -> None:
    with world() as session:
        preview = preview_import(session, reviewer, file_with("approved"), "a.xlsx")
        assert [found.code for found in preview.faults] == ["status_not_allowed"]
    with world.begin() as session:
        apply_import(session, reviewer, file_with("submitted"), "a.xlsx")
    with world() as session:
        preview = preview_import(session, reviewer, file_with("approved"), "a.xlsx")
        assert [found.code for found in preview.faults] == ["own_work"]
    with world.begin() as session:
        apply_import(session, other, file_with("approved"), "a.xlsx")
        assert status_of(session, DRAFT) is Status.APPROVED


def test_a_step_by_file_is_a_step_in_the_history_and_followers_hear_of_it(world, ministry: Actor, other: Actor) -> None:
    with world.begin() as session:
        session.add(models.Follower(subject=f"requirement:{DRAFT}", user_id=other.user_id))
    with world.begin() as session:
        apply_import(session, ministry, file_with("submitted"), "a.xlsx")
    with world() as session:
        entries = session.scalars(select(models.AuditEntry).filter_by(subject=f"requirement:{DRAFT}")).all()
        assert [(entry.action, entry.changes) for entry in entries] == [
            ("submitted", {"status": ["draft", "submitted"]})
        ]
        assert told(session, other) == [(f"requirement:{DRAFT}", "submitted")]


def test_withdrawing_what_is_approved_needs_a_reason_and_de_is_told(world, ministry: Actor, reviewer: Actor) -> None:
    assert refusals(world, reviewing.withdraw, ministry, APPROVED) == {"comment": "missing"}
    act(world, reviewing.withdraw, ministry, APPROVED, comment="ยกเลิกโครงการ")
    act(world, reviewing.withdraw, ministry, DRAFT)  # nobody counts on a draft
    with world() as session:
        assert told(session, reviewer) == [(f"requirement:{APPROVED}", "withdrawn")]


def test_a_revision_is_withdrawn_without_a_reason(world, ministry: Actor, reviewer: Actor) -> None:
    with world.begin() as session:
        save_rows(session, ministry, [RowEdit(APPROVED, 1, {"title": "ชื่อใหม่"})])
    act(world, reviewing.withdraw, ministry, APPROVED)
    with world() as session:
        assert status_of(session, APPROVED) is Status.APPROVED
        assert told(session, reviewer) == []


def test_a_bulk_step_asks_no_more_often_for_more_rows(world, count_queries, ministry: Actor, reviewer: Actor) -> None:
    counts = []
    for codes in (["R-000002"], ["R-000003", "R-000004"]):
        with count_queries() as statements, world.begin() as session:
            reviewing.withdraw(session, ministry, codes, "ยกเลิกโครงการ")
        counts.append(sum(statement.startswith("SELECT") for statement in statements))
    assert counts[0] == counts[1]
