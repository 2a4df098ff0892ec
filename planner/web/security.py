"""What guards every page: sign-in by default, CSRF, what browsers may load and keep, and where a redirect may lead."""

import datetime as dt
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, Response, abort, flash, g, redirect, request, session, url_for
from flask_wtf import CSRFProtect
from werkzeug.routing import IntegerConverter, Map, RequestRedirect
from werkzeug.wrappers import Response as BaseResponse

from planner.services import sign_ins
from planner.text import N_
from planner.web.current import client, known_actor, lifetimes, transaction

TOKEN: Final = "sign_in"  # noqa: S105 - the name under which the browser's session holds it
PENDING: Final = "pending_sign_in"
"""The same of a sign-in that waits for its second step."""
PROVIDED: Final = "provided"
"""The same of whether the person came by the organisation's provider."""
PUBLIC: Final = frozenset(
    {
        "static",
        "auth.enter",
        "auth.set_password",
        "auth.sign_in",
        "health.live",
        "health.metrics",
        "health.ready",
        "preferences.set_language",
        "preferences.set_theme",
        "second_factor.give_code",
        "second_factor.set_up_first",
        "single_sign_on.come_back",
        "single_sign_on.go",
        "single_sign_on.signed_out",
    }
)
"""The endpoints that a stranger may use; every other one asks to sign in first."""

POLICY: Final = "; ".join(
    f"{directive} {source}"
    for directive, source in {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }.items()
)


class KeyConverter(IntegerConverter):
    """`<key:…>` in an address: a number that a table can have as its key; no database is asked for a larger one."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


def init_app(app: Flask) -> None:
    """Guard `app`."""
    app.url_map.converters["key"] = KeyConverter
    app.before_request(_refuse_nul)
    app.before_request(_put_address_right)
    CSRFProtect(app)
    app.before_request(_know_actor)
    app.before_request(_require_sign_in)
    app.after_request(_add_headers)


def start_session(token: str) -> None:
    """Keep a sign-in's token in a new session: nothing set before survives it, the CSRF token least of all."""
    session.clear()
    session.permanent = True
    session[TOKEN] = token


def await_second_step(token: str, language: str) -> None:
    """Keep the token of a sign-in that waits for its second step, in a new session that speaks `language`."""
    session.clear()
    session[PENDING], session["language"] = token, language


def end_session() -> None:
    """Forget the session, but for the language; the browser forgets what pages kept in it."""
    g.ended = True
    signed_in = known_actor()
    session.clear()
    if signed_in:
        session["language"] = signed_in.language


def safe_target(target: str | None) -> str:
    """`target` if it is a path of this application, else the start page: a redirect never leads elsewhere."""
    home = url_for("home.show")
    if not target or not target.isprintable() or "\\" in target or not target.startswith("/"):
        return home
    parts = urlsplit(target)
    return home if parts.scheme or parts.netloc or target.startswith("//") else target


def _refuse_nul() -> None:
    """Nobody types a NUL, and PostgreSQL takes none in a text: it would be a defect of ours on every page."""
    given = (request.path, *request.args.values(), *request.form.values())
    if any("\0" in text for text in given):
        abort(400)


def _put_address_right() -> BaseResponse | None:
    """Lead to the address with the slash that was forgotten. Flask would name the host as the request does."""
    found = request.routing_exception
    if not isinstance(found, RequestRedirect):
        return None
    address = urlsplit(found.new_url)
    return redirect(safe_target(f"{address.path}?{address.query}".rstrip("?")), found.code)


def _know_actor() -> None:
    """Find out who is signed in. A token that no longer stands for anybody is forgotten, and the person told why."""
    token = session.get(TOKEN)
    if request.endpoint == "static" or token is None:
        return
    with transaction() as database:
        found = sign_ins.resume(database, token, client(), lifetimes(), dt.datetime.now(dt.UTC))
    if found:
        g.actor, g.sign_in_number = found.actor, found.number
    else:
        session.clear()
        flash(N_("You are no longer signed in. Sign in again to go on."))


def _require_sign_in() -> BaseResponse | None:
    if request.endpoint is None or request.endpoint in PUBLIC or known_actor():
        return None
    wanted: dict[str, Any] = {"next": request.full_path.rstrip("?")} if request.method == "GET" else {}
    return redirect(url_for("auth.sign_in", **wanted))


def _add_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    if g.get("ended"):
        response.headers["Clear-Site-Data"] = '"storage"'  # what the grid keeps of unsaved work
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response
