"""The cells of the row model as they stand in a field or in a grid: texts, in the reader's era."""

from collections.abc import Mapping, Sequence

from planner.errors import Fault
from planner.i18n import format_fiscal_year
from planner.services.editing import Cell, EditColumn
from planner.web.current import language
from planner.web.rendering import words


def typed_text(cell: Cell, column: EditColumn) -> str:
    """A cell as one types it: no grouping, lists with commas, yes and no, years as the reader counts them."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case int() if column.kind == "year":
            return format_fiscal_year(cell, language())
        case int() | float():
            return f"{cell:.15g}"
        case str() if column.kind == "date":
            year, month, day = map(int, cell.split("-"))
            return f"{day}/{month}/{format_fiscal_year(year, language())}"
        case str():
            return cell
    return ", ".join(cell)


def messages_by_column(faults: Sequence[Fault]) -> dict[str, list[str]]:
    """What is wrong with each column of one row, in the reader's language. Addresses read `row/column`."""
    messages: dict[str, list[str]] = {}
    for found in faults:
        _, _, column = found.address.partition("/")
        messages.setdefault(column, []).append(words(found.message))
    return messages


def columns_by_key(columns: Sequence[EditColumn]) -> Mapping[str, EditColumn]:
    """Columns by their keys."""
    return {column.key: column for column in columns}
