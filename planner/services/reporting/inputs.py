"""What the plan was made from: counts, policy, and the hash that names the input."""

from collections.abc import Sequence

from planner.services.reporting.ledger import Ledger
from planner.services.reporting.shared import Row
from planner.services.wording import level_phrase, priority_phrase
from planner.text import N_, FiscalYear, Phrase
from reports.values import Column, Fact, Table


def input_facts(ledger: Ledger, planner_version: str) -> tuple[Fact, ...]:
    """What names the input and the program that made the plan of it."""
    years = ledger.years
    return (
        Fact(N_("Input (SHA-256)"), ledger.plan.problem_sha256, "code"),
        Fact(N_("Planner version"), planner_version, "code"),
        Fact(N_("Solver"), ledger.plan.solver, "code"),
        Fact(N_("First fiscal year"), FiscalYear(years[0]), "year"),
        Fact(N_("Last fiscal year"), FiscalYear(years[-1]), "year"),
    )


def count_table(ledger: Ledger) -> Table:
    """One row a sort of input: how many rows there are."""
    problem = ledger.problem
    counts = (
        (N_("Ministries"), problem.ministries),
        (N_("Agencies"), problem.agencies),
        (N_("Requirements"), problem.requirements),
        (N_("Resource types"), problem.resource_types),
        (N_("Regions"), problem.regions),
        (N_("Sites"), problem.sites),
        (N_("Expansions on offer"), problem.expansions),
        (N_("Staff rows"), problem.staff),
        (N_("Fiscal years"), problem.fiscal_years),
    )
    rows = tuple((Phrase(name), len(values)) for name, values in counts)
    columns = (Column("what", N_("Input")), Column("count", N_("Rows"), "integer"))
    return Table("counts", N_("Size of the input"), columns, rows)


def adjustment_table(adjustments: Sequence[Phrase]) -> Table:
    """One row a change that the scenario makes to the base."""
    columns = (Column("number", N_("No."), "integer"), Column("adjustment", N_("Change"), width=96.0))
    rows = tuple(enumerate(adjustments, 1))
    return Table("adjustments", N_("What the scenario changes"), columns, rows)


def policy_table(ledger: Ledger) -> Table:
    """One row a setting of the policy."""
    policy, names = ledger.problem.policy, ledger.names
    yes, no = Phrase(N_("Yes")), Phrase(N_("No"))
    fairness = {"leximin": N_("Leximin: the lowest first, then the next"), "maxmin": N_("Max-min: the lowest alone")}
    weights = sorted(policy.priority_weights.items(), key=lambda item: -item[1])
    rows: list[Row] = [
        *(
            (Phrase(N_("Level %(number)s"), {"number": number}), level_phrase(level))
            for number, level in enumerate(policy.levels, 1)
        ),
        (Phrase(N_("Fairness")), Phrase(fairness[policy.fairness])),
        (Phrase(N_("Incumbents are protected")), yes if policy.protect_incumbents else no),
        (Phrase(N_("Data staff limits hosting")), yes if policy.staff_gate else no),
        *(
            (Phrase(N_("Weight of priority %(priority)s"), {"priority": priority_phrase(code)}), f"{weight:g}")
            for code, weight in weights
        ),
        *(
            (
                Phrase(N_("Standby ratio of %(resource_type)s"), {"resource_type": names.resource_type(code)}),
                _percent(ratio),
            )
            for code, ratio in policy.standby_ratio.items()
        ),
        *(
            (Phrase(N_("Floor of %(ministry)s"), {"ministry": names.ministry(code)}), _percent(share))
            for code, share in policy.floors.items()
        ),
        *(
            (Phrase(N_("Cap of %(ministry)s"), {"ministry": names.ministry(code)}), _percent(share))
            for code, share in policy.caps.items()
        ),
        *(
            (Phrase(N_("Pin of %(requirement)s"), {"requirement": code}), names.site(site))
            for code, site in policy.pins.items()
        ),
    ]
    columns = (Column("setting", N_("Setting")), Column("value", N_("Value")))
    return Table("policy", N_("Policy"), columns, tuple(rows))


def _percent(share: float) -> str:
    return f"{share:.0%}"
