"""Plans: running one, reading it page by page, asking why, and having what it says proved."""

from planner.web.plans import proofs, reading, requirements, runs
from planner.web.plans.area import blueprint

__all__ = ["blueprint", "proofs", "reading", "requirements", "runs"]
