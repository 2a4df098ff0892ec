"""Two plans side by side: what went in and what came out, with differences, and what changed most first."""

from planner.services.desk.comparing.inputs import asked_comparison, input_comparison, row_comparison
from planner.services.desk.comparing.outcomes import (
    figure_comparison,
    level_comparison,
    ministry_comparison,
    requirement_comparison,
)
from planner.services.desk.comparing.places import purchase_comparison, site_comparison
from planner.services.desk.opening import Desk
from planner.services.desk.pages import Page
from planner.text import N_
from reports.values import Chart, Section


def compare_plans(first: Desk, second: Desk) -> Page:
    """What differs from `first` to `second`; differences are the second less the first."""
    ministries = ministry_comparison(first, second)
    chart = Chart(
        "ministries",
        N_("Service share by ministry, both plans"),
        "bar",
        ministries,
        "ministry",
        ("served_a", "served_b"),
        N_("Service share"),
    )
    return Page(
        (
            Section(
                "figures", N_("In figures"), tables=(figure_comparison(first, second), level_comparison(first, second))
            ),
            Section(
                "inputs",
                N_("What went in"),
                N_("Amounts are sums over sites and fiscal years. Of the rows only those that differ are listed."),
                tables=(input_comparison(first, second), row_comparison(first, second)),
            ),
            Section(
                "ministries",
                N_("By ministry"),
                N_("What each was granted and what it had asked for, sorted by what changed most."),
                charts=(chart,),
                tables=(asked_comparison(first, second),),
            ),
            Section(
                "requirements",
                N_("By requirement"),
                N_("Those granted more, less or elsewhere, or asked for differently, sorted by what changed most."),
                tables=(requirement_comparison(first, second),),
            ),
            Section(
                "places",
                N_("Data centres"),
                N_("How full each is over the years, and what is bought for it, sorted by what changed most."),
                tables=(site_comparison(first, second), purchase_comparison(first, second)),
            ),
        )
    )
