"""What people are told by e-mail of changes in how they sign in."""

import datetime as dt
from collections.abc import Iterable

import pyotp
import pytest
from sqlalchemy import select

from models import Role, User
from planner.mail import MAILER, Mail
from planner.sealing import SEAL, Seal
from planner.services import accounts, alerts, emergencies, invitations, profile, second_factors
from planner.services.accounts import load_actor
from planner.services.arrivals import Arrival, arrive
from planner.services.passwords import hash_password
from planner.services.permissions import OPERATOR
from planner.services.provider import Claims
from planner.services.second_factors import WrongCodeError
from planner.services.sign_ins import Client, Lifetimes
from planner.services.tokens import NewToken, issue_token
from planner.ways_in import Grant, ProviderSettings

NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
HOME = Client("10.1.2.3", "Firefox")
LIFETIMES = Lifetimes(idle=dt.timedelta(hours=1), absolute=dt.timedelta(hours=8))
PASSWORD, NEW = "wat-pho-sunrise-7", "wat-arun-sunset-91"
ADDRESS = "somchai@example.go.th"


class Outbox:
    """Takes the place of the mailer and keeps what is handed over."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    def post(self, mails: Iterable[Mail]) -> None:
        self.sent.extend(mails)

    def told(self) -> list[tuple[str, str]]:
        """Whom it was told, and what, since the last time."""
        names = {words % {"username": "somchai"}: done for done, words in alerts.SENTENCES.items()}
        told = [(mail.to, names[mail.text.partition("\n")[0]]) for mail in self.sent]
        self.sent.clear()
        return told


@pytest.fixture
def outbox(sessions) -> Outbox:
    outbox = Outbox()
    sessions.configure(info={MAILER: outbox, SEAL: Seal(["the key of these tests"])})
    return outbox


@pytest.fixture
def somchai(sessions):
    with sessions.begin() as session:
        user = User(
            username="somchai",
            full_name="สมชาย",
            email=ADDRESS,
            password_hash=hash_password(PASSWORD),
            role=Role.ADMINISTRATOR,
            language="en",
        )
        session.add(user)
        session.flush()
        return load_actor(session, user.id)


def test_a_new_password_is_told_however_it_came(sessions, outbox, somchai):
    given = profile.PasswordChange(PASSWORD, NEW, kept_sign_in=0)
    profile.change_password(sessions, somchai, given, HOME, NOW)
    assert outbox.told() == [(ADDRESS, "password_changed")]
    with sessions.begin() as session:
        link = invitations.issue_link(session, OPERATOR, session.scalars(select(User)).one(), NOW)
        invitations.accept_link(session, link.token, PASSWORD, NOW)
    assert outbox.told() == [(ADDRESS, "password_changed")]


def test_what_was_rolled_back_is_not_told(sessions, outbox, somchai):
    with sessions() as session:
        alerts.tell(session, session.scalars(select(User)).one(), "password_changed")
        session.rollback()
        session.scalars(select(User)).one()
        session.commit()
    assert outbox.told() == []


def test_another_address_is_told_to_the_one_before(sessions, outbox, somchai):
    with sessions.begin() as session:
        profile.save_profile(session, somchai, profile.Profile("สมชาย", "new@example.go.th"))
    assert outbox.told() == [(ADDRESS, "email_changed")]
    with sessions.begin() as session:
        version = session.scalars(select(User.version)).one()
        given = accounts.AccountFields("สมชาย", "newer@example.go.th", "administrator", "")
        accounts.change_account(session, OPERATOR, "somchai", version, given)
    assert outbox.told() == [("new@example.go.th", "email_changed")]
    with sessions.begin() as session:
        profile.save_profile(session, somchai, profile.Profile("สมชาย ใหม่", "newer@example.go.th"))
    assert outbox.told() == []


def test_everything_about_a_second_factor_is_told(sessions, outbox, somchai):
    with sessions.begin() as session:
        proposal = second_factors.propose(session, somchai, None)
        totp = pyotp.TOTP(proposal.secret)
        second_factors.enrol(session, somchai, proposal.sealed, totp.at(NOW), NOW)
    assert outbox.told() == [(ADDRESS, "second_factor_set")]
    with pytest.raises(WrongCodeError):
        second_factors.check_code(sessions, somchai, totp.at(NOW), HOME, NOW)
    assert outbox.told() == [(ADDRESS, "code_repeated")]
    with pytest.raises(WrongCodeError):
        second_factors.check_code(sessions, somchai, "000000", HOME, NOW)
    assert outbox.told() == []
    later = NOW + dt.timedelta(seconds=30)
    codes = second_factors.renew_codes(sessions, somchai, totp.at(later), HOME, NOW)
    assert outbox.told() == [(ADDRESS, "recovery_codes_made")]
    second_factors.remove(sessions, somchai, codes[0], HOME, NOW)
    told = "".join(mail.text for mail in outbox.sent)
    assert not any(code in told for code in codes)
    assert outbox.told() == [(ADDRESS, "recovery_code_used"), (ADDRESS, "second_factor_removed")]
    with sessions.begin() as session:
        second_factors.enrol(session, somchai, proposal.sealed, totp.at(NOW), NOW)
        second_factors.reset(session, OPERATOR, "somchai")
    assert outbox.told() == [(ADDRESS, "second_factor_set"), (ADDRESS, "second_factor_reset")]


def test_a_token_is_told(sessions, outbox, somchai):
    with sessions.begin() as session:
        token = issue_token(session, somchai, NewToken("report", 30, ("audit:read",)), NOW)
    assert token not in outbox.sent[0].text
    assert outbox.told() == [(ADDRESS, "token_issued")]


def test_other_ways_in_are_told(sessions, outbox, somchai):
    with sessions.begin() as session:
        link = emergencies.issue(session, OPERATOR, "somchai", NOW)
        emergencies.enter(session, link.token, HOME, LIFETIMES, NOW)
        session.scalars(select(User)).one().username = ADDRESS
    assert outbox.told() == [(ADDRESS, "emergency_link_used")]
    settings = ProviderSettings("https://login", "planner", "https://planner", groups={"a": Grant(Role.AUDITOR)})
    arrive(sessions, settings, Arrival(Claims("s", "", "", ADDRESS, ("a",)), HOME, NOW), LIFETIMES)
    (mail,) = outbox.sent
    assert mail.text.startswith(f"Your account {ADDRESS} was linked to the account of your organisation.")


def test_it_is_told_in_the_persons_language_and_to_nobody_without_an_address(sessions, outbox, somchai):
    with sessions.begin() as session:
        user = session.scalars(select(User)).one()
        user.language = "th"
        alerts.tell(session, user, "password_changed")
        user.email = None
        alerts.tell(session, user, "second_factor_reset")
        alerts.tell(session, None, "second_factor_reset")
    (mail,) = outbox.sent
    assert mail.text.startswith("รหัสผ่านของบัญชี somchai ของท่านถูกเปลี่ยน\n\nเกิดขึ้นเมื่อ ")
    assert mail.subject == "บัญชีของท่านในระบบวางแผนความจุศูนย์ข้อมูลภาครัฐ"
