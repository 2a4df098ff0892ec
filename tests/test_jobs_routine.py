"""What workers do unasked."""

from sqlalchemy import select

from models import CoverageSnapshot
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
