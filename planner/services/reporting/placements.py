"""Every placement, and every shortfall with its reasons."""

from collections import defaultdict

from planner.allocation.problem import Requirement
from planner.services.reporting.ledger import Ledger, tidy
from planner.services.reporting.shared import TOTAL
from planner.services.wording import priority_phrase, reason_name, reason_phrase
from planner.text import N_, FiscalYear
from reports.values import Cell, Column, Table

_WHO = (
    Column("requirement", N_("Requirement"), "code"),
    Column("title", N_("Title")),
    Column("ministry", N_("Ministry")),
    Column("agency", N_("Agency")),
    Column("priority", N_("Priority")),
)


def placement_table(ledger: Ledger) -> Table:
    """One row a placement: who, where, from when, which share, and the home that it moves from."""
    rows = []
    for placement in ledger.plan.placements:
        requirement = ledger.requirements[placement.requirement]
        moved = requirement.incumbent is not None and requirement.incumbent != placement.site
        rows.append(
            (
                *_who(ledger, requirement),
                ledger.names.site(placement.site),
                ledger.names.site(placement.standby) if placement.standby is not None else None,
                FiscalYear(placement.start),
                tidy(placement.share),
                ledger.names.site(requirement.incumbent) if moved and requirement.incumbent is not None else None,
            )
        )
    columns = (
        *_WHO,
        Column("site", N_("Site")),
        Column("standby", N_("Standby site")),
        Column("start", N_("From fiscal year"), "year"),
        Column("share", N_("Share granted"), "share"),
        Column("moved_from", N_("Moves from")),
    )
    return Table("placements", N_("Placements"), columns, tuple(rows))


def shortfall_table(ledger: Ledger) -> Table:
    """One row a shortfall and reason, the main reason first."""
    rows = []
    for shortfall in ledger.shortfalls:
        who = _who(ledger, ledger.requirements[shortfall.requirement])
        for number, reason in enumerate(shortfall.reasons, 1):
            sentence = reason_phrase(reason, ledger.names)
            rows.append((*who, tidy(shortfall.share), number, reason_name(reason.code), sentence))
        if not shortfall.reasons:
            rows.append((*who, tidy(shortfall.share), None, None, None))
    columns = (
        *_WHO,
        Column("share", N_("Unmet"), "share"),
        Column("number", N_("Reason no."), "integer", width=9.0),
        Column("reason", N_("Reason"), width=24.0),
        Column("explanation", N_("Explanation"), width=64.0),
    )
    return Table("shortfalls", N_("Shortfalls with reasons"), columns, tuple(rows))


def reason_table(ledger: Ledger, header: str = N_("Part of national demand")) -> Table:
    """One row a main reason: how many requirements it holds back, and their unmet part of the ledger's demand.

    `header` says whose demand that is: the whole country's unless the ledger is of a part.
    """
    held: dict[str, int] = defaultdict(int)
    unmet: dict[str, float] = defaultdict(float)
    row_at = {code: n for n, code in enumerate(ledger.instance.requirements)}
    for shortfall in ledger.shortfalls:
        code = shortfall.reasons[0].code if shortfall.reasons else ""
        held[code] += 1
        unmet[code] += shortfall.share * float(ledger.size[row_at[shortfall.requirement]])
    demand = float(ledger.size.sum()) or 1.0
    rows = tuple(
        (reason_name(code) if code else None, held[code], tidy(unmet[code] / demand))
        for code in sorted(held, key=lambda code: (-unmet[code], code))
    )
    total = (TOTAL, sum(held.values()), tidy(sum(unmet.values()) / demand))
    columns = (
        Column("reason", N_("Main reason")),
        Column("requirements", N_("Requirements"), "integer"),
        Column("unmet", header, "share"),
    )
    return Table("reasons", N_("Unmet by main reason"), columns, rows, total)


def priority_table(ledger: Ledger) -> Table:
    """One row a priority: requirements and the share of their size that is granted."""
    weights = ledger.problem.policy.priority_weights
    order = ["statutory", *sorted(weights, key=lambda code: (-weights[code], code))]
    count: dict[str, int] = dict.fromkeys(order, 0)
    asked: dict[str, float] = dict.fromkeys(order, 0.0)
    served: dict[str, float] = dict.fromkeys(order, 0.0)
    for n, code in enumerate(ledger.instance.requirements):
        priority = ledger.requirements[code].priority
        count[priority] += 1
        asked[priority] += float(ledger.size[n])
        served[priority] += float(ledger.served_size[n])
    rows = tuple(
        (priority_phrase(code), count[code], tidy(served[code] / asked[code] if asked[code] else 1.0))
        for code in order
        if count[code]
    )
    everything = sum(asked.values())
    total = (TOTAL, sum(count.values()), tidy(sum(served.values()) / everything if everything else 1.0))
    columns = (
        Column("priority", N_("Priority")),
        Column("requirements", N_("Requirements"), "integer"),
        Column("share", N_("Service share"), "share"),
    )
    return Table("priorities", N_("Service by priority"), columns, rows, total)


def _who(ledger: Ledger, requirement: Requirement) -> tuple[Cell, ...]:
    names = ledger.names
    return (
        requirement.code,
        requirement.title,
        names.ministry(names.agencies[requirement.agency].ministry),
        names.agency(requirement.agency),
        priority_phrase(requirement.priority),
    )
