"""`python -m planner`: the command line without its script."""

from planner.cli import main

main(prog_name="planner")
