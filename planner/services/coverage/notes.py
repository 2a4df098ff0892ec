"""What the words of the coverage report mean, and how its figures are made."""

from typing import Final

from planner.text import N_, Phrase
from reports.values import Column, Table

_NOTES: Final = (
    (N_("FTE"), N_("Full-time equivalent: the work of one person at full time in one year.")),
    (
        N_("Norm"),
        N_(
            "What an agency is required to have of a role: the larger of a floor and of coefficients × its datasets, "
            "datasets with personal data, terabytes and vCPU. Each holds from a fiscal year until the next one begins."
        ),
    ),
    (
        N_("Available"),
        N_(
            "Share of a person's time × factor of their level × part of the year they are there, counted where they "
            "work; from the second year on, what attrition is expected to leave."
        ),
    ),
    (N_("Covered"), N_("The smaller of required and available: time that is required and there.")),
    (
        N_("Coverage"),
        N_(
            "Covered ÷ required. Roles, agencies and ministries are added up as covered and required time, never as "
            "available time, so that a surplus in one place hides no gap in another."
        ),
    ),
    (N_("Missing"), N_("Required − covered.")),
    (N_("Authorised posts"), N_("Posts that the agency may have of the role, FTE.")),
    (N_("Vacant posts"), N_("Funded posts that are not frozen and that nobody holds, FTE.")),
    (
        N_("Role that rests on one person"),
        N_(
            "A required role that one person alone does at an agency. Its weight is the required FTE × (1 + datasets "
            "for which that person answers without a deputy)."
        ),
    ),
    (N_("Attrition"), N_("The share of a role's people who leave in a year without anybody's planning it.")),
    (N_("Accountable person"), N_("Who answers for an agency's data or for a dataset; a deputy stands in for them.")),
    (N_("Fiscal year"), N_("October to September, named by the year in which it ends.")),
)


def definition_table() -> Table:
    """One row a term and its definition."""
    columns = (Column("term", N_("Term")), Column("definition", N_("Definition"), width=96.0))
    return Table(
        "notes", N_("Terms and definitions"), columns, tuple((Phrase(term), Phrase(text)) for term, text in _NOTES)
    )
