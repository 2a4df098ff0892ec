"""Planning rounds: when ministries may enter, who may longer, and how far each has come."""

import datetime as dt
from collections.abc import Mapping
from typing import Final, Literal

from pydantic import Field

from planner.api.pages import Row, list_part
from planner.api.paging import PageQuery
from planner.api.resources import Call, Resource
from planner.api.values import Code, Model, Page, TableAnswer, Words
from planner.errors import Fault, InvalidInputError, fault
from planner.services import rounds as service
from planner.services.round_fields import LONGEST_REASON
from planner.services.tokens import Area
from planner.text import N_
from reports.words import BANGKOK

rounds = Resource("rounds", Area.ROUNDS, "Planning rounds: when ministries may enter and submit.")

_FIELDS: Final[Mapping[str, str]] = {
    f"{name}_{part}": address
    for name, address in (("opens", "opens_at"), ("closes", "closes_at"), ("until", "closes_at"))
    for part in ("day", "time")
}
"""Fields of what was sent by those that the services speak of."""


class RoundFields(Model):
    """What is said of a round, in whole minutes. It is open from `opens_at` until just before `closes_at`."""

    name_th: str = Field(min_length=1, max_length=300)
    name_en: str = Field(min_length=1, max_length=300)
    opens_at: dt.datetime
    closes_at: dt.datetime


class NewRound(RoundFields):
    """A round to be made."""

    code: Code


class ExtensionFields(Model):
    """A ministry's own, later close, and why it was granted."""

    closes_at: dt.datetime
    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


class Extension(ExtensionFields):
    """The extension of a ministry."""

    ministry: str


class Round(Model):
    """A round as it stands now. A ministry learns of its own extension and its own progress alone."""

    code: str
    version: int
    name: Words
    opens_at: dt.datetime
    closes_at: dt.datetime
    state: Literal["upcoming", "open", "closed"]
    extensions: list[Extension]
    progress: TableAnswer


@rounds.get()
def index(call: Call, query: PageQuery) -> Page[Row]:
    """List the rounds, the latest first."""
    return list_part(service.list_rounds(call.session, call.actor), query)


@rounds.post(status=201)
def create(call: Call, body: NewRound) -> Round:
    """Make a round; no two may be open at once."""
    return _saved(call, {"code": body.code, **_texts(body)})


@rounds.get("/<code>")
def show(call: Call, code: str) -> Round:
    """One round, and how far the ministries have come."""
    found = service.get_round(call.session, call.actor, code)
    return Round(
        code=found.code,
        version=found.version,
        name=Words(th=found.name.th, en=found.name.en),
        opens_at=found.opens_at,
        closes_at=found.closes_at,
        state=found.state.value,
        extensions=[
            Extension(ministry=each.ministry, closes_at=each.closes_at, reason=each.reason) for each in found.extensions
        ],
        progress=TableAnswer.of(found.progress),
    )


@rounds.put("/<code>")
def replace(call: Call, code: str, body: RoundFields) -> Round:
    """Change a round."""
    version = call.based_on(service.get_round(call.session, call.actor, code).version)
    return _saved(call, _texts(body), code=code, version=version)


@rounds.put("/<code>/extensions/<ministry>", versioned=False)
def extend(call: Call, code: str, ministry: str, body: ExtensionFields) -> Round:
    """Let a ministry enter longer; a second extension takes the place of the first."""
    given = {"ministry": ministry, "reason": body.reason, **_moment("until", body.closes_at)}
    try:
        service.extend_round(call.session, call.actor, code, given)
    except InvalidInputError as error:
        raise _placed(error) from None
    return _fresh(call, code)


@rounds.delete("/<code>/extensions/<ministry>")
def end_extension(call: Call, code: str, ministry: str) -> None:
    """Take an extension back."""
    service.end_extension(call.session, call.actor, code, ministry)


def _saved(call: Call, given: Mapping[str, str], code: str | None = None, version: int | None = None) -> Round:
    try:
        saved = service.save_round(call.session, call.actor, given, code=code, version=version)
    except InvalidInputError as error:
        raise _placed(error) from None
    return _fresh(call, saved)


def _fresh(call: Call, code: str) -> Round:
    """The round as it is stored now."""
    call.session.flush()
    call.session.expire_all()
    return show(call, code)


def _texts(body: RoundFields) -> dict[str, str]:
    """The round as its form has it."""
    names = {"name_th": body.name_th, "name_en": body.name_en}
    return {**names, **_moment("opens", body.opens_at), **_moment("closes", body.closes_at)}


def _moment(name: str, moment: dt.datetime) -> dict[str, str]:
    """A moment as the form has it: day and time in Thailand."""
    if moment.tzinfo is None or moment.second or moment.microsecond:
        message = N_("Give a whole minute and its time zone, such as 2026-11-30T16:30:00+07:00.")
        raise InvalidInputError([fault(_FIELDS[f"{name}_day"], "not_a_minute", message)])
    try:
        local = moment.astimezone(BANGKOK)
    except OverflowError:
        raise InvalidInputError([fault(_FIELDS[f"{name}_day"], "not_a_minute", N_("There is no such day."))]) from None
    return {f"{name}_day": f"{local.day}/{local.month}/{local.year}", f"{name}_time": f"{local:%H:%M}"}


def _placed(error: InvalidInputError) -> InvalidInputError:
    """The same faults, at the fields of what was sent."""
    return InvalidInputError(
        (Fault(_FIELDS.get(found.address, found.address), found.code, found.message) for found in error.faults),
        error.message,
    )
