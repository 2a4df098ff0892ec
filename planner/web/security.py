"""What guards every page: sign-in by default, CSRF, response headers, and where a redirect may lead."""

import datetime as dt
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response as BaseResponse

from planner.services.accounts import load_actor
from planner.services.permissions import Actor
from planner.web.current import known_actor, transaction

SESSION_LIFETIME: Final = dt.timedelta(hours=8)
"""A session ends this long after its last page."""

PUBLIC: Final = frozenset({"static", "auth.sign_in", "preferences.set_language", "preferences.set_theme"})
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
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SignedIn(UserMixin):  # type: ignore[misc]
    """Flask-Login's view of an actor."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_id(self) -> str:
        """The key that the session keeps."""
        return str(self.actor.user_id)


def init_app(app: Flask) -> None:
    """Guard `app`."""
    app.before_request(_refuse_nul)
    CSRFProtect(app)
    manager = LoginManager(app)
    manager.session_protection = "strong"
    manager.user_loader(_load_user)
    app.before_request(_know_actor)
    app.before_request(_require_sign_in)
    app.after_request(_add_headers)


def start_session(actor: Actor) -> None:
    """Sign `actor` in under a new session: nothing set before signing in survives it, the CSRF token least of all."""
    session.clear()
    session.permanent = True
    login_user(SignedIn(actor))


def end_session() -> None:
    """Sign out and forget the session, but for the language."""
    signed_in = known_actor()
    logout_user()
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


def _load_user(user_id: str) -> SignedIn | None:
    with transaction() as database:
        actor = load_actor(database, int(user_id))
    return SignedIn(actor) if actor else None


def _know_actor() -> None:
    if request.endpoint != "static" and current_user.is_authenticated:
        g.actor = current_user.actor


def _require_sign_in() -> BaseResponse | None:
    if request.endpoint is None or request.endpoint in PUBLIC or known_actor():
        return None
    wanted: dict[str, Any] = {"next": request.full_path.rstrip("?")} if request.method == "GET" else {}
    return redirect(url_for("auth.sign_in", **wanted))


def _add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response
