"""Reading settings by name: whatever is wrong with any of them is collected and told at once, in both languages."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Final

from planner.errors import Fault, InvalidInputError, fault
from planner.text import N_, Phrase, Value

PREFIX: Final = "PLANNER_"
YEAR: Final = 366 * 24 * 60
"""Minutes."""


class SettingsError(InvalidInputError, ValueError):
    """Settings are wrong; each fault's address is the name of one."""

    default = Phrase(N_("Some settings are wrong. Nothing was started."))


class Environment:
    """The variables of a process. An empty one is as good as none, and one that is bad reads as its default.

    `names` are the settings that were asked for, whether or not they are set.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._faults: list[Fault] = []
        self.names: set[str] = set()

    def text(self, name: str, default: str = "") -> str:
        """The setting called `name` as it stands."""
        self.names.add(name)
        return self._variables.get(name) or default

    def number(self, name: str, default: int, *, least: int = 1, most: int | None = None) -> int:
        """A whole number of at least `least` and at most `most`."""
        text = self.text(name, str(default))
        try:
            number = int(text)
        except ValueError:
            self.refuse(name, "not_a_number", N_("“%(text)s” is not a whole number."), text=text)
            return default
        if number < least:
            self.refuse(name, "too_small", N_("%(number)s is less than %(least)s."), number=number, least=least)
            return default
        if most is not None and number > most:
            self.refuse(name, "too_large", N_("%(number)s is more than %(most)s."), number=number, most=most)
            return default
        return number

    def minutes(self, name: str, default: dt.timedelta) -> dt.timedelta:
        """A time in whole minutes, at least one and at most a year's."""
        return dt.timedelta(minutes=self.number(name, default // dt.timedelta(minutes=1), most=YEAR))

    def flag(self, name: str, *, default: bool = False) -> bool:
        """0 or 1."""
        return self.choice(name, ("0", "1"), "1" if default else "0") == "1"

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        """One of `choices`."""
        text = self.text(name, default)
        if text not in choices:
            wrong = N_("“%(text)s” is none of %(choices)s.")
            self.refuse(name, "unknown_choice", wrong, text=text, choices=tuple(choices))
            return default
        return text

    def refuse(self, name: str, code: str, msgid: str, /, **params: Value) -> None:
        """Note what is wrong with a setting. Whoever calls leaves out of it what may be secret."""
        self._faults.append(fault(name, code, msgid, **params))

    def require_sound(self) -> None:
        """`SettingsError` with everything that was refused so far, if anything was."""
        if self._faults:
            raise SettingsError(self._faults)
