"""The plan in a dozen figures."""

from planner.services.reporting.ledger import SERVED, Ledger, tidy
from planner.services.reporting.shared import THB
from planner.text import N_, Phrase
from reports.values import Fact


def summary_facts(ledger: Ledger) -> tuple[Fact, ...]:
    """What a manager asks first: how much is served, who is served least, what it costs, how sure it is."""
    share = ledger.served_share
    full, none = int((share > 1.0 - SERVED).sum()), int((share < SERVED).sum())
    asked = ledger.by_ministry(ledger.size) > 0
    served = [(float(s), m) for m, s in enumerate(ledger.ministry_share) if asked[m]]
    lowest = min(served, default=None)
    national = float(ledger.served_size.sum() / ledger.size.sum()) if ledger.size.any() else 1.0
    unit = N_("requirements")
    facts = [
        Fact(N_("Requirements"), len(share), "integer", unit),
        Fact(N_("Served in full"), full, "integer", unit),
        Fact(N_("Served in part"), len(share) - full - none, "integer", unit),
        Fact(N_("Not served"), none, "integer", unit),
        Fact(N_("National service share"), tidy(national), "share"),
    ]
    if lowest is not None:
        name = ledger.names.ministry(ledger.instance.ministries[lowest[1]])
        facts.append(
            Fact(Phrase(N_("Lowest service share: %(ministry)s"), {"ministry": name}), tidy(lowest[0]), "share")
        )
    return (
        *facts,
        Fact(N_("Placements"), len(ledger.plan.placements), "integer", N_("placements")),
        Fact(N_("Expansions bought"), tidy(ledger.capex.sum()), "money", THB),
        Fact(N_("Running cost over the horizon"), tidy(ledger.site_cost.sum()), "money", THB),
    )
