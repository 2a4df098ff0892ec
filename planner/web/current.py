"""What belongs to the request at hand: its database session factory, its actor, its language and its theme."""

from contextlib import AbstractContextManager
from typing import Final, cast

from flask import current_app, g, request, session
from sqlalchemy.orm import Session, sessionmaker

from planner.i18n import DEFAULT_LANGUAGE, LANGUAGES
from planner.services.permissions import DEFAULT_THEME, THEMES, Actor
from planner.services.provider import Provider
from planner.services.sign_ins import Client, Lifetimes
from planner.ways_in import WaysIn

THEME_COOKIE: Final = "planner_theme"
DEVICE_LENGTH: Final = 300


def sessions() -> sessionmaker[Session]:
    """The application's session factory."""
    return cast("sessionmaker[Session]", current_app.extensions["sessions"])


def transaction() -> AbstractContextManager[Session]:
    """One database transaction for one use case: committed at the end, rolled back by an exception."""
    return sessions().begin()


def known_actor() -> Actor | None:
    """Who is signed in, or None for a stranger."""
    return cast("Actor | None", g.get("actor"))


def actor() -> Actor:
    """Who is signed in. Only for pages that a stranger cannot reach."""
    signed_in = known_actor()
    if signed_in is None:
        raise LookupError("nobody is signed in")
    return signed_in


def sign_in_number() -> int:
    """The number of the sign-in that this request belongs to. Only for pages that a stranger cannot reach."""
    return cast("int", g.sign_in_number)


def client() -> Client:
    """Where the request comes from."""
    return Client(address=request.remote_addr or "", device=request.user_agent.string[:DEVICE_LENGTH])


def lifetimes() -> Lifetimes:
    """How long people stay signed in here."""
    return cast("Lifetimes", current_app.extensions["lifetimes"])


def ways_in() -> WaysIn:
    """By which ways people may come in here."""
    return cast("WaysIn", current_app.extensions["ways_in"])


def provider() -> Provider | None:
    """The organisation's provider, if there is one."""
    return cast("Provider | None", current_app.extensions["provider"])


def language() -> str:
    """The language of the page: the signed-in person's own, else the one chosen in this browser session, else Thai."""
    signed_in = known_actor()
    chosen = signed_in.language if signed_in else session.get("language")
    return chosen if chosen in LANGUAGES else DEFAULT_LANGUAGE


def theme() -> str:
    """The signed-in person's theme, else the one chosen in this browser: "light", "dark" or "auto"."""
    signed_in = known_actor()
    chosen = signed_in.theme if signed_in else request.cookies.get(THEME_COOKIE)
    return chosen if chosen in THEMES else DEFAULT_THEME
