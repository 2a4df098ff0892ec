"""The accounts that a demonstration needs: one for every role, and a second where two people of it see other things."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Ministry, Role, User
from planner.services.passwords import hash_password


@dataclass(frozen=True)
class DemoAccount:
    """An account for trying the tool out, with its password, which is public."""

    username: str
    password: str
    full_name: str
    role: Role
    ministry_code: str | None = None


_ACCOUNTS: Final = (
    ("ministry", "baan-suan-manao-31", "นางสาวพิมพ์ชนก ตัวอย่าง", Role.MINISTRY_PLANNER),
    ("ministry2", "doi-suthep-yam-chao-27", "นายภูวดล ตัวอย่าง", Role.MINISTRY_PLANNER),
    ("planner", "khlong-saen-saep-52", "นายธนกฤต ตัวอย่าง", Role.DE_PLANNER),
    ("planner2", "wat-arun-rung-chaeng-43", "นางสาวณัฐริกา ตัวอย่าง", Role.DE_PLANNER),
    ("manager", "phu-khao-thong-68", "นางสุภาวดี ตัวอย่าง", Role.MANAGER),
    ("hr", "talat-nam-sam-74", "นายวีรภัทร ตัวอย่าง", Role.HR),
    ("hr2", "suan-lum-yen-jai-59", "นางสาวอรวรรณ ตัวอย่าง", Role.HR),
    ("auditor", "hor-samut-chat-85", "นางสาวกมลวรรณ ตัวอย่าง", Role.AUDITOR),
    ("admin", "prasat-hin-phimai-96", "นายอนุชา ตัวอย่าง", Role.ADMINISTRATOR),
)
_OF_MINISTRIES: Final[Mapping[str, int]] = {"ministry": 0, "hr2": 0, "ministry2": 1}
"""Who belongs to the first ministry, and who to the second."""
_FIRST_MINISTRIES: Final = ("21000", "11000")
"""Public Health and Digital Economy, where they are kept."""


def seed_demo_accounts(session: Session) -> list[DemoAccount]:
    """Make the demonstration's accounts where they are missing, and list them all.

    Its ministry planners belong to two ministries, and are left out where there is none for them; the second of human
    resources belongs to the first of these. Accounts that exist stay as they are. Never for a real installation.
    """
    ministries = session.scalars(select(Ministry).order_by(Ministry.code.not_in(_FIRST_MINISTRIES), Ministry.code))
    found = sorted(ministries.fetchmany(2), key=lambda ministry: ministry.code != _FIRST_MINISTRIES[0])
    homes = {name: found[nth] for name, nth in _OF_MINISTRIES.items() if nth < len(found)}
    present = set(session.scalars(select(User.username)))
    accounts = []
    for username, password, full_name, role in _ACCOUNTS:
        home = homes.get(username)
        if username in _OF_MINISTRIES and home is None:
            continue
        accounts.append(DemoAccount(username, password, full_name, role, home.code if home else None))
        if username not in present:
            session.add(
                User(
                    username=username,
                    full_name=full_name,
                    password_hash=hash_password(password),
                    role=role,
                    ministry=home,
                )
            )
    session.flush()
    return accounts
