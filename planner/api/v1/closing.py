"""Plans that close the gaps of the data workforce: asking for one, reading it, its terms and the training calendar."""

import datetime as dt
import io
from typing import Annotated

from pydantic import Field

from planner.api.pages import Name, PageAnswer, PageNames, TablePart, items_of, table_part
from planner.api.paging import PageQuery, cursor_of
from planner.api.resources import Call, File, Resource
from planner.api.typed import typed
from planner.api.v1.jobs import JobStatusName
from planner.api.v1.reports import XLSX
from planner.api.values import Model, Page, Words, words
from planner.errors import Fault, InvalidInputError, NotFoundError, fault
from planner.i18n import LANGUAGES, translator
from planner.services.closing.calendar import load_calendar
from planner.services.closing.opening import Closing, open_closing
from planner.services.closing.pages import pages_of
from planner.services.closing.runs import LONGEST_NAME, find_closings, get_closing, queue_closing, what_if_phrase
from planner.services.closing.terms import FIELDS, get_terms, load_terms_form, save_terms
from planner.services.closing.whatif import LARGEST_CHANGE
from planner.services.closing.whatif import WhatIf as Supposed
from planner.services.closing.workbook import build_closing_report
from planner.services.desk.pages import Page as Reading
from planner.services.jobs.reading import STATUSES
from planner.services.reference.texts import number_text
from planner.services.tokens import Area
from planner.text import N_
from reports.workbook import render_report

closing = Resource(
    "workforce_plans", Area.WORKFORCE, "Plans that close the gaps of the data workforce.", "/workforce-plans"
)

Change = Annotated[float, Field(ge=-1, le=LARGEST_CHANGE, description="0.2 for a fifth more, -0.2 for a fifth less.")]
Share = Annotated[float, Field(ge=0, le=1)]
Money = Annotated[float, Field(ge=0, le=1e15, description="THB.")]


class WhatIf(Model):
    """Differences from the register and the terms of today."""

    budget: Change = 0.0
    seats: Change = 0.0
    attrition: Change = 0.0
    no_hiring: bool = False
    no_lending: bool = False


class WorkforcePlanListed(Model):
    """A workforce plan as the list has it."""

    code: str
    name: str | None
    status: Words
    status_code: JobStatusName
    what_if: Words
    on: dt.date
    created_at: dt.datetime
    created_by: Name
    synthetic: bool


class NewWorkforcePlan(Model):
    """What to plan."""

    name: str = Field("", max_length=LONGEST_NAME, description="Empty: the code is the name.")
    what_if: WhatIf = WhatIf()


class WorkforcePlan(Model):
    """A workforce plan; until it is finished, its progress is that of the job `workforce_plan` with its code."""

    code: str
    name: str
    on: dt.date = Field(description="The day of the register that it works on.")
    what_if: WhatIf
    supposes: Words
    created_at: dt.datetime
    created_by: str = Field(description="A full name; empty for the operator.")
    finished_at: dt.datetime | None
    planner_version: str
    input_sha256: str
    synthetic: bool


class Terms(Model):
    """The terms under which gaps are closed. `lend_cost` null: nobody is lent; a year without a budget has no limit."""

    lend_cost: Money | None = Field(description="THB for an FTE and year of a secondment.")
    lend_efficiency: Share = Field(description="What arrives of the time lent.")
    backup: Share = Field(description="What should be there of a role's need without its most important person.")
    budget: dict[str, Money] = Field(max_length=50, description="THB by fiscal year of the common era.")


class TermsInForce(Terms):
    """The terms in force; `version` is 0 until some are stored."""

    version: int


class ClosingQuery(Model):
    """What the reader chooses of a page; its answer tells under `choices` what there is to choose.

    What is not said, or not offered, is the first there is.
    """

    year: str | None = Field(None, max_length=40)
    ministry: str | None = Field(None, max_length=40)
    other: str | None = Field(None, max_length=40)

    def wanted(self) -> dict[str, str]:
        """What is chosen, by the keys of choices."""
        return self.model_dump(exclude_none=True, include=set(ClosingQuery.model_fields))


class ClosingTableQuery(ClosingQuery, PageQuery):
    """The same, and which rows."""


@closing.get()
def index(call: Call, query: PageQuery) -> Page[WorkforcePlanListed]:
    """List the workforce plans, the newest first."""
    found = find_closings(call.session, call.actor, query.part())
    return Page(items=items_of(found.table, WorkforcePlanListed, status=STATUSES), next=cursor_of(found.last))


