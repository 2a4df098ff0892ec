"""The life of a requirement: every step of the table, who may take it, deadlines, revisions, and two approvers."""

import datetime as dt
import threading

import pytest
from sqlalchemy import select

import models
from models import RequirementStatus as Status
from models import Role
from planner.db import open_sessions
from planner.errors import ForbiddenError, InvalidInputError, NotFoundError
from planner.services import reviewing
from planner.services.comparison import compare_revision
from planner.services.deadlines import load_entry
from planner.services.history import load_history
from planner.services.lifecycle import EditMode, edit_mode, edit_refusal, status_refusal
from planner.services.permissions import OPERATOR, may
from planner.services.revisions import propose, row_in_force
from planner.services.standing import load_standing
from planner.services.transitions import TRANSITIONS, Action, possible
from planner.text import FiscalYear, LocalText

MINE = "R-000001"
OTHERS = "R-000002"
DRAFT = "R-000005"


def find(session, code: str) -> models.Requirement:
    return session.scalars(select(models.Requirement).where(models.Requirement.code == code)).one()


def set_status(sessions, code: str, status: Status) -> None:
    with sessions.begin() as session:
        find(session, code).status = status


def status_of(sessions, code: str) -> Status:
    with sessions() as session:
        return find(session, code).status


def open_round(sessions, opens: float = -1, closes: float = 1, code: str = "2570") -> None:
    """A round that opens and closes so many days from now."""
    now = dt.datetime.now(dt.UTC)
    with sessions.begin() as session:
        session.add(
            models.PlanningRound(
                code=code,
                name_th="รอบ 2570",
                name_en="Round 2027",
                opens_at=now + dt.timedelta(days=opens),
                closes_at=now + dt.timedelta(days=closes),
            )
        )


def extend(sessions, days: float, ministry: str = "21000") -> None:
    with sessions.begin() as session:
        home = session.scalars(select(models.Ministry).where(models.Ministry.code == ministry)).one()
        found = session.scalars(select(models.PlanningRound)).one()
        closes_at = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
        found.extensions.append(models.RoundExtension(ministry=home, closes_at=closes_at, reason="น้ำท่วม"))


def codes_of(error: pytest.ExceptionInfo[InvalidInputError]) -> set[tuple[str, str]]:
    return {(fault.address, fault.code) for fault in error.value.faults}


@pytest.fixture
def ministry(world, person):
    return person(Role.MINISTRY_PLANNER, "21000")


@pytest.fixture
def reviewer(world, person):
    return person(Role.DE_PLANNER)


@pytest.fixture
def revised(world, ministry):
    """R-000001, approved, with a draft revision of its title and of one amount."""
    with world.begin() as session:
        row = {**row_in_force(session, MINE), "title": "เวชระเบียนใหม่", "demand.vcpu.2028": 75.0}
        propose(session, ministry, find(session, MINE), row)
    return world


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("status", Status)
def test_every_step_goes_where_the_table_says_and_no_other_is_taken(world, ministry, reviewer, action, status):
    set_status(world, MINE, status)
    way = TRANSITIONS[action]
    actor = ministry if may(ministry, way.permission) else reviewer
    with world.begin() as session:
        if status in way.sources:
            assert reviewing.act(session, actor, action, [MINE], "เหตุผล") == (MINE,)
        else:
            with pytest.raises(InvalidInputError) as error:
                reviewing.act(session, actor, action, [MINE], "เหตุผล")
            assert codes_of(error) == {(MINE, "wrong_status")}
    assert status_of(world, MINE) is (way.target if status in way.sources else status)


def test_a_ministry_never_approves_and_those_who_only_read_do_nothing(world, ministry, person):
    auditor, manager, admin = person(Role.AUDITOR), person(Role.MANAGER), person(Role.ADMINISTRATOR)
    set_status(world, MINE, Status.SUBMITTED)
    refused = [(ministry, Action.APPROVE), (ministry, Action.RETURN)]
    refused += [(actor, action) for actor in (auditor, manager, admin) for action in Action]
    with world() as session:
        for actor, action in refused:
            with pytest.raises(ForbiddenError):
                reviewing.act(session, actor, action, [MINE], "เหตุผล")
    assert {way.action for way in possible(ministry, Status.SUBMITTED)} == {Action.REOPEN, Action.WITHDRAW}
    assert possible(auditor, Status.SUBMITTED) == ()


