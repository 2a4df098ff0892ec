"""Lists read a part at a time from behind a row: in every order, whatever is added meanwhile."""

import datetime as dt
import enum
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

import models
from models import Role
from planner.services import accounts
from planner.services.accounts import AccountFilter
from planner.services.datasets.inventory import SORTABLE as DATASET_SORTS
from planner.services.datasets.inventory import DatasetFilter, list_datasets
from planner.services.jobs import SORTABLE as JOB_SORTS
from planner.services.jobs import list_jobs
from planner.services.lists import ListFilter, Listing
from planner.services.permissions import OPERATOR, Actor
from planner.services.register.people import SORTABLE as PEOPLE_SORTS
from planner.services.register.people import PeopleFilter, list_people
from planner.services.requirements import SORTABLE, RequirementFilter, list_requirements
from planner.services.sites import SORTABLE as SITE_SORTS
from planner.services.sites import SiteFilter, list_sites


def read_in_parts(session: Session, load: Any, wanted: Any, **filters: Any) -> list[str]:
    codes: list[str] = []
    place: Any = ()
    while place is not None:
        found = load(session, OPERATOR, wanted(**filters, page_size=2, after=place))
        assert len(found.table.rows) <= 2
        codes += map(str, found.table.column("code"))
        place = found.last
    return codes


NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def accounts_listed(session: Session, actor: Actor, wanted: Any) -> Listing:
    return accounts.list_accounts(session, actor, wanted, NOW)


def jobs_listed(session: Session, actor: Actor, wanted: Any) -> Listing:
    listing, _ = list_jobs(session, actor, wanted)
    return listing


def sent_back(place: Any) -> Any:
    """A place as it comes back in a cursor, which holds no enums."""
    return place and (place[0].value if isinstance(place[0], enum.Enum) else place[0], place[1])


@pytest.mark.parametrize(
    ("load", "wanted", "sorts"),
    [
        (list_sites, SiteFilter, SITE_SORTS),
        (list_people, PeopleFilter, PEOPLE_SORTS),
        (accounts_listed, AccountFilter, accounts.SORTABLE),
        (jobs_listed, ListFilter, ("code", *JOB_SORTS)),
    ],
    ids=["sites", "people", "accounts", "jobs"],
)
def test_lists_by_enums_and_by_what_is_worked_out_go_on_too(staffed, person, load, wanted, sorts) -> None:
    for role, ministry in ((Role.AUDITOR, None), (Role.MINISTRY_PLANNER, "21000"), (Role.MANAGER, None)):
        person(role, ministry)
    with staffed.begin() as session:
        for number, kind in enumerate([*models.JobKind] * 2):
            done = (
                {"status": models.JobStatus.DONE, "finished_at": NOW}
                if number % 2
                else {"status": models.JobStatus.QUEUED}
            )
            session.add(models.Job(kind=kind, subject=f"X-{number}", created_at=NOW, attempt=1, **done))
    with staffed() as session:
        for sort, descending in product(sorts, (False, True)):
            order = {"sort": sort, "descending": descending}
            whole = load(session, OPERATOR, wanted(**order, page=None)).table.rows
            assert len(whole) > 1
            rows: list[Any] = []
            place: Any = ()
            while place is not None:
                found = load(session, OPERATOR, wanted(**order, page_size=2, after=place))
                rows += found.table.rows
                place = sent_back(found.last)
            assert rows == list(whole), order


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    ("load", "wanted", "sorts"),
    [(list_requirements, RequirementFilter, SORTABLE), (list_datasets, DatasetFilter, DATASET_SORTS)],
    ids=["requirements", "datasets"],
)
def test_parts_make_up_the_whole_list_in_every_order(world, load, wanted, sorts, *, descending: bool) -> None:
    with world() as session:
        for sort in sorts:
            whole = load(session, OPERATOR, wanted(sort=sort, descending=descending, page=None))
            parts = read_in_parts(session, load, wanted, sort=sort, descending=descending)
            assert parts == list(map(str, whole.table.column("code"))), sort


def test_rows_that_come_in_or_go_out_meanwhile_move_nothing(world) -> None:
    first = RequirementFilter(sort="title", page_size=3, after=())
    with world.begin() as session:
        found = list_requirements(session, OPERATOR, first)
        seen = found.table.column("code")
        last = session.scalars(select(models.Requirement).where(models.Requirement.code == seen[-1])).one()
        copied = {
            column.key: getattr(last, column.key)
            for column in models.Requirement.__table__.columns
            if column.key not in {"id", "code", "title", "title_key", "search_key"}
        }
        session.add(models.Requirement(**copied, code="R-000000", title="ก"))  # before everything
        session.execute(
            update(models.Requirement).where(models.Requirement.code == seen[-1]).values(status="withdrawn")
        )
        rest = list_requirements(session, OPERATOR, RequirementFilter(sort="title", after=found.last))
    assert len({*seen, *rest.table.column("code")}) == 6
    assert not set(seen) & set(rest.table.column("code"))


def test_a_long_list_takes_no_more_queries(world, count_queries) -> None:
    def count(size: int) -> int:
        with count_queries() as statements, world() as session:
            list_requirements(session, OPERATOR, RequirementFilter(page_size=size, after=()))
        return len(statements)

    assert count(1) == count(5)
