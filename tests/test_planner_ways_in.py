"""The settings of the ways in: what they mean, and every fault of theirs at once."""

import json
from pathlib import Path

import pytest

from models import Role
from planner.config import Settings, load_settings
from planner.environment import SettingsError
from planner.ways_in import Grant

PROVIDER = {
    "PLANNER_ADDRESS": "https://planner.example.go.th",
    "PLANNER_OIDC_ISSUER": "https://login.example.go.th/realms/gov",
    "PLANNER_OIDC_CLIENT_ID": "planner",
    "PLANNER_OIDC_CLIENT_SECRET": "a-secret-of-the-client",
    "PLANNER_OIDC_GROUPS": json.dumps(
        {"planner-admins": "administrator", "moph": "ministry_planner/21000", "people": "hr", "moph-hr": "hr/21000"}
    ),
}


@pytest.fixture
def load(tmp_path: Path):
    def load(environ: dict[str, str]) -> Settings:
        return load_settings(environ, tmp_path)

    return load


def faults(load, environ: dict[str, str]) -> set[tuple[str, str]]:
    with pytest.raises(SettingsError) as caught:
        load(environ)
    assert "a-secret-of-the-client" not in str(caught.value)
    return {(fault.address, fault.code) for fault in caught.value.faults}


def test_unless_set_there_are_passwords_and_no_provider(load):
    settings = load({})
    assert settings.ways_in.provider is None
    assert settings.ways_in.passwords
    assert settings.ways_in.second_factor == frozenset()
    assert settings.sealing_keys == (settings.secret_key,)


def test_a_provider_is_read_with_what_its_groups_mean(load):
    provider = load(PROVIDER).ways_in.provider
    assert provider.address == "https://planner.example.go.th"
    assert (provider.scope, provider.groups_claim) == ("openid profile email", "groups")
    assert list(provider.groups.items()) == [
        ("planner-admins", Grant(Role.ADMINISTRATOR)),
        ("moph", Grant(Role.MINISTRY_PLANNER, "21000")),
        ("people", Grant(Role.HR)),
        ("moph-hr", Grant(Role.HR, "21000")),
    ]


def test_no_representation_shows_a_secret(load):
    settings = load({**PROVIDER, "PLANNER_ENCRYPTION_KEYS": "k" * 32})
    assert "a-secret-of-the-client" not in repr(settings)
    assert "k" * 32 not in repr(settings.ways_in)


def test_roles_and_keys_are_lists(load):
    settings = load(
        {"PLANNER_SECOND_FACTOR_ROLES": "administrator, manager", "PLANNER_ENCRYPTION_KEYS": f"{'n' * 32}, {'o' * 32}"}
    )
    assert settings.ways_in.second_factor == {Role.ADMINISTRATOR, Role.MANAGER}
    assert settings.sealing_keys == ("n" * 32, "o" * 32)


def test_passwords_can_be_switched_off_with_a_provider_only(load):
    assert not load({**PROVIDER, "PLANNER_LOCAL_SIGN_IN": "0"}).ways_in.passwords
    assert faults(load, {"PLANNER_LOCAL_SIGN_IN": "0"}) == {("PLANNER_LOCAL_SIGN_IN", "nobody_gets_in")}


def test_everything_that_a_provider_lacks_is_said_at_once(load):
    assert faults(load, {"PLANNER_OIDC_ISSUER": "http://login.example.go.th", "PLANNER_OIDC_SCOPE": "email"}) == {
        ("PLANNER_OIDC_ISSUER", "no_address"),
        ("PLANNER_OIDC_CLIENT_ID", "missing"),
        ("PLANNER_OIDC_SCOPE", "not_openid"),
        ("PLANNER_OIDC_GROUPS", "missing"),
        ("PLANNER_ADDRESS", "missing"),
    }


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1"])
def test_this_very_machine_needs_no_https(load, issuer):
    assert load({**PROVIDER, "PLANNER_OIDC_ISSUER": issuer}).ways_in.provider.issuer == issuer


@pytest.mark.parametrize("issuer", ["login.example.go.th", "ftp://localhost", "https://", "https://[::1", "file:///x"])
def test_an_issuer_that_is_no_safe_address_is_refused(load, issuer):
    assert ("PLANNER_OIDC_ISSUER", "no_address") in faults(load, {**PROVIDER, "PLANNER_OIDC_ISSUER": issuer})


@pytest.mark.parametrize(
    ("groups", "code"),
    [
        ("administrator", "no_mapping"),
        ("[]", "no_mapping"),
        ('{"a": "hr", "a": "manager"}', "no_mapping"),
        ("[" * 100_000, "no_mapping"),
        ('{"a": "king"}', "no_role"),
        ('{"a": "ministry_planner"}', "no_role"),
        ('{"a": "manager/21000"}', "no_role"),
        ('{"a": ["hr"]}', "no_role"),
        ("{}", "missing"),
    ],
)
def test_groups_that_mean_nothing_are_refused(load, groups, code):
    assert ("PLANNER_OIDC_GROUPS", code) in faults(load, {**PROVIDER, "PLANNER_OIDC_GROUPS": groups})


def test_unknown_roles_and_short_keys_are_refused(load):
    environ = {"PLANNER_SECOND_FACTOR_ROLES": "administrator,king", "PLANNER_ENCRYPTION_KEYS": "short"}
    assert faults(load, environ) == {
        ("PLANNER_SECOND_FACTOR_ROLES", "unknown_role"),
        ("PLANNER_ENCRYPTION_KEYS", "weak"),
    }
