"""How fair a plan is: who is served least, how far apart ministries are, and what holds each one back."""

from collections import defaultdict

from planner.services.reporting.ledger import Ledger, tidy
from planner.services.reporting.ministries import ministry_table
from planner.services.wording import fairness_phrase, reason_name
from planner.text import N_
from reports.values import Column, Fact, Table


def fairness_facts(ledger: Ledger) -> tuple[Fact, ...]:
    """How far apart ministries are that ask for something, and by which rule."""
    shares = [share for share in fairness_table(ledger).column("served") if isinstance(share, float)]
    lowest, highest = min(shares, default=1.0), max(shares, default=1.0)
    policy = ledger.problem.policy
    return (
        Fact(N_("Lowest service share"), lowest, "share"),
        Fact(N_("Highest service share"), highest, "share"),
        Fact(N_("Spread"), tidy(highest - lowest), "share"),
        Fact(N_("Kind of fairness"), fairness_phrase(policy.fairness)),
        Fact(N_("Tolerance"), policy.tolerance, "share"),
    )


def fairness_table(ledger: Ledger) -> Table:
    """One row a ministry that asks for something, the least served first."""
    policy = ledger.problem.policy
    counts = {str(row[0]): row for row in ministry_table(ledger).rows}
    size = dict(zip(ledger.instance.requirements, ledger.size.tolist(), strict=True))
    held: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in ledger.shortfalls:
        ministry = ledger.names.agencies[ledger.requirements[row.requirement].agency].ministry
        for reason in row.reasons[:1]:
            held[ministry][reason.code] += row.share * size[row.requirement]
    asked = ledger.by_ministry(ledger.size)
    rows = []
    for served in sorted(ledger.plan.service, key=lambda row: (row.share, row.ministry)):
        code = served.ministry
        if not asked[ledger.ministry_at[code]] > 0:
            continue
        reasons = held[code]
        rows.append(
            (
                code,
                ledger.names.ministry(code),
                tidy(served.share),
                policy.floors.get(code),
                policy.caps.get(code),
                *counts[code][3:7],
                reason_name(max(reasons, key=lambda each: (reasons[each], each))) if reasons else None,
            )
        )
    columns = (
        Column("code", N_("Code"), "code"),
        Column("ministry", N_("Ministry")),
        Column("served", N_("Service share"), "share"),
        Column("floor", N_("Least share"), "share"),
        Column("cap", N_("Greatest share"), "share"),
        Column("requirements", N_("Requirements"), "integer"),
        Column("full", N_("Served in full"), "integer"),
        Column("part", N_("Served in part"), "integer"),
        Column("none", N_("Not served"), "integer"),
        Column("held", N_("What holds it back most")),
    )
    return Table("fairness", N_("Ministries, the least served first"), columns, tuple(rows))
