"""The small installation that is broken: two ministries of the sample, six people at work, a program and a webhook."""

import datetime as dt
import io
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import Agency, Ministry, Requirement, RequirementStatus, ResourceType, Role, User
from planner.services.importing import apply_import
from planner.services.passwords import hash_password
from planner.services.permissions import OPERATOR, actor_of
from planner.services.rows.targets import Database
from planner.services.sample import sample_workbook
from planner.services.tokens import Area, NewToken, Scope, issue_token
from planner.services.webhooks.addresses import Outlet
from planner.services.webhooks.events import CHOICES
from planner.services.webhooks.keeping import WebhookFields, create_webhook
from reports.sheets import REQUIREMENTS

PASSWORD: Final = "khlong-fault-test-6"  # noqa: S105 - of accounts in a database that is there to be broken
MINISTRIES: Final = ("02000", "21000")


@dataclass(frozen=True)
class Post:
    """Somebody who works there. A ministry's planner asks for `agency` and imports rows such as `row`; a program has a
    `token` of such a planner.
    """

    username: str
    role: Role
    agency: str = ""
    row: tuple[tuple[str, Any], ...] = ()
    token: str = ""


@dataclass(frozen=True)
class World:
    """Who works there, and what their workbooks need: the fiscal years, and resource types with their units."""

    posts: tuple[Post, ...]
    years: tuple[int, ...]
    units: dict[str, str]


def found_world(session: Session, place: str) -> World:
    """Fill an empty database with the sample, of whose requirements those of two ministries stay, with accounts, and
    with a webhook at `place`, a host with its port, that is told of everything.
    """
    apply_import(session, OPERATOR, io.BytesIO(sample_workbook(400)), "sample.xlsx")
    session.flush()
    kept = select(Agency.id).join(Agency.ministry).where(Ministry.code.in_(MINISTRIES))
    session.execute(delete(Requirement).where(Requirement.agency_id.not_in(kept)))
    password_hash = hash_password(PASSWORD)
    posts = []
    for ministry in session.scalars(select(Ministry).where(Ministry.code.in_(MINISTRIES)).order_by(Ministry.code)):
        for number in (1, 2):
            posts.append(_planner(session, ministry, f"planner-{ministry.code}-{number}", password_hash))
    for role in (Role.DE_PLANNER, Role.MANAGER):
        session.add(User(username=role.value, full_name=role.value, password_hash=password_hash, role=role))
        posts.append(Post(role.value, role))
    session.flush()
    posts.append(replace(posts[0], token=_token(session, posts[0].username)))
    fields = WebhookFields("fault test", f"https://{place}/", CHOICES)
    create_webhook(session, OPERATOR, Outlet("", (place,)), fields)
    units = dict(session.execute(select(ResourceType.code, ResourceType.unit).order_by(ResourceType.position)).all())
    return World(tuple(posts), tuple(sorted(Database(session).years())), units)


def _token(session: Session, username: str) -> str:
    user = session.scalars(select(User).where(User.username == username)).one()
    wanted = NewToken("fault test", 7, (str(Scope(Area.REQUIREMENTS, writes=True)),))
    return issue_token(session, actor_of(user), wanted, dt.datetime.now(dt.UTC))


def _planner(session: Session, ministry: Ministry, username: str, password_hash: str) -> Post:
    role = Role.MINISTRY_PLANNER
    session.add(User(username=username, full_name=username, password_hash=password_hash, role=role, ministry=ministry))
    own = select(Requirement.code).join(Requirement.agency).where(Agency.ministry_id == ministry.id)
    code = session.scalars(own.order_by(Requirement.code)).first()
    (stored,) = Database(session, {REQUIREMENTS.key: [str(code)]}).rows(REQUIREMENTS.key).values()
    row = {**stored.values, "status": RequirementStatus.DRAFT, "incumbent": None}
    return Post(username, role, str(row["agency"]), tuple(row.items()))
