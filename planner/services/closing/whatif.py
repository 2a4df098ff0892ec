"""What a plan of the workforce is asked to suppose: differences from the register and the terms of today."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from planner.errors import Fault, InvalidInputError
from planner.services.reference.forms import FormField
from planner.services.reference.texts import NOTHING, Typed, read_text
from planner.text import N_, LocalText, Phrase
from planner.workforce.measures import ClosingProblem
from reports.cells import CellError
from reports.columns import Field, Value

MOST_ATTRITION: Final = 0.99
LARGEST_CHANGE: Final = 9.0
"""Ten times as much; what is more is a slip of the pen."""


@dataclass(frozen=True)
class WhatIf:
    """Differences: changes of `budget`, `seats` and `attrition` as shares (0.2 a fifth more), and what is left out."""

    budget: float = 0.0
    seats: float = 0.0
    attrition: float = 0.0
    no_hiring: bool = False
    no_lending: bool = False

    @property
    def stored(self) -> dict[str, Any]:
        """As JSON: what differs from today."""
        return {name: value for name, value in asdict(self).items() if value}


def _change(key: str, header: LocalText) -> Field:
    rule = N_("20 for a fifth more, -20 for a fifth less.")
    return Field(key, header, "share", rule, unit="%", low=-1.0, high=LARGEST_CHANGE)


FIELDS: Final = (
    _change("budget", LocalText("งบประมาณ เพิ่มหรือลด", "Budget, more or less")),
    _change("seats", LocalText("ที่นั่งอบรม เพิ่มหรือลด", "Training seats, more or less")),
    _change("attrition", LocalText("อัตราการออก เพิ่มหรือลด", "Attrition, more or less")),
    Field("no_hiring", LocalText("ไม่รับคนใหม่", "Without hiring"), "flag", N_("Nobody is hired by the plan.")),
    Field("no_lending", LocalText("ไม่มีการยืมตัว", "Without secondments"), "flag", N_("No agency lends to another.")),
)


def what_if_form(typed: Typed = NOTHING) -> tuple[FormField, ...]:
    """The fields of a what-if, empty or as they were typed."""
    return tuple(
        FormField(
            entry=typed.entry(field.key, ""),
            label=field.header,
            hint=field.rule,
            unit=field.unit,
            kind=field.kind,
            required=False,
            longest=field.longest,
            choices=None,
            fixed=False,
        )
        for field in FIELDS
    )


def read_what_if(typed: Mapping[str, str]) -> WhatIf:
    """The differences that were typed; `InvalidInputError` with every fault, at the field's name."""
    values: dict[str, Value] = {}
    faults = []
    for field in FIELDS:
        try:
            values[field.key] = read_text(field, typed.get(field.key, ""))
        except CellError as error:
            faults.append(Fault(field.key, error.code, error.message))
    if faults:
        raise InvalidInputError(faults)
    changes = {key: float(str(values[key] or 0.0)) for key in ("budget", "seats", "attrition")}
    return WhatIf(**changes, no_hiring=bool(values["no_hiring"]), no_lending=bool(values["no_lending"]))


def suppose(problem: ClosingProblem, what_if: WhatIf) -> ClosingProblem:
    """`problem` as `what_if` changes it; attrition ends at what the engine takes."""
    workforce, measures = problem.workforce, problem.measures
    roles = tuple(
        replace(role, attrition=min(role.attrition * (1 + what_if.attrition), MOST_ATTRITION))
        for role in workforce.roles
    )
    budget = measures.budget
    if budget is not None:
        budget = tuple(None if limit is None else limit * (1 + what_if.budget) for limit in budget)
    return ClosingProblem(
        replace(workforce, roles=roles),
        replace(
            measures,
            cohorts=tuple(replace(row, seats=row.seats * (1 + what_if.seats)) for row in measures.cohorts),
            hiring=() if what_if.no_hiring else measures.hiring,
            lending=None if what_if.no_lending else measures.lending,
            budget=budget,
        ),
    )


def sentences(what_if: WhatIf) -> Iterator[Phrase]:
    """The differences in words, none for the register and the terms as they are."""
    changes = (
        (what_if.budget, N_("Budget %(change)s")),
        (what_if.seats, N_("Training seats %(change)s")),
        (what_if.attrition, N_("Attrition %(change)s")),
    )
    for change, msgid in changes:
        if change:
            yield Phrase(msgid, {"change": f"{100 * change:+.10g}%"})
    if what_if.no_hiring:
        yield Phrase(N_("Without hiring"))
    if what_if.no_lending:
        yield Phrase(N_("Without secondments"))
