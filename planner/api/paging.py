"""Lists a part at a time: a cursor says behind which row the next part begins, whatever was added since."""

import base64
import datetime as dt
import enum
import hashlib
import json
from typing import Any, Final, Literal, TypedDict

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import Field

from planner.api.values import Model
from planner.errors import InvalidInputError, fault
from planner.services.lists import ListFilter, Place
from planner.text import N_

MOST: Final = 250
_MOMENT: Final = "moment"


class PageQuery(Model):
    """What every list takes."""

    limit: int = Field(50, ge=1, le=MOST, description="How many rows at most.")
    cursor: str | None = Field(None, max_length=2000, description="`next` of the part before; filters as in that one.")

    def part(self) -> ListFilter:
        """The part that is asked for, of a list that takes no more than that."""
        return ListFilter(page_size=self.limit, after=place_of(self.cursor))


class ListArguments(TypedDict):
    """The fields of `ListFilter` that every list takes from a query."""

    text: str | None
    sort: str
    descending: bool
    page_size: int
    after: Place | tuple[()]


class ListQuery(PageQuery):
    """What lists take that can be searched and sorted, as their pages do."""

    q: str | None = Field(None, max_length=300, description="Words to look for, as in the search field of the page.")
    sort: str = Field("code", max_length=40, description="The key of the column to sort by.")
    order: Literal["asc", "desc"] = Field("asc", description="Rows without a value come last either way.")

    def arguments(self) -> ListArguments:
        """What `ListFilter` takes."""
        return {
            "text": self.q or None,
            "sort": self.sort,
            "descending": self.order == "desc",
            "page_size": self.limit,
            "after": place_of(self.cursor),
        }


def cursor_of(place: Place | None) -> str | None:
    """`place` as an opaque text, for this list with these filters alone; None for the end."""
    return None if place is None else _serializer().dumps([_kept(place[0]), place[1]])


def place_of(cursor: str | None) -> Place | tuple[()]:
    """The place that `cursor` stands for; () for the start. `InvalidInputError` for one that was not made here."""
    if cursor is None:
        return ()
    try:
        value, code = _serializer().loads(cursor)
    except BadSignature:
        message = N_("This cursor does not belong to this list with these filters.")
        raise InvalidInputError([fault("cursor", "unknown_cursor", message)]) from None
    if isinstance(value, dict):
        value = dt.datetime.fromisoformat(value[_MOMENT])
    return value, code


def _kept(value: Any) -> Any:
    match value:
        case dt.datetime():
            return {_MOMENT: value.isoformat()}
        case enum.Enum():
            return value.value
    return value


def _serializer() -> URLSafeSerializer:
    """Signs for the list and the filters of the request at hand: nothing forged reaches a query."""
    filters = sorted((name, value) for name, value in request.args.items() if name not in {"cursor", "limit"})
    text = json.dumps([request.path, filters])
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"cursor {digest}")
