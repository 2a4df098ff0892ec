"""The web application: one factory, no globals."""

from flask import Flask

from planner.config import Settings
from planner.db import open_engine, open_sessions
from planner.web import (
    auth,
    datasets,
    errors,
    home,
    imports,
    plans,
    preferences,
    rendering,
    requirements,
    security,
    sites,
)


def create_app(settings: Settings) -> Flask:
    """The application for `settings`. Its engine and session factory are `app.extensions["engine"]` and `["sessions"]`.

    The database is opened when first needed; migrating it is the command line's work.
    """
    app = Flask("planner.web")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.upload_limit,
        SESSION_COOKIE_NAME="planner_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=security.SESSION_LIFETIME,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session it is bound to
    )
    app.extensions["engine"] = open_engine(settings.database_url)
    app.extensions["sessions"] = open_sessions(app.extensions["engine"])
    security.init_app(app)
    rendering.init_app(app)
    errors.init_app(app)
    for area in (auth, datasets, home, imports, plans, preferences, requirements, sites):
        app.register_blueprint(area.blueprint)
    return app
