"""The one shape of every error below /api, whatever went wrong and wherever."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from flask import Flask, g
from pydantic import Field
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from planner.api.values import Model, Words, json_text, words
from planner.errors import (
    ConflictError,
    Fault,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    PlannerError,
    is_out_of_room,
)
from planner.text import N_, Phrase

JSON: Final = "application/json"
_LOGGER: Final = logging.getLogger(__name__)


class FaultAnswer(Model):
    """One thing wrong with what was sent. `address` says where (`items[2].title`); "" is all of it."""

    address: str
    code: str
    message: Words

    @classmethod
    def of(cls, found: Fault) -> "FaultAnswer":
        """A fault as JSON."""
        return cls(address=found.address, code=found.code, message=words(found.message))


class ErrorAnswer(Model):
    """What went wrong. `code` is for programs and stays as it is; `request_id` finds the request in the log."""

    code: str
    message: Words
    faults: list[FaultAnswer] = Field(default_factory=list)
    request_id: str


class ApiError(PlannerError):
    """An error that only programs meet. `headers` go with the answer, `faults` are told one by one."""

    headers: Mapping[str, str] = {}
    faults: Sequence[Fault] = ()


class BadRequestError(ApiError):
    """What was sent is not what the protocol asks for."""

    status = 400
    default = Phrase(N_("The request was not understood."))


class UnauthenticatedError(ApiError):
    """No token, or one that does not work."""

    status = 401
    default = Phrase(N_("Give a token that works: Authorization: Bearer …"))
    headers: Mapping[str, str] = {"WWW-Authenticate": 'Bearer realm="planner"'}


class OutOfScopeError(ApiError):
    """The token was not made for this."""

    status = 403
    default = Phrase(N_("The token was not made for this."))

    def __init__(self, scope: str) -> None:
        super().__init__(Phrase(N_("The token was not made for this: it lacks %(scope)s."), {"scope": scope}))
        self.headers = {"WWW-Authenticate": f'Bearer realm="planner", error="insufficient_scope", scope="{scope}"'}


class StaleItemsError(ApiError):
    """Some of many were changed by somebody else meanwhile; nothing was stored."""

    status = 409
    default = ConflictError.default

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = faults


class PreconditionFailedError(ApiError):
    """It is no longer the version that If-Match names."""

    status = 412
    default = ConflictError.default


class UnsupportedMediaTypeError(ApiError):
    """The content is of another type than the one that is read here."""

    status = 415
    default = Phrase(N_("Content of this type is not read here."))


class PreconditionRequiredError(ApiError):
    """A change without the version that it is based on."""

    status = 428
    default = Phrase(N_("Say which version is to be changed: If-Match."))


class TooManyRequestsError(ApiError):
    """The token is used too often."""

    status = 429
    default = Phrase(N_("Too many requests with this token. Wait a little."))

    def __init__(self, wait: int) -> None:
        super().__init__()
        self.headers = {"Retry-After": str(wait)}


class BusyError(ApiError):
    """The database does not answer, or others hold it for too long."""

    status = 503
    default = Phrase(N_("The database is busy or cannot be reached. Try again in a moment."))
    headers: Mapping[str, str] = {"Retry-After": "5"}


class NoRoomError(BusyError):
    """The disk is full."""

    default = Phrase(N_("There is no room to store anything. Tell an administrator."))


CODES: Final[Mapping[int, tuple[str, Phrase]]] = {
    400: ("bad_request", BadRequestError.default),
    401: ("unauthenticated", UnauthenticatedError.default),
    403: ("forbidden", ForbiddenError.default),
    404: ("not_found", NotFoundError.default),
    405: ("method_not_allowed", Phrase(N_("This address does not take this method."))),
    409: ("conflict", ConflictError.default),
    412: ("precondition_failed", PreconditionFailedError.default),
    413: ("too_large", Phrase(N_("What was sent is too large."))),
    415: ("unsupported_media_type", UnsupportedMediaTypeError.default),
    422: ("invalid_input", InvalidInputError.default),
    428: ("precondition_required", PreconditionRequiredError.default),
    429: ("too_many_requests", TooManyRequestsError.default),
    500: ("defect", PlannerError.default),
    503: ("unavailable", BusyError.default),
}
"""The code and the usual message of each status."""


def init_app(app: Flask) -> None:
    """Answer every error of `app` in the one shape."""
    app.register_error_handler(PlannerError, answer_error)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(StaleDataError, lambda _error: answer_error(ConflictError()))
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(kind, _answer_busy)
    app.register_error_handler(OSError, _answer_system_error)


def answer_error(error: PlannerError) -> Response:
    """`error` as an answer."""
    faults: Sequence[Fault] = getattr(error, "faults", ())  # conflicts may have some, too
    headers = error.headers if isinstance(error, ApiError) else {}
    return _answer(error.status, error.message, faults, headers)


def _answer_busy(error: SQLAlchemyError) -> Response:
    _LOGGER.warning("the database does not answer", exc_info=error)
    return answer_error(BusyError())


def _answer_system_error(error: OSError) -> Response:
    if not is_out_of_room(error):
        raise error
    _LOGGER.error("there is no room", exc_info=error)
    return answer_error(NoRoomError())


def _answer_http_error(error: HTTPException) -> Response:
    status = error.code or InternalServerError.code
    headers = dict(error.get_headers()) if status == 405 else {}
    headers.pop("Content-Type", None)
    return _answer(status, _usual(status)[1], (), headers)


def _usual(status: int) -> tuple[str, Phrase]:
    """The code and the usual message of a status, whichever it is."""
    return CODES.get(status) or CODES[400 if status < 500 else 500]


def _answer(status: int, message: Phrase, faults: Iterable[Fault], headers: Mapping[str, str]) -> Response:
    answer = ErrorAnswer(
        code=_usual(status)[0],
        message=words(message),
        faults=list(map(FaultAnswer.of, faults)),
        request_id=g.get("request_number", ""),
    )
    return Response(json_text(answer), status, headers=headers, content_type=JSON)
