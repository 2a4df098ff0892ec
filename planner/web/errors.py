"""Every error as a page in the reader's language, with its true status."""

import logging
from typing import Final

from flask import Flask, Response, g, make_response, render_template
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from planner.errors import ForbiddenError, InvalidInputError, NotFoundError, PlannerError, is_out_of_room
from planner.text import N_, Phrase

MEGABYTE = 1024 * 1024
MESSAGES = {
    400: N_("The request was not understood."),
    403: ForbiddenError.default.msgid,
    404: NotFoundError.default.msgid,
    405: N_("This address does not work this way. Start again from the menu."),
}
UNAVAILABLE: Final = Phrase(N_("The database is busy or cannot be reached. Try again in a moment."))
NO_ROOM: Final = Phrase(N_("There is no room to store anything. Tell an administrator."))
RETRY_AFTER: Final = "5"
"""Seconds after which it is worth another try."""

_LOGGER: Final = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Answer every error of `app` with a page."""
    too_large = Phrase(
        N_("The file is larger than %(limit)s MB."), {"limit": round(app.config["MAX_CONTENT_LENGTH"] / MEGABYTE, 1)}
    )

    def show_planner_error(error: PlannerError) -> tuple[str, int]:
        faults = error.faults if isinstance(error, InvalidInputError) else ()
        return show(error.status, error.message, faults)

    def show_csrf_error(_error: CSRFError) -> tuple[str, int]:
        return show(400, Phrase(N_("The page was open for too long. Go back, reload it and try again.")))

    def show_http_error(error: HTTPException) -> tuple[str, int] | HTTPException:
        status = error.code or 500
        if status < 400:  # a redirect, such as the one that puts a slash right
            return error
        message = too_large if status == 413 else Phrase(MESSAGES.get(status, PlannerError.default.msgid))
        return show(status, message)

    def show_unavailable(error: Exception) -> Response:
        """The database is away, busy or out of room: no defect of ours, and it passes."""
        _LOGGER.error("the database cannot be used", exc_info=error)
        return _later(UNAVAILABLE)

    def show_system_error(error: OSError) -> Response:
        if not is_out_of_room(error):
            raise error
        _LOGGER.error("there is no room", exc_info=error)
        return _later(NO_ROOM)

    app.register_error_handler(PlannerError, show_planner_error)
    for unavailable in (OperationalError, InterfaceError, PoolTimeoutError):
        app.register_error_handler(unavailable, show_unavailable)
    app.register_error_handler(OSError, show_system_error)
    app.register_error_handler(CSRFError, show_csrf_error)
    app.register_error_handler(HTTPException, show_http_error)


def show(status: int, message: Phrase, faults: tuple[object, ...] = ()) -> tuple[str, int]:
    """The error page and its status; of a defect also the number under which the log tells more."""
    number = g.get("request_number") if status >= 500 else None
    return render_template("shared/error.html", status=status, message=message, faults=faults, number=number), status


def _later(message: Phrase) -> Response:
    """The page that asks to try again, made without the database."""
    g.without_database = True
    response = make_response(show(503, message))
    response.headers["Retry-After"] = RETRY_AFTER
    return response
