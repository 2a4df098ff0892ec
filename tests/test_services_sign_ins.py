"""Signing in, being locked out, and the sign-ins that a person can list and end."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, update

from models import AddressFailures, AuditEntry, Role, SignIn, User
from planner.errors import NotFoundError
from planner.services import attempts
from planner.services.attempts import FAILURES_ALLOWED, LOCKED_FOR, TooManyAttemptsError
from planner.services.ending import sign_out_everywhere
from planner.services.passwords import hash_password
from planner.services.sign_ins import (
    SEEN_EVERY,
    Client,
    Credentials,
    Lifetimes,
    SignInError,
    end_sign_in,
    list_sign_ins,
    resume,
    sign_in,
)

NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
PASSWORD = "wat-pho-sunrise-7"
PASSWORD_HASH = hash_password(PASSWORD)
HOME = Client("10.1.2.3", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
AWAY = Client("2001:db8::7", "Mozilla/5.0 (iPhone) Safari/604.1")
LIFETIMES = Lifetimes(idle=dt.timedelta(hours=1), absolute=dt.timedelta(hours=8))
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def user(sessions) -> int:
    with sessions.begin() as session:
        session.add_all(
            User(username=name, full_name=name, password_hash=PASSWORD_HASH, role=Role.DE_PLANNER)
            for name in ("somchai", "malee")
        )
    with sessions() as session:
        return session.scalars(select(User.id).where(User.username == "somchai")).one()


@pytest.fixture
def enter(sessions, user):
    def enter(username="somchai", password=PASSWORD, client=HOME, now=NOW) -> str:
        return sign_in(sessions, Credentials(username, password), client, LIFETIMES, now)

    return enter


@pytest.fixture
def who(sessions):
    def who(token, now=NOW, client=HOME):
        with sessions.begin() as session:
            return resume(session, token, client, LIFETIMES, now)

    return who


@pytest.fixture
def fail(enter):
    def fail(times, now=NOW, username="somchai", client=HOME):
        for _ in range(times):
            with pytest.raises(SignInError):
                enter(username, "wrong", client, now)

    return fail


def log(sessions) -> list[tuple[str, str, str, str]]:
    with sessions() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.position))
        return [(entry.actor, entry.action, entry.subject, entry.note) for entry in entries]


def test_name_and_password_let_a_person_in(enter, who, user):
    found = who(enter(" Somchai "))
    assert (found.actor.user_id, found.actor.role, found.actor.language) == (user, Role.DE_PLANNER, "th")


def test_the_token_itself_is_kept_nowhere(sessions, enter):
    token = enter()
    with sessions() as session:
        kept = session.scalars(select(SignIn)).one()
        assert token not in {kept.token_hash, kept.device, kept.address}
    assert token not in str(log(sessions))


def test_every_token_is_another(enter, who):
    first, second = enter(), enter()
    assert first != second
    assert who(first).number != who(second).number
    assert who(first + "x") is None


def test_an_unknown_name_is_refused_in_the_same_words(enter):
    with pytest.raises(SignInError) as unknown:
        enter("nobody")
    with pytest.raises(SignInError) as wrong:
        enter(password="wrong")
    assert unknown.value.message == wrong.value.message
    assert unknown.value.status == 401


def test_an_unknown_name_costs_a_hash_as_a_known_one_does(enter, monkeypatch):
    checked = []
    verify = PasswordHasher.verify

    def note(self, password_hash, password):
        checked.append(password_hash)
        return verify(self, password_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", note)
    for name in ("somchai", "nobody"):
        with pytest.raises(SignInError):
            enter(name, "wrong")
    assert len(checked) == 2


def test_five_failures_lock_the_account_and_time_opens_it(enter, fail):
    fail(FAILURES_ALLOWED)
    with pytest.raises(SignInError):
        enter(now=NOW + LOCKED_FOR - SECOND)
    assert enter(now=NOW + LOCKED_FOR)


def test_another_account_is_not_locked_with_it(enter, fail):
    fail(FAILURES_ALLOWED)
    assert enter("malee")


def test_failures_while_locked_do_not_lock_for_longer(enter, fail):
    fail(FAILURES_ALLOWED)
    fail(FAILURES_ALLOWED, NOW + LOCKED_FOR / 2)
    assert enter(now=NOW + LOCKED_FOR)


def test_a_success_forgets_the_failures(enter, fail):
    fail(FAILURES_ALLOWED - 1)
    enter()
    fail(FAILURES_ALLOWED - 1)
    assert enter()


def test_a_hundred_failures_in_a_row_lock_until_somebody_unlocks(sessions, enter, fail, user):
    with sessions.begin() as session:
        session.execute(update(User).values(failed_sign_ins=attempts.FAILURES_IN_ALL - 1))
    fail(1)
    with pytest.raises(SignInError):
        enter(now=NOW + dt.timedelta(days=365))


def test_many_attempts_at_once_are_all_counted(sqlite_engine, sessions, enter):
    """Each is counted before its password is looked at: no more than the allowed ones learn anything."""

    def attempt(_number):
        try:
            enter(password="wrong")
        except SignInError:
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, range(12)))
    with sessions() as session:
        failures = session.scalars(select(User.failed_sign_ins).where(User.username == "somchai")).one()
        assert failures == FAILURES_ALLOWED
        assert session.scalars(select(AddressFailures.failures)).one() == 12


def test_an_address_that_fails_too_often_has_to_wait_whatever_the_name(sessions, enter, user):
    with sessions.begin() as session:
        session.add(AddressFailures(address=HOME.address, failures=attempts.ADDRESS_FAILURES_ALLOWED - 1, since=NOW))
    with pytest.raises(SignInError):
        enter("nobody")
    with pytest.raises(TooManyAttemptsError) as refused:
        enter("malee")
    assert refused.value.status == 429
    assert enter("malee", client=AWAY)
    assert enter("malee", now=NOW + attempts.ADDRESS_WINDOW)


def test_people_who_sign_in_well_do_not_wear_out_their_address(sessions, enter, fail):
    fail(3)
    for _ in range(3):
        enter()
    with sessions() as session:
        assert session.scalars(select(AddressFailures.failures)).one() == 3


def test_addresses_are_forgotten_when_their_failures_no_longer_count(sessions, enter, fail):
    fail(1, client=AWAY)
    enter(now=NOW + attempts.ADDRESS_WINDOW)
    with sessions() as session:
        assert session.scalars(select(AddressFailures.address)).all() == [HOME.address]


@pytest.mark.parametrize("values", [{"active": False}, {"password_hash": None}])
def test_a_disabled_or_invited_account_is_nobody(sessions, enter, values):
    with sessions.begin() as session:
        session.execute(update(User).values(values))
    with pytest.raises(SignInError):
        enter()


@pytest.mark.usefixtures("costly_passwords")
def test_a_hash_of_weaker_parameters_is_renewed_at_sign_in(sessions, enter):
    with sessions.begin() as session:
        weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        session.execute(update(User).values(password_hash=weak))
    enter()
    with sessions() as session:
        assert "m=65536" in session.scalars(select(User.password_hash).where(User.username == "somchai")).one()
    assert enter()


def test_the_log_tells_of_successes_and_failures_without_secrets(sessions, enter, fail):
    enter()
    fail(1)
    fail(1, username="a password typed as a name")
    assert log(sessions) == [
        ("somchai", "signed_in", "account:somchai", HOME.address),
        ("", "sign_in_failed", "account:somchai", HOME.address),
        ("", "sign_in_failed", f"address:{HOME.address}", HOME.address),
    ]


def test_a_sign_in_ends_when_idle(enter, who):
    token = enter()
    assert who(token, NOW + LIFETIMES.idle - SECOND)
    assert who(token, NOW + 2 * LIFETIMES.idle - 2 * SECOND)
    assert who(token, NOW + 3 * LIFETIMES.idle) is None


def test_a_sign_in_ends_however_busy(enter, who):
    token, now = enter(), NOW
    while now < NOW + LIFETIMES.absolute - LIFETIMES.idle / 2:
        assert who(token, now)
        now += LIFETIMES.idle / 2
    assert who(token, NOW + LIFETIMES.absolute) is None


def test_what_is_over_is_cleared_away_at_the_next_sign_in(sessions, enter):
    enter()
    enter("malee", now=NOW + LIFETIMES.idle)
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 1


def test_a_person_sees_where_they_are_signed_in(sessions, enter, who, user):
    enter()
    phone = enter(client=AWAY, now=NOW + SECOND)
    enter("malee")
    later = NOW + SECOND + SEEN_EVERY
    who(phone, later, Client("10.9.9.9", AWAY.device))
    with sessions() as session:
        listed = list_sign_ins(session, user, LIFETIMES, later)
    assert [(entry.address, entry.device, entry.last_seen_at) for entry in listed] == [
        ("10.9.9.9", AWAY.device, later),
        (HOME.address, HOME.device, NOW),
    ]


def test_reading_pages_does_not_write_each_time(sessions, enter, count_queries):
    token = enter()
    with count_queries() as statements, sessions.begin() as session:
        resume(session, token, HOME, LIFETIMES, NOW + SEEN_EVERY - SECOND)
    assert len(statements) == 1


def test_one_browser_can_be_signed_out(sessions, enter, who):
    laptop, phone = enter(), enter(client=AWAY)
    with sessions.begin() as session:
        end_sign_in(session, who(laptop).actor, who(phone).number)
    assert who(phone) is None
    assert who(laptop)
    assert log(sessions)[-1] == ("somchai", "signed_out", "account:somchai", AWAY.address)


def test_somebody_elses_browser_cannot(sessions, enter, who):
    mine, hers = enter(), enter("malee")
    for number in (who(hers).number, 10_000):
        with pytest.raises(NotFoundError), sessions.begin() as session:
            end_sign_in(session, who(mine).actor, number)
    assert who(hers)


def test_signing_out_everywhere_ends_all_of_ones_own(sessions, enter, who):
    mine, hers = [enter(), enter(client=AWAY)], enter("malee")
    with sessions.begin() as session:
        sign_out_everywhere(session, who(mine[0]).actor)
    assert [who(token) for token in mine] == [None, None]
    assert who(hers)


def test_a_disabled_account_is_out_at_once(sessions, enter, who):
    token = enter()
    with sessions.begin() as session:
        session.execute(update(User).values(active=False))
    assert who(token) is None


def test_a_password_shows_in_no_representation():
    assert PASSWORD not in repr(Credentials("somchai", PASSWORD))
