"""Where a requirement stands, and the steps that it takes, one or many at once."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

from pydantic import Field

from planner.api.errors import PreconditionFailedError, StaleItemsError
from planner.api.resources import Call
from planner.api.v1.requirements import MOST_AT_ONCE, Requirement, RequirementList, load, requirements
from planner.api.values import Code, Model, Plain, TableAnswer, Words, plain, words
from planner.errors import ConflictError, Fault, InvalidInputError
from planner.services import reviewing
from planner.services.comparison import compare_revision
from planner.services.locking import lock_requirements
from planner.services.outcomes import Outcome
from planner.services.permissions import require
from planner.services.requirements import get_requirement
from planner.services.standing import load_standing
from planner.services.transitions import TRANSITIONS, Action

_LABEL: Final = re.compile("[/!]")


class Step(Model):
    """A step to take. Returning, and withdrawing what is approved, need a comment."""

    action: Action
    comment: str = Field("", max_length=reviewing.LONGEST_COMMENT)


class StepItem(Model):
    """A requirement, and the version of it that was looked at."""

    code: Code
    version: int = Field(ge=0)


class Steps(Step):
    """The same step for many: with all of them, or with none."""

    items: list[StepItem] = Field(min_length=1, max_length=MOST_AT_ONCE)


class CellDifference(Model):
    """A field of the open revision that differs from what is in force."""

    header: Words
    before: Plain
    after: Plain


class OutcomeAnswer(Model):
    """What a plan gives: the share granted, where and from when, and why not the rest."""

    plan: str
    plan_name: str
    finished_at: dt.datetime
    published: bool
    synthetic: bool
    granted: float
    placements: TableAnswer
    reasons: list[Words]

    @classmethod
    def of(cls, outcome: Outcome) -> "OutcomeAnswer":
        """`outcome` as JSON."""
        return cls(
            plan=outcome.plan,
            plan_name=outcome.plan_name,
            finished_at=outcome.finished_at,
            published=outcome.in_force,
            synthetic=outcome.synthetic,
            granted=outcome.granted,
            placements=TableAnswer.of(outcome.placements),
            reasons=list(map(words, outcome.reasons)),
        )


class Standing(Model):
    """Where a requirement stands for whoever asks: what may be done now, until when, and what it was granted.

    `revision` is the number of the open revision, whose `changes` wait for approval. `home` is where the published
    plans host it.
    """

    status: Words
    revision: int | None
    changes: list[CellDifference]
    actions: list[Action]
    returned_with: str
    refusal: Words | None
    round: Words | None
    deadline: dt.datetime | None
    home: Words | None
    outcome: OutcomeAnswer | None


@requirements.get("/<code>/standing")
def standing(call: Call, code: str) -> Standing:
    """Where a requirement stands, what may be done with it now, and what the plan in force gives it."""
    found = load_standing(call.session, call.actor, code)
    detail = get_requirement(call.session, call.actor, code)
    compared = compare_revision(call.session, call.actor, code)
    return Standing(
        status=words(found.status),
        revision=found.revision,
        changes=[
            CellDifference(header=words(cell.column.header), before=plain(cell.before), after=plain(cell.after))
            for cell in (compared.differences if compared else ())
            if cell.changed
        ],
        actions=[way.action for way in found.actions],
        returned_with=found.returned_with,
        refusal=words(found.refusal) if found.refusal else None,
        round=words(found.round) if found.round else None,
        deadline=found.deadline,
        home=words(detail.home) if detail.home else None,
        outcome=OutcomeAnswer.of(detail.outcome) if detail.outcome else None,
    )


@requirements.post("/<code>/steps", versioned=True)
def step(call: Call, code: str, body: Step) -> Requirement:
    """Submit, approve, return, withdraw or take back to draft; of an approved one its open revision."""
    try:
        (moved,) = _take(call, body, {code: call.version}, {code: ""})
    except StaleItemsError as error:
        raise PreconditionFailedError from error
    return moved


@requirements.post("/steps")
def steps(call: Call, body: Steps) -> RequirementList:
    """Take the same step with many at once: with all of them or none. Faults are addressed `items[2]`."""
    places = {item.code: f"items[{number}]" for number, item in enumerate(body.items)}
    return RequirementList(items=_take(call, body, {item.code: item.version for item in body.items}, places))


def _take(call: Call, wanted: Step, versions: Mapping[str, int | None], places: Mapping[str, str]) -> list[Requirement]:
    """Take the step with the requirements of these versions (None: whichever), whose `places` name them in faults."""
    require(call.actor, TRANSITIONS[wanted.action].permission)
    codes = list(versions)
    lock_requirements(call.session, codes)
    stale = [row.code for row in load(call.session, call.actor, codes) if versions[row.code] not in {None, row.version}]
    if stale:
        raise StaleItemsError([Fault(places[code], "stale", ConflictError.default) for code in stale])
    try:
        reviewing.act(call.session, call.actor, wanted.action, codes, wanted.comment)
    except InvalidInputError as error:
        placed = (Fault(_place(found, places), found.code, found.message) for found in error.faults)
        raise InvalidInputError(placed, error.message) from None
    call.session.flush()
    call.session.expire_all()
    return load(call.session, call.actor, codes)


def _place(found: Fault, places: Mapping[str, str]) -> str:
    """Where what a fault is about stands in what was sent; "comment" stays what it is."""
    return places.get(_LABEL.split(found.address)[0], found.address)
