"""Signing in, being locked out, and the accounts of the demonstration."""

import datetime as dt

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from models import Role, User
from planner.services.accounts import (
    FAILURES_ALLOWED,
    LOCKED_FOR,
    SignInError,
    hash_password,
    load_actor,
    seed_demo_accounts,
    set_language,
    sign_in,
)

NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
PASSWORD = "wat-pho-sunrise-7"


@pytest.fixture
def user(session) -> User:
    user = User(username="somchai", full_name="สมชาย", password_hash=hash_password(PASSWORD), role=Role.DE_PLANNER)
    session.add(user)
    session.commit()
    return user


def fail(session, times, now=NOW, username="somchai"):
    for _ in range(times):
        with pytest.raises(SignInError):
            sign_in(session, username, "wrong", now)
        session.commit()


def test_name_and_password_let_a_person_in(session, user):
    actor = sign_in(session, " Somchai ", PASSWORD, NOW)
    assert (actor.user_id, actor.role, actor.language, actor.ministry_code) == (user.id, Role.DE_PLANNER, "th", None)
    assert load_actor(session, user.id) == actor


def test_passwords_are_kept_as_argon2id(user):
    assert user.password_hash.startswith("$argon2id$")
    assert PASSWORD not in user.password_hash


def test_an_unknown_name_is_refused_in_the_same_words(session, user):
    with pytest.raises(SignInError) as unknown:
        sign_in(session, "nobody", PASSWORD, NOW)
    with pytest.raises(SignInError) as wrong:
        sign_in(session, "somchai", "wrong", NOW)
    assert unknown.value.message == wrong.value.message
    assert unknown.value.status == 401


def test_five_failures_lock_the_account_and_time_opens_it(session, user):
    fail(session, FAILURES_ALLOWED)
    with pytest.raises(SignInError):
        sign_in(session, "somchai", PASSWORD, NOW + LOCKED_FOR - dt.timedelta(seconds=1))
    assert sign_in(session, "somchai", PASSWORD, NOW + LOCKED_FOR).username == "somchai"


def test_failures_while_locked_do_not_lock_for_longer(session, user):
    fail(session, FAILURES_ALLOWED)
    fail(session, FAILURES_ALLOWED, NOW + LOCKED_FOR / 2)
    assert sign_in(session, "somchai", PASSWORD, NOW + LOCKED_FOR)


def test_a_success_forgets_the_failures(session, user):
    fail(session, FAILURES_ALLOWED - 1)
    sign_in(session, "somchai", PASSWORD, NOW)
    fail(session, FAILURES_ALLOWED - 1)
    assert sign_in(session, "somchai", PASSWORD, NOW)


def test_a_disabled_account_is_nobody(session, user):
    user.active = False
    session.commit()
    with pytest.raises(SignInError):
        sign_in(session, "somchai", PASSWORD, NOW)
    assert load_actor(session, user.id) is None
    assert load_actor(session, user.id + 1) is None


def test_a_hash_of_weaker_parameters_is_renewed_at_sign_in(session, user):
    user.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    session.commit()
    sign_in(session, "somchai", PASSWORD, NOW)
    assert "m=65536" in user.password_hash


def test_the_language_stays_with_the_person(session, user):
    actor = sign_in(session, "somchai", PASSWORD, NOW)
    set_language(session, actor, "en")
    session.commit()
    assert load_actor(session, user.id).language == "en"
    with pytest.raises(ValueError, match="'fr'"):
        set_language(session, actor, "fr")


def test_the_demonstration_has_an_account_for_every_role_once(session, small_world):
    small_world(session)
    accounts = seed_demo_accounts(session)
    session.commit()
    assert sorted(account.role for account in accounts) == sorted(Role)
    assert seed_demo_accounts(session) == accounts
    assert session.scalar(select(func.count()).select_from(User)) == len(Role)
    for account in accounts:
        actor = sign_in(session, account.username, account.password, NOW)
        assert (actor.role, actor.ministry_code) == (account.role, account.ministry_code)
    assert {account.ministry_code for account in accounts} == {None, "21000"}


def test_without_a_ministry_there_is_no_ministry_planner(session):
    assert Role.MINISTRY_PLANNER not in {account.role for account in seed_demo_accounts(session)}
