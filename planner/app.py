"""The web application: one factory, no globals."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from planner.api.application import create_api
from planner.config import Settings
from planner.db import open_engine, open_sessions
from planner.guard import Guard
from planner.mail import MAILER, Console, Mailer, Smtp
from planner.sealing import SEAL, Seal
from planner.services.attachments import Shelf
from planner.services.provider import Provider
from planner.services.scanning import Scanner
from planner.services.sign_ins import Lifetimes
from planner.services.webhooks.addresses import Outlet
from planner.web import (
    account,
    accounts,
    attachments,
    audit,
    auth,
    bulk,
    closing,
    comments,
    cookies,
    coverage,
    datasets,
    editing,
    errors,
    grid,
    health,
    history,
    home,
    imports,
    inbox,
    jobs,
    norms,
    outcome,
    plans,
    policy,
    pools,
    preferences,
    publishing,
    reference,
    register,
    rendering,
    requirements,
    review,
    rounds,
    scenarios,
    second_factor,
    security,
    single_sign_on,
    sites,
    sweeps,
    table_grid,
    telemetry,
    tokens,
    views,
    webhooks,
    worklist,
)


def create_app(settings: Settings) -> Flask:
    """The application for `settings`. Its engine and session factory are `app.extensions["engine"]` and `["sessions"]`.

    The database is opened when first needed; migrating it is the command line's work.
    """
    app = Flask("planner.web")
    app.extensions["api"] = api = create_api()
    app.wsgi_app = Guard(Front(app.wsgi_app, api.wsgi_app), app.config, settings.address)  # type: ignore[method-assign]
    if count := settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.session_interface = cookies.SessionCookies()
    configure(app, settings)
    telemetry.init_app(app, api)
    security.init_app(app)
    rendering.init_app(app)
    errors.init_app(app)
    for area in (
        account,
        accounts,
        attachments,
        audit,
        auth,
        bulk,
        closing,
        comments,
        coverage,
        datasets,
        editing,
        grid,
        health,
        history,
        home,
        imports,
        inbox,
        jobs,
        norms,
        outcome,
        plans,
        policy,
        pools,
        preferences,
        publishing,
        reference,
        register,
        requirements,
        review,
        rounds,
        scenarios,
        second_factor,
        single_sign_on,
        sites,
        sweeps,
        table_grid,
        tokens,
        views,
        webhooks,
        worklist,
    ):
        app.register_blueprint(area.blueprint)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Give pages and API of `app` what they work with: their configuration, a database, the places beside it."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.upload_limit,
        METRICS_TOKEN=settings.metrics_token,
        MANUAL=settings.manual,
        SESSION_COOKIE_NAME="__Host-planner_session" if settings.secure_cookies else "planner_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=settings.session_lifetime,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session it is bound to
    )
    engine = open_engine(settings.database_url)
    sessions = open_sessions(engine)
    sessions.configure(info={MAILER: open_mailer(settings), SEAL: Seal(settings.sealing_keys)})
    given = {
        "engine": engine,
        "sessions": sessions,
        "lifetimes": Lifetimes(settings.session_idle, settings.session_lifetime),
        "shelf": Shelf(
            settings.attachments,
            settings.attachment_limit,
            total_bytes=settings.attachment_quota,
            scanner=Scanner(settings.clamd) if settings.clamd else None,
        ),
        "outlet": Outlet.of(settings),
        "ways_in": settings.ways_in,
        "provider": Provider(settings.ways_in.provider) if settings.ways_in.provider else None,
    }
    app.extensions.update(given)
    api: Flask = app.extensions["api"]
    api.config.update(
        SECRET_KEY=settings.secret_key, MAX_CONTENT_LENGTH=settings.upload_limit, API_RATE=settings.api_rate
    )
    api.extensions.update(given)


class Front:
    """Pages and API as one: what stands below /api is for the latter."""

    def __init__(self, pages: WSGIApplication, api: WSGIApplication) -> None:
        self.pages = pages
        self.api = api

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hand the request on."""
        wanted = self.api if environ.get("PATH_INFO", "").startswith("/api/") else self.pages
        return wanted(environ, start_response)


def open_mailer(settings: Settings) -> Mailer:
    """What sends mail: the server that is set, else standard error."""
    server = settings.mail_server
    return Mailer(Smtp(server, settings.mail_sender) if server else Console(), settings.address)
