"""One row of a reference table as a form: fields with their labels, units, hints, choices, texts and faults."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from planner.errors import NotFoundError
from planner.services.permissions import Actor, Permission, may, require
from planner.services.reference.lists import names_of
from planner.services.reference.tables import ReferenceTable
from planner.services.reference.texts import NOTHING, Entry, Typed, to_text
from planner.services.reference.uses import Use, load_uses
from planner.services.rows.targets import Database, Stored, table_of
from planner.text import LocalText
from reports.columns import Field, Sheet


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
        return f"{self.table.subject}:{self.code}"


def find_row(database: Database, sheet: Sheet, code: str) -> Stored:
    """The row called `code`; `NotFoundError` if there is none."""
    for identity, stored in database.rows(sheet.key).items():
        if str(identity[0]) == code:
            return stored
    raise NotFoundError


def load_form(session: Session, actor: Actor, table: ReferenceTable, code: str | None, typed: Typed = NOTHING) -> Form:
    """The row called `code`, or an empty form for a new one. What was typed stands in place of what is stored."""
    require(actor, Permission.VIEW_SITES if code else table.permission)
    database = Database(session)
    stored = find_row(database, table.sheet, code) if code else None

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
            choices=tuple(names_of(database, field.refers).items()) if field.refers else None,
            fixed=fixed,
        )

    return Form(
        table=table,
        code=code,
        name=_name(stored, code),
        version=stored.version if stored else 0,
        fields=tuple(map(draw, table.sheet.fields)),
        uses=load_uses(session, table_of(table.sheet), stored.key) if stored else (),
        editable=may(actor, table.permission),
    )


def _name(stored: Stored | None, code: str | None) -> LocalText | str:
    if stored is None or "name_th" not in stored.values:
        return code or ""
    return LocalText(str(stored.values["name_th"] or code), str(stored.values["name_en"] or ""))
