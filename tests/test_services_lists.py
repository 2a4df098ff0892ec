"""Lists read a part at a time from behind a row: in every order, whatever is added meanwhile."""

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

import models
from planner.services.datasets.inventory import SORTABLE as DATASET_SORTS
from planner.services.datasets.inventory import DatasetFilter, list_datasets
from planner.services.permissions import OPERATOR
from planner.services.requirements import SORTABLE, RequirementFilter, list_requirements


def read_in_parts(session: Session, load: Any, wanted: Any, **filters: Any) -> list[str]:
    codes: list[str] = []
    place: Any = ()
    while place is not None:
        found = load(session, OPERATOR, wanted(**filters, page_size=2, after=place))
        assert len(found.table.rows) <= 2
        codes += map(str, found.table.column("code"))
        place = found.last
    return codes


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
