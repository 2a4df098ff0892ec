"""What the law on personal data asks for: a person's own copy of their record, and its erasure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import AuditEntry, ImportRow, Person
from planner.errors import InvalidInputError, NotFoundError, fault
from planner.services import audit
from planner.services.permissions import Actor, Permission, require
from planner.services.register.people import PersonRecord, find_person, load_person
from planner.services.rows.cells import cells_of
from planner.services.rows.scope import PERSONAL
from planner.services.rows.targets import Database
from planner.services.wording import action_phrase, role_phrase
from planner.text import N_, Phrase
from reports.sheets.workforce import AGENCY_DUTIES, DATASET_DUTIES, PEOPLE, REGISTER
from reports.values import Column, Report, Section, Table

FORMAT: Final = "planner-person/1"
_AT_ONCE: Final = 500


@dataclass(frozen=True)
class OwnCopy:
    """What is kept of a person and who looked at it: as plain JSON, and as a report to be written as a workbook."""

    code: str
    data: Mapping[str, Any]
    report: Report


def export_person(session: Session, actor: Actor, code: str) -> OwnCopy:
    """All that is kept of the person called `code`, to be handed to them; that it was is noted."""
    record = load_person(session, actor, code, action="downloaded")
    return OwnCopy(code, _plain(session, code), _report(record, _looks(session, code)))


def erase_person(session: Session, actor: Actor, code: str, confirmation: str) -> None:
    """Take the person called `code` out of the register, with all that belongs to them, for good.

    `InvalidInputError` unless `confirmation` is that code once more.

    What they answered for is nobody's then. What imports kept of them goes too, so that undoing one does not bring them
    back. The audit log, which never held anything about them but their code, stays whole, and notes the erasure.
    """
    require(actor, Permission.EDIT_WORKFORCE)
    person = find_person(session, actor, code)
    if confirmation.strip() != code:
        message = N_("Nothing was erased: type the person's code to confirm.")
        raise InvalidInputError([fault("confirm", "not_confirmed", message)])
    if session.scalar(delete(Person).where(Person.id == person.id).returning(Person.id)) is None:
        raise NotFoundError  # somebody else has just done it
    session.expire_all()
    kept = session.execute(select(ImportRow.id, ImportRow.identity).where(ImportRow.sheet.in_(PERSONAL)))
    rows = [key for key, identity in kept if identity[0] == code]
    for start in range(0, len(rows), _AT_ONCE):
        session.execute(delete(ImportRow).where(ImportRow.id.in_(rows[start : start + _AT_ONCE])))
    audit.record(session, actor, "erased", f"person:{code}")


def _plain(session: Session, code: str) -> dict[str, Any]:
    """The rows about a person as they stand in the sheets of the register."""
    database = Database(session, {PEOPLE.key: {code}})
    kept: dict[str, Any] = {"format": FORMAT}
    for sheet in (sheet for sheet in REGISTER if sheet.key in PERSONAL):
        rows = database.rows(sheet.key).items()
        kept[sheet.key] = [cells_of(sheet, row.values) for identity, row in rows if identity[0] == code]
    for sheet in (AGENCY_DUTIES, DATASET_DUTIES):
        rows = database.rows(sheet.key).items()
        mine = [row.values for _, row in rows if code in (row.values["accountable"], row.values["deputy"])]
        kept[sheet.key] = [cells_of(sheet, values) for values in mine]
    kept["audit"] = [
        {"at": entry.at.isoformat(), "role": entry.role, "action": entry.action} for entry in _entries(session, code)
    ]
    return kept


def _entries(session: Session, code: str) -> Sequence[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.subject == f"person:{code}").order_by(AuditEntry.position)
    return session.scalars(query).all()


def _looks(session: Session, code: str) -> Table:
    """Who did what with the record, by role: whose account it was concerns another person."""
    return Table(
        "audit",
        N_("Who looked at this or changed it"),
        (Column("at", N_("When"), "moment"), Column("role", N_("Role")), Column("action", N_("Action"))),
        tuple((entry.at, role_phrase(entry.role), action_phrase(entry.action)) for entry in _entries(session, code)),
    )


def _report(record: PersonRecord, looks: Table) -> Report:
    return Report(
        key=f"person-{record.code}",
        title=N_("Your record in the register of the data workforce"),
        subtitle=Phrase(N_("%(name)s, %(code)s"), {"name": record.full_name, "code": record.code}),
        facts=record.facts,
        notices=(N_("Personal data: for this person alone"),),
        sections=tuple(Section(table.key, table.title, tables=(table,)) for table in (*record.tables, looks)),
    )
