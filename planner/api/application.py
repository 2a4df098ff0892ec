"""The application below /api: apart from the one of the pages, so that no session, cookie or form reaches it."""

import json
from functools import cache
from typing import Final

from flask import Flask, Response, render_template, request
from werkzeug.routing import IntegerConverter

from planner import __version__
from planner.api import access, errors
from planner.api.openapi import describe
from planner.api.resources import ROOT
from planner.api.running import view_of
from planner.api.v1 import RESOURCES
from planner.i18n import DEFAULT_LANGUAGE, LANGUAGE_NAMES, LANGUAGES, translator

DESCRIPTION: Final = f"{ROOT}/openapi.json"
DOCUMENTATION: Final = f"{ROOT}/docs"
DOCUMENTATION_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


class KeyConverter(IntegerConverter):
    """`<key:…>` in an address: a number that a table can have as its key. A longer one matches no address at all."""

    regex = r"[0-9]{1,9}"


def create_api() -> Flask:
    """The application below /api.

    Whoever makes it gives it the configuration and the extensions that the pages have, and `API_RATE`: so many requests
    a minute and token.
    """
    api = Flask("planner.api", static_folder=None)
    api.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    api.url_map.converters["key"] = KeyConverter
    errors.init_app(api)
    api.after_request(access.tell_allowance)
    api.after_request(_keep_nothing)
    for resource in RESOURCES:
        for operation in resource.operations:
            api.add_url_rule(
                operation.rule, operation.endpoint, view_of(operation), methods=[operation.method], strict_slashes=False
            )
    api.add_url_rule(DESCRIPTION, "description", _show_description, methods=["GET"])
    api.add_url_rule(DOCUMENTATION, "documentation", _show_documentation, methods=["GET"])
    return api


@cache
def _description() -> str:
    """The description, made when it is first asked for."""
    return json.dumps(describe(RESOURCES), ensure_ascii=False)


def _show_description() -> Response:
    return Response(_description(), content_type=errors.JSON)


def _show_documentation() -> Response:
    """The page to read and try; which language its frame has, the address says, for nobody is signed in here."""
    chosen = request.args.get("language", "")
    language = chosen if chosen in LANGUAGES else DEFAULT_LANGUAGE
    page = render_template(
        "docs.html",
        description=DESCRIPTION,
        version=__version__,
        language=language,
        languages=LANGUAGE_NAMES,
        _=translator(language),
    )
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = DOCUMENTATION_POLICY
    return response


def _keep_nothing(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
