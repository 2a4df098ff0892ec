"""Lists that grow without limit, the newest first: a part at a time, and no other rows are read."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from sqlalchemy.orm import Session, sessionmaker

import models
from models import Role
from planner.services.closing.runs import find_closings, list_closings
from planner.services.lists import ListFilter, Listing
from planner.services.permissions import OPERATOR, Actor
from planner.services.scenarios.curves import find_sweeps, list_sweeps
from planner.services.scenarios.reading import find_scenarios, list_scenarios

Find = Callable[[Session, Actor, ListFilter], Listing]
MOMENT = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
LISTS = {"sweeps": (find_sweeps, list_sweeps), "scenarios": (find_scenarios, list_scenarios)}
LISTS["closings"] = (find_closings, list_closings)


@pytest.fixture
def many(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Five of each, of the workforce plans the first and the fourth finished."""
    with sessions.begin() as session:
        for n in range(1, 6):
            session.add(models.Scenario(code=f"S-{n}", name="ก", created_at=MOMENT))
            session.add(models.Sweep(code=f"W-{n}", name="ก", created_at=MOMENT))
            done = {"answer": b"x", "finished_at": MOMENT} if n in {1, 4} else {}
            asked = {"on": MOMENT.date(), "created_at": MOMENT, "planner_version": "1", "input_sha256": "0" * 64}
            session.add(models.ClosingRun(code=f"WF-{n}", name="ก", input_snapshot=b"x", **asked, **done))
            session.flush()
    return sessions


def parts(session: Session, actor: Actor, find: Find, size: int) -> Iterator[tuple[str, ...]]:
    found = find(session, actor, ListFilter(page_size=size, after=()))
    yield found.table.column("code")
    while found.last:
        found = find(session, actor, ListFilter(page_size=size, after=found.last))
        yield found.table.column("code")


@pytest.mark.parametrize("name", LISTS)
def test_the_parts_of_a_list_are_all_of_it_and_read_alone(
    many: sessionmaker[Session], count_queries: Callable[[], AbstractContextManager[list[str]]], name: str
) -> None:
    find, every = LISTS[name]
    with many() as session, count_queries() as statements:
        found = list(parts(session, OPERATOR, find, 2))
        assert [len(part) for part in found] == [2, 2, 1]
        assert all("LIMIT" in each or " IN (" in each for each in statements)
        assert sum(found, ()) == every(session, OPERATOR).column("code")


def test_a_ministry_is_shown_parts_of_what_it_may_see(
    many: sessionmaker[Session], world: sessionmaker[Session], person: Callable[..., Actor]
) -> None:
    home = person(Role.HR, "21000")
    with many() as session:
        assert list(parts(session, home, find_closings, 1)) == [("WF-4",), ("WF-1",)]


def test_a_sweep_whose_runs_are_just_removed_is_listed_without_any(many: sessionmaker[Session]) -> None:
    with many() as session:
        assert {row[2:4] for row in list_sweeps(session, OPERATOR).rows} == {(0, 0)}