@closing.post(status=201, apart=True)
def create(call: Call, body: NewWorkforcePlan) -> WorkforcePlan:
    """Keep the register as it is today and queue a plan; the jobs tell how it goes."""
    supposed = Supposed(**dict(body.what_if))
    return show(call, queue_closing(call.sessions, call.actor, body.name, supposed, within=call.session))


@closing.get("/terms")
def terms(call: Call) -> TermsInForce:
    """The terms under which plans are made."""
    found, version = get_terms(call.session, call.actor)
    return TermsInForce(
        lend_cost=found.lend_cost,
        lend_efficiency=found.lend_efficiency,
        backup=found.backup,
        budget={str(year): amount for year, amount in found.budget.items()},
        version=version,
    )


@closing.put("/terms")
def change_terms(call: Call, body: Terms) -> TermsInForce:
    """Put other terms in force, for plans asked for from now on."""
    _, version = get_terms(call.session, call.actor)
    offered = {field.entry.name for field in load_terms_form(call.session, call.actor).fields}
    message = N_("The register does not look ahead to this fiscal year.")
    if faults := [fault(f"budget.{y}", "unknown_year", message) for y in body.budget if f"budget_{y}" not in offered]:
        raise InvalidInputError(faults)
    texts = typed(FIELDS, {field.key: getattr(body, field.key) for field in FIELDS})
    texts |= {f"budget_{year}": number_text(amount) for year, amount in body.budget.items()}
    try:
        save_terms(call.session, call.actor, texts, call.based_on(version))
    except InvalidInputError as error:
        own = (Fault(each.address.replace("budget_", "budget."), each.code, each.message) for each in error.faults)
        raise InvalidInputError(own) from error
    return terms(call)


@closing.get("/calendar/<table>")
def calendar(call: Call, table: str, query: PageQuery) -> TablePart:
    """The training calendar: `cohorts` by their days, or `courses` with the seats of each fiscal year."""
    for found in load_calendar(call.session, call.actor):
        if found.key == table:
            return table_part(found, query)
    raise NotFoundError


@closing.get("/<code>")
def show(call: Call, code: str) -> WorkforcePlan:
    """One workforce plan, finished or not."""
    found = get_closing(call.session, call.actor, code)
    return WorkforcePlan(
        code=found.code,
        name=found.name,
        on=found.on,
        what_if=WhatIf.model_validate(found.what_if, from_attributes=True),
        supposes=words(what_if_phrase(found.what_if)),
        created_at=found.created_at,
        created_by=found.created_by,
        finished_at=found.finished_at,
        planner_version=found.planner_version,
        input_sha256=found.sha256,
        synthetic=found.synthetic,
    )


@closing.get("/<code>/pages")
def pages(call: Call, code: str) -> PageNames:
    """List the pages of a finished plan."""
    found = open_closing(call.session, call.actor, code)
    return PageNames.of({key: title for key, (title, _) in pages_of(found).items()})


@closing.get("/<code>/pages/<page>")
def page(call: Call, code: str, page: str, query: ClosingQuery) -> PageAnswer:
    """One page of a plan."""
    return PageAnswer.of(_read(call, code, page, query))


@closing.get("/<code>/pages/<page>/tables/<table>")
def table(call: Call, code: str, page: str, table: str, query: ClosingTableQuery) -> TablePart:
    """One table of a page, whole."""
    return table_part(_read(call, code, page, query).table(table), query)


@closing.get("/<code>/report-<language>.xlsx", files=(XLSX,))
def report(call: Call, code: str, language: str) -> File:
    """The whole plan as a workbook in a language (`th` or `en`)."""
    if language not in LANGUAGES:
        raise NotFoundError
    content = build_closing_report(call.session, open_closing(call.session, call.actor, code))
    stream = io.BytesIO()
    render_report(content, translator(language), language, stream)
    return File(stream.getvalue(), f"{content.key}-{language}.xlsx", XLSX)


def _read(call: Call, code: str, page: str, query: ClosingQuery) -> Reading:
    found: Closing = open_closing(call.session, call.actor, code)
    pages = pages_of(found)
    if page not in pages:
        raise NotFoundError
    return pages[page][1](call.session, found, query.wanted())
