"""The inventory of datasets: lists, entry, readiness, the government data catalogue, and what a dataset asks hosted."""
