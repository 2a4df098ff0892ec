"""The signed-in person's own tokens for programs: made, shown once, listed, revoked."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from planner.errors import Fault, InvalidInputError
from planner.services import second_factors, tokens
from planner.services.sign_ins import doubt_password
from planner.services.tokens import AREAS, LEVELS, LONGEST_DAYS, NAME_LENGTH, Area, NewToken, Scope
from planner.text import N_, Phrase
from planner.web.current import actor, client, sessions, transaction, ways_in

blueprint = Blueprint("tokens", __name__, url_prefix="/account/tokens")

DOCUMENTATION: Final = "/api/v1/docs"
"""Of an application beside this one, so that no route of ours leads there."""
DAYS: Final = (30, 90, 180, LONGEST_DAYS)
CHOICES: Final[Mapping[str, str]] = {"": N_("Nothing"), **LEVELS}
"""What a token may be let do in an area."""


@dataclass(frozen=True)
class _Typed:
    """The form as it was filled in: the level of each area, and what is wrong, by field."""

    name: str = ""
    days: str = str(DAYS[1])
    levels: Mapping[Area, str] = field(default_factory=dict)
    messages: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)


@blueprint.get("/")
def index() -> str:
    """The tokens there are, and the form for another, which asks for the password of who has one."""
    return _page(_Typed())


@blueprint.post("/")
def create() -> str | tuple[str, int]:
    """Make a token and show it, this once."""
    levels = {area: request.form.get(area.value, "") for area in Area}
    scopes = tuple(str(Scope(area, level == "write")) for area, level in levels.items() if level in LEVELS)
    name, days = request.form.get("name", ""), request.form.get("days", "")
    wanted = NewToken(name, int(days) if days in map(str, DAYS) else None, scopes)
    try:
        doubts = _doubts()
        with transaction() as database:
            token = tokens.issue_token(database, actor(), wanted, dt.datetime.now(dt.UTC), doubts=doubts)
    except InvalidInputError as error:
        messages: dict[str, tuple[Phrase, ...]] = {}
        for found in error.faults:
            messages[found.address] = (*messages.get(found.address, ()), found.message)
        return _page(_Typed(name, days, levels, messages)), error.status
    return render_template("tokens/made.html", token=token, name=name.strip())


@blueprint.post("/<key:number>/revoke")
def revoke(number: int) -> Response:
    """End a token at once."""
    with transaction() as database:
        tokens.revoke_token(database, actor(), number)
    flash(N_("The token is revoked. What uses it gets in no more."))
    return redirect(url_for("tokens.index"))


def _doubts() -> tuple[Fault, ...]:
    """What stands against believing that it is the person: a token outlives the browser that somebody left open."""
    if not _asks_password():
        return ()
    return doubt_password(sessions(), actor(), request.form.get("password", ""), client(), dt.datetime.now(dt.UTC))


def _asks_password() -> bool:
    """Whether the person has a password to ask for. Who comes by the organisation has none here."""
    with transaction() as database:
        return ways_in().passwords and second_factors.load_standing(database, actor().user_id).passwords


def _page(typed: _Typed) -> str:
    with transaction() as database:
        entries = tokens.list_tokens(database, actor().user_id, dt.datetime.now(dt.UTC))
    return render_template(
        "tokens/index.html",
        entries=entries,
        typed=typed,
        areas=AREAS,
        levels=CHOICES,
        days=DAYS,
        longest=NAME_LENGTH,
        asks_password=_asks_password(),
        documentation=DOCUMENTATION,
    )
