"""What the plan in force gives one ministry: figures, and a table each of what is granted, what is not, and units."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from planner.allocation import Shortfall
from planner.errors import NotFoundError
from planner.services.desk.needs import simplest_change
from planner.services.desk.opening import Desk, open_desk
from planner.services.desk.wording import change_phrase
from planner.services.permissions import OPERATOR, Actor, Permission, require
from planner.services.publishing.standing import PublicationInfo, load_publication
from planner.services.reporting import ministry_resource_table, ministry_table
from planner.services.reporting.ledger import SERVED, tidy
from planner.services.reporting.shared import choose_columns
from planner.services.wording import priority_phrase, reason_phrase
from planner.text import N_, FiscalYear, LocalText, Phrase
from reports.values import Cell, Chart, Column, Table

EXPLAINED: Final = 25
"""For how many of a ministry's shortfalls, the largest first, a change that would help is worked out."""
LARGE: Final = 5_000
"""Above so many requirements of a plan none is: each looks at all of them."""

NO_CHANGE: Final = Phrase(N_("No single change would help."))


@dataclass(frozen=True)
class Counts:
    """How many requirements of a ministry are in the plan, and how many of them are granted in full, in part, not."""

    asked: int
    full: int
    part: int
    none: int


@dataclass(frozen=True)
class MinistryOutcome:
    """What a publication gives the ministry `code` in the fiscal years `first` to `last`.

    `share` is its service share; `reasons` are the main ones of its shortfalls by their codes, the most frequent first,
    with the number of requirements that each holds back.
    """

    code: str
    name: LocalText | str
    publication: PublicationInfo
    first: FiscalYear
    last: FiscalYear
    counts: Counts
    share: float
    reasons: tuple[tuple[str, int], ...]
    requirements: Table
    shortfalls: Table
    resources: Table
    chart: Chart

    def table(self, key: str) -> Table:
        """The table called `key`; `NotFoundError` if there is none."""
        for table in (self.requirements, self.shortfalls, self.resources):
            if table.key == key:
                return table
        raise NotFoundError


def list_outcomes(session: Session, actor: Actor) -> tuple[PublicationInfo, Table] | None:
    """The plan in force and what it gives each ministry that `actor` may see; None before the first publication."""
    require(actor, Permission.VIEW_OUTCOME)
    publication = load_publication(session)
    if publication is None:
        return None
    desk = open_desk(session, OPERATOR, publication.plan)
    every = choose_columns(
        ministry_table(desk.ledger), ("code", "ministry", "requirements", "full", "part", "none", "served")
    )
    rows = tuple(row for row in every.rows if actor.ministry_code in {None, row[0]})
    total = every.total if actor.ministry_code is None else None
    return publication, Table("outcomes", N_("What each ministry is granted"), every.columns, rows, total)


def load_ministry_outcome(session: Session, actor: Actor, ministry: str) -> MinistryOutcome:
    """What the plan in force gives the ministry of that code.

    `NotFoundError` if no plan is in force, if it does not know the ministry, or if the ministry is not the actor's.
    """
    require(actor, Permission.VIEW_OUTCOME)
    publication = load_publication(session)
    if publication is None or actor.ministry_code not in {None, ministry}:
        raise NotFoundError
    desk = open_desk(session, OPERATOR, publication.plan)
    if ministry not in desk.ledger.ministry_at:
        raise NotFoundError
    return read_outcome(desk, publication, ministry)


def read_outcome(desk: Desk, publication: PublicationInfo, ministry: str) -> MinistryOutcome:
    """The outcome of one ministry in the plan that `publication` put in force."""
    shares = _shares(desk, ministry)
    full = sum(share > 1.0 - SERVED for share in shares.values())
    none = sum(share < SERVED for share in shares.values())
    short = _shortfalls(desk, shares)
    reasons = Counter(row.reasons[0].code for row in short if row.reasons)
    resources = _resource_table(desk, ministry)
    return MinistryOutcome(
        code=ministry,
        name=desk.names.ministry(ministry),
        publication=publication,
        first=FiscalYear(desk.ledger.years[0]),
        last=FiscalYear(desk.ledger.years[-1]),
        counts=Counts(len(shares), full, len(shares) - full - none, none),
        share=tidy(desk.ledger.ministry_share[desk.ledger.ministry_at[ministry]]),
        reasons=tuple(reasons.most_common()),
        requirements=granted_table(desk, shares),
        shortfalls=unmet_table(desk, shares),
        resources=resources,
        chart=Chart(
            "resources",
            N_("Share granted by resource type"),
            "bar",
            resources,
            "resource_type",
            ("share",),
            N_("Share granted"),
        ),
    )


