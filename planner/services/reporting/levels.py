"""What each level reached, and the certificate that the plan is what it says."""

from typing import Final

from planner.services.reporting.ledger import Ledger, tidy
from planner.services.wording import level_phrase, level_unit, solve_status_phrase
from planner.text import N_, Phrase, Value
from reports.values import Column, Fact, Table

PROVEN: Final = 1e-6
"""The gap at which a level counts as proven, and the breach below which a rule counts as kept."""


def level_table(ledger: Ledger) -> Table:
    """One row a level, in strict order: value, what the final plan keeps of it, what placing some
    requirements whole costs it, proven bound, gap, status and seconds."""
    rows = tuple(
        (
            level_phrase(level.name),
            level_unit(level.name),
            level.value,
            level.kept,
            tidy(level.whole_loss),
            level.bound,
            share_phrase(level.gap),
            solve_status_phrase(level.status),
            round(level.seconds, 2),
        )
        for level in ledger.plan.levels
    )
    columns = (
        Column("level", N_("Level")),
        Column("unit", N_("Unit")),
        Column("value", N_("Value"), "measure"),
        Column("kept", N_("In the plan"), "measure"),
        Column("whole_loss", N_("Lost to what may not be divided"), "measure"),
        Column("bound", N_("Proven bound"), "measure"),
        Column("gap", N_("Gap")),
        Column("status", N_("Status")),
        Column("seconds", N_("Seconds"), "number"),
    )
    return Table("levels", N_("Levels in strict order"), columns, rows)


def certificate_facts(ledger: Ledger) -> tuple[Fact, ...]:
    """The independent check of the plan, line by line."""
    certificate, plan = ledger.plan.certificate, ledger.plan
    return (
        Fact(N_("Status of the solve"), solve_status_phrase(plan.status)),
        Fact(N_("Every rule is kept"), certificate.feasible),
        Fact(N_("Rules checked"), certificate.checked, "integer"),
        Fact(N_("Largest violation, relative to the rule's limit"), share_phrase(certificate.largest_violation)),
        Fact(N_("Level values agree with the plan"), certificate.values_agree),
        Fact(N_("Largest gap between value and bound"), share_phrase(certificate.largest_gap)),
        Fact(N_("Tolerance that a level gives to those below"), ledger.problem.policy.tolerance, "share"),
        Fact(N_("Solver"), plan.solver),
        Fact(N_("Time taken"), round(plan.seconds, 1), "number", N_("seconds")),
    )


def certificate_phrase(ledger: Ledger) -> Phrase:
    """The certificate in one line."""
    certificate = ledger.plan.certificate
    sentence = (
        N_("Every rule is kept (%(checked)s checked); largest violation %(violation)s, largest gap %(gap)s.")
        if certificate.feasible
        else N_("NOT ACCEPTED: of %(checked)s rules some are broken; largest violation %(violation)s, gap %(gap)s.")
    )
    params: dict[str, Value] = {
        "checked": certificate.checked,
        "violation": share_phrase(certificate.largest_violation),
        "gap": share_phrase(certificate.largest_gap),
    }
    return Phrase(sentence, params)


def share_phrase(share: float) -> Phrase:
    """A small share as people read it: of what is below `PROVEN` only that it is."""
    if share <= PROVEN:
        return Phrase(N_("less than %(share)s\N{NO-BREAK SPACE}%%"), {"share": "0.0001"})
    return Phrase(N_("%(share)s\N{NO-BREAK SPACE}%%"), {"share": f"{100 * share:.2g}"})
