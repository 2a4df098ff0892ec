"""The pages on coverage: what each shows of the register, as the reader chose."""

import datetime as dt
from typing import Final

from planner.i18n import format_day
from planner.services.coverage.history import (
    change_facts,
    change_table,
    changes_since,
    kept_days,
    last_quarter,
    load_kept,
)
from planner.services.coverage.hosting import UNLIMITED
from planner.services.coverage.people import (
    GAPS,
    accountability_facts,
    accountability_gaps,
    accountability_table,
    load_titles,
    overcommitment_table,
    single_person_table,
    single_persons,
)
from planner.services.coverage.tables import (
    CRUMB,
    FTE,
    fte,
    gap_table,
    group_table,
    heat_table,
    ministries_of,
    projection_table,
    year_table,
)
from planner.services.coverage.visit import Visit
from planner.services.desk.pages import Choice, Label, Page, Wanted, choose
from planner.services.reporting.ledger import tidy
from planner.services.reporting.staff import staff_table
from planner.text import N_, FiscalYear, LocalText, Phrase
from planner.workforce.coverage import Coverage
from reports.values import Chart, Fact, Section, Table

DRAWN: Final = 5
"""How many roles a chart shows beside all of them: lines of more cannot be told apart."""
ALL: Final = ""
"""The value of a choice that leaves nothing out."""


def read_overview(visit: Visit, wanted: Wanted) -> Page:
    """The heat map of ministries and roles in one fiscal year, and the figures of all of them."""
    staffing, year = visit.staffing, choose_year(visit, wanted)
    coverage, group = staffing.by_ministry, ministries_of(staffing)
    heat = heat_table(staffing, coverage, int(year.chosen), group)
    lowest = group_table(staffing, coverage, int(year.chosen), group)
    return Page(
        (
            Section("summary", N_("How well the data staff covers what is required"), facts=summary_facts(visit)),
            Section("heat", N_("Ministries and roles"), HEAT, tables=(heat,)),
            Section("groups", N_("All roles together"), charts=(lowest_chart(lowest),)),
        ),
        (year,),
    )


HEAT: Final = N_(
    "The share of the required time that is there; the lower, the deeper the shade. A surplus in one place hides no "
    "gap in another. Open a row by its code."
)


def summary_facts(visit: Visit) -> tuple[Fact, ...]:
    """The present year in figures, over everything that the reader sees."""
    staffing = visit.staffing
    singles = single_persons(staffing, staffing.agencies, staffing.present)
    missing = accountability_gaps(staffing, staffing.agencies)
    nobody = {gap.agency for gap in missing if gap.dataset is None and gap.code == "nobody"}
    return (
        Fact(N_("Fiscal year"), FiscalYear(staffing.present), "year"),
        *coverage_facts(staffing.coverage),
        Fact(N_("Roles that rest on one person"), len(singles), "integer"),
        Fact(N_("Agencies with nobody accountable"), len(nobody), "integer"),
    )


def coverage_facts(coverage: Coverage) -> tuple[Fact, ...]:
    """FTE required and covered in the present year, over all of `coverage`."""
    required, covered = float(coverage.required[:, :, 0].sum()), float(coverage.covered[:, :, 0].sum())
    return (
        Fact(N_("Required time"), fte(required), "number", FTE),
        Fact(N_("Covered"), fte(covered), "number", FTE),
        Fact(N_("Vacant posts"), fte(coverage.vacant[:, :, 0].sum()), "number", FTE),
        Fact(N_("Coverage"), tidy(covered / required) if required > CRUMB else 1.0, "share"),
    )


def lowest_chart(table: Table) -> Chart:
    """Coverage of the rows of `group_table`."""
    return Chart(table.key, N_("Coverage, the lowest first"), "bar", table, "name", ("coverage",), N_("Coverage"))


def read_gaps(visit: Visit, wanted: Wanted) -> Page:
    """Every gap in one fiscal year or all, of one ministry or all, in one role or all."""
    staffing = visit.staffing
    ministry = choose_ministry(visit, wanted)
    roles: list[tuple[str, Label]] = [(ALL, Phrase(N_("All roles"))), *staffing.roles.items()]
    role = choose("role", N_("Role"), roles, wanted)
    year = choose_year(visit, wanted)
    table = gap_table(
        staffing,
        chosen_agencies(visit, ministry),
        [role.chosen] if role.chosen else list(staffing.roles),
        [int(year.chosen)],
    )
    gaps = [float(str(value)) for value in table.column("gap")]
    facts = (
        Fact(N_("Gaps"), len(gaps), "integer"),
        Fact(N_("FTE missing"), fte(sum(gaps)), "number", FTE),
    )
    lead = N_(
        "What is required at an agency and not there, the most first. Vacant posts could be filled to close a part."
    )
    return Page(
        (Section("gaps", N_("Where people are missing"), lead, facts=facts, tables=(table,)),), (ministry, role, year)
    )


