"""Tokens of programs: made, limited, revoked; how often they may be used; and requests that are done once."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

import models
from models import ApiToken, Role
from planner.errors import InvalidInputError, NotFoundError
from planner.services import answers, rates, tokens
from planner.services.answers import Answer
from planner.services.permissions import Actor
from planner.services.sign_ins import Client
from planner.services.tokens import Area, NewToken, Scope

NOW = dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
HERE = Client("10.0.0.7", "a program")
READ = NewToken("รายงานประจำวัน", 30, ("requirements:read",))


def found(session: Session, token: str, now: dt.datetime = NOW) -> tokens.Bearer | None:
    return tokens.find_bearer(session, token, HERE, now)


@pytest.fixture
def planner(world, person) -> Actor:
    return person(Role.MINISTRY_PLANNER, "21000")


@pytest.fixture
def numbered(world: sessionmaker[Session], planner: Actor) -> int:
    """The number of a token."""
    with world.begin() as session:
        tokens.issue_token(session, planner, READ, NOW)
        return session.scalars(select(ApiToken.id)).one()


def test_a_token_stands_for_its_owner_and_only_its_hash_is_kept(world, planner: Actor) -> None:
    with world.begin() as session:
        token = tokens.issue_token(session, planner, READ, NOW)
    with world.begin() as session:
        bearer = found(session, token)
        assert (bearer.actor, bearer.scopes) == (planner, ("requirements:read",))
        assert found(session, token[:-1]) is None
        assert token not in str(session.execute(select(*ApiToken.__table__.columns)).all())
    with world.begin() as session:
        (entry,) = tokens.list_tokens(session, planner.user_id, NOW)
        assert (entry.last_used_at, entry.last_address) == (NOW, "10.0.0.7")
        logged = session.scalars(select(models.AuditEntry).where(models.AuditEntry.action == "token_issued")).one()
        assert logged.subject == "account:ministry_planner"
        assert token not in f"{logged.changes} {logged.note}"


def test_nothing_revoked_expired_or_of_a_disabled_owner_gets_in(world, planner: Actor, person) -> None:
    stranger = person(Role.AUDITOR)
    with world.begin() as session:
        token, other = (tokens.issue_token(session, planner, READ, NOW) for _ in range(2))
    with world() as session:
        last = NOW + dt.timedelta(days=30)
        assert found(session, token, last - dt.timedelta(seconds=1))
        assert found(session, token, last) is None
    with world.begin() as session:
        session.execute(update(models.User).where(models.User.id == planner.user_id).values(active=False))
        assert found(session, token) is None
        session.execute(update(models.User).where(models.User.id == planner.user_id).values(active=True))
        number = found(session, token).number
    with world.begin() as session, pytest.raises(NotFoundError):
        tokens.revoke_token(session, stranger, number)
    with world.begin() as session:
        tokens.revoke_token(session, planner, number)
        assert found(session, token) is None
        assert found(session, other)


def test_every_fault_of_a_wish_is_told(world, planner: Actor) -> None:
    for wish, addresses in (
        (NewToken(" ", None, ()), ["name", "days", "scopes"]),
        (NewToken("x" * 101, 366, ("requirements:read", "everything:write")), ["name", "days", "scopes"]),
        (NewToken("a\nb", 0, READ.scopes), ["name", "days"]),
    ):
        with world.begin() as session, pytest.raises(InvalidInputError) as refused:
            tokens.issue_token(session, planner, wish, NOW)
        assert [fault.address for fault in refused.value.faults] == addresses


def test_nobody_holds_more_than_so_many(world, planner: Actor, monkeypatch) -> None:
    monkeypatch.setattr(tokens, "MOST", 2)
    with world.begin() as session:
        for _ in range(2):
            tokens.issue_token(session, planner, READ, NOW)
    with world.begin() as session, pytest.raises(InvalidInputError) as refused:
        tokens.issue_token(session, planner, READ, NOW)
    assert [fault.code for fault in refused.value.faults] == ["too_many"]


def test_who_may_write_may_read_and_nowhere_else() -> None:
    write, read = Scope(Area.PLANS, writes=True), Scope(Area.PLANS, writes=False)
    assert read.within({"plans:write"})
    assert read.within({"plans:read"})
    assert not write.within({"plans:read"})
    assert not read.within({"scenarios:write"})


def test_a_minute_may_be_spent_at_once_and_fills_as_time_passes(world, numbered: int) -> None:
    def spend(at: float) -> rates.Allowance:
        with world.begin() as session:
            return rates.spend(session, numbered, 1_000_000.0 + at, 3)

    assert [spend(0.0).remaining for _ in range(3)] == [2, 1, 0]
    assert spend(0.0) == rates.Allowance(3, 0, 60, 20)
    assert spend(19.5).wait == 1
    assert spend(20.0) == rates.Allowance(3, 0, 60, 0)
    assert spend(20.0).wait == 20
    assert spend(300.0) == rates.Allowance(3, 2, 20, 0)
    assert [spend(300.0).remaining, spend(300.0).remaining, spend(299.0).wait] == [1, 0, 21], (
        "a moment before is no jump"
    )
    assert spend(-3_000.0) == rates.Allowance(3, 2, 20, 0), "a clock that is put back keeps nobody out for an hour"


def together(count: int, work: Callable[[], Any]) -> list[Any]:
    """What `work` returned, or the error it raised, in as many threads at once."""
    gate, done = threading.Barrier(count), []

    def run() -> None:
        gate.wait()
        try:
            done.append(work())
        except Exception as error:
            done.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def test_many_at_once_spend_no_more_than_there_is(world, numbered: int) -> None:
    def spend() -> int:
        with world.begin() as session:
            return rates.spend(session, numbered, 1_000_000.0, 5).wait

    assert sorted(bool(wait) for wait in together(8, spend)) == [False] * 5 + [True] * 3


def test_a_request_is_done_once_however_many_send_it_at_once(world, numbered: int) -> None:
    def work() -> str:
        with world.begin() as session:
            if kept := answers.claim(session, numbered, "key", "a" * 64, NOW):
                return kept.body
            count = session.scalar(select(func.count()).select_from(models.Region)) or 0
            session.add(models.Region(code=f"new{count}", name_th="ใหม่", name_en="New"))
            session.flush()
            answers.keep(session, numbered, "key", Answer(201, {"ETag": '"1"'}, f"region {count}"))
            return f"region {count}"

    assert len(set(together(4, work))) == 1
    with world() as session:
        assert session.scalar(select(func.count()).where(models.Region.code.startswith("new"))) == 1


def test_a_key_stands_for_one_request_of_one_token_for_a_day(world, planner: Actor, numbered: int) -> None:
    answer = Answer(200, {}, "{}")
    with world.begin() as session:
        assert answers.claim(session, numbered, "key", "a" * 64, NOW) is None
        assert answers.claim(session, numbered, "key", "a" * 64, NOW) is None, "a key without an answer is free"
        answers.keep(session, numbered, "key", answer)
        assert answers.claim(session, numbered, "key", "a" * 64, NOW) == answer
        with pytest.raises(answers.KeyReusedError):
            answers.claim(session, numbered, "key", "b" * 64, NOW)
        tokens.issue_token(session, planner, READ, NOW)
        session.flush()
        assert answers.claim(session, numbered + 1, "key", "b" * 64, NOW) is None
        assert answers.claim(session, numbered, "key", "b" * 64, NOW + answers.KEPT_FOR) is None
        answers.forget_old_answers(session, NOW + answers.KEPT_FOR)
        assert session.scalars(select(models.ApiAnswer.token_id)).all() == [numbered]
