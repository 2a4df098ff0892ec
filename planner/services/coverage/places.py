"""One ministry with its agencies, and one agency with its people."""

from planner.services.coverage.opening import require_agency, require_ministry
from planner.services.coverage.pages import (
    HEAT,
    amount_section,
    choose_year,
    coverage_facts,
    lowest_chart,
    projection_section,
)
from planner.services.coverage.people import (
    accountability_gaps,
    accountability_table,
    load_titles,
    roster_table,
    single_person_table,
    single_persons,
)
from planner.services.coverage.tables import (
    agencies_of,
    group_table,
    heat_table,
    projection_table,
    role_table,
    year_table,
)
from planner.services.coverage.visit import Visit
from planner.services.desk.pages import Page, Wanted
from planner.services.reporting.staff import staff_table
from planner.text import N_
from reports.values import Section


def read_ministry(visit: Visit, wanted: Wanted, code: str) -> Page:
    """The agencies of the ministry called `code`, by role; `NotFoundError` if the reader sees none of that code."""
    staffing = visit.staffing
    require_ministry(staffing, code)
    year = choose_year(visit, wanted)
    coverage, group = staffing.only(staffing.of_ministry(code)), agencies_of(staffing)
    lowest = group_table(staffing, coverage, int(year.chosen), group)
    return Page(
        (
            Section("summary", N_("This fiscal year"), facts=coverage_facts(coverage)),
            Section(
                "heat",
                N_("Agencies and roles"),
                HEAT,
                tables=(heat_table(staffing, coverage, int(year.chosen), group),),
            ),
            Section("groups", N_("All roles together"), charts=(lowest_chart(lowest),)),
            projection_section(projection_table(staffing, coverage)),
            amount_section(year_table(staffing, coverage)),
        ),
        (year,),
    )


def read_agency(visit: Visit, wanted: Wanted, code: str) -> Page:
    """The agency called `code`: its roles, its people to those who may see them, who answers, what hosting takes."""
    staffing = visit.staffing
    require_agency(staffing, code)
    year = choose_year(visit, wanted)
    chosen = int(year.chosen)
    coverage = staffing.only({code})
    missing = accountability_gaps(staffing, {code})
    sections = [
        Section("summary", N_("This fiscal year"), facts=coverage_facts(coverage)),
        Section("roles", N_("Roles"), tables=(role_table(staffing, code, chosen),)),
    ]
    if visit.people.shown:
        lead = N_("Everybody who does data work here in that year, with the share of their time.")
        sections.append(
            Section("people", N_("People"), lead, tables=(roster_table(staffing, code, chosen, visit.people),))
        )
    sections += [
        Section(
            "risks",
            N_("Roles that rest on one person"),
            tables=(single_person_table(staffing, single_persons(staffing, {code}, chosen), visit.people),),
        ),
        Section(
            "accountability",
            N_("Who answers for what"),
            N_("What is missing today."),
            tables=(accountability_table(staffing, missing, load_titles(visit.session), visit.people),),
        ),
        projection_section(projection_table(staffing, coverage)),
    ]
    if visit.pools is not None:
        pools, names = visit.pools
        own = [row for row in pools if row.agency == code]
        lead = N_("Whose time limits what the plan in force hosts, and the storage that one FTE more would unlock.")
        sections.append(Section("staff", N_("Data staff and hosting"), lead, tables=(staff_table(own, names),)))
    return Page(tuple(sections), (year,))
