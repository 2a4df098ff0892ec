"""Where each ministry is hosted."""

import numpy as np

from planner.allocation.columns import build_hosting
from planner.allocation.explain.view import placed_options
from planner.allocation.instance import Floats
from planner.services.reporting.ledger import Ledger, divide, tidy
from planner.services.reporting.shared import TOTAL
from planner.text import N_
from reports.values import Column, Table


def heat_table(ledger: Ledger, resource_type: str, year: int | None) -> Table:
    """One row a ministry that asks: the share of its demand that each site hosts as primary, and what is unmet.

    Demand is of `resource_type` in its unit, or by size over all types; of `year`, or over all years.
    """
    hosted, asked = _hosted(ledger, resource_type, year)
    unmet = np.maximum(asked - hosted.sum(axis=1), 0.0)
    rows = tuple(
        (
            code,
            ledger.names.ministry(code),
            *map(tidy, divide(hosted[m], asked[m])),
            tidy(unmet[m] / asked[m]),
        )
        for code, m in ledger.ministry_at.items()
        if asked[m] > 0
    )
    of_all = divide(np.append(hosted.sum(axis=0), unmet.sum()), asked.sum())
    total = (None, TOTAL, *map(tidy, of_all))
    columns = (
        Column("code", N_("Code"), "code"),
        Column("ministry", N_("Ministry")),
        *(Column(f"at{s}", ledger.names.site(code), "share") for code, s in ledger.site_at.items()),
        Column("unmet", N_("Unmet"), "share"),
    )
    return Table("heat", N_("Share of each ministry's demand by site"), columns, rows, total if rows else None)


def _hosted(ledger: Ledger, resource_type: str, year: int | None) -> tuple[Floats, Floats]:
    """Demand hosted by ministry and site, (M, S), and asked by ministry, (M,)."""
    instance = ledger.instance
    demand = instance.demand[:, ledger.type_at[resource_type]] if resource_type else instance.size  # (n, T)
    if year is not None:
        demand = demand * (np.array(ledger.years) == year)
    options = placed_options(instance, ledger.plan.placements)
    site, n = build_hosting(instance, options).site, options.requirement
    share = np.array([row.share for row in ledger.plan.placements])
    amounts = demand[n] * share[:, None] * (site >= 0)
    hosted: Floats = np.zeros((len(instance.ministries), len(instance.sites)))
    np.add.at(hosted, (np.broadcast_to(instance.ministry[n][:, None], site.shape), site), amounts)
    return hosted, ledger.by_ministry(demand.sum(axis=1))
