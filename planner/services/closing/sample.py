"""Made-up terms for the sample, and a plan of the workforce made under them."""

from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import Session, sessionmaker

from models import ClosingTerms
from planner.services.closing.runs import newest_closing, run_closing
from planner.services.closing.terms import save_terms
from planner.services.closing.whatif import WhatIf
from planner.services.coverage.opening import today
from planner.services.permissions import OPERATOR
from planner.services.register.loading import YEARS, fiscal_year_of
from planner.text import Phrase

TERMS: Final = {"lend_cost": "120000", "lend_efficiency": "80", "backup": "50"}
BUDGET: Final = "12000000"
"""THB for each fiscal year: too little to close the sample's gaps, so that what is short shows."""


def plan_sample(
    sessions: sessionmaker[Session], name: str, progress: Callable[[Phrase], None] | None = None
) -> str | None:
    """Put the terms in force and make a plan called `name`, each where there is none; the code of a plan made now."""
    with sessions.begin() as session:
        if session.get(ClosingTerms, 1) is None:
            first = fiscal_year_of(today())
            budgets = {f"budget_{year}": BUDGET for year in range(first, first + YEARS)}
            save_terms(session, OPERATOR, TERMS | budgets, 0)
        if newest_closing(session) is not None:
            return None
    return run_closing(sessions, OPERATOR, name, WhatIf(), progress)
