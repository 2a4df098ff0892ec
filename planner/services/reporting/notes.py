"""What the words in a report mean, and how its figures are made."""

from typing import Final

from planner.text import N_, Phrase
from reports.values import Column, Table

_NOTES: Final = (
    (N_("Requirement"), N_("What an agency asks to have hosted: amounts by resource type and fiscal year.")),
    (
        N_("Placement"),
        N_(
            "A share of a requirement granted at a site from a start year to the requirement's end. It does not move "
            "or end inside the plan."
        ),
    ),
    (
        N_("Standby copy"),
        N_("A second copy in another region. It holds the standby ratio of the placement's amounts from its start on."),
    ),
    (
        N_("Incumbent"),
        N_("A requirement that is hosted already. Until its placement starts it stays at its present home."),
    ),
    (
        N_("Size"),
        N_(
            "A requirement's part in the national demand of a year: the mean, over resource types that are asked for, "
            "of its share of the demand. Sizes add up to one in every year."
        ),
    ),
    (N_("Service share"), N_("Granted size divided by asked size, over all requirements and years.")),
    (N_("Unmet"), N_("One minus the service share.")),
    (
        N_("Usable capacity"),
        N_("Nameplate capacity x overcommit x (1 - reserve margin), plus what expansions add from the year of use."),
    ),
    (N_("Utilisation"), N_("Use by placements and standby copies, divided by usable capacity.")),
    (
        N_("Pool"),
        N_(
            "One limit of the plan: a site's capacity of a resource type in a year, a budget of a year, the modules of "
            "an expansion, staff, or data moves."
        ),
    ),
    (
        N_("Price"),
        N_(
            "By how much a level would improve with one more unit of a pool, at the margin; never negative. It names "
            "the highest level that the pool holds back. No price means that one more unit would change nothing."
        ),
    ),
    (
        N_("Proved price"),
        N_(
            "The plan was solved again with the pool's limit moved, down and up: between the two limits that are "
            "named, each unit more or less is worth the price."
        ),
    ),
    (
        N_("Marginal cost"),
        N_(
            "What a ministry's next unit of size would cost: by its guaranteed share, what holding that costs the "
            "plan; by its resources, the cheapest way to serve what it lacks."
        ),
    ),
    (
        N_("Move"),
        N_("A placement away from the site that hosts the requirement today, with the storage held in that year."),
    ),
    (
        N_("Level"),
        N_(
            "One goal of the strict order. A level keeps what the levels above it reached, within the stated tolerance."
        ),
    ),
    (
        N_("Lost to what may not be divided"),
        N_(
            "A level's value and bound may divide every requirement. By so much it is worse in the plan, which places "
            "whole what may not be divided."
        ),
    ),
    (
        N_("Main reason"),
        N_("The first and weightiest reason of a shortfall. Every shortfall is counted once, under its main reason."),
    ),
    (
        N_("Certificate"),
        N_(
            "An independent check of the plan against the input that shares no code with the solver, and a proven "
            "bound for every level."
        ),
    ),
    (N_("Fiscal year"), N_("October to September, named by the year in which it ends.")),
    (
        N_("Rounding"),
        N_("Figures are kept in full and shown rounded, so shown figures may not add up to the last digit."),
    ),
)


def note_table() -> Table:
    """One row a term and its definition."""
    columns = (Column("term", N_("Term")), Column("definition", N_("Definition"), width=96.0))
    rows = tuple((Phrase(term), Phrase(definition)) for term, definition in _NOTES)
    return Table("notes", N_("Terms and definitions"), columns, rows)
