"""The command line: `planner …`, one module a family of commands, each loaded when it is called."""

from planner.cli.group import main

__all__ = ["main"]
