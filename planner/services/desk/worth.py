"""What pools and money are worth in a plan: where to expand, costs by ministry, and how fair it is."""

from planner.allocation.explain import pool_prices
from planner.services.desk.opening import Desk
from planner.services.desk.pages import Page, Wanted
from planner.services.names import parse_pool
from planner.services.reporting import (
    cost_table,
    expansion_table,
    fairness_facts,
    fairness_table,
    ministry_cost_table,
    module_table,
    price_table,
    site_cost_table,
)
from planner.services.reporting.staff import staff_pools, staff_table
from planner.services.wording import pool_phrase
from planner.text import N_, Phrase
from reports.values import Chart, Section


def read_expansion(desk: Desk, _wanted: Wanted) -> Page:
    """Where to expand: the pools that hold the plan back, dearest first, what may be bought, and the data staff."""
    pools = staff_pools(desk.problem, desk.plan)
    staff = Section(
        "staff",
        N_("Data staff"),
        N_("Whose time limits what is hosted. The code of an agency leads to how well its data staff covers its work."),
        tables=(staff_table(pools, desk.names),),
    )
    return Page(
        (
            Section(
                "prices",
                N_("What holds the plan back"),
                N_(
                    "Pools with a price, by the level that they hold back; the dearest first. A price holds for small "
                    "changes: have it proved before money is spent on it."
                ),
                tables=(price_table(desk.ledger),),
            ),
            Section(
                "modules",
                N_("What may be bought"),
                N_("Every expansion with its module, its price, and what the plan buys of it."),
                tables=(module_table(desk.ledger), expansion_table(desk.ledger)),
            ),
            *([staff] if pools else []),
        )
    )


def read_costs(desk: Desk, _wanted: Wanted) -> Page:
    """Cost by fiscal year, by ministry with its marginal cost, and by site."""
    ministries, years = ministry_cost_table(desk.ledger), cost_table(desk.ledger)
    return Page(
        (
            Section(
                "ministries",
                N_("By ministry"),
                N_(
                    "Running cost of what each ministry is granted. The marginal cost is of its next unit of size: "
                    "what the guarantee of its share costs the plan, and the cheapest way to serve what it lacks."
                ),
                charts=(
                    Chart(
                        "costs_ministries",
                        N_("Running cost by ministry over the horizon"),
                        "bar",
                        ministries,
                        "ministry",
                        ("total",),
                        N_("THB"),
                    ),
                ),
            ),
            Section(
                "years",
                N_("By fiscal year"),
                N_("Running cost of what is granted and the capex of expansions, in baht."),
                charts=(
                    Chart(
                        "costs", N_("Cost by fiscal year"), "stacked", years, "year", ("running", "capex"), N_("THB")
                    ),
                ),
            ),
            Section("sites", N_("By site"), tables=(site_cost_table(desk.ledger),)),
        )
    )


def read_fairness(desk: Desk, _wanted: Wanted) -> Page:
    """The fairness audit: who is served least, how far apart they are, and what holds each ministry back."""
    table = fairness_table(desk.ledger)
    chart = Chart(
        "fairness", N_("Service share, the lowest first"), "bar", table, "ministry", ("served",), N_("Service share")
    )
    lead = N_("Ministries from the least served on, with what policy promises them and what holds them back.")
    return Page((Section("fairness", N_("Fairness audit"), lead, charts=(chart,), facts=fairness_facts(desk.ledger)),))


def priced_pools(desk: Desk) -> tuple[tuple[str, Phrase], ...]:
    """The pools whose price may be proved, the dearest first, with what they are called."""
    found = pool_prices(desk.problem, desk.plan)
    return tuple((row.pool, pool_phrase(row.pool, desk.names)) for row in found if parse_pool(row.pool).kind != "cap")
