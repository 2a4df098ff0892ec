"""Where two plans put things: how full the data centres are, and what is bought for them."""

from planner.services.desk.comparing.pairs import less
from planner.services.desk.opening import Desk
from planner.services.reporting.ledger import tidy
from planner.services.reporting.shared import THB, TOTAL
from planner.text import N_
from reports.values import Cell, Column, Table


def site_comparison(first: Desk, second: Desk) -> Table:
    """One row a site and resource type of either plan: utilisation over the years, what changed most first."""
    a, b = _utilisation(first), _utilisation(second)
    rows = []
    for key in dict.fromkeys((*a, *b)):
        names = (second if key in b else first).names
        site, resource_type = key
        shares = a.get(key), b.get(key)
        rows.append((site, names.site(site), names.resource_type(resource_type), *shares, less(shares[1], shares[0])))
    rows.sort(key=lambda row: (-abs(2.0 if row[5] is None else row[5]), row[0]))
    columns = (
        Column("code", N_("Code"), "code"),
        Column("site", N_("Site")),
        Column("resource_type", N_("Resource type")),
        Column("a", N_("Utilisation, plan A"), "share"),
        Column("b", N_("Utilisation, plan B"), "share"),
        Column("difference", N_("Difference"), "share"),
    )
    return Table("sites", N_("Utilisation over all years, what changed most first"), columns, tuple(rows))


def _utilisation(desk: Desk) -> dict[tuple[str, str], float]:
    """Use as a share of what is usable, by site and resource type, where there is anything usable."""
    ledger = desk.ledger
    use, usable = ledger.use.sum(axis=2), ledger.usable.sum(axis=2)
    return {
        (site, resource_type): tidy(use[s, r] / usable[s, r])
        for site, s in ledger.site_at.items()
        for resource_type, r in ledger.type_at.items()
        if usable[s, r] > 0
    }


def purchase_comparison(first: Desk, second: Desk) -> Table:
    """One row an expansion that either plan buys: modules and cost, the greatest difference of cost first."""
    a, b = _bought(first), _bought(second)
    rows: list[tuple[Cell, ...]] = []
    for code in dict.fromkeys((*a, *b)):
        name = (second if code in b else first).names.expansion(code)
        (modules_a, cost_a), (modules_b, cost_b) = a.get(code, (0.0, 0.0)), b.get(code, (0.0, 0.0))
        modules, cost = tidy(modules_b - modules_a), tidy(cost_b - cost_a)
        rows.append((code, name, modules_a, modules_b, modules, cost_a, cost_b, cost))
    rows.sort(key=lambda row: (-abs(float(str(row[7]))), str(row[0])))
    columns = (
        Column("code", N_("Code"), "code"),
        Column("expansion", N_("Expansion")),
        Column("modules_a", N_("Modules, plan A"), "number"),
        Column("modules_b", N_("Modules, plan B"), "number"),
        Column("modules", N_("Difference"), "number"),
        Column("cost_a", N_("Cost, plan A"), "money", THB),
        Column("cost_b", N_("Cost, plan B"), "money", THB),
        Column("cost", N_("Difference of cost"), "money", THB),
    )
    sums = [tidy(sum(cost for _, cost in side.values())) for side in (a, b)]
    total = (None, TOTAL, None, None, None, *sums, tidy(sums[1] - sums[0]))
    return Table("purchases", N_("Expansions bought, the greatest difference first"), columns, tuple(rows), total)


def _bought(desk: Desk) -> dict[str, tuple[float, float]]:
    """Modules and THB of each expansion that is bought."""
    found: dict[str, tuple[float, float]] = {}
    for row in desk.plan.purchases:
        price = desk.names.expansions[row.expansion].module_price
        modules, cost = found.get(row.expansion, (0.0, 0.0))
        found[row.expansion] = tidy(modules + row.modules), tidy(cost + row.modules * price)
    return found