def test_another_ministry_s_requirement_is_as_if_missing(world, ministry):
    with world() as session:
        for code in (OTHERS, "R-999999"):
            with pytest.raises(NotFoundError):
                reviewing.withdraw(session, ministry, [MINE, code])
            with pytest.raises(NotFoundError):
                load_standing(session, ministry, code)
            with pytest.raises(NotFoundError):
                compare_revision(session, ministry, code)


def test_many_at_once_are_all_or_nothing_with_a_fault_for_each(world, reviewer):
    set_status(world, "R-000003", Status.SUBMITTED)
    with pytest.raises(InvalidInputError) as error, world.begin() as session:
        reviewing.approve(session, reviewer, [DRAFT, "R-000003", MINE])
    assert codes_of(error) == {(DRAFT, "wrong_status"), (MINE, "wrong_status")}
    assert status_of(world, "R-000003") is Status.SUBMITTED
    set_status(world, DRAFT, Status.SUBMITTED)
    with world.begin() as session:
        assert reviewing.approve(session, reviewer, ["R-000003", DRAFT, DRAFT]) == ("R-000003", DRAFT)
    assert {status_of(world, code) for code in (DRAFT, "R-000003")} == {Status.APPROVED}


def test_nothing_is_returned_without_a_comment_and_nothing_done_to_nothing(world, reviewer):
    set_status(world, MINE, Status.SUBMITTED)
    with world() as session:
        for codes, comment, faults in (
            ([MINE], " \n", {("comment", "missing")}),
            ([MINE], "x" * 2001, {("comment", "too_long")}),
            ([], "เหตุผล", {("", "nothing_chosen")}),
            ([f"R-{n:06}" for n in range(1001)], "เหตุผล", {("", "too_many")}),
        ):
            with pytest.raises(InvalidInputError) as error:
                reviewing.return_(session, reviewer, codes, comment)
            assert codes_of(error) == faults


def test_what_was_changed_after_the_page_was_opened_is_not_approved_unseen(world, reviewer):
    set_status(world, MINE, Status.SUBMITTED)
    with world() as session:
        version = find(session, MINE).version
    with world.begin() as session, pytest.raises(InvalidInputError) as error:
        reviewing.act(session, reviewer, Action.APPROVE, [MINE], seen={MINE: version - 1})
    assert codes_of(error) == {(MINE, "changed_meanwhile")}
    with world.begin() as session:
        reviewing.act(session, reviewer, Action.APPROVE, [MINE], seen={MINE: version})
    assert status_of(world, MINE) is Status.APPROVED


def test_history_and_the_inbox_of_whoever_submitted_tell_of_the_return(world, ministry, reviewer):
    set_status(world, MINE, Status.DRAFT)
    with world.begin() as session:
        reviewing.submit(session, ministry, [MINE])
    with world.begin() as session:
        reviewing.return_(session, reviewer, [MINE], " ขาดปริมาณปี 2572 ")
    with world() as session:
        entries = load_history(session, ministry, f"requirement:{MINE}").entries
        items = session.scalars(select(models.InboxItem)).all()
    assert [(entry.action, entry.username, entry.note) for entry in entries] == [
        ("returned", reviewer.username, "ขาดปริมาณปี 2572"),
        ("submitted", ministry.username, ""),
    ]
    assert [(item.user_id, item.event, item.note) for item in items] == [
        (ministry.user_id, "returned", "ขาดปริมาณปี 2572")
    ]


