"""The inventory of datasets: lists, entry, readiness, and what a dataset asks to have hosted."""

from planner.services.datasets.hosting import prefill

__all__ = ["prefill"]
