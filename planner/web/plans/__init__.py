"""Plans: running one, reading it page by page, asking why, and having what it says proved."""

from planner.web.plans import comparing, proofs, quotes, reading, reports, requirements, runs
from planner.web.plans.area import blueprint

__all__ = ["blueprint", "comparing", "proofs", "quotes", "reading", "reports", "requirements", "runs"]
