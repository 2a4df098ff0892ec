"""Excel out of the same columns: an empty template for an actor, and an export that is a valid upload."""

from collections.abc import Collection, Sequence
from typing import IO, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Agency, Requirement, ResourceType
from planner.i18n import translator
from planner.services.overview import is_synthetic
from planner.services.permissions import Actor, Permission, may, ministry_scope, require
from planner.services.register.people import note_looks
from planner.services.rows.scope import Own, allowed_sheets
from planner.services.rows.targets import Database
from planner.text import LocalText
from reports.columns import Values
from reports.sheets import AGENCIES, PEOPLE, REQUIREMENTS, SHEETS
from reports.template import Exchange, write_workbook

TEMPLATE: Final = LocalText("แบบกรอกข้อมูลความต้องการและความจุ", "Template for requirements and capacity")
EXPORT: Final = LocalText("ข้อมูลความต้องการและความจุ", "Requirements and capacity")
STAFF_TEMPLATE: Final = LocalText("แบบกรอกทะเบียนบุคลากรด้านข้อมูล", "Template for the register of data staff")
STAFF_EXPORT: Final = LocalText("ทะเบียนบุคลากรด้านข้อมูล", "Register of data staff")


def write_template(session: Session, actor: Actor, language: str, stream: IO[bytes]) -> None:
    """Write an empty workbook of the sheets that `actor` may import, with the codes that the database has to choose."""
    title = STAFF_TEMPLATE if _keeps_staff(actor) else TEMPLATE
    exchange = _exchange(session, actor, title, filled=False)
    write_workbook(exchange, translator(language), language, stream)


def write_export(session: Session, actor: Actor, language: str, stream: IO[bytes]) -> None:
    """Write what the database holds of the sheets that `actor` may import, a ministry's own rows alone."""
    title = STAFF_EXPORT if _keeps_staff(actor) else EXPORT
    exchange = _exchange(session, actor, title, filled=True)
    if people := exchange.rows.get(PEOPLE.key):
        note_looks(session, actor, (str(row["code"]) for row in people), "downloaded")
    write_workbook(exchange, translator(language), language, stream)


def _keeps_staff(actor: Actor) -> bool:
    """Whether all that `actor` may import is the register."""
    return REQUIREMENTS.key not in allowed_sheets(actor) and may(actor, Permission.EDIT_WORKFORCE)


def _exchange(session: Session, actor: Actor, title: LocalText, *, filled: bool) -> Exchange:
    require(actor, Permission.IMPORT_DATA)
    database = Database(session, {REQUIREMENTS.key: _own_codes(session, actor, filled=filled)})
    keys = [key for key in SHEETS if key in allowed_sheets(actor)]
    referred = {field.refers for key in keys for field in SHEETS[key].fields} & set(SHEETS)
    types = session.execute(select(ResourceType.code, ResourceType.unit).order_by(ResourceType.position))
    return Exchange(
        title=title,
        rows={key: _rows(database, actor, key) if filled else () for key in keys},
        years=sorted(database.years()),
        resource_types=dict(types.all()),
        codes={key: [str(row["code"]) for row in _rows(database, actor, key)] for key in sorted(referred - {*keys})},
        synthetic=filled and is_synthetic(session),
    )


def _own_codes(session: Session, actor: Actor, *, filled: bool) -> Collection[str]:
    """The codes of the requirements that are written: none of them into a template."""
    query = select(Requirement.code).join(Requirement.agency)
    if (home := ministry_scope(actor)) is not None:
        query = query.where(Agency.ministry_id == home)
    return session.scalars(query).all() if filled else ()


def _rows(database: Database, actor: Actor, key: str) -> Sequence[Values]:
    """The rows of a sheet that `actor` may speak for."""
    own = Own(actor, database)
    rows = [stored.values for stored in database.rows(key).values() if own.holds(SHEETS[key], stored.values)]
    return [row for row in rows if row["code"] in own.codes(key)] if own.limited and key == AGENCIES.key else rows
