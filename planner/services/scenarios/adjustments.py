"""One adjustment as a value: read from what was typed, kept as JSON, and checked on its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from planner.errors import Fault, InvalidInputError, fault
from planner.services.reference.texts import read_text
from planner.services.scenarios.kinds import KINDS, Kind
from planner.text import N_
from reports.cells import CellError
from reports.columns import Value


@dataclass(frozen=True)
class Adjustment:
    """One difference from the base: its kind, and what it says, by the fields of that kind; what is empty is left out.

    Years are CE, shares and changes fractions of one, amounts in the unit of what they bound.
    """

    kind: str
    terms: Mapping[str, Value]

    def number(self, key: str) -> float:
        """The number called `key`, which is there."""
        return float(str(self.terms[key]))

    def code(self, key: str) -> str | None:
        """The code or choice called `key`, if it is there."""
        value = self.terms.get(key)
        return None if value is None else str(value)

    def year(self, key: str, default: int) -> int:
        """The fiscal year called `key`, or `default` where it is not there."""
        return int(str(self.terms.get(key, default)))

    def within(self, year: int) -> bool:
        """Whether it speaks of that fiscal year, by its `first` and `last`."""
        return self.year("first", year) <= year <= self.year("last", year)


def to_json(adjustment: Adjustment) -> dict[str, Any]:
    """As it is stored."""
    return {"kind": adjustment.kind, "terms": dict(adjustment.terms)}


def from_json(stored: Mapping[str, Any]) -> Adjustment:
    """The adjustment that was stored."""
    terms = stored["terms"].items()
    return Adjustment(stored["kind"], {key: tuple(value) if isinstance(value, list) else value for key, value in terms})


def read_adjustment(kind: Kind, typed: Mapping[str, str], *, without: str | None = None) -> Adjustment:
    """What was typed into the fields of `kind`, except the field called `without`.

    A list stands in fields of its own, `levels.0` and so on. `InvalidInputError` with every fault at its field.
    """
    terms: dict[str, Value] = {}
    faults: list[Fault] = []
    for field in kind.fields:
        if field.key == without:
            continue
        try:
            value = read_text(field, _text(field.key, typed))
        except CellError as error:
            faults.append(Fault(field.key, error.code, error.message))
            continue
        if value is not None:
            terms[field.key] = value
    adjustment = Adjustment(kind.key, terms)
    if faults := faults or [*check_terms(adjustment, without)]:
        raise InvalidInputError(faults)
    return adjustment


def _text(key: str, typed: Mapping[str, str]) -> str:
    if key in typed:
        return typed[key]
    slots = (f"{key}.{n}" for n in range(len(KINDS)))
    return ", ".join(text for name in slots if (text := typed.get(name, "").strip()))


def check_terms(adjustment: Adjustment, without: str | None = None) -> Iterator[Fault]:
    """What is wrong with an adjustment whatever the base is, each at its field; the one called `without` is to come."""
    terms = adjustment.terms
    if terms.get("change") == 0:
        yield fault("change", "no_change", N_("This would change nothing."))
    if adjustment.year("last", 9999) < adjustment.year("first", 0):
        yield fault("last", "ends_before_start", N_("It ends before it starts."))
    if adjustment.kind == "expansion_changed" and len(terms) == 1 and without is None:
        yield fault("module_size", "no_change", N_("This would change nothing."))
