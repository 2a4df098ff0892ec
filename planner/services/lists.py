"""Lists of rows: one page of a table, and how many there are in all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, func, or_, select
from sqlalchemy.orm import Session

from reports.values import Table

PAGE_SIZE: Final = 50

AnySelect = Select[*tuple[Any, ...]]
Query = TypeVar("Query", bound=AnySelect)
Sorts = Mapping[str, SQLColumnExpression[Any]]
"""What a list may be sorted by: the key of a column, and what the database sorts it by."""


@dataclass(frozen=True)
class ListFilter:
    """Which page of a list, in which order; `page` None means every row, an unknown `sort` the code.

    `text` is looked for where each list says.
    """

    text: str | None = None
    sort: str = "code"
    descending: bool = False
    page: int | None = 1
    page_size: int = PAGE_SIZE


@dataclass(frozen=True)
class Listing:
    """One page of a list (pages count from 1), or all of it as page 1 of 1; `total` counts the rows of every page."""

    table: Table
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Slice:
    """The rows of one page, and where it lies."""

    rows: tuple[Row[*tuple[Any, ...]], ...]
    total: int
    page: int
    pages: int

    def listing(self, table: Table) -> Listing:
        """This page, drawn as `table`."""
        return Listing(table, self.total, self.page, self.pages)


def load_slice(session: Session, query: AnySelect, wanted: ListFilter) -> Slice:
    """The rows of `query` on the page that is wanted; past the last page comes the last. Two queries."""
    page, page_size = wanted.page, wanted.page_size
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    if page is None:
        return Slice(tuple(session.execute(query)), total, 1, 1)
    pages = max(1, -(-total // page_size))
    page = min(max(page, 1), pages)
    rows = session.execute(query.limit(page_size).offset((page - 1) * page_size))
    return Slice(tuple(rows), total, page, pages)


def sorted_by(query: Query, sorts: Sorts, wanted: ListFilter) -> Query:
    """`query` in the order of `wanted.sort`, rows without a value last, equal ones by `code`."""
    order = sorts.get(wanted.sort, sorts["code"])
    return query.order_by((order.desc() if wanted.descending else order.asc()).nulls_last(), sorts["code"])


def matches(text: str, *columns: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Whether any of `columns` contains `text`, in any case, taken literally."""
    return or_(*(column.icontains(text, autoescape=True) for column in columns))
