"""What each ministry asks for and is granted."""

import numpy as np

from planner.services.reporting.ledger import SERVED, Ledger, divide, tidy
from planner.services.reporting.shared import THB, TOTAL, year_columns
from planner.text import N_
from reports.values import Column, Table


def ministry_table(ledger: Ledger) -> Table:
    """One row a ministry: how many requirements are served, the service share and the running cost."""
    instance, share = ledger.instance, ledger.served_share
    agencies = np.zeros(len(instance.ministries))
    for agency in ledger.problem.agencies:
        agencies[ledger.ministry_at[agency.ministry]] += 1
    full, none = share > 1.0 - SERVED, share < SERVED
    counts = [ledger.by_ministry(mask.astype(np.float64)) for mask in (full, ~full & ~none, none)]
    cost = ledger.ministry_cost.sum(axis=1)
    rows = tuple(
        (
            code,
            ledger.names.ministry(code),
            int(agencies[m]),
            int(sum(count[m] for count in counts)),
            *(int(count[m]) for count in counts),
            tidy(ledger.ministry_share[m]),
            tidy(1.0 - ledger.ministry_share[m]),
            tidy(cost[m]),
        )
        for m, code in enumerate(instance.ministries)
    )
    national = float(ledger.served_size.sum() / max(ledger.size.sum(), SERVED))
    total = (
        None,
        TOTAL,
        int(agencies.sum()),
        len(share),
        *(int(count.sum()) for count in counts),
        tidy(national),
        tidy(1.0 - national),
        tidy(cost.sum()),
    )
    columns = (
        Column("code", N_("Code"), "code"),
        Column("ministry", N_("Ministry")),
        Column("agencies", N_("Agencies"), "integer"),
        Column("requirements", N_("Requirements"), "integer"),
        Column("full", N_("Served in full"), "integer"),
        Column("part", N_("Served in part"), "integer"),
        Column("none", N_("Not served"), "integer"),
        Column("served", N_("Service share"), "share"),
        Column("unmet", N_("Unmet"), "share"),
        Column("cost", N_("Running cost over the horizon"), "money", unit=THB),
    )
    return Table("ministries", N_("Allocation by ministry"), columns, rows, total)


def agency_table(ledger: Ledger) -> Table:
    """One row an agency: how many requirements are served, and the service share."""
    agencies = sorted(ledger.names.agencies)
    at = {code: a for a, code in enumerate(agencies)}
    owner = np.array([at[ledger.requirements[code].agency] for code in ledger.instance.requirements], dtype=np.int64)
    full, none = ledger.served_share > 1.0 - SERVED, ledger.served_share < SERVED
    counts = [np.bincount(owner[mask], minlength=len(at)) for mask in (full, ~full & ~none, none)]
    asked = np.bincount(owner, ledger.size, len(at)).astype(np.float64)
    served = np.bincount(owner, ledger.served_size, len(at)).astype(np.float64)
    share = divide(served, asked, empty=1.0)
    rows = tuple(
        (
            code,
            ledger.names.agency(code),
            int(sum(count[a] for count in counts)),
            *(int(count[a]) for count in counts),
            tidy(share[a]),
        )
        for a, code in enumerate(agencies)
    )
    whole = float(served.sum() / asked.sum()) if asked.any() else 1.0
    total = (None, TOTAL, len(owner), *(int(count.sum()) for count in counts), tidy(whole))
    columns = (
        Column("code", N_("Code"), "code"),
        Column("agency", N_("Agency")),
        Column("requirements", N_("Requirements"), "integer"),
        Column("full", N_("Served in full"), "integer"),
        Column("part", N_("Served in part"), "integer"),
        Column("none", N_("Not served"), "integer"),
        Column("served", N_("Service share"), "share", shade="low"),
    )
    return Table("agencies", N_("Allocation by agency"), columns, rows, total)


def ministry_resource_table(ledger: Ledger) -> Table:
    """One row a ministry and resource type that it asks for: units asked over all years, and granted by fiscal year."""
    rows = []
    for code, m in ledger.ministry_at.items():
        for resource_type, r in zip(ledger.problem.resource_types, ledger.type_order, strict=True):
            asked, granted = ledger.asked_units[m, r], ledger.granted_units[m, r]
            if not asked.any():
                continue
            rows.append(
                (
                    code,
                    ledger.names.ministry(code),
                    ledger.names.resource_type(resource_type.code),
                    resource_type.unit,
                    *(tidy(amount) for amount in granted),
                    tidy(asked.sum()),
                    tidy(granted.sum()),
                    tidy(granted.sum() / asked.sum()),
                )
            )
    columns = (
        Column("code", N_("Code"), "code"),
        Column("ministry", N_("Ministry")),
        Column("resource_type", N_("Resource type")),
        Column("unit", N_("Unit")),
        *year_columns(ledger.years),
        Column("asked", N_("Asked, all years"), "number"),
        Column("granted", N_("Granted, all years"), "number"),
        Column("share", N_("Share granted"), "share"),
    )
    return Table("ministry_resources", N_("Units granted by ministry and fiscal year"), columns, tuple(rows))
