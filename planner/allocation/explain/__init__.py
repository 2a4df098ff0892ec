"""Explanations of a stored plan, as data: why here, why not, what would help, at what price (`docs/formulation.md`)."""

from planner.allocation.explain.changes import (
    Change,
    Remedy,
    apply_change,
    candidate_changes,
    least_change,
    prove_change,
)
from planner.allocation.explain.costs import MarginalCost, PriceOfFairness, marginal_cost, price_of_fairness
from planner.allocation.explain.failover import SiteLoss, failover_drill
from planner.allocation.explain.homes import Home, Part, WhyHere, WhyNot, why_here, why_not
from planner.allocation.explain.prices import PoolPrice, PriceRange, module_value, pool_prices, pool_unit, price_range
from planner.allocation.explain.quoting import Quote, QuoteBook, open_quote_book, quote
from planner.allocation.explain.view import View, open_view

__all__ = [
    "Change",
    "Home",
    "MarginalCost",
    "Part",
    "PoolPrice",
    "PriceOfFairness",
    "PriceRange",
    "Quote",
    "QuoteBook",
    "Remedy",
    "SiteLoss",
    "View",
    "WhyHere",
    "WhyNot",
    "apply_change",
    "candidate_changes",
    "failover_drill",
    "least_change",
    "marginal_cost",
    "module_value",
    "open_quote_book",
    "open_view",
    "pool_prices",
    "pool_unit",
    "price_of_fairness",
    "price_range",
    "prove_change",
    "quote",
    "why_here",
    "why_not",
]
