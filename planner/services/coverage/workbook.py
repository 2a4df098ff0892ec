"""The coverage report as a workbook, of everything that a reader sees or of one ministry. It names nobody."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from planner.services.closing.opening import open_closing
from planner.services.closing.runs import newest_closing
from planner.services.closing.tables import agency_table, hires_table, loans_table, seats_table
from planner.services.coverage.history import (
    change_facts,
    change_table,
    changes_since,
    kept_days,
    last_quarter,
    load_kept,
)
from planner.services.coverage.norms import norm_table
from planner.services.coverage.notes import definition_table
from planner.services.coverage.opening import NOBODY, require_ministry
from planner.services.coverage.pages import amount_section, coverage_facts, lowest_chart, projection_section
from planner.services.coverage.people import (
    accountability_facts,
    accountability_gaps,
    accountability_table,
    load_titles,
    single_person_table,
    single_persons,
)
from planner.services.coverage.tables import (
    agencies_of,
    gap_table,
    group_table,
    heat_table,
    ministries_of,
    projection_table,
    year_table,
)
from planner.services.coverage.visit import Visit
from planner.services.overview import is_synthetic
from planner.services.reporting.staff import staff_table
from planner.services.wording import SYNTHETIC
from planner.text import N_, FiscalYear, LocalText, Phrase
from reports.values import Fact, Report, Section, Table
from reports.words import BANGKOK

WHOLE: Final = Phrase(N_("All ministries"))


def build_coverage_report(visit: Visit, ministry: str | None = None) -> Report:
    """The report of today on all ministries that the reader sees, or on the one called `ministry`.

    `NotFoundError` if the reader sees no ministry of that code.
    """
    staffing = visit.staffing
    if ministry is not None:
        require_ministry(staffing, ministry)
    subject: LocalText | Phrase = staffing.ministries[ministry] if ministry else WHOLE
    agencies = staffing.of_ministry(ministry) if ministry else tuple(staffing.agencies)
    first, last = FiscalYear(staffing.years[0]), FiscalYear(staffing.years[-1])
    return Report(
        key=f"coverage-{ministry or 'all'}-{staffing.on.isoformat()}",
        title=N_("Coverage of the data workforce"),
        subtitle=subject,
        facts=(
            Fact(N_("Date"), staffing.on, "date"),
            Fact(N_("Scope"), subject),
            Fact(N_("Fiscal years"), Phrase(N_("%(first)s to %(last)s"), {"first": first, "last": last})),
            *coverage_facts(staffing.only(agencies)),
        ),
        notices=(SYNTHETIC,) if is_synthetic(visit.session) else (),
        sections=tuple(_Sheets(visit, agencies, ministry).draw()),
        created_at=dt.datetime.combine(staffing.on, dt.time(), BANGKOK),
        reference=staffing.on.isoformat(),
        signatures=(N_("Prepared by"), N_("Reviewed by"), N_("Approved by")),
        publisher=N_("Ministry of Digital Economy and Society"),
    )


@dataclass(frozen=True)
class _Sheets:
    """The sheets on `agencies`, those of one ministry or all that the reader sees."""

    visit: Visit
    agencies: tuple[str, ...]
    ministry: str | None

    def draw(self) -> Iterator[Section]:
        staffing, year = self.visit.staffing, self.visit.staffing.present
        coverage = staffing.only(self.agencies)
        in_year = {"year": FiscalYear(year)}
        if self.ministry is None:
            heat = heat_table(staffing, staffing.by_ministry, year, ministries_of(staffing))
            lead = Phrase(N_("Coverage of every ministry by role in fiscal year %(year)s."), in_year)
            yield Section("heat", N_("Ministries and roles"), lead, tables=(heat,))
            lowest = group_table(staffing, staffing.by_ministry, year, ministries_of(staffing))
            title, lead = N_("Ministries"), Phrase(N_("All roles together, in fiscal year %(year)s."), in_year)
            yield Section("groups", title, lead, tables=(lowest,), charts=(lowest_chart(lowest),))
        lead = Phrase(N_("Coverage of every agency by role in fiscal year %(year)s."), in_year)
        heat = heat_table(staffing, coverage, year, agencies_of(staffing))
        yield Section("heat_agencies", N_("Agencies and roles"), lead, tables=(heat,))
        gaps = gap_table(staffing, self.agencies, list(staffing.roles), staffing.years)
        yield _sheet(gaps, N_("Gaps"), N_("What is required at an agency and not there, in every fiscal year."))
        yield from self._people()
        yield _with_tables(projection_section(projection_table(staffing, coverage)))
        yield _with_tables(amount_section(year_table(staffing, coverage)))
        yield from self._changes()
        yield from self._plan()
        yield _sheet(norm_table(staffing), N_("Norms"), N_("What is required of each role, and from when on."))
        yield from self._hosting()
        yield _sheet(definition_table(), N_("Definitions"), N_("What the words mean and how the figures are made."))

    def _people(self) -> Iterator[Section]:
        staffing = self.visit.staffing
        singles = single_persons(staffing, self.agencies, staffing.present)
        lead = N_("If that person is away, nobody does the work. The order is by weight: what rests on them.")
        yield _sheet(single_person_table(staffing, singles, NOBODY), N_("Single-person risks"), lead)
        missing = accountability_gaps(staffing, self.agencies)
        table = accountability_table(staffing, missing, load_titles(self.visit.session), NOBODY)
        lead = N_("Agencies and datasets without an accountable person or a deputy, or not for long.")
        yield Section("accountability", N_("Accountability"), lead, (table,), facts=accountability_facts(missing))

    def _changes(self) -> Iterator[Section]:
        staffing, session = self.visit.staffing, self.visit.session
        day = last_quarter(kept_days(session, self.visit.actor), staffing.on)
        if day is not None:
            found = changes_since(staffing, load_kept(session, day))
            shown = tuple(change for change in found if change.agency in self.agencies)
            lead = N_("Agencies and roles of which more or less is covered today than on that day.")
            facts = change_facts(shown, day)
            yield Section("changes", N_("What changed"), lead, (change_table(staffing, shown),), facts=facts)

    def _plan(self) -> Iterator[Section]:
        """What the newest plan that closes the gaps does for the agencies."""
        session = self.visit.session
        code = newest_closing(session)
        if code is None:
            return
        closing = open_closing(session, self.visit.actor, code)
        known = tuple(agency for agency in self.agencies if agency in closing.before.agencies)
        lead = Phrase(N_("By workforce plan %(code)s: coverage of every agency before and after."), {"code": code})
        yield Section("plan", N_("Plan"), lead, (agency_table(closing, known),))
        lead = Phrase(N_("By workforce plan %(code)s: who is trained, hired and lent, where and when."), {"code": code})
        measures = (seats_table(closing, known), hires_table(closing, known), loans_table(closing, known))
        yield Section("plan_measures", N_("Seats, hires and secondments"), lead, measures)

    def _hosting(self) -> Iterator[Section]:
        if self.visit.pools is not None:
            pools, names = self.visit.pools
            own = [row for row in pools if row.agency in self.agencies]
            lead = N_("Whose time limits what the plan in force hosts, and the storage that one FTE more would unlock.")
            yield _sheet(staff_table(own, names), N_("Data staff and hosting"), lead)


def _sheet(table: Table, title: str, lead: str) -> Section:
    return Section(table.key, title, lead, tables=(table,))


def _with_tables(section: Section) -> Section:
    """A page's section as a sheet: the tables of its charts stand on it."""
    tables = tuple(chart.table for chart in section.charts)
    return Section(section.key, section.title, section.lead, tables, section.charts)
