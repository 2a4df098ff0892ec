"""Scenarios: named differences from the base, one adjustment at a time, and taking one into the base."""

import datetime as dt

from pydantic import Field

from planner.api.pages import Name, items_of
from planner.api.paging import PageQuery, cursor_of
from planner.api.resources import Call, Resource
from planner.api.typed import CellSent, typed
from planner.api.v1.tables import ColumnToFill
from planner.api.values import Model, Page, TableAnswer, Words, words
from planner.errors import Fault, InvalidInputError
from planner.services.permissions import Permission, require
from planner.services.scenarios import keeping
from planner.services.scenarios.kinds import KINDS, Kind, kind_named
from planner.services.scenarios.promoting import preview_promotion, promote_scenario
from planner.services.scenarios.reading import ScenarioDetail, Sentence, find_scenarios, get_scenario
from planner.services.tokens import Area

scenarios = Resource("scenarios", Area.SCENARIOS, "Named what-ifs: how each differs from the base.")


class ArchivedQuery(PageQuery):
    """Which scenarios."""

    archived: bool = Field(False, description="Those that were put away instead of those in use.")


class ScenarioListed(Model):
    """A scenario as the list has it: how many adjustments it has, and how many plans were made of it."""

    code: str
    name: str
    adjustments: int
    plans: int
    created_at: dt.datetime
    created_by: Name


class Naming(Model):
    """What a scenario is called."""

    name: str = Field(min_length=1, max_length=300)
    note: str = Field("", max_length=2000)


class NamingChange(Model):
    """The same; what is not sent stays."""

    name: str | None = Field(None, min_length=1, max_length=300)
    note: str | None = Field(None, max_length=2000)


class AdjustmentToSave(Model):
    """One difference from the base: a kind, and its terms by their keys, as `/scenarios/kinds` tells."""

    kind: str = Field(min_length=1, max_length=40)
    terms: dict[str, CellSent] = Field(max_length=20)


class Adjustment(AdjustmentToSave):
    """The same as people read it. `promoted`: it can enter the base; `faults`: why it cannot be made by now."""

    text: Words
    promoted: bool
    faults: list[Words]

    @classmethod
    def of(cls, found: Sentence) -> "Adjustment":
        """A sentence as JSON."""
        terms = {key: list(value) if isinstance(value, tuple) else value for key, value in found.terms.items()}
        return cls.model_validate(
            {
                "kind": found.kind,
                "terms": terms,
                "text": words(found.text),
                "promoted": found.promoted,
                "faults": list(map(words, found.faults)),
            }
        )


class Scenario(Model):
    """A scenario; its adjustments are made in their order, and numbered from 1."""

    code: str
    version: int
    name: str
    note: str
    created_at: dt.datetime
    created_by: str = Field(description="A full name; empty for the operator.")
    archived_at: dt.datetime | None
    adjustments: list[Adjustment]
    runs: TableAnswer
    newest_plan: str | None
    base_plan: str | None

    @classmethod
    def of(cls, found: ScenarioDetail) -> "Scenario":
        """A scenario as JSON."""
        return cls(
            code=found.code,
            version=found.version,
            name=found.name,
            note=found.note,
            created_at=found.created_at,
            created_by=found.created_by,
            archived_at=found.archived_at,
            adjustments=list(map(Adjustment.of, found.sentences)),
            runs=TableAnswer.of(found.runs),
            newest_plan=found.newest_plan,
            base_plan=found.base_plan,
        )


class KindOfAdjustment(Model):
    """A kind of adjustment with its terms; `swept` is the one that a sweep may vary."""

    key: str
    title: Words
    group: Words
    swept: str | None
    promoted: bool
    terms: list[ColumnToFill]


class Kinds(Model):
    """The kinds of adjustments."""

    items: list[KindOfAdjustment]


class Promotion(Model):
    """What taking a scenario into the base comes to: the adjustments that enter it, those that stay, and the rows."""

    code: str
    version: int
    name: str
    entering: list[Words]
    staying: list[Words]
    changes: TableAnswer


@scenarios.get()
def index(call: Call, query: ArchivedQuery) -> Page[ScenarioListed]:
    """List the scenarios, the newest first."""
    found = find_scenarios(call.session, call.actor, query.part(), archived=query.archived)
    return Page(items=items_of(found.table, ScenarioListed), next=cursor_of(found.last))


@scenarios.get("/kinds")
def kinds(call: Call) -> Kinds:
    """List what a scenario may change."""
    require(call.actor, Permission.VIEW_PLANS)
    return Kinds(items=list(map(_kind, KINDS.values())))


