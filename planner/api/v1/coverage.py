"""How well the data staff covers what is required: pages, ministries and agencies, and days kept to compare with."""

import datetime as dt
import io

from pydantic import Field

from planner.api.pages import PageAnswer, PageNames, TablePart, table_part
from planner.api.paging import PageQuery
from planner.api.resources import Call, File, Resource
from planner.api.v1.reports import XLSX
from planner.api.values import Model
from planner.errors import NotFoundError
from planner.i18n import LANGUAGES, translator
from planner.services.coverage import PAGES, PLACES, Visit, note_people, open_visit
from planner.services.coverage.history import keep_coverage
from planner.services.coverage.workbook import build_coverage_report
from planner.services.desk.pages import Page as Reading
from planner.services.desk.pages import first_rows
from planner.services.permissions import Permission, require
from planner.services.tokens import Area
from reports.workbook import render_report

coverage = Resource(
    "coverage",
    Area.WORKFORCE,
    "How well data staff covers what norms require. People are named to human resources alone, and that is noted.",
)


class CoverageQuery(Model):
    """What the reader chooses of a page; its answer tells under `choices` what there is to choose.

    What is not said, or not offered, is the first there is.
    """

    year: str | None = Field(None, max_length=40)
    ministry: str | None = Field(None, max_length=40)
    role: str | None = Field(None, max_length=40)
    missing: str | None = Field(None, max_length=40)
    since: str | None = Field(None, max_length=40)

    def wanted(self) -> dict[str, str]:
        """What is chosen, by the keys of choices."""
        return self.model_dump(exclude_none=True, include=set(CoverageQuery.model_fields))


class CoverageTableQuery(CoverageQuery, PageQuery):
    """The same, and which rows."""


class KeptDay(Model):
    """A day on which coverage was kept."""

    day: dt.date


@coverage.get()
def pages(call: Call) -> PageNames:
    """List the pages on coverage."""
    require(call.actor, Permission.VIEW_WORKFORCE)
    return PageNames.of({key: title for key, (title, _) in PAGES.items()})


@coverage.get("/pages/<page>")
def page(call: Call, page: str, query: CoverageQuery) -> PageAnswer:
    """One page on coverage."""
    visit = open_visit(call.session, call.actor)
    return _shown(visit, _read(visit, page, query))


@coverage.get("/pages/<page>/tables/<table>")
def table(call: Call, page: str, table: str, query: CoverageTableQuery) -> TablePart:
    """One table of a page, whole."""
    visit = open_visit(call.session, call.actor)
    return _part(visit, _read(visit, page, query), table, query)


@coverage.get("/<area>/<code>")
def place(call: Call, area: str, code: str, query: CoverageQuery) -> PageAnswer:
    """One ministry with its agencies (`ministries`), or one agency with its people (`agencies`)."""
    visit = open_visit(call.session, call.actor)
    return _shown(visit, _read_place(visit, area, code, query))


@coverage.get("/<area>/<code>/tables/<table>")
def place_table(call: Call, area: str, code: str, table: str, query: CoverageTableQuery) -> TablePart:
    """One table on a ministry or an agency, whole."""
    visit = open_visit(call.session, call.actor)
    return _part(visit, _read_place(visit, area, code, query), table, query)


@coverage.get("/report-<language>.xlsx", files=(XLSX,))
def report(call: Call, language: str) -> File:
    """The report on everything that the token's owner sees, in a language (`th` or `en`)."""
    return _report(call, language, None)


@coverage.get("/ministries/<code>/report-<language>.xlsx", files=(XLSX,))
def report_ministry(call: Call, code: str, language: str) -> File:
    """The report on one ministry, in a language."""
    return _report(call, language, code)


@coverage.post("/days")
def keep(call: Call) -> KeptDay:
    """Keep coverage as it stands, to compare later days with; once a day."""
    return KeptDay(day=keep_coverage(call.session, call.actor))


def _read(visit: Visit, page: str, query: CoverageQuery) -> Reading:
    if page not in PAGES:
        raise NotFoundError
    return PAGES[page][1](visit, query.wanted())


def _read_place(visit: Visit, area: str, code: str, query: CoverageQuery) -> Reading:
    if area not in PLACES:
        raise NotFoundError
    return PLACES[area](visit, query.wanted(), code)


def _shown(visit: Visit, found: Reading) -> PageAnswer:
    """The page, once it is noted whom it names."""
    note_people(visit, (first_rows(table) for section in found.sections for table in section.tables))
    return PageAnswer.of(found)


def _part(visit: Visit, found: Reading, key: str, query: PageQuery) -> TablePart:
    return table_part(found.table(key), query, lambda shown: note_people(visit, [shown], "downloaded"))


def _report(call: Call, language: str, ministry: str | None) -> File:
    if language not in LANGUAGES:
        raise NotFoundError
    content = build_coverage_report(open_visit(call.session, call.actor), ministry)
    stream = io.BytesIO()
    render_report(content, translator(language), language, stream)
    return File(stream.getvalue(), f"{content.key}-{language}.xlsx", XLSX)
