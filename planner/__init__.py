"""DE capacity planner. The version stands here; nothing is imported."""

__version__ = "0.4.0"
