"""What is told of every request: a line in the log, its number in the answer, and what monitoring counts.

A line names the route, never the address: that may hold the token of a link that sets a password.
"""

import logging
import re
import time
import uuid
from types import TracebackType
from typing import Final, TypeAlias

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Histogram

from planner.web.current import known_actor

HEADER: Final = "X-Request-ID"
UNKNOWN: Final = "none"
"""The route of a request that meets none, or a method that there is none of."""
METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})

Defect: TypeAlias = tuple[type, BaseException, TracebackType] | tuple[None, None, None]

_ACCEPTED: Final = re.compile(r"[0-9A-Za-z-]{8,64}")
_LOGGER: Final = logging.getLogger("planner.request")


def init_app(*apps: Flask) -> None:
    """Tell of every request of `apps`, from before anything else looks at it; one count holds those of all."""
    registry = CollectorRegistry()
    seconds = Histogram(
        "planner_request_seconds",
        "Time that requests took, by route, method and status.",
        ("route", "method", "status"),
        registry=registry,
    )

    def begin() -> None:
        given = request.headers.get(HEADER, "")
        g.request_number = given if _ACCEPTED.fullmatch(given) else uuid.uuid4().hex
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_number)

    def end(response: Response) -> Response:
        took = time.perf_counter() - g.began
        response.headers[HEADER] = g.request_number
        try:
            seconds.labels(_route(), _method(), response.status_code).observe(took)
        except (OSError, IndexError) as error:  # several processes count in files, for which there may be no room
            _LOGGER.warning("the request was not counted", exc_info=error)
        if request.endpoint != "static":
            signed_in = known_actor()
            facts = {
                "actor": signed_in.username if signed_in else None,
                "method": _method(),
                "route": _route(),
                "status": response.status_code,
                "ms": round(1000 * took, 1),
            }
            _LOGGER.info("request", extra=facts)
        return response

    for app in apps:
        app.extensions["metrics"] = registry
        app.before_request(begin)
        app.after_request(end)
        app.log_exception = _log_exception  # type: ignore[assignment,method-assign] # Flask's own writes the address down


def _log_exception(defect: Defect) -> None:
    _LOGGER.error("Exception on %s [%s]", _route(), _method(), exc_info=defect)


def _route() -> str:
    return request.url_rule.rule if request.url_rule else UNKNOWN


def _method() -> str:
    """How the route was asked; a word that somebody made up is none that monitoring should count by."""
    return request.method if request.method in METHODS else UNKNOWN
