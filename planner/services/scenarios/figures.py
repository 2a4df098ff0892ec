"""The few figures of a plan that a sweep compares, worked out once for each plan: a plan never changes."""

import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, TypeAlias

from sqlalchemy.orm import Session

from models import PlanRun
from planner.services.permissions import Actor
from planner.services.planning import load_plan
from planner.services.reporting.ledger import Ledger, tidy
from planner.text import LocalText

KEPT: Final = 500
"""Of how many plans a process remembers the figures."""

_Key: TypeAlias = tuple[str, str, dt.datetime | None]


@dataclass(frozen=True)
class Figures:
    """The share of the national demand that is not granted, who is served least and how much, THB over the horizon."""

    unmet: float
    lowest: float | None
    lowest_ministry: LocalText | str | None
    running_cost: float
    capex: float


_known: OrderedDict[_Key, Figures] = OrderedDict()


def load_figures(session: Session, actor: Actor, run: PlanRun) -> Figures:
    """The figures of a solved run."""
    key = (run.code, run.input_sha256, run.finished_at)
    if key not in _known:
        stored = load_plan(session, actor, run.code)
        _known[key] = add_up(Ledger(stored.problem, stored.plan))
        while len(_known) > KEPT:
            _known.popitem(last=False)
    return _known[key]


def add_up(ledger: Ledger) -> Figures:
    """The figures of a plan; nothing is unmet, and nobody served least, where nobody asks for anything."""
    size = float(ledger.size.sum())
    asked = ledger.by_ministry(ledger.size) > 0
    shares = [(float(share), m) for m, share in enumerate(ledger.ministry_share) if asked[m]]
    lowest = min(shares, default=None)
    return Figures(
        unmet=tidy(1.0 - float(ledger.served_size.sum()) / size) if size else 0.0,
        lowest=tidy(lowest[0]) if lowest else None,
        lowest_ministry=ledger.names.ministry(ledger.instance.ministries[lowest[1]]) if lowest else None,
        running_cost=tidy(ledger.site_cost.sum()),
        capex=tidy(ledger.capex.sum()),
    )
