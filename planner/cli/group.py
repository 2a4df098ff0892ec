"""`planner` itself: which commands there are and where each one lives.

A command's module is imported when the command is called, so that `planner solve` works on a bare machine
without ever touching the database, and `planner --version` answers at once.
"""

from importlib import import_module
from typing import Final

import click

from planner import __version__

COMMANDS: Final = {
    "account": "planner.cli.accounts",
    "audit": "planner.cli.audit",
    "backup": "planner.cli.backup",
    "bench": "planner.cli.bench",
    "demo": "planner.cli.demo",
    "doctor": "planner.cli.doctor",
    "export-problem": "planner.cli.database",
    "fault-test": "planner.cli.faults",
    "fuzz": "planner.cli.fuzz",
    "import": "planner.cli.database",
    "init": "planner.cli.database",
    "kill-test": "planner.cli.killing",
    "load-test": "planner.cli.load",
    "plan": "planner.cli.database",
    "purge": "planner.cli.purge",
    "report": "planner.cli.database",
    "restore": "planner.cli.backup",
    "sample": "planner.cli.workbooks",
    "serve": "planner.cli.serving",
    "solve": "planner.cli.solving",
    "template": "planner.cli.workbooks",
    "worker": "planner.cli.worker",
}


class Commands(click.Group):
    """The commands of `COMMANDS`, found by name in their modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name])
        return next(
            value for value in vars(module).values() if isinstance(value, click.Command) and value.name == cmd_name
        )


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="planner")
def main() -> None:
    """Plan the data-centre capacity of Thailand's ministries.

    Results go to standard output, progress and faults to standard error. Exit codes: 0 done, 1 something is
    wrong, 2 bad input (every fault is listed), 3 not solved.
    """
