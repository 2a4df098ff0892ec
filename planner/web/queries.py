"""A list's state lives in its address: reading it from there, and addresses with a part of it changed."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from flask import request, url_for

from planner.services.lists import PAGE_SIZE, ListFilter
from planner.text import THAI_DIGITS

PAGE_SIZES: Final = (PAGE_SIZE, 100, 250)
AROUND: Final = 2
"""How many page numbers to show on each side of the present one."""


def argument(name: str) -> str | None:
    """The query's part `name`, stripped; None if absent or empty."""
    return request.args.get(name, "").strip() or None


def state() -> str:
    """The query of this list without its page: what a saved view keeps, always in the same order."""
    return urlencode(sorted((name, value) for name, value in request.args.items() if value and name != "page"))


def page_argument() -> int:
    """The page asked for, from 1; anything that is no page is the first one."""
    text = request.args.get("page", "1").translate(THAI_DIGITS)
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1


def list_arguments() -> dict[str, Any]:
    """What every list takes from its address, by the fields of `ListFilter`."""
    return {
        "text": argument("q"),
        "sort": argument("sort") or ListFilter.sort,
        "descending": argument("order") == "desc",
        "page": page_argument(),
        "page_size": page_size_argument(),
    }


def page_size_argument() -> int:
    """How many rows a page is to have: one of those that are offered, or the usual."""
    text = request.args.get("size", "")
    return int(text) if text in map(str, PAGE_SIZES) else PAGE_SIZE


def here(**changes: object) -> str:
    """The address of this page with some of its query changed; None takes a part away."""
    query: dict[str, Any] = {**request.args.to_dict(), **changes, **(request.view_args or {})}
    return url_for(request.endpoint or "home.show", **{k: v for k, v in query.items() if v not in (None, "")})


def export_url(endpoint: str, form: str) -> str:
    """The address of the download of what this list shows: the same query without its page."""
    query: dict[str, Any] = {**request.args.to_dict(), "form": form, "page": None}
    return url_for(endpoint, **query)


def return_path() -> str:
    """Where to come back to after a choice such as the language: this page, or the start page after a sent form."""
    return request.full_path.rstrip("?") if request.method == "GET" else url_for("home.show")


def page_numbers(page: int, last: int) -> Iterator[int | None]:
    """The numbers to show, with None for a gap: the first, the last, and those around `page`."""
    previous = 0
    for number in range(1, last + 1):
        if number in (1, last) or abs(number - page) <= AROUND:
            if number - previous > 1:
                yield None
            yield number
            previous = number
