"""Language and theme: small choices that a stranger may make too."""

from flask import Blueprint, abort, redirect, request, session
from werkzeug.wrappers import Response

from planner.i18n import LANGUAGES
from planner.services import profile
from planner.services.permissions import THEMES
from planner.web.current import THEME_COOKIE, known_actor, transaction
from planner.web.security import safe_target

blueprint = Blueprint("preferences", __name__, url_prefix="/preferences")

ONE_YEAR = 365 * 24 * 3600


@blueprint.post("/language")
def set_language() -> Response:
    """Keep the language with the person, or in a stranger's session."""
    chosen = request.form.get("language")
    if chosen not in LANGUAGES:
        abort(400)
    if actor := known_actor():
        with transaction() as database:
            profile.set_language(database, actor, chosen)
    else:
        session["language"] = chosen
    return redirect(safe_target(request.form.get("next")))


@blueprint.post("/theme")
def set_theme() -> Response:
    """Keep the theme with the person, and in this browser for when nobody is signed in."""
    chosen = request.form.get("theme")
    if chosen not in THEMES:
        abort(400)
    if actor := known_actor():
        with transaction() as database:
            profile.set_theme(database, actor, chosen)
    response = redirect(safe_target(request.form.get("next")))
    response.set_cookie(THEME_COOKIE, chosen, max_age=ONE_YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    return response
