"""Engines, sessions and snapshots on both databases."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

import models
from planner.db import open_snapshot, pending_revisions


def test_a_migrated_database_has_nothing_pending(engine):
    present, newest = pending_revisions(engine)
    assert present == newest is not None


def test_a_blank_database_has_everything_pending(blank_engine):
    present, newest = pending_revisions(blank_engine)
    assert present is None
    assert newest is not None


def test_foreign_keys_hold(session):
    session.add(models.Agency(code="11001", name_th="ก", name_en="a", ministry_id=1))
    with pytest.raises(IntegrityError):
        session.flush()


def test_sqlite_waits_for_a_writer_and_logs_ahead(sqlite_engine):
    with sqlite_engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA busy_timeout")) == 10_000


def test_a_snapshot_does_not_see_what_is_committed_meanwhile(sessions):
    codes = select(models.Region.code)
    with open_snapshot(sessions) as snapshot:
        assert snapshot.scalars(codes).all() == []
        with sessions.begin() as other:
            other.add(models.Region(code="north", name_th="เหนือ", name_en="North"))
        assert snapshot.scalars(codes).all() == []
    with open_snapshot(sessions) as snapshot:
        assert snapshot.scalars(codes).all() == ["north"]