def granted_table(desk: Desk, shares: dict[str, float]) -> Table:
    """One row a requirement: the share granted, where, with which standby sites, and from when."""
    placements: dict[str, list[int]] = {code: [] for code in shares}
    for position, row in enumerate(desk.plan.placements):
        if row.requirement in placements:
            placements[row.requirement].append(position)
    rows = []
    for code, share in shares.items():
        requirement = desk.ledger.requirements[code]
        granted = [desk.plan.placements[position] for position in placements[code]]
        rows.append(
            (
                code,
                requirement.title,
                desk.names.agency(requirement.agency),
                priority_phrase(requirement.priority),
                share,
                _sites(desk, [row.site for row in granted]),
                _sites(desk, [row.standby for row in granted if row.standby]),
                FiscalYear(min(row.start for row in granted)) if granted else None,
            )
        )
    columns = (
        Column("requirement", N_("Requirement"), "code"),
        Column("title", N_("Title")),
        Column("agency", N_("Agency")),
        Column("priority", N_("Priority")),
        Column("share", N_("Share granted"), "share"),
        Column("site", N_("Site")),
        Column("standby", N_("Standby site")),
        Column("start", N_("From fiscal year"), "year"),
    )
    return Table("requirements", N_("What is granted, requirement by requirement"), columns, tuple(rows))


def unmet_table(desk: Desk, shares: dict[str, float]) -> Table:
    """One row a requirement that falls short, the largest part of demand first: why, and what would help."""
    row_at = {code: n for n, code in enumerate(desk.ledger.instance.requirements)}
    found = _shortfalls(desk, shares)
    found.sort(key=lambda row: (-row.share * float(desk.ledger.size[row_at[row.requirement]]), row.requirement))
    explained = EXPLAINED if len(row_at) <= LARGE else 0
    rows = []
    for position, row in enumerate(found):
        tried = position < explained
        change = simplest_change(desk, row.requirement) if tried else None
        rows.append(
            (
                row.requirement,
                desk.ledger.requirements[row.requirement].title,
                tidy(row.share),
                reason_phrase(row.reasons[0], desk.names) if row.reasons else None,
                change_phrase(change, desk.names) if change else NO_CHANGE if tried else None,
            )
        )
    columns = (
        Column("requirement", N_("Requirement"), "code"),
        Column("title", N_("Title")),
        Column("share", N_("Unmet"), "share"),
        Column("explanation", N_("Explanation"), width=64.0),
        Column("change", N_("The least change that would help"), width=64.0),
    )
    note = N_("Changes are sized from what each pool has left, not proved yet; others may come first with them.")
    return Table("shortfalls", N_("What is not granted, and why"), columns, tuple(rows), note=note if rows else None)


def _shares(desk: Desk, ministry: str) -> dict[str, float]:
    """The share granted of each requirement of a ministry, by code."""
    ledger, mine = desk.ledger, desk.ledger.ministry_at[ministry]
    homes = zip(ledger.instance.requirements, ledger.instance.ministry, ledger.served_share, strict=True)
    return {code: tidy(share) for code, home, share in homes if home == mine}


def _shortfalls(desk: Desk, shares: dict[str, float]) -> list[Shortfall]:
    """The shortfalls of those requirements."""
    return [row for row in desk.ledger.shortfalls if row.requirement in shares]


def _resource_table(desk: Desk, ministry: str) -> Table:
    """Units asked and granted by resource type and fiscal year."""
    every = ministry_resource_table(desk.ledger)
    keys = tuple(column.key for column in every.columns if column.key not in {"code", "ministry"})
    own = tuple(row for row in every.rows if row[0] == ministry)
    chosen = choose_columns(Table(every.key, every.title, every.columns, own), keys)
    return Table("resources", N_("Units granted by resource type and fiscal year"), chosen.columns, chosen.rows)


def _sites(desk: Desk, codes: list[str]) -> Cell:
    names = tuple(desk.names.site(code) for code in dict.fromkeys(codes))
    return Phrase("%(names)s", {"names": names}) if names else None
