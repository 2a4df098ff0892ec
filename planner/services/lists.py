"""Lists of rows: one page of a table, and how many there are in all."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, and_, func, or_, select
from sqlalchemy.orm import Session

from models.sorting import search_key
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


@dataclass(frozen=True)
class Keys:
    """A long list by one unique `column` of its rows: `visible` selects that alone, `ordered` the same in order.

    Indexes answer both, so the page is found before anything else of its rows is read or joined.
    """

    column: SQLColumnExpression[Any]
    visible: AnySelect
    ordered: AnySelect


def load_slice(session: Session, query: AnySelect, wanted: ListFilter, keys: Keys | None = None) -> Slice:
    """The rows of `query` on the page that is wanted; past the last page comes the last. Two queries.

    With `keys`, which then say what is visible, `query` has the order alone.
    """
    total = count_rows(session, keys.visible if keys else query)
    if wanted.page is None:
        every = query.where(keys.column.in_(keys.visible)) if keys else query
        return Slice(tuple(session.execute(every)), total, 1, 1)
    pages = max(1, -(-total // wanted.page_size))
    page = min(max(wanted.page, 1), pages)
    found = (keys.ordered if keys else query).limit(wanted.page_size).offset((page - 1) * wanted.page_size)
    rows = session.execute(query.where(keys.column.in_(found)) if keys else found)
    return Slice(tuple(rows), total, page, pages)


def count_rows(session: Session, query: AnySelect) -> int:
    """How many rows `query` finds."""
    return session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def sorted_by(query: Query, sorts: Sorts, wanted: ListFilter, *, always: Container[str] = ()) -> Query:
    """`query` in the order of `wanted.sort`, rows without a value last, equal ones by `code`.

    `always` are the keys of which no row is without a value: an index on such a column and the code gives the order,
    which it would not if empty values were spoken of.
    """
    key = wanted.sort if wanted.sort in sorts else "code"
    order = sorts[key].desc() if wanted.descending else sorts[key].asc()
    return query.order_by(order if key in always else order.nulls_last(), sorts["code"])


def matches(text: str, *columns: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Whether each word of `text` stands in one of `columns`, in any case, taken literally."""
    return and_(*(or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in text.split()))


def search_words(text: str) -> list[str]:
    """The words of `text` as `search_key` columns hold them."""
    return search_key(text).split()
