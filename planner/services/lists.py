"""Lists of rows: one page of a table, and how many there are in all; or, for programs, the rows after a given one."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, cast

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from models.sorting import search_key
from reports.values import Table

PAGE_SIZE: Final = 50

AnySelect = Select[*tuple[Any, ...]]
Query = TypeVar("Query", bound=AnySelect)
Sorts = Mapping[str, SQLColumnExpression[Any]]
"""What a list may be sorted by: the key of a column, and what the database sorts it by."""
Place = tuple[Any, str]
"""Where a row stands in an order: its value of what the list is sorted by, and its code."""


@dataclass(frozen=True)
class ListFilter:
    """Which page of a list, in which order; `page` None means every row, an unknown `sort` the code.

    `text` is looked for where each list says. With `after` the page begins behind that place, or with () at the start,
    whatever was added or taken away since: then `page` says nothing, and rows are not counted.
    """

    text: str | None = None
    sort: str = "code"
    descending: bool = False
    page: int | None = 1
    page_size: int = PAGE_SIZE
    after: Place | tuple[()] | None = None


@dataclass(frozen=True)
class Listing:
    """One page of a list (pages count from 1), or all of it as page 1 of 1; `total` counts the rows of every page.

    Of a list that was asked for what comes `after` a place, `total` counts these rows alone, and `last` is the place
    of the last of them, None where no more follow.
    """

    table: Table
    total: int
    page: int
    pages: int
    last: Place | None = None


@dataclass(frozen=True)
class Slice:
    """The rows of one page, and where it lies."""

    rows: tuple[Row[*tuple[Any, ...]], ...]
    total: int
    page: int
    pages: int
    last: Place | None = None

    def listing(self, table: Table) -> Listing:
        """This page, drawn as `table`."""
        return Listing(table, self.total, self.page, self.pages, self.last)


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
    if wanted.after is not None:
        return _load_after(session, query, wanted, keys)
    total = count_rows(session, keys.visible if keys else query)
    if wanted.page is None:
        every = query.where(keys.column.in_(keys.visible)) if keys else query
        return Slice(tuple(session.execute(every)), total, 1, 1)
    pages = max(1, -(-total // wanted.page_size))
    page = min(max(wanted.page, 1), pages)
    found = (keys.ordered if keys else query).limit(wanted.page_size).offset((page - 1) * wanted.page_size)
    rows = session.execute(query.where(keys.column.in_(found)) if keys else found)
    return Slice(tuple(rows), total, page, pages)


@dataclass(frozen=True)
class _Order:
    """What a query is sorted by, and the code that settles it; rows without a value come last either way.

    `always`: there are none, so that an index on the column finds where to begin.
    """

    column: SQLColumnExpression[Any]
    code: SQLColumnExpression[Any]
    descending: bool
    always: bool

    def beyond(self, place: Place) -> ColumnElement[bool]:
        """Whether a row comes behind `place`."""
        value, code = place
        if self.column is self.code:
            return self.code < code if self.descending else self.code > code
        if value is None:
            return and_(self.column.is_(None), self.code > code)
        bound = literal(value, cast("ColumnElement[Any]", self.column).type)
        further = self.column < bound if self.descending else self.column > bound
        if self.always:
            return and_(
                self.column <= bound if self.descending else self.column >= bound, or_(further, self.code > code)
            )
        return or_(further, and_(self.column == bound, self.code > code), self.column.is_(None))


_ORDER: Final = "list_order"


def _load_after(session: Session, query: AnySelect, wanted: ListFilter, keys: Keys | None) -> Slice:
    """The rows behind `wanted.after`, and the place of the last of them if more follow. Two queries."""
    ordered = keys.ordered if keys else query
    order: _Order = ordered.get_execution_options()[_ORDER]
    if wanted.after:
        ordered = ordered.where(order.beyond(wanted.after))
    found = ordered.limit(wanted.page_size)
    rows = tuple(session.execute(query.where(keys.column.in_(found)) if keys else found))
    ends = ordered.add_columns(order.column, order.code).offset(wanted.page_size - 1).limit(2)
    places: list[Place] = [(row[-2], row[-1]) for row in session.execute(ends)]
    return Slice(rows, len(rows), 1, 1, places[0] if len(places) == 2 else None)


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
    query = query.order_by(order if key in always else order.nulls_last(), sorts["code"])
    return query.execution_options(**{_ORDER: _Order(sorts[key], sorts["code"], wanted.descending, key in always)})


def load_newest(session: Session, query: AnySelect, code: SQLColumnExpression[str], wanted: ListFilter) -> Slice:
    """The rows of `query` that are wanted, the newest first, whose `code` counts up."""
    newest = replace(wanted, sort="code", descending=True)
    return load_slice(session, sorted_by(query, {"code": code}, newest), newest)


def matches(text: str, *columns: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Whether each word of `text` stands in one of `columns`, in any case, taken literally."""
    return and_(*(or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in text.split()))


def search_words(text: str) -> list[str]:
    """The words of `text` as `search_key` columns hold them."""
    return search_key(text).split()
