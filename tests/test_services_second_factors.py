"""Second factors: set up, asked for, each code once, recovery codes, lock-out, removal and reset."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from sqlalchemy import delete, func, select, update

from models import AuditEntry, RecoveryCode, Role, SecondFactor, SignIn, User
from planner.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from planner.sealing import SEAL, Seal, SealError
from planner.services import second_factors, second_steps
from planner.services.accounts import load_actor
from planner.services.attempts import FAILURES_ALLOWED, FAILURES_IN_ALL, LOCKED_FOR
from planner.services.passwords import hash_password
from planner.services.permissions import OPERATOR
from planner.services.second_factors import WrongCodeError
from planner.services.second_steps import PENDING_FOR, NothingPendingError
from planner.services.sign_ins import Client, Credentials, Lifetimes, SignInError, list_sign_ins, resume, sign_in

NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
STEP = dt.timedelta(seconds=30)
PASSWORD = "wat-pho-sunrise-7"
HOME = Client("10.1.2.3", "Firefox")
LIFETIMES = Lifetimes(idle=dt.timedelta(hours=1), absolute=dt.timedelta(hours=8))


@pytest.fixture
def sealed(sessions):
    """The factory of sessions that know the seal."""
    sessions.configure(info={SEAL: Seal(["the key of these tests"])})
    return sessions


@pytest.fixture
def somchai(sealed):
    """Who an account with a password is."""
    with sealed.begin() as session:
        user = User(username="somchai", full_name="สมชาย", password_hash=hash_password(PASSWORD), role=Role.MANAGER)
        session.add(user)
        session.flush()
        return load_actor(session, user.id)


class App:
    """A phone with an app: the secret that was scanned, and the recovery codes beside it."""

    def __init__(self, secret: str, codes: tuple[str, ...]) -> None:
        self.totp, self.codes = pyotp.TOTP(secret), codes

    def code(self, now: dt.datetime = NOW) -> str:
        return self.totp.at(now)


@pytest.fixture
def app(sealed, somchai) -> App:
    """The app with which somchai set a second factor up, five minutes ago."""
    before = NOW - 10 * STEP
    with sealed.begin() as session:
        proposal = second_factors.propose(session, somchai, None)
        codes = second_factors.enrol(session, somchai, proposal.sealed, pyotp.TOTP(proposal.secret).at(before), before)
    return App(proposal.secret, codes)


@pytest.fixture
def enter(sealed):
    def enter(now=NOW, second_factor=(), password=PASSWORD) -> str:
        return sign_in(sealed, Credentials("somchai", password), HOME, LIFETIMES, now, second_factor=second_factor)

    return enter


@pytest.fixture
def give(sealed):
    def give(token, code, now=NOW):
        return second_steps.give_code(sealed, token, code, HOME, now)

    return give


def who(sessions, token):
    with sessions.begin() as session:
        found = resume(session, token, HOME, LIFETIMES, NOW)
    return found.actor.username if found else None


def actions(sessions) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.position)))


def test_the_password_alone_opens_nothing(sealed, app, enter, give, somchai):
    token = enter()
    assert who(sealed, token) is None
    with sealed() as session:
        assert list_sign_ins(session, somchai.user_id, LIFETIMES, NOW) == ()
    whole = give(token, app.code()).token
    assert who(sealed, whole) == "somchai"
    assert who(sealed, token) is None  # the one before the second step opens nothing after it either
    assert actions(sealed) == ["second_factor_set", "signed_in"]


def test_without_a_second_factor_nothing_is_asked(sealed, somchai, enter):
    assert who(sealed, enter()) == "somchai"


def test_a_role_that_needs_one_sets_it_up_first(sealed, somchai, enter):
    token = enter(second_factor={Role.MANAGER})
    assert who(sealed, token) is None
    with sealed.begin() as session:
        assert second_steps.find_pending(session, token, NOW) == second_steps.Pending(somchai, enrolled=False)
        proposal = second_factors.propose(session, somchai, None)
        code = pyotp.TOTP(proposal.secret).at(NOW)
        whole = second_steps.set_up(session, token, HOME, NOW, sealed=proposal.sealed, code=code)
    assert who(sealed, whole.token) == "somchai"
    assert len(set(whole.codes)) == second_factors.CODES
    assert who(sealed, enter(second_factor={Role.ADMINISTRATOR})) is None  # it has one now, whatever roles need


def test_who_needs_one_does_not_get_by_with_a_code_of_none(sealed, somchai, enter, give):
    token = enter(second_factor={Role.MANAGER})
    with pytest.raises(NothingPendingError):
        give(token, "000000")


def test_a_code_works_once(sealed, app, enter, give):
    give(enter(), app.code())
    with pytest.raises(WrongCodeError):
        give(enter(), app.code())
    give(enter(), app.code(NOW + STEP))  # a clock that is ahead
    with pytest.raises(WrongCodeError):
        give(enter(), app.code())  # an earlier one, after a later one was taken


def test_the_code_of_the_setting_up_is_used_too(sealed, somchai, enter, give):
    with sealed.begin() as session:
        proposal = second_factors.propose(session, somchai, None)
        code = pyotp.TOTP(proposal.secret).at(NOW)
        second_factors.enrol(session, somchai, proposal.sealed, code, NOW)
    with pytest.raises(WrongCodeError):
        give(enter(), code)


def test_a_clock_may_be_half_a_minute_off(app, enter, give):
    for shift in (-2, 2):
        with pytest.raises(WrongCodeError):
            give(enter(), app.code(NOW + shift * STEP))
    for shift in (-1, 0, 1):
        assert give(enter(), app.code(NOW + shift * STEP))


def test_many_at_once_use_a_code_once(sealed, app, enter):
    tokens = [enter() for _ in range(4)]

    def try_it(token):
        try:
            return second_steps.give_code(sealed, token, app.code(), HOME, NOW)
        except WrongCodeError:
            return None

    with ThreadPoolExecutor(4) as pool:
        assert sum(done is not None for done in pool.map(try_it, tokens)) == 1


def test_a_code_is_read_however_it_is_written(app, enter, give):
    thai = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
    ways = (str, lambda code: f" {code}\n", lambda code: f"{code[:3]} {code[3:]}", lambda code: code.translate(thai))
    for nth, write in enumerate(ways):
        now = NOW + nth * STEP
        assert give(enter(now), write(app.code(now)), now)


def test_what_is_no_code_is_a_wrong_one(sealed, app, enter, give):
    for code in ("", "12345", "1234567", "abcdef", "０１２３４５", "\0", "x" * 10_000, "-" * 10):
        with pytest.raises(WrongCodeError):
            give(enter(), code)
        with sealed.begin() as session:
            session.execute(update(User).values(failed_sign_ins=0, locked_until=None))


def test_a_recovery_code_works_once_however_it_is_written(sealed, app, enter, give, somchai):
    give(enter(), app.codes[0].lower().replace("-", " "))
    with pytest.raises(WrongCodeError):
        give(enter(), app.codes[0])
    with sealed() as session:
        assert second_factors.load_standing(session, somchai.user_id).codes == second_factors.CODES - 1
    assert "recovery_code_used" in actions(sealed)


def test_somebody_elses_codes_are_wrong(sealed, app, enter, give):
    with sealed.begin() as session:
        other = User(username="malee", full_name="มาลี", role=Role.MANAGER)
        session.add(other)
        session.flush()
        malee = load_actor(session, other.id)
        proposal = second_factors.propose(session, malee, None)
        codes = second_factors.enrol(session, malee, proposal.sealed, pyotp.TOTP(proposal.secret).at(NOW), NOW)
    for code in (codes[0], pyotp.TOTP(proposal.secret).at(NOW + STEP)):
        with pytest.raises(WrongCodeError):
            give(enter(), code)


def test_neither_secret_nor_recovery_codes_lie_open(sealed, app):
    with sealed() as session:
        kept = session.scalars(select(SecondFactor)).one()
        hashes = list(session.scalars(select(RecoveryCode.code_hash)))
    assert app.totp.secret not in kept.secret
    assert not {code.replace("-", "") for code in app.codes} & set(hashes)


def test_another_key_opens_no_secret(sealed, app, enter, give):
    sealed.configure(info={SEAL: Seal(["another key"])})
    with pytest.raises(SealError):
        give(enter(), app.code())
    assert give(enter(), app.codes[0])  # recovery codes need no key


def test_one_persons_sealed_secret_is_of_no_use_to_another(sealed, app, somchai):
    with sealed.begin() as session:
        kept = session.scalars(select(SecondFactor.secret)).one()
        malee = User(username="malee", full_name="มาลี", role=Role.MANAGER)
        session.add(malee)
        session.flush()
        assert second_factors.propose(session, load_actor(session, malee.id), kept).secret != app.totp.secret
        assert second_factors.propose(session, somchai, kept).secret == app.totp.secret


def wrong(enter, give, times, now=NOW):
    for _ in range(times):
        with pytest.raises(WrongCodeError):
            give(enter(now=now), "000000", now)


def test_wrong_codes_lock_although_the_password_is_right_every_time(sealed, app, enter, give):
    wrong(enter, give, FAILURES_ALLOWED)
    with pytest.raises(SignInError):
        enter()
    later = NOW + LOCKED_FOR + STEP
    assert give(enter(now=later), app.code(later), later)
    with sealed() as session:
        assert session.execute(select(User.failed_sign_ins, User.locked_until)).one() == (0, None)


def test_a_right_password_takes_back_its_own_attempt_alone(sealed, app, enter, give):
    wrong(enter, give, FAILURES_ALLOWED - 1)
    for _ in range(3):
        enter()
    with sealed() as session:
        assert session.execute(select(User.failed_sign_ins, User.locked_until)).one() == (FAILURES_ALLOWED - 1, None)


def test_a_code_is_not_even_looked_at_while_the_account_is_locked(sealed, app, enter, give):
    token = enter()
    with sealed.begin() as session:
        session.execute(update(User).values(failed_sign_ins=FAILURES_IN_ALL))
    with pytest.raises(WrongCodeError):
        give(token, app.code())


def test_the_second_step_must_be_taken_in_time(sealed, app, enter, give):
    token = enter()
    with pytest.raises(NothingPendingError):
        give(token, app.code(NOW + PENDING_FOR), NOW + PENDING_FOR)


def test_a_disabled_account_does_not_get_by_the_second_step(sealed, app, enter, give):
    token = enter()
    with sealed.begin() as session:
        session.execute(update(User).values(active=False))
    with pytest.raises(NothingPendingError):
        give(token, app.code())


def test_nothing_waits_under_another_token(app, give):
    for token in (None, "", "no such token"):
        with pytest.raises(NothingPendingError):
            give(token, app.code())


def test_a_whole_sign_in_does_not_wait(sealed, app, enter, give):
    whole = give(enter(), app.code()).token
    with pytest.raises(NothingPendingError):
        give(whole, app.code(NOW + STEP))


def test_a_wrong_first_code_sets_nothing_up(sealed, somchai):
    with sealed.begin() as session:
        proposal = second_factors.propose(session, somchai, None)
        with pytest.raises(InvalidInputError) as caught:
            second_factors.enrol(session, somchai, proposal.sealed, "000000", NOW)
    assert [(fault.address, fault.code) for fault in caught.value.faults] == [("code", "wrong")]
    with sealed() as session:
        assert session.scalar(select(func.count()).select_from(SecondFactor)) == 0


def test_there_is_one_second_factor(sealed, app, somchai):
    with sealed.begin() as session:
        proposal = second_factors.propose(session, somchai, None)
        with pytest.raises(ConflictError):
            second_factors.enrol(session, somchai, proposal.sealed, pyotp.TOTP(proposal.secret).at(NOW), NOW)


def test_removing_needs_a_code_and_signs_out_everywhere(sealed, app, enter, give, somchai):
    whole = give(enter(), app.code()).token
    with pytest.raises(WrongCodeError):
        second_factors.remove(sealed, somchai, "000000", HOME, NOW)
    assert who(sealed, whole) == "somchai"
    second_factors.remove(sealed, somchai, app.codes[0], HOME, NOW)
    assert who(sealed, whole) is None
    assert who(sealed, enter()) == "somchai"
    with sealed() as session:
        assert session.scalar(select(func.count()).select_from(RecoveryCode)) == 0


def test_new_recovery_codes_take_the_place_of_the_old(sealed, app, somchai, enter, give):
    codes = second_factors.renew_codes(sealed, somchai, app.code(), HOME, NOW)
    assert not set(codes) & set(app.codes)
    with pytest.raises(WrongCodeError):
        give(enter(), app.codes[0])
    assert give(enter(), codes[0])


def test_who_has_none_gets_no_recovery_codes(sealed, somchai):
    with pytest.raises(WrongCodeError):
        second_factors.renew_codes(sealed, somchai, "000000", HOME, NOW)


def test_an_administrator_resets_one_and_the_person_is_signed_out(sealed, app, enter, somchai, person):
    whole = second_steps.give_code(sealed, enter(), app.code(), HOME, NOW).token
    admin = person(Role.ADMINISTRATOR)
    with sealed.begin() as session:
        with pytest.raises(ForbiddenError):
            second_factors.reset(session, somchai, "somchai")
        second_factors.reset(session, admin, "somchai")
        with pytest.raises(ConflictError):
            second_factors.reset(session, OPERATOR, "somchai")
        with pytest.raises(NotFoundError):
            second_factors.reset(session, OPERATOR, "nobody")
    assert who(sealed, whole) is None
    assert who(sealed, enter()) == "somchai"
    assert actions(sealed)[-2:] == ["second_factor_reset", "signed_in"]


def test_how_things_stand(sealed, somchai, app):
    with sealed.begin() as session:
        standing = second_factors.load_standing(session, somchai.user_id)
        assert standing == second_factors.Standing(NOW - 10 * STEP, second_factors.CODES, passwords=True)
        session.execute(delete(SecondFactor))
        session.execute(update(User).values(password_hash=None))
        assert second_factors.load_standing(session, somchai.user_id) == second_factors.Standing(None, 0, False)


def test_a_changed_password_ends_what_waits(sealed, app, enter, give, somchai):
    token = enter()
    with sealed.begin() as session:
        session.execute(delete(SignIn).where(SignIn.user_id == somchai.user_id))
    with pytest.raises(NothingPendingError):
        give(token, app.code())
