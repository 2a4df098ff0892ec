"""Every requirement with what it asks for and how much of that it is granted."""

from planner.services.reporting.ledger import Ledger, tidy
from planner.services.wording import priority_phrase, reason_name
from planner.text import N_, FiscalYear
from reports.values import Column, Table


def requirement_table(ledger: Ledger) -> Table:
    """One row a requirement: who asks and for when, its greatest demand of each resource type, and its share."""
    names, instance, last = ledger.names, ledger.instance, ledger.years[-1]
    main = {row.requirement: row.reasons[0].code for row in ledger.shortfalls if row.reasons}
    peaks = instance.demand.max(axis=2, initial=0.0)[:, ledger.type_order].tolist()
    shares = ledger.served_share.tolist()
    rows = []
    for code, peak, share in zip(instance.requirements, peaks, shares, strict=True):
        row = ledger.requirements[code]
        rows.append(
            (
                code,
                row.title,
                names.ministry(names.agencies[row.agency].ministry),
                names.agency(row.agency),
                priority_phrase(row.priority),
                FiscalYear(row.start),
                FiscalYear(min(row.end or last, last)),
                *(amount or None for amount in peak),
                tidy(share),
                reason_name(main[code]) if code in main else None,
            )
        )
    columns = (
        Column("requirement", N_("Requirement"), "code"),
        Column("title", N_("Title"), width=30.0),
        Column("ministry", N_("Ministry"), width=26.0),
        Column("agency", N_("Agency"), width=30.0),
        Column("priority", N_("Priority")),
        Column("start", N_("Start year"), "year"),
        Column("end", N_("End year"), "year"),
        *(Column(row.code, names.resource_type(row.code), "number", row.unit) for row in ledger.problem.resource_types),
        Column("served", N_("Service share"), "share", shade="low"),
        Column("reason", N_("Main reason"), width=22.0),
    )
    note = N_("Amounts are of the fiscal year in which the requirement asks for most of the resource type.")
    return Table("requirements", N_("Requirements and how they are served"), columns, tuple(rows), note=note)
