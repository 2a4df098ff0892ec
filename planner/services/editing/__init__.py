"""Requirements as rows of cells, the one model that the form, the grid and the Excel upload share.

A row is typed into as texts, or as plain values, by column (`planner.services.rows.cells` names the columns).
Whatever way it came, it is read, checked and stored by the same functions as a workbook's row.
"""

from planner.services.editing.loading import EditableRow, EditColumn, load_columns, load_rows
from planner.services.editing.reading import Cell, RowEdit
from planner.services.editing.saving import (
    CheckedRows,
    RowConflict,
    SavedRows,
    StaleRowsError,
    apply_row,
    check_rows,
    save_rows,
)

__all__ = [
    "Cell",
    "CheckedRows",
    "EditColumn",
    "EditableRow",
    "RowConflict",
    "RowEdit",
    "SavedRows",
    "StaleRowsError",
    "apply_row",
    "check_rows",
    "load_columns",
    "load_rows",
    "save_rows",
]
