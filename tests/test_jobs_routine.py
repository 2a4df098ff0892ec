"""What workers do unasked."""

import datetime as dt

from sqlalchemy import select

from models import ApiAnswer, ApiToken, CoverageSnapshot, Role
from planner.jobs.routine import EVERY, Routine


def kept(sessions) -> int:
    with sessions() as session:
        return len(session.scalars(select(CoverageSnapshot.taken_on)).all())


def test_coverage_is_kept_once_whoever_comes_and_however_often(staffed, monkeypatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("planner.jobs.routine.time.monotonic", lambda: clock[0])
    first, second = Routine(staffed), Routine(staffed)
    for routine in (first, second, first):
        routine.run()
        assert kept(staffed) == 1
    clock[0] = EVERY + 1
    first.run()
    assert kept(staffed) == 1


def test_nothing_is_kept_of_a_workforce_without_norms(world) -> None:
    Routine(world).run()
    assert kept(world) == 0


def test_a_database_that_is_away_stops_no_worker(staffed, monkeypatch, caplog) -> None:
    clock = [0.0]
    monkeypatch.setattr("planner.jobs.routine.time.monotonic", lambda: clock[0])
    routine = Routine(staffed)
    with staffed.begin() as session:
        CoverageSnapshot.__table__.drop(session.connection())
    routine.run()
    assert "cannot keep coverage" in caplog.text


def test_answers_that_nobody_asks_for_again_are_forgotten(world, person) -> None:
    now, owner = dt.datetime.now(dt.UTC), person(Role.AUDITOR)
    with world.begin() as session:
        token = ApiToken(
            user_id=owner.user_id, name="x", token_hash="0" * 64, scopes=(), created_at=now,
            expires_at=now + dt.timedelta(days=1),
        )  # fmt: skip
        session.add(token)
        session.flush()
        for key, ends in (("old", now), ("new", now + dt.timedelta(hours=1))):
            session.add(
                ApiAnswer(token_id=token.id, key=key, request_sha256="0" * 64, headers={}, body="", expires_at=ends)
            )
    Routine(world).run()
    with world() as session:
        assert session.scalars(select(ApiAnswer.key)).all() == ["new"]
