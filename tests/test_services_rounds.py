"""Planning rounds: kept by DE, one open at a time, longer for some, faults at their fields."""

import datetime as dt
import threading

import pytest
from sqlalchemy import select

import models
from models import Role
from planner.db import open_sessions
from planner.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from planner.i18n import to_words
from planner.services.deadlines import RoundState, load_entry, round_state
from planner.services.history import load_history
from planner.services.permissions import OPERATOR
from planner.services.rounds import (
    end_extension,
    extend_round,
    get_round,
    list_rounds,
    ministry_choices,
    save_round,
)

FIELDS = {
    "code": "2570-1",
    "name_th": "รอบที่ 1",
    "name_en": "Round 1",
    "opens_day": "1/10/2569",
    "opens_time": "08:30",
    "closes_day": "๓๐/๑๑/๒๕๖๙",
    "closes_time": "๑๖.๓๐",
}
LONGER = {"ministry": "21000", "until_day": "2026-12-15", "until_time": "16:30", "reason": "น้ำท่วม"}


def faults_of(error: pytest.ExceptionInfo[InvalidInputError]) -> dict[str, str]:
    return {fault.address: fault.code for fault in error.value.faults}


@pytest.fixture
def kept(world):
    with world.begin() as session:
        save_round(session, OPERATOR, FIELDS)
    return world


def test_days_of_either_era_and_thai_digits_are_thai_time(kept):
    with kept() as session:
        detail = get_round(session, OPERATOR, "2570-1")
    assert detail.opens_at == dt.datetime(2026, 10, 1, 1, 30, tzinfo=dt.UTC)
    assert detail.closes_at == dt.datetime(2026, 11, 30, 9, 30, tzinfo=dt.UTC)
    assert (detail.name.th, detail.name.en) == ("รอบที่ 1", "Round 1")


def test_every_fault_stands_at_its_field(world):
    given = {"code": "a b", "name_th": "", "opens_day": "31/2/2569", "opens_time": "24:00", "closes_day": "tomorrow"}
    with world() as session, pytest.raises(InvalidInputError) as error:
        save_round(session, OPERATOR, given)
    assert faults_of(error) == {
        "code": "bad_code",
        "name_th": "missing",
        "name_en": "missing",
        "opens_day": "not_a_date",
        "opens_time": "not_a_time",
        "closes_day": "not_a_date",
        "closes_time": "not_a_time",
    }


@pytest.mark.parametrize(
    ("opens", "closes", "faults"),
    [
        ("1/12/2569", "31/12/2569", {}),
        ("1/9/2569", "30/9/2569", {}),
        ("30/11/2569", "31/12/2569", {"opens_day": "overlaps"}),
        ("1/9/2569", "2/10/2569", {"opens_day": "overlaps"}),
        ("1/1/2569", "31/12/2570", {"opens_day": "overlaps"}),
        ("10/10/2569", "11/10/2569", {"opens_day": "overlaps"}),
        ("1/1/2571", "1/1/2570", {"closes_day": "ends_before_start"}),
    ],
)
def test_no_two_rounds_are_open_at_a_time(kept, opens, closes, faults):
    given = FIELDS | {"code": "2570-2", "opens_day": opens, "closes_day": closes}
    with kept() as session:
        if not faults:
            assert save_round(session, OPERATOR, given) == "2570-2"
            return
        with pytest.raises(InvalidInputError) as error:
            save_round(session, OPERATOR, given)
    assert faults_of(error) == faults


def test_a_round_follows_another_in_the_same_moment(kept):
    with kept() as session:
        after = {"code": "2570-2", "opens_day": "30/11/2569", "opens_time": "16:30", "closes_day": "1/12/2569"}
        save_round(session, OPERATOR, FIELDS | after)
        assert list_rounds(session, OPERATOR).column("code") == ("2570-2", "2570-1")


def test_a_code_names_one_round_alone(kept):
    with kept() as session, pytest.raises(InvalidInputError) as error:
        save_round(session, OPERATOR, FIELDS | {"opens_day": "1/1/2571", "closes_day": "1/2/2571"})
    assert faults_of(error) == {"code": "not_unique"}


def test_changing_a_round_needs_the_version_that_was_seen_and_keeps_history(kept):
    with kept.begin() as session:
        version = get_round(session, OPERATOR, "2570-1").version
        save_round(session, OPERATOR, FIELDS | {"closes_day": "15/12/2569"}, code="2570-1", version=version)
    with kept() as session:
        with pytest.raises(ConflictError):
            save_round(session, OPERATOR, FIELDS, code="2570-1", version=version)
        with pytest.raises(NotFoundError):
            save_round(session, OPERATOR, FIELDS, code="no-such", version=1)
    with kept() as session:
        newest, first = load_history(session, OPERATOR, "round:2570-1").entries
    assert (first.action, newest.action) == ("created", "changed")
    assert [(change.old, change.new) for change in newest.changes] == [("2026-11-30 16:30", "2026-12-15 16:30")]


