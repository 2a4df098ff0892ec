"""A database of any size to try the application with: the sample, its requirements repeated under new codes."""

import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from models import Agency, DemandLine, Ministry, Requirement, RequirementStatus, ResourceType, Role, User
from planner.errors import ConflictError
from planner.i18n import DEFAULT_LANGUAGE, translator
from planner.services.importing import apply_import
from planner.services.passwords import hash_password
from planner.services.permissions import OPERATOR
from planner.services.rows.targets import Database
from planner.services.sample import sample_workbook
from planner.text import N_, LocalText, Phrase
from reports.sheets import REQUIREMENTS
from reports.template import Exchange, write_workbook

SEED: Final = 2570
AT_ONCE: Final = 5000
ORIGINALS: Final = 400
"""So many different requirements are repeated."""
PASSWORD: Final = "khlong-load-test-50"  # noqa: S105 - of accounts in a database that is there to be tried
DE_EVERY: Final = 5
"""One planner in so many is of DE and sees every ministry's requirements."""

_STATUSES: Final = {
    RequirementStatus.APPROVED: 60,
    RequirementStatus.DRAFT: 20,
    RequirementStatus.SUBMITTED: 15,
    RequirementStatus.RETURNED: 5,
}
_OWN: Final = {"id", "code", "title", "title_key", "search_key", "agency_id", "status", "version", "entry_key"}
_COPIED: Final = tuple(column for column in Requirement.__table__.columns if column.name not in _OWN)


@dataclass(frozen=True)
class Account:
    """Somebody who works during the test. `upload` is the workbook of own rows that a planner of `ministry` tries."""

    username: str
    role: Role
    upload: bytes | None = None
    ministry: str | None = None


def fill(session: Session, count: int) -> None:
    """Load the sample into an empty database and repeat its requirements until there are `count`.

    Agencies and statuses are drawn anew, titles get a number; nothing is written into the history. A database that
    already holds so many is left alone; one that holds others is a `ConflictError`, lest a real one be overrun.
    """
    present = session.scalar(select(func.count()).select_from(Requirement)) or 0
    if present == count and session.scalar(select(User.id).where(User.username == _username(0))):
        return
    if present:
        params = {"count": present}
        raise ConflictError(
            Phrase(N_("The database holds %(count)s requirements. The load test wants an empty one."), params)
        )
    apply_import(session, OPERATOR, io.BytesIO(sample_workbook(ORIGINALS)), "sample.xlsx")
    session.flush()
    originals = session.execute(select(Requirement.title, *_COPIED).order_by(Requirement.id)).mappings().all()
    first = session.scalars(select(func.min(Requirement.id))).one()
    agencies = session.scalars(select(Agency.id).order_by(Agency.id)).all()
    rows = _copies(originals, count, first, agencies)
    while batch := list(islice(rows, AT_ONCE)):
        session.execute(insert(Requirement), batch)
    _copy_demand(session, first, len(originals))
    if session.get_bind().dialect.name == "postgresql":  # counts keys by itself and has not seen those given here
        session.execute(text("SELECT setval(pg_get_serial_sequence('requirement', 'id'), max(id)) FROM requirement"))
    session.execute(text("ANALYZE"))


def _copies(originals: Sequence[Any], count: int, first: int, agencies: Sequence[int]) -> Iterator[dict[str, Any]]:
    chance = random.Random(SEED)  # noqa: S311 - drawn for variety, not for secrecy
    for number in range(len(originals), count):
        original = originals[number % len(originals)]
        yield {
            **original,
            "id": first + number,
            "code": f"R-{number + 1:06}",
            "title": f"{original['title']} {number // len(originals)}",
            "agency_id": chance.choice(agencies),
            "status": chance.choices([*_STATUSES], [*_STATUSES.values()])[0],
        }


def _copy_demand(session: Session, first: int, originals: int) -> None:
    """The demand of each copy is that of its original, whose key the copy's own tells."""
    original = (Requirement.id - first) % originals + first
    lines = (
        select(Requirement.id, DemandLine.resource_type_id, DemandLine.year, DemandLine.amount)
        .join(DemandLine, DemandLine.requirement_id == original)
        .where(Requirement.id >= first + originals)
    )
    session.execute(insert(DemandLine).from_select(["requirement_id", "resource_type_id", "year", "amount"], lines))


def make_accounts(session: Session, count: int, upload_rows: int) -> list[Account]:
    """`count` planners, of all ministries in turn and some of DE, made where they are missing."""
    ministries = session.scalars(select(Ministry).order_by(Ministry.code)).all()
    uploads = {row.id: _upload(session, row, upload_rows) for row in ministries[:count]}
    present = set(session.scalars(select(User.username)))
    password_hash = hash_password(PASSWORD)
    accounts = []
    for number in range(count):
        ministry = None if number % DE_EVERY == 0 else ministries[number % len(ministries)]
        role = Role.MINISTRY_PLANNER if ministry else Role.DE_PLANNER
        name = _username(number)
        if name not in present:
            session.add(
                User(
                    username=name,
                    full_name=f"ผู้ทดสอบ {number + 1}",
                    password_hash=password_hash,
                    role=role,
                    ministry=ministry,
                )
            )
        accounts.append(
            Account(name, role, uploads.get(ministry.id) if ministry else None, ministry.code if ministry else None)
        )
    session.flush()
    return accounts


def _username(number: int) -> str:
    return f"load-{number + 1}"


def _upload(session: Session, ministry: Ministry, rows: int) -> bytes:
    """A workbook of a ministry's drafts, half of them with another note."""
    codes = session.scalars(
        select(Requirement.code)
        .join(Requirement.agency)
        .where(Agency.ministry_id == ministry.id, Requirement.status == RequirementStatus.DRAFT)
        .order_by(Requirement.code)
        .limit(rows)
    ).all()
    database = Database(session, {REQUIREMENTS.key: codes})
    values = [dict(stored.values) for stored in database.rows(REQUIREMENTS.key).values()]
    for row in values[::2]:
        row["note"] = "ปรับปรุง"
    types = session.execute(select(ResourceType.code, ResourceType.unit).order_by(ResourceType.position))
    stream = io.BytesIO()
    exchange = Exchange(
        LocalText("ทดสอบ", "Load test"), {REQUIREMENTS.key: values}, sorted(database.years()), dict(types.all())
    )
    write_workbook(exchange, translator(DEFAULT_LANGUAGE), DEFAULT_LANGUAGE, stream)
    return stream.getvalue()
