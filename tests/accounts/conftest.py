"""An administrator, somebody who was invited, and what people come in with."""

import pytest
from account_people import CLIENT, LIFETIMES, NOW, PASSWORD, PASSWORD_HASH, PLANNER
from sqlalchemy import select

from models import Role, User
from planner.services import accounts, invitations
from planner.services.accounts import load_actor
from planner.services.sign_ins import Credentials, sign_in
from planner.services.tokens import NewToken, issue_token


@pytest.fixture
def admin(world):
    with world.begin() as session:
        user = User(username="admin", full_name="ผู้ดูแล", password_hash=PASSWORD_HASH, role=Role.ADMINISTRATOR)
        session.add(user)
        session.flush()
        return load_actor(session, user.id)


@pytest.fixture
def invite(world, admin):
    def invite(username="malee", given=PLANNER, now=NOW) -> str:
        with world.begin() as session:
            return accounts.invite(session, admin, username, given, now).token

    return invite


@pytest.fixture
def malee(world, invite):
    """An account that has accepted its invitation."""
    token = invite()
    with world.begin() as session:
        invitations.accept_link(session, token, PASSWORD, NOW)
    with world() as session:
        return load_actor(session, session.scalars(select(User.id).where(User.username == "malee")).one())


@pytest.fixture
def enter(world):
    def enter(username="malee", password=PASSWORD, now=NOW) -> str:
        return sign_in(world, Credentials(username, password), CLIENT, LIFETIMES, now)

    return enter


@pytest.fixture
def token(world):
    def token(owner) -> str:
        with world.begin() as session:
            return issue_token(session, owner, NewToken("report", 30, ("requirements:read",)), NOW)

    return token