def test_two_approvers_at_once_approve_once(world, reviewer):
    set_status(world, MINE, Status.SUBMITTED)
    sessions = open_sessions(world.kw["bind"])
    start = threading.Barrier(4)
    outcomes: list[object] = []

    def approve() -> None:
        start.wait()
        try:
            with sessions.begin() as session:
                outcomes.append(reviewing.approve(session, reviewer, [MINE]))
        except InvalidInputError as error:
            outcomes.append(error.faults[0].code)

    threads = [threading.Thread(target=approve) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [(MINE,), *["wrong_status"] * 3]
    with world() as session:
        entries = load_history(session, reviewer, f"requirement:{MINE}").entries
    assert [entry.action for entry in entries] == ["approved"]


@pytest.mark.parametrize(
    ("rounds", "extended", "open_"),
    [
        ([], None, True),
        ([(-1, 1)], None, True),
        ([(-2, -1)], None, False),
        ([(1, 2)], None, False),
        ([(-2, -1)], 1, True),
        ([(-2, -1)], -0.5, False),
        ([(-4, -3), (-1, 1)], None, True),
        ([(-4, -3), (1, 2)], None, False),
    ],
)
def test_deadlines_bind_ministries_alone(world, ministry, reviewer, *, rounds, extended, open_):
    set_status(world, MINE, Status.DRAFT)
    for number, (opens, closes) in enumerate(rounds):
        open_round(world, opens, closes, code=f"N{number}")
    if extended:
        extend(world, extended)
    with world() as session:
        entry = load_entry(session, ministry)
        row = find(session, MINE)
        assert (entry.refusal is None) is open_
        assert edit_mode(ministry, row, entry) is (EditMode.DIRECT if open_ else EditMode.REFUSED)
        assert edit_mode(ministry, None, entry) is (EditMode.DIRECT if open_ else EditMode.REFUSED)
        assert edit_refusal(ministry, row, entry) == entry.refusal
        assert load_entry(session, reviewer).refusal is None
        if open_:
            assert reviewing.submit(session, ministry, [MINE])
        else:
            with pytest.raises(InvalidInputError) as error:
                reviewing.submit(session, ministry, [MINE])
            assert codes_of(error) == {("", "round_closed")}
            assert not any(way.bound for way in load_standing(session, ministry, MINE).actions)
            assert reviewing.submit(session, reviewer, [MINE])


@pytest.mark.parametrize(
    ("status", "mode"),
    [
        (Status.DRAFT, EditMode.DIRECT),
        (Status.RETURNED, EditMode.DIRECT),
        (Status.SUBMITTED, EditMode.REFUSED),
        (Status.APPROVED, EditMode.REVISION),
        (Status.WITHDRAWN, EditMode.REFUSED),
    ],
)
def test_what_saving_a_row_does_depends_on_its_status(world, ministry, reviewer, person, *, status, mode):
    set_status(world, MINE, status)
    auditor = person(Role.AUDITOR)
    with world() as session:
        row = find(session, MINE)
        for actor in (ministry, reviewer):
            entry = load_entry(session, actor)
            assert edit_mode(actor, row, entry) is mode
            assert (edit_refusal(actor, row, entry) is None) is (mode is not EditMode.REFUSED)
        assert edit_mode(OPERATOR, row, load_entry(session, OPERATOR)) is EditMode.DIRECT
        assert edit_mode(auditor, row, load_entry(session, auditor)) is EditMode.REFUSED
        assert edit_refusal(auditor, row, load_entry(session, auditor))


@pytest.mark.parametrize(
    ("before", "after", "ministry_may", "reviewer_may"),
    [
        (None, Status.DRAFT, True, True),
        (None, Status.SUBMITTED, True, True),
        (None, Status.WITHDRAWN, True, True),
        (None, Status.APPROVED, False, True),
        (None, Status.RETURNED, False, True),
        (Status.RETURNED, Status.SUBMITTED, True, True),
        (Status.RETURNED, Status.RETURNED, True, True),
        (Status.SUBMITTED, Status.APPROVED, False, True),
        (Status.SUBMITTED, Status.RETURNED, False, False),
        (Status.DRAFT, Status.APPROVED, False, False),
        (Status.APPROVED, Status.DRAFT, False, False),
        (Status.APPROVED, Status.WITHDRAWN, False, False),
        (Status.WITHDRAWN, Status.DRAFT, True, True),
    ],
)
def test_a_file_gives_no_status_that_the_page_would_not(
    ministry, reviewer, *, before, after, ministry_may, reviewer_may
):
    assert (status_refusal(ministry, before, after) is None) is ministry_may
    assert (status_refusal(reviewer, before, after) is None) is reviewer_may
    assert status_refusal(OPERATOR, before, after) is None


def test_a_revision_waits_while_the_old_stays_in_force(revised, ministry, reviewer):
    with revised() as session:
        before = row_in_force(session, MINE)
        standing = load_standing(session, ministry, MINE)
        comparison = compare_revision(session, ministry, MINE)
    assert before["title"] == "เวชระเบียนกลาง"
    assert (standing.revision, standing.edit) == (1, EditMode.REVISION)
    assert comparison
    assert {
        (difference.column.key, difference.before, difference.after)
        for difference in comparison.differences
        if difference.changed
    } == {("title", "เวชระเบียนกลาง", "เวชระเบียนใหม่"), ("demand.vcpu.2028", 60.0, 75.0)}
    shown = {difference.column.key: difference.before for difference in comparison.differences}
    assert shown["agency"] == LocalText("กรมควบคุมโรค", "Department of Disease Control")
    assert shown["start_year"] == FiscalYear(2027)
    with revised.begin() as session:
        reviewing.submit(session, ministry, [MINE])
    with revised() as session:
        row = find(session, MINE)
        assert (row.status, row.title) == (Status.APPROVED, "เวชระเบียนกลาง")
        assert edit_mode(ministry, row, load_entry(session, ministry)) is EditMode.REFUSED


def test_an_approved_revision_takes_effect_and_history_keeps_old_and_new(revised, ministry, reviewer):
    with revised.begin() as session:
        reviewing.submit(session, ministry, [MINE])
    with revised.begin() as session:
        reviewing.approve(session, reviewer, [MINE], "ตกลง")
    with revised() as session:
        row = find(session, MINE)
        assert (row.status, row.title, row.open_revision) == (Status.APPROVED, "เวชระเบียนใหม่", None)
        assert {line.amount for line in row.demand if line.year == 2028} == {75.0, 15.0}
        assert [revision.status for revision in row.revisions] == [Status.APPROVED]
        entry = session.scalars(select(models.AuditEntry).order_by(models.AuditEntry.position.desc())).first()
        assert compare_revision(session, reviewer, MINE) is None
    assert entry
    assert (entry.action, entry.note) == ("approved", "ตกลง")
    assert entry.changes == {
        "revision": ["submitted", "approved"],
        "title": ["เวชระเบียนกลาง", "เวชระเบียนใหม่"],
        "demand.vcpu.2028": [60.0, 75.0],
    }


def test_a_returned_revision_is_changed_and_a_withdrawn_one_makes_room_for_the_next(revised, ministry, reviewer):
    with revised.begin() as session:
        reviewing.submit(session, ministry, [MINE])
        reviewing.return_(session, reviewer, [MINE], "เหตุผล")
    with revised.begin() as session:
        row = find(session, MINE)
        changed = propose(session, ministry, row, {**row_in_force(session, MINE), "title": "อีกชื่อ"})
        assert changed
        assert (changed.number, changed.status, changed.row["title"]) == (1, Status.RETURNED, "อีกชื่อ")
        reviewing.withdraw(session, ministry, [MINE])
    assert status_of(revised, MINE) is Status.APPROVED
    with revised.begin() as session:
        row = find(session, MINE)
        assert propose(session, ministry, row, row_in_force(session, MINE)) is None
        second = propose(session, ministry, row, {**row_in_force(session, MINE), "copies": 2})
        assert second
        assert second.number == 2


def test_a_revision_of_what_is_no_longer_in_force_is_not_approved(revised, ministry, reviewer):
    with revised.begin() as session:
        reviewing.submit(session, ministry, [MINE])
        find(session, MINE).note = "แก้ไขโดยผู้ดูแล"
    with pytest.raises(InvalidInputError) as error, revised.begin() as session:
        reviewing.approve(session, reviewer, [MINE])
    assert codes_of(error) == {(MINE, "base_changed")}


def test_a_revision_that_can_no_longer_be_is_refused_whole(revised, ministry, reviewer):
    with revised.begin() as session:
        revision = find(session, MINE).open_revision
        revision.row = {**revision.row, "priority": "no-such"}
        reviewing.submit(session, ministry, [MINE])
    with pytest.raises(InvalidInputError) as error, revised.begin() as session:
        reviewing.approve(session, reviewer, [MINE])
    assert [fault.code for fault in error.value.faults] == ["unknown_code"]
    with revised() as session:
        row = find(session, MINE)
        assert row.open_revision
        assert row.open_revision.status is Status.SUBMITTED


def test_many_approvals_take_a_fixed_number_of_reading_queries(world, ministry, count_queries):
    for code in (MINE, "R-000006"):
        set_status(world, code, Status.DRAFT)
    counts = []
    for codes in ([MINE], [MINE, "R-000006"]):
        with world() as session, count_queries() as queries:
            reviewing.submit(session, ministry, codes)
        counts.append(sum(query.startswith("SELECT") and "requirement" in query for query in queries))
    assert counts[1] - counts[0] <= 1
