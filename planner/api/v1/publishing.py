"""Published plans: which is in force, putting one in force, and what it gives each ministry."""

import datetime as dt
from typing import Literal

from pydantic import Field

from planner.api.errors import FaultAnswer
from planner.api.pages import ChartAnswer, Name, TablePart, code_part, items_part, table_part
from planner.api.paging import PageQuery
from planner.api.resources import Call, File, Resource
from planner.api.v1.plans import plans
from planner.api.v1.reports import XLSX
from planner.api.values import Code, Model, Page, Words, said, words
from planner.errors import NotFoundError
from planner.services.desk.opening import open_desk
from planner.services.permissions import Permission, require
from planner.services.publishing.letter import write_letter
from planner.services.publishing.outcome import list_outcomes, load_ministry_outcome
from planner.services.publishing.publish import publish_plan
from planner.services.publishing.staleness import load_changes
from planner.services.publishing.standing import (
    PlanState,
    PublicationInfo,
    list_publications,
    load_publication,
    plan_states,
)
from planner.services.report_sets import ask_for_missing_reports, open_outcome_workbook, outcome_languages
from planner.services.tokens import Area

publications = Resource("publications", Area.PUBLISHING, "Which plan is in force, and which were before it.")
outcomes = Resource("outcomes", Area.PUBLISHING, "What the plan in force gives each ministry.")


class Publication(Model):
    """A publication, under the code of its plan; `superseded_at` is null while it is in force."""

    code: str
    name: str
    note: str
    published_at: dt.datetime
    published_by: str = Field(description="A full name; empty for the operator.")
    superseded_at: dt.datetime | None
    superseded_by: str | None
    synthetic: bool

    @classmethod
    def of(cls, found: PublicationInfo) -> "Publication":
        """A publication as JSON."""
        return cls(
            code=found.plan,
            name=found.plan_name,
            note=found.note,
            published_at=found.published_at,
            published_by=found.published_by,
            superseded_at=found.superseded_at,
            superseded_by=found.superseded_by,
            synthetic=found.synthetic,
        )


class NewPublication(Model):
    """The plan to put in force, a note that every ministry reads, and which plan was in force when that was decided."""

    plan: Code
    note: str = Field(min_length=1, max_length=2000)
    seen: Code | None = Field(description="The code of the plan in force, null before the first publication.")


class Standing(Model):
    """How a plan stands today: whether it is in force, and every change of its inputs since it was run."""

    state: Literal["draft", "published", "superseded"]
    stale: bool = Field(description="Whether a run would start from anything else today.")
    faults: list[FaultAnswer] = Field(description="Why today's rows make no valid input at all, where they do not.")
    changes: TablePart


class OutcomeListed(Model):
    """What a ministry is granted: requirements in full, in part and not at all, and the share of what it asked for."""

    code: str
    ministry: Name
    requirements: int
    full: int
    part: int
    none: int
    served: float


class Letter(Model):
    """The letter to a ministry."""

    subject: Words
    to: Words
    paragraphs: list[Words]
    enclosures: list[Words]


class Outcome(Model):
    """What the plan in force gives a ministry; `share` is of what it asked for."""

    code: str
    name: Words
    publication: Publication
    first_year: int
    last_year: int
    asked: int
    full: int
    part: int
    none: int
    share: float
    letter: Letter
    chart: ChartAnswer
    tables: list[str] = Field(description="The tables that are enclosed, by their keys.")
    workbooks: list[str] = Field(description="The languages in which its workbook is there.")


@publications.get()
def index(call: Call, query: PageQuery) -> Page[Publication]:
    """List the publications, the newest first: the first of them is of the plan in force."""
    require(call.actor, Permission.VIEW_PLANS)
    found = list_publications(call.session)
    part, following = code_part([each.published_at.isoformat() for each in found], query)  # a plan may come back
    return Page(items=list(map(Publication.of, found[part])), next=following)


@publications.get("/current")
def current(call: Call) -> Publication:
    """The publication of the plan in force."""
    require(call.actor, Permission.VIEW_OUTCOME)
    found = load_publication(call.session)
    if found is None:
        raise NotFoundError
    return Publication.of(found)


@publications.post(status=201)
def publish(call: Call, body: NewPublication) -> Publication:
    """Put a plan in force. The one before it is superseded, and the ministries are told."""
    publish_plan(call.session, call.actor, body.plan, body.note, seen=body.seen)
    ask_for_missing_reports(call.session, call.actor, body.plan)  # every ministry is to have its workbook
    return current(call)


@publications.get("/<code>")
def show(call: Call, code: str) -> Publication:
    """The newest publication of a plan."""
    require(call.actor, Permission.VIEW_PLANS)
    for found in list_publications(call.session):
        if found.plan == code:
            return Publication.of(found)
    raise NotFoundError


@plans.get("/<code>/standing")
def standing(call: Call, code: str, query: PageQuery) -> Standing:
    """How a plan stands on what the database holds today."""
    open_desk(call.session, call.actor, code)
    found = load_changes(call.session, call.actor, code)
    return Standing(
        state=plan_states(call.session).get(code, PlanState.DRAFT).value,
        stale=found.stale,
        faults=list(map(FaultAnswer.of, found.faults)),
        changes=table_part(found.table, query),
    )


@outcomes.get()
def outcome_index(call: Call, query: PageQuery) -> Page[OutcomeListed]:
    """List what the plan in force gives each ministry that the token's owner may see."""
    found = list_outcomes(call.session, call.actor)
    return items_part(found[1], query, OutcomeListed) if found else Page(items=[])


@outcomes.get("/<ministry>")
def outcome(call: Call, ministry: str) -> Outcome:
    """What the plan in force gives a ministry, with the letter that says so."""
    found = load_ministry_outcome(call.session, call.actor, ministry)
    letter = write_letter(found)
    return Outcome(
        code=found.code,
        name=said(found.name),
        publication=Publication.of(found.publication),
        first_year=found.first.year,
        last_year=found.last.year,
        asked=found.counts.asked,
        full=found.counts.full,
        part=found.counts.part,
        none=found.counts.none,
        share=found.share,
        letter=Letter(
            subject=words(letter.subject),
            to=words(letter.to),
            paragraphs=list(map(words, letter.paragraphs)),
            enclosures=list(map(words, letter.enclosures)),
        ),
        chart=ChartAnswer.of(found.chart),
        tables=[table.key for table in (found.requirements, found.shortfalls, found.resources)],
        workbooks=list(outcome_languages(call.session)),
    )


@outcomes.get("/<ministry>/tables/<table>")
def outcome_table(call: Call, ministry: str, table: str, query: PageQuery) -> TablePart:
    """One of the enclosures, whole."""
    return table_part(load_ministry_outcome(call.session, call.actor, ministry).table(table), query)


@outcomes.get("/<ministry>/workbook-<language>.xlsx", files=(XLSX,))
def outcome_workbook(call: Call, ministry: str, language: str) -> File:
    """The ministry's workbook of the plan in force in a language (`th` or `en`)."""
    found = open_outcome_workbook(call.session, call.actor, ministry, language)
    return File(found.content, found.name, XLSX)
