"""One row of a reference table as a form: fields with their labels, units, hints, choices, texts and faults."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from planner.errors import NotFoundError
from planner.services.permissions import Actor, require
from planner.services.reference.lists import names_of
from planner.services.reference.tables import ReferenceTable
from planner.services.reference.texts import NOTHING, Entry, Typed, to_text
from planner.services.reference.uses import Use, load_uses
from planner.services.rows.recording import subject_of
from planner.services.rows.scope import MINISTRY_SHEETS, Own
from planner.services.rows.targets import Database, Stored, row_code, table_of
from planner.text import LocalText
from reports.columns import Field, Sheet, Value

MOST_CHOICES: Final = 500
"""Of more than these the code is typed."""


@dataclass(frozen=True)
class FormField:
    """One field; `choices` are codes and their names where it takes one of them. A fixed field cannot be changed."""

    entry: Entry
    label: LocalText
    hint: str
    unit: str
    kind: str
    required: bool
    longest: int
    choices: tuple[tuple[str, LocalText], ...] | None
    fixed: bool


@dataclass(frozen=True)
class Form:
    """A row to be changed, or with `code` None one to be added. `version` is the one that was read.

    `uses` say why it cannot be removed; `editable` is False for those who may only look.
    """

    table: ReferenceTable
    code: str | None
    name: LocalText | str
    version: int
    fields: tuple[FormField, ...]
    uses: tuple[Use, ...]
    editable: bool

    @property
    def subject(self) -> str:
        """What the audit log calls the row."""
        return subject_of(self.table.sheet, (self.code or "").split("/"))


def find_row(database: Database, sheet: Sheet, code: str, own: Own | None = None) -> Stored:
    """The row called `code`; `NotFoundError` if there is none, or none of `own`."""
    for identity, stored in database.rows(sheet.key).items():
        if row_code(identity) == code and (own is None or own.holds(sheet, stored.values)):
            return stored
    raise NotFoundError


def load_form(session: Session, actor: Actor, table: ReferenceTable, code: str | None, typed: Typed = NOTHING) -> Form:
    """The row called `code`, or an empty form for a new one. What was typed stands in place of what is stored."""
    if code:
        require(actor, table.viewing)
    else:
        table.require_change(actor)
    database = Database(session)
    own = Own(actor, database)
    stored = find_row(database, table.sheet, code, own) if code else None

    def draw(field: Field) -> FormField:
        kept = to_text(field, stored.values[field.key] if stored else field.default, actor.language)
        fixed = stored is not None and field.key in table.sheet.identity
        return FormField(
            entry=(NOTHING if fixed else typed).entry(field.key, kept),
            label=field.header,
            hint=table.hint(field),
            unit="%" if field.kind == "share" else field.unit,
            kind=field.kind,
            required=field.required,
            longest=field.longest,
            choices=load_choices(database, table.sheet, field, own),
            fixed=fixed,
        )

    return Form(
        table=table,
        code=code,
        name=_name(database, table, stored, code),
        version=stored.version if stored else 0,
        fields=tuple(map(draw, table.sheet.fields)),
        uses=load_uses(session, table_of(table.sheet), stored.key) if stored else (),
        editable=table.may_change(actor),
    )


def load_choices(database: Database, sheet: Sheet, field: Field, own: Own) -> tuple[tuple[str, LocalText], ...] | None:
    """What the field takes, a ministry's own where the row belongs to it; None where anything may be typed."""
    if field.choices:
        return tuple(field.choices.items())
    if not field.refers:
        return None
    names = names_of(database, field.refers)
    column, _ = MINISTRY_SHEETS.get(sheet.key, ("", ""))
    if own.limited and (field.refers in MINISTRY_SHEETS or field.key == column):
        names = {code: name for code, name in names.items() if code in own.codes(field.refers)}
    return tuple(names.items()) if len(names) <= MOST_CHOICES else None


def _name(database: Database, table: ReferenceTable, stored: Stored | None, code: str | None) -> LocalText | str:
    """What a row is called: by its own names, or by those of what tells it apart."""
    if stored is None:
        return ""
    if "name_th" in stored.values:
        return LocalText(str(stored.values["name_th"] or code), str(stored.values["name_en"] or ""))
    if table.plain:
        return code or ""
    parts = [_part(database, table.sheet.field(key), stored.values[key]) for key in table.sheet.identity]
    return LocalText(" · ".join(part.th for part in parts), " · ".join(part.in_language("en") for part in parts))


def _part(database: Database, field: Field, value: Value) -> LocalText:
    if field.refers:
        return names_of(database, field.refers)[str(value)]
    return LocalText(to_text(field, value, "th"), to_text(field, value, "en"))
