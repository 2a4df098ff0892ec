"""Reference data on screens: lists, forms and the capacity grid, over the columns of the exchange workbook.

A screen, a form and an upload read the same columns, keep the same rules and are stored the same way; what a table
adds for people is said once, in `planner.services.reference.tables`.
"""

from planner.services.reference.capacity import FACTORS, CapacityGrid, load_grid, save_grid
from planner.services.reference.forms import Form, FormField, load_form
from planner.services.reference.lists import count_rows, list_rows, sortable
from planner.services.reference.policy import (
    POLICY_SUBJECT,
    PolicyForm,
    get_policy,
    load_policy_form,
    policy_changes,
    put_policy,
    save_policy,
)
from planner.services.reference.saving import remove_row, save_row
from planner.services.reference.tables import TABLES, ReferenceTable, table_named
from planner.services.reference.texts import Entry, Typed
from planner.services.reference.uses import Use

__all__ = [
    "FACTORS",
    "POLICY_SUBJECT",
    "TABLES",
    "CapacityGrid",
    "Entry",
    "Form",
    "FormField",
    "PolicyForm",
    "ReferenceTable",
    "Typed",
    "Use",
    "count_rows",
    "get_policy",
    "list_rows",
    "load_form",
    "load_grid",
    "load_policy_form",
    "policy_changes",
    "put_policy",
    "remove_row",
    "save_grid",
    "save_policy",
    "save_row",
    "sortable",
    "table_named",
]
