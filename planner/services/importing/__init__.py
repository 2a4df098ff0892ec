"""Excel in and out: what an upload would change, changing it, undoing that, and the workbooks to start from."""

from planner.services.importing.exporting import write_export, write_template
from planner.services.importing.records import ImportDetail, get_import, list_imports
from planner.services.importing.undoing import UndoRefusedError, undo_import
from planner.services.importing.uploads import (
    ImportPreview,
    ImportResult,
    RowPreview,
    SheetChanges,
    apply_import,
    preview_import,
)

__all__ = [
    "ImportDetail",
    "ImportPreview",
    "ImportResult",
    "RowPreview",
    "SheetChanges",
    "UndoRefusedError",
    "apply_import",
    "get_import",
    "list_imports",
    "preview_import",
    "undo_import",
    "write_export",
    "write_template",
]
