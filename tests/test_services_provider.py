"""Speaking with a provider: what is believed of its answers, and what is not."""

import base64
import hmac
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from providers import CLIENT, SECRET, Liar, lying_provider

from models import Role
from planner.cli.doctor.findings import Verdict
from planner.cli.doctor.network import check_provider
from planner.config import Settings
from planner.services import provider
from planner.services.provider import AWAY_FOR, KEPT_FOR, LEEWAY, Claims, NotReturnedError, Provider, ProviderError
from planner.ways_in import Grant, ProviderSettings, WaysIn

BACK = "https://planner.example.go.th/sign-in/provider/back"
PATHS = ("/.well-known/openid-configuration", "/token", "/keys")


@pytest.fixture(scope="module")
def server() -> Iterator[Liar]:
    with lying_provider() as liar:
        yield liar


@pytest.fixture
def liar(server: Liar) -> Liar:
    """The provider, honest again."""
    server.claims = {"sub": "s-1", "name": "สมศรี", "groups": ["auditors"]}
    server.metadata, server.userinfo, server.replies, server.raw_token, server.asked = {}, {}, {}, None, []
    return server


@pytest.fixture
def settings(liar: Liar) -> ProviderSettings:
    grants = {"auditors": Grant(Role.AUDITOR)}
    return ProviderSettings(liar.issuer, CLIENT, "https://planner.example.go.th", SECRET, groups=grants)


@pytest.fixture
def come(liar: Liar, settings: ProviderSettings):
    """Goes to the provider and comes back; `change` is what stands in the address otherwise."""
    ours = Provider(settings)

    def come(**change: str) -> Claims:
        address, journey = ours.begin(BACK)
        return ours.finish(journey, {**liar.sign_in(address), **change}, BACK)

    return come


def test_who_signed_in_at_the_provider_is_known(liar, come):
    liar.claims |= {"preferred_username": "somsri", "email": " s@example.go.th ", "email_verified": True}
    assert come() == Claims("s-1", "สมศรี", "somsri", "s@example.go.th", ("auditors",))
    assert liar.asked == list(PATHS)
    assert "client_secret" not in liar.sent


def test_discovery_and_keys_are_read_once_an_hour(liar, come, monkeypatch):
    come()
    come()
    assert liar.asked == [*PATHS, "/token"]
    later = time.monotonic() + KEPT_FOR + 1
    monkeypatch.setattr(provider.time, "monotonic", lambda: later)
    come()
    assert liar.asked == [*PATHS, "/token", *PATHS]


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(liar, come):
    liar.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert come().subject == "s-1"
    assert liar.sent["client_secret"] == SECRET


def test_a_client_without_a_secret_proves_itself_by_the_verifier(liar, settings):
    ours = Provider(replace(settings, client_secret=""))
    address, journey = ours.begin(BACK)
    with pytest.raises(ProviderError):  # this provider knows no public clients
        ours.finish(journey, liar.sign_in(address), BACK)
    assert liar.sent["client_id"] == CLIENT
    assert liar.sent["code_verifier"] == journey.verifier


@pytest.mark.parametrize("late", [0, LEEWAY // 2])
def test_a_clock_may_be_a_little_off(liar, come, late):
    liar.claims |= {"exp": int(time.time()) - late + 1, "iat": int(time.time()) + late}
    assert come().subject == "s-1"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another browser's"},
        {"nonce": None},
        {"iss": "https://login.example.org"},
        {"iss": None},
        {"aud": "another-application", "azp": CLIENT},
        {"aud": ["another-application"]},
        {"aud": None},
        {"azp": "another-application"},
        {"exp": -10 * LEEWAY},
        {"exp": "soon"},
        {"exp": None},
        {"iat": 10 * LEEWAY},
        {"nbf": 10 * LEEWAY},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "s" * 256},
        {"at_hash": "of-another-token"},
    ],
    ids=lambda claims: next(iter(claims)),
)
def test_a_token_that_is_not_for_us_is_not_believed(liar, come, claims):
    """Times are in seconds from now."""
    now = int(time.time())
    liar.claims |= {name: now + each if type(each) is int and name != "sub" else each for name, each in claims.items()}
    with pytest.raises(ProviderError):
        come()


def forged(liar: Liar, algorithm: str) -> str:
    """A token with the right claims, as somebody would make it who has but the provider's public key."""
    header = {"alg": algorithm, "kid": liar.key.kid}
    if algorithm == "RS256":
        return jwt.encode(header, liar.whole_claims(), RSAKey.generate_key(2048))
    signed = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (header, liar.whole_claims())
    )
    mac = hmac.digest(liar.key.as_pem(private=False), signed.encode(), "sha256") if algorithm == "HS256" else b""
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.mark.parametrize("algorithm", ["RS256", "HS256", "none"])
def test_a_token_that_the_provider_did_not_sign_is_not_believed(liar, settings, algorithm):
    ours = Provider(settings)
    address, journey = ours.begin(BACK)
    returned = liar.sign_in(address)
    liar.raw_token = forged(liar, algorithm)
    with pytest.raises(ProviderError):
        ours.finish(journey, returned, BACK)
    liar.raw_token = None
    assert ours.finish(journey, returned, BACK).subject == "s-1"


