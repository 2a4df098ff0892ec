"""Who asks: the person of a bearer token, within its scopes and its rate. No cookie is looked at."""

import datetime as dt
from dataclasses import replace
from typing import Final

from flask import current_app, g, request
from werkzeug.wrappers import Response

from models import Role
from planner.api.errors import OutOfScopeError, TooManyRequestsError, UnauthenticatedError
from planner.api.resources import Operation
from planner.services import rates, tokens
from planner.services.sign_ins import Client

DEVICE_LENGTH: Final = 300


def admit(operation: Operation, now: dt.datetime) -> tokens.Bearer:
    """Whoever holds the token of the request at hand; an error that says why nobody is let in."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise UnauthenticatedError
    client = Client(request.remote_addr or "", request.user_agent.string[:DEVICE_LENGTH])
    with current_app.extensions["sessions"].begin() as session:
        bearer = tokens.find_bearer(session, token.strip(), client, now)
        if bearer is None:
            raise UnauthenticatedError
        bearer = replace(bearer, actor=replace(bearer.actor, withheld=_withheld()))
        g.actor = bearer.actor
        g.allowance = rates.spend(session, bearer.number, now.timestamp(), current_app.config["API_RATE"])
    if g.allowance.wait:
        raise TooManyRequestsError(g.allowance.wait)
    if operation.scope and not operation.scope.within(bearer.scopes):
        raise OutOfScopeError(str(operation.scope))
    return bearer


def _withheld() -> frozenset[Role]:
    """The roles whose accounts no token hands out or takes over: they need a second factor, and it gives none."""
    return frozenset({Role.ADMINISTRATOR, *current_app.extensions["ways_in"].second_factor})


def tell_allowance(response: Response) -> Response:
    """Say in the answer's headers what the token may still do."""
    allowance: rates.Allowance | None = g.get("allowance")
    if allowance:
        response.headers["RateLimit-Limit"] = str(allowance.limit)
        response.headers["RateLimit-Remaining"] = str(allowance.remaining)
        response.headers["RateLimit-Reset"] = str(allowance.reset)
    return response
