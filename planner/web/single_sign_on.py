"""Coming in by the organisation's provider: there, back, and out of it again."""

import datetime as dt
from dataclasses import asdict
from typing import Final
from urllib.parse import urljoin

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from planner.errors import ForbiddenError, NotFoundError, PlannerError
from planner.i18n import LANGUAGES, to_words
from planner.services import arrivals
from planner.services.provider import Journey, NotReturnedError, Provider, ProviderError
from planner.web import current
from planner.web.security import PROVIDED, safe_target, start_session

blueprint = Blueprint("single_sign_on", __name__, url_prefix="/sign-in/provider")

JOURNEY: Final = "journey"
TARGET: Final = "journey_target"
"""The names under which the browser's session holds what belongs to the way there and back."""


@blueprint.get("/")
def go() -> Response | tuple[str, int]:
    """On to the provider, where the person signs in."""
    target = safe_target(request.args.get("next"))
    if current.known_actor():
        return redirect(target)
    try:
        address, journey = _provider().begin(_back())
    except ProviderError as error:
        return _refused(error)
    session[JOURNEY], session[TARGET] = asdict(journey), target
    return redirect(address)


@blueprint.get("/back")
def come_back() -> Response | tuple[str, int]:
    """Where the provider sends the person back to: signed in, or told why not."""
    provider = _provider()
    kept = session.pop(JOURNEY, None)
    target = session.pop(TARGET, None)
    try:
        claims = provider.finish(Journey(**kept) if kept else None, request.args, _back())
        arrival = arrivals.Arrival(claims, current.client(), dt.datetime.now(dt.UTC))
        token = arrivals.arrive(current.sessions(), provider.settings, arrival, current.lifetimes())
    except (ProviderError, NotReturnedError, ForbiddenError) as error:
        return _refused(error)
    start_session(token)
    session[PROVIDED] = True
    return redirect(safe_target(target))


@blueprint.get("/signed-out")
def signed_out() -> str:
    """Who signed out here is still signed in at the provider: the way out of that, too."""
    address = _provider().sign_out_address(_whole(url_for("auth.sign_in")))
    return render_template("auth/signed_out.html", address=address)


def _refused(error: PlannerError) -> tuple[str, int]:
    """Why nobody was signed in, in both languages: of a stranger neither is known."""
    sentences = {language: to_words(error.message, language) for language in LANGUAGES}
    return render_template("auth/refused.html", sentences=sentences), error.status


def _provider() -> Provider:
    found = current.provider()
    if found is None:
        raise NotFoundError
    return found


def _back() -> str:
    return _whole(url_for("single_sign_on.come_back"))


def _whole(path: str) -> str:
    """The address that people reach a page at. It is a setting: what a request calls the host is anybody's to say."""
    return urljoin(_provider().settings.address, path)
