"""Two plans of the workforce side by side: what a what-if would bring."""

from typing import Final

from sqlalchemy.orm import Session

from planner.services.closing.opening import Closing, open_closing
from planner.services.closing.runs import finished_closings, what_if_phrase
from planner.services.closing.tables import MINISTRY, POINTS
from planner.services.coverage.tables import AGENCY, CRUMB, FTE
from planner.services.desk.pages import Page, Wanted, choose
from planner.services.reporting.ledger import tidy
from planner.services.reporting.shared import THB
from planner.text import N_, Phrase
from reports.values import Cell, Column, Fact, Section, Table

SAME: Final = 1e-5
"""Coverages that differ by less are the same: levels give way by a hair to those below."""


def read_comparison(session: Session, closing: Closing, wanted: Wanted) -> Page:
    """The plan beside another that the reader chooses, the newest other one unless they do."""
    others = {code: name for code, name in finished_closings(session).items() if code != closing.info.code}
    title = N_("Beside another plan")
    if not others:
        return Page((Section("figures", title, N_("There is no other plan yet. Ask for one with a what-if.")),))
    labels = [(code, Phrase("%(code)s %(name)s", {"code": code, "name": name})) for code, name in others.items()]
    choice = choose("other", N_("Compare with"), labels, wanted)
    other = open_closing(session, closing.actor, choice.chosen)
    facts = tuple(
        Fact(Phrase(N_("What if, in %(code)s"), {"code": each.info.code}), what_if_phrase(each.info.what_if))
        for each in (closing, other)
    )
    return Page(
        (
            Section("figures", title, facts=facts, tables=(figure_table(closing, other),)),
            Section(
                "changes",
                N_("By agency"),
                N_("Coverage over all roles and years, what differs most first."),
                tables=(change_table(closing, other),),
            ),
        ),
        (choice,),
    )


def figure_table(closing: Closing, other: Closing) -> Table:
    """One row a figure: what it is in each plan, and by how much they differ."""
    rows = tuple(
        (name, unit, tidy(mine), tidy(theirs), tidy(mine - theirs))
        for (name, unit, mine), (_, _, theirs) in zip(_figures(closing), _figures(other), strict=True)
    )
    columns = (
        Column("figure", N_("Figure")),
        Column("unit", N_("Unit")),
        Column("this", closing.info.code, "number"),
        Column("other", other.info.code, "number"),
        Column("difference", N_("Difference"), "number"),
    )
    return Table("figures", N_("The plans in figures"), columns, rows)


def _figures(closing: Closing) -> list[tuple[Phrase, Phrase, float]]:
    """What is compared, over the agencies that the reader sees: its name, unit and amount."""
    plan, seen, after = closing.plan, closing.before.agencies, closing.after.coverage
    lowest = min((row.after for row in plan.agencies if row.agency in seen), default=1.0)
    required, covered = float(after.required.sum()), float(after.covered.sum())
    seats = sum(row.seats for row in plan.seats if row.agency in seen)
    hires = sum(row.fte for row in plan.hires if row.agency in seen)
    loans = sum(row.fte for row in plan.loans if {row.lender, row.borrower} & set(seen))
    figures = [
        (N_("Lowest coverage after"), "%", 100 * lowest),
        (N_("Coverage of all roles and years"), "%", 100 * covered / required if required > CRUMB else 100.0),
        (N_("People sent to courses"), FTE, seats),
        (N_("People hired"), FTE, hires),
        (N_("Time lent, over all years"), N_("FTE-years"), loans),
    ]
    if closing.whole:
        figures.append((N_("Cost over all years"), THB, plan.levels[-1].value))
    return [(Phrase(name), Phrase(unit), amount) for name, unit, amount in figures]


def change_table(closing: Closing, other: Closing) -> Table:
    """One row an agency that stands in both plans and is covered otherwise in one: what differs most first."""
    theirs = {row.agency: row.after for row in other.plan.agencies}
    found: list[tuple[float, str, tuple[Cell, ...]]] = []
    for row in closing.plan.agencies:
        code = row.agency
        if code not in closing.before.agencies or code not in theirs:
            continue
        change = row.after - theirs[code]
        if abs(change) > SAME:
            names = closing.before.agency(code), closing.ministry_of(code)
            cells = (code, *names, tidy(row.after), tidy(theirs[code]), tidy(100 * change))
            found.append((-abs(change), code, cells))
    columns = (
        *AGENCY,
        MINISTRY,
        Column("this", closing.info.code, "share", shade="low"),
        Column("other", other.info.code, "share", shade="low"),
        Column("change", N_("Difference"), "number", POINTS),
    )
    rows = tuple(cells for _, _, cells in sorted(found, key=lambda each: each[:2]))
    return Table("changes", N_("Agencies that are covered otherwise"), columns, rows)