@scenarios.post(status=201)
def create(call: Call, body: Naming) -> Scenario:
    """Make a scenario that differs in nothing yet."""
    return show(call, keeping.save_scenario(call.session, call.actor, {"name": body.name, "note": body.note}))


@scenarios.get("/<code>")
def show(call: Call, code: str) -> Scenario:
    """One scenario."""
    return Scenario.of(get_scenario(call.session, call.actor, code))


@scenarios.patch("/<code>")
def change(call: Call, code: str, body: NamingChange) -> Scenario:
    """Change the name or the note of a scenario."""
    found = get_scenario(call.session, call.actor, code)
    texts = {
        "name": found.name if body.name is None else body.name,
        "note": found.note if body.note is None else body.note,
    }
    version = call.based_on(found.version)
    keeping.save_scenario(call.session, call.actor, texts, code=code, version=version)
    return show(call, code)


@scenarios.post("/<code>/adjustments", versioned=True)
def add_adjustment(call: Call, code: str, body: AdjustmentToSave) -> Scenario:
    """Add an adjustment at the end."""
    return _put(call, code, body, None)


@scenarios.put("/<code>/adjustments/<key:number>")
def replace_adjustment(call: Call, code: str, number: int, body: AdjustmentToSave) -> Scenario:
    """Put another adjustment in the place of the one numbered so."""
    return _put(call, code, body, number - 1)


@scenarios.delete("/<code>/adjustments/<key:number>", versioned=True)
def remove_adjustment(call: Call, code: str, number: int) -> None:
    """Take an adjustment out."""
    keeping.drop_adjustment(call.session, call.actor, code, number - 1, _version(call, code))


@scenarios.post("/<code>/adjustments/<key:number>/raise", versioned=True)
def raise_adjustment(call: Call, code: str, number: int) -> Scenario:
    """Have an adjustment made before the one above it."""
    keeping.raise_adjustment(call.session, call.actor, code, number - 1, _version(call, code))
    return show(call, code)


@scenarios.post("/<code>/copy", status=201)
def copy(call: Call, code: str) -> Scenario:
    """Make another scenario with the same adjustments."""
    return show(call, keeping.copy_scenario(call.session, call.actor, code))


@scenarios.post("/<code>/archive", versioned=True)
def archive(call: Call, code: str) -> Scenario:
    """Put a scenario away. Its plans stay."""
    keeping.archive_scenario(call.session, call.actor, code, _version(call, code))
    return show(call, code)


@scenarios.post("/<code>/restore")
def restore(call: Call, code: str) -> Scenario:
    """Take an archived scenario back into use."""
    keeping.restore_scenario(call.session, call.actor, code)
    return show(call, code)


@scenarios.get("/<code>/promotion")
def preview(call: Call, code: str) -> Promotion:
    """What taking a scenario into the base would change, value by value."""
    found = preview_promotion(call.session, call.actor, code)
    return Promotion(
        code=found.code,
        version=found.version,
        name=found.name,
        entering=list(map(words, found.entering)),
        staying=list(map(words, found.staying)),
        changes=TableAnswer.of(found.changes),
    )


@scenarios.post("/<code>/promote", versioned=True)
def promote(call: Call, code: str) -> Scenario:
    """Take what can be taken of a scenario into the base."""
    promote_scenario(call.session, call.actor, code, _version(call, code))
    return show(call, code)


def _put(call: Call, code: str, body: AdjustmentToSave, at: int | None) -> Scenario:
    kind, version = kind_named(body.kind), _version(call, code)
    texts = typed(kind.fields, body.terms, "terms.")
    try:
        keeping.put_adjustment(call.session, call.actor, code, texts, kind=kind.key, version=version, at=at)
    except InvalidInputError as error:
        raise InvalidInputError(at_terms(error, kind)) from error
    return show(call, code)


def at_terms(error: InvalidInputError, kind: Kind) -> list[Fault]:
    """The faults of `error`, those at fields of `kind` below `terms`."""
    own = {field.key for field in kind.fields}
    return [
        Fault(f"terms.{each.address}", each.code, each.message) if each.address in own else each
        for each in error.faults
    ]


def _version(call: Call, code: str) -> int:
    """The version that a change is based on."""
    return call.based_on(get_scenario(call.session, call.actor, code).version)


def _kind(kind: Kind) -> KindOfAdjustment:
    return KindOfAdjustment(
        key=kind.key,
        title=words(kind.title),
        group=words(kind.group),
        swept=kind.swept,
        promoted=kind.promoted,
        terms=list(map(ColumnToFill.of, kind.fields)),
    )