@pytest.mark.parametrize("token", ["", "a.b.c", "no token", "eyJhbGciOiJSUzI1NiJ9..", "ก"])
def test_what_is_no_token_is_not_believed(liar, come, token):
    liar.raw_token = token
    with pytest.raises(ProviderError):
        come()


def test_a_provider_may_change_its_key(liar, come):
    come()
    liar.key = liar.published = RSAKey.generate_key(2048, {"kid": "second"}, auto_kid=False)
    assert come().subject == "s-1"


@pytest.mark.parametrize(
    "change",
    [
        {"state": "another"},
        {"state": ""},
        {"state": "ก"},
        {"iss": "https://login.example.org"},
    ],
    ids=str,
)
def test_who_was_not_sent_by_this_browser_is_not_let_in(liar, come, change):
    with pytest.raises(NotReturnedError):
        come(**change)
    assert "/token" not in liar.asked


def test_who_has_no_journey_or_was_refused_is_not_let_in(liar, settings):
    ours = Provider(settings)
    address, journey = ours.begin(BACK)
    returned = liar.sign_in(address)
    with pytest.raises(NotReturnedError):
        ours.finish(None, returned, BACK)
    with pytest.raises(NotReturnedError):
        ours.finish(journey, {"state": returned["state"], "error": "access_denied"}, BACK)
    assert "/token" not in liar.asked


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://login.example.org"},
        {"authorization_endpoint": "http://login.example.org/authorize"},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
    ],
    ids=str,
)
def test_a_provider_that_cannot_be_spoken_with_safely_is_not(liar, come, metadata):
    liar.metadata = metadata
    with pytest.raises(ProviderError):
        come()
    assert "/token" not in liar.asked


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("reply", [(200, b"<html>"), (200, b"[]"), (200, b"null"), (500, b"{}"), (404, b"")], ids=str)
def test_an_answer_that_makes_no_sense_is_told_as_one(liar, come, path, reply):
    liar.replies[path] = reply
    with pytest.raises(ProviderError):
        come()
    liar.replies.clear()
    assert come().subject == "s-1"  # nothing of it was kept


def test_a_provider_that_is_away_is_asked_again_after_a_while(liar, settings, monkeypatch):
    with lying_provider() as gone:
        issuer = gone.issuer
    ours = Provider(replace(settings, issuer=issuer))
    with pytest.raises(ProviderError):
        ours.begin(BACK)
    ours.settings = settings
    with pytest.raises(ProviderError):
        ours.begin(BACK)
    assert liar.asked == []
    later = time.monotonic() + AWAY_FOR
    monkeypatch.setattr(provider.time, "monotonic", lambda: later)
    assert ours.begin(BACK)


def test_the_doctor_asks_the_provider(liar, settings):
    def say(provider: ProviderSettings | None) -> list[tuple[Verdict, str]]:
        planner = Settings("sqlite://", "-", ways_in=WaysIn(provider))
        return [(found.verdict, str(found.message.params.get("reason", ""))) for found in check_provider(planner)]

    assert say(None) == []
    assert say(settings) == [(Verdict.SOUND, "")]
    liar.metadata = {"issuer": "https://login.example.org"}
    assert say(settings) == [
        (Verdict.WRONG, f"its discovery document is that of another issuer than {settings.issuer}")
    ]


def test_groups_may_stand_on_the_page_of_the_person_alone(liar, come):
    del liar.claims["groups"]
    liar.userinfo = {"groups": ["auditors", "everybody"], "name": "another name"}
    found = come()
    assert found.groups == ("auditors", "everybody")
    assert found.name == "สมศรี"
    liar.userinfo["sub"] = "s-2"
    with pytest.raises(ProviderError):
        come()


def test_groups_may_be_one_word_or_none_at_all(liar, come):
    liar.claims["groups"] = "auditors"
    assert come().groups == ("auditors",)
    del liar.claims["groups"]
    assert come().groups == ()


@pytest.mark.parametrize("verified", [None, False, "true", 1])
def test_an_address_that_is_not_verified_is_none(liar, come, verified):
    liar.claims |= {"email": "s@example.go.th", "email_verified": verified}
    assert come().email == ""


def test_the_way_out_leads_over_the_provider_where_it_has_one(liar, settings):
    ours = Provider(settings)
    address = ours.sign_out_address("https://planner.example.go.th/sign-in")
    assert address.startswith(f"{liar.issuer}/end?")
    assert f"client_id={CLIENT}" in address
    liar.metadata = {"end_session_endpoint": None}
    assert Provider(settings).sign_out_address(BACK) is None
    liar.replies[PATHS[0]] = (500, b"")
    assert Provider(settings).sign_out_address(BACK) is None


def test_no_log_holds_a_secret(liar, settings, caplog):
    with caplog.at_level(logging.DEBUG):
        ours = Provider(settings)
        address, journey = ours.begin(BACK)
        returned = liar.sign_in(address)
        ours.finish(journey, returned, BACK)
        liar.claims["nonce"] = "another"
        with pytest.raises(ProviderError):
            ours.finish(journey, returned, BACK)
    told = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "the provider cannot be used" in told
    for secret in (SECRET, "the-code", "the-access-token", journey.verifier, journey.nonce):
        assert secret not in told
    assert journey.verifier not in repr(journey)
