"""Scenarios: adjustments to the rows of today, applied to a problem and never to the rows; and sweeps of many."""
