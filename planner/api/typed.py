"""Plain values as people would type them, for the services that read forms."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final, TypeAlias

from pydantic import Field

from planner.errors import InvalidInputError, fault
from planner.services.reference.texts import to_text
from planner.text import N_
from reports import columns

Whole: TypeAlias = Annotated[int, Field(ge=-(10**18), le=10**18)]
CellSent: TypeAlias = str | bool | Whole | float | list[str] | None
"""What may be sent for a column: years of the common era, dates as 2027-10-01, shares as fractions of one."""

_NUMBERS: Final = frozenset({"number", "integer", "share", "money"})


def typed(fields: Iterable[columns.Field], cells: Mapping[str, CellSent], place: str = "") -> dict[str, str]:
    """`cells` as texts of `fields`, by their keys: a share in percent, a list with commas, nothing for null.

    `InvalidInputError` for a cell that no field has, or a text where a number belongs; `place` is where they stand.
    """
    known = {field.key: field for field in fields}
    faults = []
    for name, cell in cells.items():
        if name not in known:
            faults.append(fault(f"{place}{name}", "extra_forbidden", N_("There is no such field.")))
        elif isinstance(cell, str) and known[name].kind in _NUMBERS:
            faults.append(fault(f"{place}{name}", "wrong_kind", N_("This is not the kind of value that belongs here.")))
    if faults:
        raise InvalidInputError(faults)
    return {name: _text(known[name], cell) for name, cell in cells.items()}


def _text(field: columns.Field, cell: CellSent) -> str:
    return ", ".join(cell) if isinstance(cell, list) else to_text(field, cell, "en")
