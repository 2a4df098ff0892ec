"""Who answers for what, and on whom too much rests. People are named only to those who may see them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

import models
from planner.services.coverage.opening import People, Staffing
from planner.services.coverage.tables import AGENCY, FTE, ROLE, fte
from planner.services.reporting.ledger import tidy
from planner.services.reporting.shared import Row
from planner.text import N_, LocalText, Phrase
from planner.workforce.accountability import (
    AccountabilityGap,
    GapCode,
    SinglePerson,
    find_accountability_gaps,
    find_overcommitments,
    find_single_persons,
)
from reports.values import Column, Fact, Table

GAPS: Final[Mapping[GapCode, str]] = {
    "nobody": N_("Nobody is accountable"),
    "left": N_("The accountable person has left"),
    "expired": N_("The appointment has expired"),
    "expires_soon": N_("The appointment expires within 90 days"),
    "acting": N_("The accountable person is only acting"),
    "no_deputy": N_("There is no deputy"),
    "deputy_left": N_("The deputy has left"),
}
"""What is missing in the answer to who is accountable, the gravest first."""
PERSON: Final = (Column("person", N_("Person"), "code"), Column("person_name", N_("Name")))


def single_persons(staffing: Staffing, agencies: Iterable[str], year: int) -> tuple[SinglePerson, ...]:
    """Every required role of `agencies` that rests on one person in `year`, the heaviest first."""
    wanted = set(agencies)
    found = find_single_persons(staffing.workforce)
    return tuple(row for row in found if row.agency in wanted and row.fiscal_year == year)


def accountability_gaps(staffing: Staffing, agencies: Iterable[str]) -> tuple[AccountabilityGap, ...]:
    """What is missing at `agencies` and for their datasets today; agencies first, then the gravest."""
    wanted = set(agencies)
    found = find_accountability_gaps(staffing.workforce, staffing.on, fiscal_year=staffing.present)
    grave = list(GAPS)
    shown = [gap for gap in found if gap.agency in wanted]
    return tuple(
        sorted(shown, key=lambda gap: (gap.dataset is not None, grave.index(gap.code), gap.agency, gap.dataset or ""))
    )


def single_person_table(staffing: Staffing, found: Sequence[SinglePerson], people: People) -> Table:
    """One row a role that rests on one person."""
    rows = tuple(
        (
            row.agency,
            staffing.agency(row.agency),
            staffing.roles[row.role],
            *_who(row.person, people),
            fte(row.fte),
            row.datasets,
            fte(row.weight),
        )
        for row in found
    )
    columns = (
        *AGENCY,
        ROLE,
        *(PERSON if people.shown else ()),
        Column("fte", N_("Work that goes with them"), "number", FTE),
        Column("datasets", N_("Datasets without a deputy"), "integer"),
        Column("weight", N_("Weight"), "number"),
    )
    note = N_("Weight = required FTE × (1 + datasets for which the person answers without a deputy).")
    return Table("single_persons", N_("Roles that rest on one person"), columns, rows, note=note)


def accountability_table(
    staffing: Staffing, found: Sequence[AccountabilityGap], titles: dict[str, str], people: People
) -> Table:
    """One row a gap; `titles` are those of the datasets."""
    rows: tuple[Row, ...] = tuple(
        (
            gap.agency,
            staffing.agency(gap.agency),
            gap.dataset,
            titles.get(gap.dataset) if gap.dataset else Phrase(N_("The agency's data as a whole")),
            Phrase(GAPS[gap.code]),
            *_who(gap.person, people),
            gap.expires,
        )
        for gap in found
    )
    columns = (
        *AGENCY,
        Column("dataset", N_("Dataset"), "code"),
        Column("title", N_("Answers for")),
        Column("missing", N_("What is missing")),
        *(PERSON if people.shown else ()),
        Column("expires", N_("Appointed until"), "date"),
    )
    return Table("accountability", N_("Gaps in accountability"), columns, rows)


def accountability_facts(found: Sequence[AccountabilityGap]) -> tuple[Fact, ...]:
    """How many gaps there are of each sort."""
    counts = Counter(gap.code for gap in found)
    return tuple(Fact(name, counts[code], "integer") for code, name in GAPS.items() if counts[code])


def overcommitment_table(staffing: Staffing, agencies: Iterable[str], people: People) -> Table:
    """One row a person of `agencies` whose shares add up to more than the whole, the worst first."""
    wanted = set(agencies)
    employer = {row.code: row.agency for row in staffing.workforce.people}
    rows = tuple(
        (row.person, people.name(row.person), staffing.agency(employer[row.person]), tidy(row.fte))
        for row in find_overcommitments(staffing.workforce)
        if employer[row.person] in wanted
    )
    columns = (*PERSON, Column("agency_name", N_("Agency")), Column("fte", N_("Shares together"), "number", FTE))
    return Table("overcommitments", N_("People given more than the whole of their time"), columns, rows)


def load_titles(session: Session) -> dict[str, str]:
    """What datasets in use are called, by their codes."""
    return dict(session.execute(select(models.Dataset.code, models.Dataset.title).where(~models.Dataset.retired)).all())


def roster_table(staffing: Staffing, agency: str, year: int, people: People) -> Table:
    """One row a share of the time of a person who works at `agency` in `year`: employed or seconded there."""
    t = staffing.years.index(year)
    levels = {row.code: row.name or LocalText(row.code, row.code) for row in staffing.workforce.levels}
    lent = {row.person: row.agency for row in staffing.workforce.secondments if row.start <= year <= row.end}
    rows = tuple(
        (
            row.code,
            people.name(row.code),
            staffing.roles[share.role],
            tidy(share.fte),
            levels[share.level],
            1.0 if row.availability is None else tidy(row.availability[t]),
            Phrase(N_("Here"))
            if row.agency == agency
            else Phrase(N_("Seconded from %(agency)s"), {"agency": staffing.agency(row.agency)}),
        )
        for row in staffing.workforce.people
        if lent.get(row.code, row.agency) == agency and (row.leaves is None or row.leaves > year)
        for share in row.shares
    )
    columns = (
        *PERSON,
        ROLE,
        Column("fte", N_("Share of time"), "number", FTE),
        Column("level", N_("Skill level")),
        Column("there", N_("There this year"), "share"),
        Column("standing", N_("Employed")),
    )
    return Table("people", N_("Who works here"), columns, rows)


def _who(code: str | None, people: People) -> tuple[str | None, ...]:
    return (code, people.name(code)) if people.shown else ()
