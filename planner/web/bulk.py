"""Giving many requirements the same values at once: chosen in the list, checked and saved as any edited rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from planner.errors import Fault, InvalidInputError
from planner.services.editing import (
    Cell,
    EditColumn,
    RowConflict,
    RowEdit,
    StaleRowsError,
    load_columns,
    load_rows,
    save_rows,
)
from planner.services.permissions import Permission, require
from planner.services.reviewing import MOST_AT_ONCE
from planner.text import N_, FiscalYear, LocalText, Phrase
from planner.web.current import actor, transaction
from planner.web.forms import sent_version
from planner.web.security import safe_target

blueprint = Blueprint("bulk", __name__, url_prefix="/requirements")

LEAVE: Final = ""
EMPTY: Final = "-"
OFFERED: Final = (
    "agency",
    "priority",
    "clearance",
    "copies",
    "divisible",
    "start_year",
    "end_year",
    "incumbent",
)
"""The columns that many rows sensibly share."""

Name = LocalText | FiscalYear | Phrase | str


@dataclass(frozen=True)
class BulkField:
    """One column to set: what may be chosen, and whether it may be emptied."""

    key: str
    header: LocalText
    choices: Mapping[str, Name]
    optional: bool


@dataclass(frozen=True)
class Problems:
    """What stood in the way of saving, by the code of the row."""

    faults: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)
    conflicts: Mapping[str, RowConflict] = field(default_factory=dict)


@blueprint.post("/bulk")
def edit() -> str:
    """The form for the chosen rows."""
    return _show({}, Problems())


@blueprint.post("/bulk/save")
def save() -> Response | tuple[str, int]:
    """Set the chosen values in every chosen row: all of them, or the form again with what is in the way of each."""
    if not _codes():
        return _show({}, Problems()), 422
    with transaction() as database:
        fields = {offered.key: offered for offered in _fields(load_columns(database, actor()))}
    chosen = {key: request.form[f"set-{key}"] for key in fields if request.form.get(f"set-{key}", LEAVE) != LEAVE}
    if any(value != EMPTY and value not in fields[key].choices for key, value in chosen.items()):
        abort(400)
    cells: dict[str, Cell] = {key: None if value == EMPTY else value for key, value in chosen.items()}
    edits = [RowEdit(code, sent_version(f"seen-{code}"), cells) for code in _codes()]
    try:
        with transaction() as database:
            save_rows(database, actor(), edits)
    except InvalidInputError as error:
        return _show(chosen, Problems(faults=_by_code(error.faults))), error.status
    except StaleRowsError as error:
        return _show(chosen, Problems(conflicts={each.code: each for each in error.conflicts})), error.status
    flash(N_("The chosen requirements were saved."))
    return redirect(safe_target(request.form.get("next")))


def _show(chosen: Mapping[str, str], problems: Problems) -> str:
    require(actor(), Permission.EDIT_REQUIREMENTS)
    with transaction() as database:
        fields = tuple(_fields(load_columns(database, actor())))
        rows = load_rows(database, actor(), _codes())
    return render_template(
        "requirements/bulk.html",
        rows=rows,
        fields=fields,
        chosen=chosen,
        problems=problems,
        names={offered.key: offered for offered in fields},
        leave=LEAVE,
        empty=EMPTY,
        back=safe_target(request.form.get("next")) if request.form.get("next") else url_for("requirements.index"),
    )


def _codes() -> list[str]:
    """The chosen rows, each once."""
    return list(dict.fromkeys(request.form.getlist("code")))[:MOST_AT_ONCE]


def _by_code(faults: tuple[Fault, ...]) -> dict[str, tuple[Fault, ...]]:
    """Faults by the row that their addresses name."""
    found: dict[str, tuple[Fault, ...]] = {}
    for each in faults:
        code = each.address.partition("/")[0]
        found[code] = (*found.get(code, ()), each)
    return found


def _fields(columns: tuple[EditColumn, ...]) -> Iterator[BulkField]:
    years = sorted({column.year.year for column in columns if column.year})
    others: dict[str, Mapping[str, Name]] = {
        "flag": {"yes": Phrase(N_("Yes")), "no": Phrase(N_("No"))},
        "year": {str(year): FiscalYear(year) for year in years},
        "integer": {"1": "1", "2": "2"},
    }
    for column in columns:
        if column.key in OFFERED:
            choices = {choice.code: choice.name for choice in column.choices} or others[column.kind]
            yield BulkField(column.key, column.header, choices, optional=column.key in {"end_year", "incumbent"})