def read_risks(visit: Visit, wanted: Wanted) -> Page:
    """Roles that rest on one person, and people who were given too much."""
    staffing, ministry, year = visit.staffing, choose_ministry(visit, wanted), choose_year(visit, wanted)
    agencies = chosen_agencies(visit, ministry)
    found = single_persons(staffing, agencies, int(year.chosen))
    risks = Section(
        "risks",
        N_("Roles that rest on one person"),
        N_("If that person is away, nobody does the work. The order is by weight: what rests on them."),
        tables=(single_person_table(staffing, found, visit.people),),
    )
    if not visit.people.shown:
        return Page((risks,), (ministry, year))
    too_much = Section(
        "overcommitted",
        N_("People given too much"),
        N_("Their shares of time add up to more than one; one of them is probably wrong."),
        tables=(overcommitment_table(staffing, agencies, visit.people),),
    )
    return Page((risks, too_much), (ministry, year))


def read_accountability(visit: Visit, wanted: Wanted) -> Page:
    """Agencies and datasets for which nobody answers, or not for long, or without anybody to stand in."""
    staffing, ministry = visit.staffing, choose_ministry(visit, wanted)
    options: list[tuple[str, Label]] = [(ALL, Phrase(N_("Whatever is missing")))]
    missing = choose("missing", N_("What is missing"), options + [(code, Phrase(GAPS[code])) for code in GAPS], wanted)
    every = accountability_gaps(staffing, chosen_agencies(visit, ministry))
    found = [gap for gap in every if missing.chosen in {ALL, gap.code}]
    section = Section(
        "accountability",
        N_("Who answers for what"),
        N_("Every agency and every dataset has an accountable person and a deputy. This is what is missing today."),
        facts=accountability_facts(every),
        tables=(accountability_table(staffing, found, load_titles(visit.session), visit.people),),
    )
    return Page((section,), (ministry, missing))


def read_projection(visit: Visit, wanted: Wanted) -> Page:
    """Five years ahead, if nothing is done, of one ministry or all."""
    staffing, ministry = visit.staffing, choose_ministry(visit, wanted)
    coverage = staffing.only(chosen_agencies(visit, ministry))
    shares, whole = projection_table(staffing, coverage), year_table(staffing, coverage)
    return Page((projection_section(shares), amount_section(whole)), (ministry,))


def projection_section(shares: Table) -> Section:
    """Coverage by role over the years; the chart shows the roles that are covered least in the end, and all of them."""
    *roles, whole = (column.key for column in shares.columns[1:])
    lowest = sorted(roles, key=lambda key: float(str(shares.column(key)[-1])))[:DRAWN]
    series = (*(key for key in roles if key in lowest), whole)
    title = N_("All roles, and those that are covered least in the end")
    chart = Chart("projection", title, "line", shares, "year", series, N_("Coverage"))
    lead = N_("What is expected if nothing is done: attrition, retirements, contracts that end, training under way.")
    return Section("projection", N_("Five years ahead"), lead, charts=(chart,))


def amount_section(whole: Table) -> Section:
    """FTE required and covered over the years."""
    title = N_("Required and covered FTE by fiscal year")
    chart = Chart("years", title, "column", whole, "year", ("required", "covered"), FTE)
    return Section("years", N_("In full-time equivalents"), charts=(chart,))


def read_changes(visit: Visit, wanted: Wanted) -> Page:
    """What is better and worse covered than on a day when coverage was kept; by default before this quarter."""
    staffing, days = visit.staffing, kept_days(visit.session, visit.actor)
    start = last_quarter(days, staffing.on)
    if start is None:
        lead = N_("Nothing was kept before today. Coverage is kept once a quarter, or when somebody asks for it.")
        return Page((Section("changes", N_("What changed"), lead),))
    ordered = [start, *(day for day in days if day != start)]
    since = choose("since", N_("Compare with"), [(day.isoformat(), day_label(day)) for day in ordered], wanted)
    day = dt.date.fromisoformat(since.chosen)
    found = changes_since(staffing, load_kept(visit.session, day))
    section = Section(
        "changes",
        N_("What changed"),
        N_("Agencies and roles of which more or less is covered today than on that day."),
        facts=change_facts(found, day),
        tables=(change_table(staffing, found),),
    )
    return Page((section,), (since,))


def read_hosting(visit: Visit, _wanted: Wanted) -> Page:
    """Data staff who limit what is hosted, as the plan in force used them."""
    if visit.pools is None:
        return Page((Section("staff", N_("Data staff and hosting"), UNLIMITED),))
    lead = N_("Whose time limits what the plan in force hosts, and the storage that one FTE more would unlock.")
    return Page((Section("staff", N_("Data staff and hosting"), lead, tables=(staff_table(*visit.pools),)),))


def choose_year(visit: Visit, wanted: Wanted) -> Choice:
    """One of the years that the register looks ahead to."""
    return choose("year", N_("Fiscal year"), [(str(year), FiscalYear(year)) for year in visit.staffing.years], wanted)


def choose_ministry(visit: Visit, wanted: Wanted) -> Choice:
    """All ministries that the reader sees, or one of them."""
    options: list[tuple[str, Label]] = [(ALL, Phrase(N_("All ministries"))), *visit.staffing.ministries.items()]
    return choose("ministry", N_("Ministry"), options, wanted)


def chosen_agencies(visit: Visit, ministry: Choice) -> tuple[str, ...]:
    """The agencies of the ministry chosen."""
    staffing = visit.staffing
    return staffing.of_ministry(ministry.chosen) if ministry.chosen else tuple(staffing.agencies)


def day_label(day: dt.date) -> LocalText:
    """A day in both languages."""
    return LocalText(format_day(day, "th"), format_day(day, "en"))
