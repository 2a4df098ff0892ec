"""How the command line speaks: one language a call, results apart from progress, errors as exit codes."""

import functools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import click

from planner.errors import InvalidInputError, NotFoundError, NotSolvedError, PlannerError
from planner.i18n import DEFAULT_LANGUAGE, LANGUAGES, to_words
from planner.text import N_, Phrase, Value

WRONG: Final = 1
BAD_INPUT: Final = 2
NOT_SOLVED: Final = 3

Update = Callable[[Phrase], None]
"""Shows how far a step has come."""


@dataclass(frozen=True)
class Console:
    """Speaks `language`: results to standard output, everything about the work itself to standard error.

    `languages` are those that workbooks are written in.
    """

    language: str
    languages: tuple[str, ...]

    def words(self, msgid: str, /, **params: Value) -> str:
        """`msgid` in the console's language."""
        return to_words(Phrase(msgid, params), self.language)

    def say(self, msgid: str = "", /, **params: Value) -> None:
        """One line of result; none given, an empty line."""
        click.echo(self.words(msgid, **params) if msgid else "")

    def explain(self, error: PlannerError) -> None:
        """An error and, if it has any, each of its faults at its address."""
        click.echo(to_words(error.message, self.language), err=True)
        for fault in error.faults if isinstance(error, InvalidInputError) else ():
            place = f"{fault.address}: " if fault.address else ""
            click.echo(f"  {place}{to_words(fault.message, self.language)}", err=True)

    @contextmanager
    def step(self, msgid: str, /, **params: Value) -> Iterator[Update]:
        """A step of the work: its name when it begins, its seconds when it ends, and what it reports between.

        A terminal shows the newest report on a line of its own; a log gets at most one line a second.
        """
        terminal = sys.stderr.isatty()
        start = shown = time.monotonic()

        def update(phrase: Phrase) -> None:
            nonlocal shown
            now = time.monotonic()
            if now - shown >= (0.1 if terminal else 1.0):
                shown = now
                click.echo(f"{clear}  {to_words(phrase, self.language)}", err=True, nl=not terminal)

        clear = "\r\x1b[K" if terminal else ""
        click.echo(f"{self.words(msgid, **params)}…", err=True)
        try:
            yield update
        except BaseException:
            click.echo(clear, err=True, nl=False)
            raise
        done = self.words(N_("done in %(seconds)s s"), seconds=round(time.monotonic() - start, 1))
        click.echo(f"{clear}  {done}", err=True)


def exit_code(error: PlannerError) -> int:
    """The exit code that stands for `error`."""
    match error:
        case InvalidInputError() | NotFoundError():
            return BAD_INPUT
        case NotSolvedError():
            return NOT_SOLVED
    return WRONG


def speaks(function: Callable[..., None], *, both: bool = False) -> Callable[..., None]:
    """Give a command `--language`, hand it a `Console` of that language, and turn its errors into exit codes.

    Where `both` is a choice too, it is the one unless told otherwise.
    """
    option = click.option(
        "--language",
        type=click.Choice((*LANGUAGES, "both") if both else LANGUAGES),
        default="both" if both else DEFAULT_LANGUAGE,
        envvar="PLANNER_LANGUAGE",
        show_envvar=True,
        show_default=True,
        help="Language of what is printed and written.",
    )

    @functools.wraps(function)
    def command(*, language: str, **params: Any) -> None:
        console = Console(DEFAULT_LANGUAGE, LANGUAGES) if language == "both" else Console(language, (language,))
        try:
            function(console, **params)
        except PlannerError as error:
            console.explain(error)
            sys.exit(exit_code(error))

    return option(command)