def test_two_at_once_make_one_round(world):
    sessions = open_sessions(world.kw["bind"])
    start = threading.Barrier(3)
    outcomes: list[str] = []

    def make(code: str) -> None:
        start.wait()
        try:
            with sessions.begin() as session:
                outcomes.append(save_round(session, OPERATOR, FIELDS | {"code": code}))
        except InvalidInputError as error:
            outcomes.append(error.faults[0].code)

    threads = [threading.Thread(target=make, args=(f"N{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[1:] == ["overlaps", "overlaps"]
    with world() as session:
        assert len(session.scalars(select(models.PlanningRound)).all()) == 1


def test_one_ministry_is_given_longer_and_the_others_do_not_learn_of_it(kept, person):
    health, digital = person(Role.MINISTRY_PLANNER, "21000"), None
    with kept.begin() as session:
        extend_round(session, OPERATOR, "2570-1", LONGER)
        extend_round(session, OPERATOR, "2570-1", LONGER | {"until_day": "20/12/2569"})
    with kept() as session:
        (extension,) = get_round(session, health, "2570-1").extensions
        assert extension.closes_at == dt.datetime(2026, 12, 20, 9, 30, tzinfo=dt.UTC)
        assert extension.reason == "น้ำท่วม"
        digital = session.scalars(select(models.Ministry).where(models.Ministry.code == "11000")).one()
        session.get_one(models.User, health.user_id).ministry = digital
        session.flush()
    with kept() as session:
        assert len(get_round(session, OPERATOR, "2570-1").progress.rows) == 2
        assert len(get_round(session, health, "2570-1").progress.rows) == 1


def test_an_extension_ends_later_than_the_round(kept):
    with kept() as session:
        for given, faults in (
            (LONGER | {"until_day": "30/11/2569"}, {"until_day": "not_later"}),
            (LONGER | {"ministry": "99999"}, {"ministry": "unknown_code"}),
            (
                {},
                {
                    "ministry": "unknown_code",
                    "until_day": "missing",
                    "until_time": "not_a_time",
                    "reason": "missing",
                },
            ),
        ):
            with pytest.raises(InvalidInputError) as error:
                extend_round(session, OPERATOR, "2570-1", given)
            assert faults_of(error) == faults


def test_an_extension_is_taken_back(kept):
    with kept.begin() as session:
        extend_round(session, OPERATOR, "2570-1", LONGER)
    with kept.begin() as session:
        end_extension(session, OPERATOR, "2570-1", "21000")
        with pytest.raises(NotFoundError):
            end_extension(session, OPERATOR, "2570-1", "21000")
    with kept() as session:
        assert get_round(session, OPERATOR, "2570-1").extensions == ()


@pytest.mark.parametrize("role", [Role.MINISTRY_PLANNER, Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_rounds_are_for_de_to_keep(kept, person, role):
    actor = person(role, "21000" if role is Role.MINISTRY_PLANNER else None)
    with kept() as session:
        for change in (
            lambda: save_round(session, actor, FIELDS),
            lambda: extend_round(session, actor, "2570-1", LONGER),
            lambda: end_extension(session, actor, "2570-1", "21000"),
        ):
            with pytest.raises(ForbiddenError):
                change()
        assert ministry_choices(session, actor) == ()


def test_a_round_tells_how_far_each_ministry_is(kept):
    with kept() as session:
        progress = get_round(session, OPERATOR, "2570-1").progress
    keys = [column.key for column in progress.columns]
    assert keys == ["ministry", "draft", "submitted", "returned", "approved", "withdrawn", "revisions"]
    assert [row[1:] for row in progress.rows] == [(1, 0, 0, 3, 0, 0), (0, 0, 0, 2, 0, 0)]


def test_the_state_of_a_round_follows_the_clock():
    opens, closes = (dt.datetime(2026, 1, day, tzinfo=dt.UTC) for day in (10, 20))
    states = [round_state(opens, closes, dt.datetime(2026, 1, day, tzinfo=dt.UTC)) for day in (9, 10, 19, 20)]
    assert states == [RoundState.UPCOMING, RoundState.OPEN, RoundState.OPEN, RoundState.CLOSED]


@pytest.mark.parametrize(("opens", "closes", "said"), [(-2, -1, "closed on"), (1, 2, "opens on")])
def test_a_ministry_is_told_when_it_may_enter(world, person, opens, closes, said):
    now = dt.datetime.now(dt.UTC)
    moments = {"opens_at": now + dt.timedelta(days=opens), "closes_at": now + dt.timedelta(days=closes)}
    with world.begin() as session:
        session.add(models.PlanningRound(code="N", name_th="รอบ", name_en="Round", **moments))
    with world() as session:
        refusal = load_entry(session, person(Role.MINISTRY_PLANNER, "21000")).refusal
    assert refusal
    assert said in to_words(refusal, "en")
    assert "รอบ" in to_words(refusal, "th")
