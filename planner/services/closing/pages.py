"""The pages on a plan of the workforce: what each shows, as the reader chose."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from sqlalchemy.orm import Session

from planner.services.closing.comparing import read_comparison
from planner.services.closing.opening import Closing
from planner.services.closing.runs import what_if_phrase
from planner.services.closing.tables import (
    agency_table,
    budget_table,
    hires_table,
    level_table,
    loans_table,
    pool_table,
    role_table,
    seats_table,
    unlocked_table,
    worth_table,
    year_table,
)
from planner.services.coverage.hosting import UNLIMITED, load_staff_pools
from planner.services.coverage.tables import FTE, agencies_of, heat_table, ministries_of
from planner.services.desk.pages import Choice, Label, Page, Wanted, choose
from planner.services.reporting.ledger import tidy
from planner.services.reporting.shared import THB
from planner.text import N_, FiscalYear, Phrase
from reports.values import Chart, Fact, Section

ALL: Final = ""
"""The value of a choice that leaves nothing out."""
OWN_LIMITS: Final = N_(
    "Before and after the plan, over all roles and years, with what keeps each from more. The lowest is raised first, "
    "then the next lowest, and so on."
)


def read_overview(_session: Session, closing: Closing, _wanted: Wanted) -> Page:
    """What the plan reaches, over the years and by role."""
    agencies = closing.before.agencies
    years, roles = year_table(closing, agencies), role_table(closing, agencies)
    coverage = N_("Coverage")
    sections = (
        Section("summary", N_("What the plan reaches"), facts=summary_facts(closing)),
        Section(
            "years",
            N_("Over the years"),
            N_("What is expected if nothing is done, and by the plan."),
            charts=(
                Chart("years", N_("Coverage before and after"), "line", years, "year", ("before", "after"), coverage),
            ),
        ),
        Section(
            "roles",
            N_("By role"),
            N_("Over all years."),
            charts=(Chart("roles", N_("Coverage by role after the plan"), "bar", roles, "role", ("after",), coverage),),
        ),
    )
    if not closing.whole:
        return Page(sections)
    proof = Section(
        "levels",
        N_("Levels and proof"),
        N_("What each level reached, and the bound that no plan can pass."),
        facts=proof_facts(closing),
        tables=(level_table(closing),),
    )
    return Page((*sections, proof))


def summary_facts(closing: Closing) -> tuple[Fact, ...]:
    """The plan in figures, over the agencies that the reader sees."""
    plan, seen = closing.plan, closing.before.agencies
    outcomes = [row for row in plan.agencies if row.agency in seen]
    facts = (
        Fact(N_("Lowest coverage before"), tidy(min((row.before for row in outcomes), default=1.0)), "share"),
        Fact(N_("Lowest coverage after"), tidy(min((row.after for row in outcomes), default=1.0)), "share"),
        Fact(
            N_("People sent to courses"),
            tidy(sum(row.seats for row in plan.seats if row.agency in seen)),
            "number",
            FTE,
        ),
        Fact(N_("People hired"), tidy(sum(row.fte for row in plan.hires if row.agency in seen)), "number", FTE),
        Fact(
            N_("Time lent, over all years"),
            tidy(sum(row.fte for row in plan.loans if {row.lender, row.borrower} & set(seen))),
            "number",
            N_("FTE-years"),
        ),
    )
    if not closing.whole:
        return facts
    return (*facts, Fact(N_("Cost over all years"), tidy(plan.levels[-1].value), "money", THB))


def proof_facts(closing: Closing) -> tuple[Fact, ...]:
    """What a check that knows nothing of the solver says of the plan, and what the plan was made from."""
    certificate = closing.plan.certificate
    return (
        Fact(N_("What if"), what_if_phrase(closing.info.what_if)),
        Fact(N_("Register of"), closing.info.on, "date"),
        Fact(N_("Rules checked"), certificate.checked, "integer"),
        Fact(N_("Certificate"), Phrase(N_("Passed")) if certificate.feasible else Phrase(N_("Failed"))),
        Fact(N_("Solver"), closing.plan.solver),
        Fact(N_("Solving time"), tidy(closing.plan.seconds), "number", N_("seconds")),
        Fact(N_("SHA-256 of the inputs"), closing.info.sha256, "code"),
    )


def read_agencies(_session: Session, closing: Closing, wanted: Wanted) -> Page:
    """Each agency before and after, why no more, and the heat map after the plan."""
    ministry, year = choose_ministry(closing, wanted), choose_year(closing, wanted)
    shown, chosen = chosen_agencies(closing, ministry), int(year.chosen or closing.before.years[-1])
    if ministry.chosen:
        heat = heat_table(closing.after, closing.after.only(shown), chosen, agencies_of(closing.after))
    else:
        heat = heat_table(closing.after, closing.after.by_ministry, chosen, ministries_of(closing.after))
    lead = Phrase(
        N_("Fiscal year %(year)s, by the plan; the lower, the deeper the shade."), {"year": FiscalYear(chosen)}
    )
    return Page(
        (
            Section("agencies", N_("Agencies before and after"), OWN_LIMITS, tables=(agency_table(closing, shown),)),
            Section("heat", N_("Coverage by role after the plan"), lead, tables=(heat,)),
        ),
        (ministry, year),
    )


def read_measures(_session: Session, closing: Closing, wanted: Wanted) -> Page:
    """Who is sent where, who is hired, and who lends to whom."""
    ministry, year = choose_ministry(closing, wanted), choose_year(closing, wanted)
    shown, chosen = chosen_agencies(closing, ministry), int(year.chosen) if year.chosen else None
    lead = N_("In full-time equivalents, as in any plan over years; who exactly goes is for the agency to say.")
    return Page(
        (
            Section("seats", N_("Training"), lead, tables=(seats_table(closing, shown, chosen),)),
            Section(
                "hires",
                N_("Hiring"),
                N_("Within funded posts that nobody holds."),
                tables=(hires_table(closing, shown, chosen),),
            ),
            Section(
                "loans",
                N_("Secondments"),
                N_("From what an agency has beyond its own need, inside a ministry first."),
                tables=(loans_table(closing, shown, chosen),),
            ),
        ),
        (ministry, year),
    )


def read_limits(_session: Session, closing: Closing, _wanted: Wanted) -> Page:
    """What all agencies share, and what more of it would bring."""
    sections = [
        Section(
            "pools",
            N_("What is shared"),
            N_("Seats, secondments and money: what the plan takes of each, and what one more is worth."),
            tables=(pool_table(closing),),
        ),
        Section("budget", N_("Money"), tables=(budget_table(closing),)),
    ]
    if closing.stored.values:
        worth = Section(
            "worth",
            N_("What more would bring"),
            N_("One seat or one million baht more, and several: how far a price holds."),
            tables=(worth_table(closing),),
        )
        sections.insert(1, worth)
    return Page(tuple(sections))


def read_hosting(session: Session, closing: Closing, _wanted: Wanted) -> Page:
    """Where staff whom the plan adds would let storage be hosted, by the allocation plan in force."""
    title = N_("Data staff and hosting")
    found = load_staff_pools(session)
    if found is None:
        return Page((Section("unlocked", title, UNLIMITED),))
    lead = N_("Where people whom this plan adds are those for want of whom data is not hosted.")
    return Page((Section("unlocked", title, lead, tables=(unlocked_table(closing, found[0]),)),))


def choose_year(closing: Closing, wanted: Wanted) -> Choice:
    """All years of the plan, or one of them."""
    options: list[tuple[str, Label]] = [(ALL, Phrase(N_("All years")))]
    options += [(str(year), FiscalYear(year)) for year in closing.before.years]
    return choose("year", N_("Fiscal year"), options, wanted)


def choose_ministry(closing: Closing, wanted: Wanted) -> Choice:
    """All ministries that the reader sees, or one of them."""
    options: list[tuple[str, Label]] = [(ALL, Phrase(N_("All ministries")))]
    options += closing.before.ministries.items()
    return choose("ministry", N_("Ministry"), options, wanted)


def chosen_agencies(closing: Closing, ministry: Choice) -> tuple[str, ...]:
    """The agencies of the ministry chosen."""
    before = closing.before
    return before.of_ministry(ministry.chosen) if ministry.chosen else tuple(before.agencies)


Pages: TypeAlias = Mapping[str, tuple[str, Callable[[Session, Closing, Wanted], Page]]]
PAGES: Final[Pages] = {
    "overview": (N_("Overview"), read_overview),
    "agencies": (N_("Agencies"), read_agencies),
    "measures": (N_("Seats, hires and secondments"), read_measures),
    "limits": (N_("What is shared"), read_limits),
    "hosting": (N_("Hosting"), read_hosting),
    "compare": (N_("Compare"), read_comparison),
}
"""The pages on a plan by their names in the address: what each is called, and what reads it."""


def pages_of(closing: Closing) -> Pages:
    """The pages that the reader may open: what all agencies share is for those who see all of them."""
    return {name: page for name, page in PAGES.items() if closing.whole or name != "limits"}
