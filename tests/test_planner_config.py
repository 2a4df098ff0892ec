import datetime as dt
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from planner.cli import main
from planner.config import known_settings, load_settings
from planner.environment import SettingsError


def test_defaults_live_under_the_instance_folder(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path / "instance")
    assert settings.database_url == f"sqlite:///{tmp_path / 'instance/planner.db'}"
    assert settings.upload_limit == 20 * 1024 * 1024
    assert not settings.secure_cookies
    assert settings.attachments == tmp_path / "instance/attachments"
    assert (settings.mail_server, settings.address) == ("", "")


def test_the_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = load_settings({}, tmp_path)
    assert len(first.secret_key) == 64
    assert load_settings({}, tmp_path).secret_key == first.secret_key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_the_environment_decides(tmp_path: Path) -> None:
    environ = {
        "PLANNER_DATABASE_URL": "postgresql+psycopg://db/planner",
        "PLANNER_SECRET_KEY": "k" * 32,
        "PLANNER_UPLOAD_LIMIT": "1000",
        "PLANNER_SECURE_COOKIES": "1",
        "PLANNER_SESSION_IDLE": "30",
        "PLANNER_SESSION_LIFETIME": "90",
        "PLANNER_PROXIES": "2",
        "PLANNER_ATTACHMENTS": str(tmp_path / "files"),
        "PLANNER_ATTACHMENT_LIMIT": "500",
        "PLANNER_ATTACHMENT_QUOTA": "5000",
        "PLANNER_MAIL_SERVER": "smtp+starttls://user:p%40ss@mail.example.go.th:587",
        "PLANNER_MAIL_SENDER": "planner@example.go.th",
        "PLANNER_ADDRESS": "https://planner.example.go.th/",
        "PLANNER_MANUAL": "https://manual.example.go.th/planner/",
    }
    settings = load_settings(environ, tmp_path / "unused")
    assert settings.database_url == "postgresql+psycopg://db/planner"
    assert settings.secret_key == "k" * 32
    assert settings.upload_limit == 1000
    assert settings.secure_cookies
    assert (settings.session_idle, settings.session_lifetime) == (dt.timedelta(minutes=30), dt.timedelta(minutes=90))
    assert settings.proxies == 2
    assert settings.attachments == tmp_path / "files"
    assert (settings.attachment_limit, settings.attachment_quota) == (500, 5000)
    assert settings.mail_server.endswith("@mail.example.go.th:587")
    assert settings.mail_sender == "planner@example.go.th"
    assert settings.address == "https://planner.example.go.th"
    assert settings.manual == "https://manual.example.go.th/planner"
    assert not (tmp_path / "unused").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PLANNER_UPLOAD_LIMIT", "much"),
        ("PLANNER_UPLOAD_LIMIT", "0"),
        ("PLANNER_SECURE_COOKIES", "yes"),
        ("PLANNER_SESSION_IDLE", "0"),
        ("PLANNER_SESSION_LIFETIME", "long"),
        ("PLANNER_SESSION_LIFETIME", "999999999999"),
        ("PLANNER_KEEP_DAYS", "36501"),
        ("PLANNER_PROXIES", "-1"),
        ("PLANNER_ATTACHMENT_LIMIT", "-1"),
        ("PLANNER_ATTACHMENT_QUOTA", "all"),
        ("PLANNER_MAIL_SERVER", "mail.example.go.th"),
        ("PLANNER_MAIL_SERVER", "http://user:secret@mail.example.go.th"),
        ("PLANNER_MAIL_SERVER", "smtp://user:secret@mail.example.go.th:port"),
        ("PLANNER_ADDRESS", "planner.example.go.th"),
        ("PLANNER_MANUAL", "javascript:alert(1)"),
        ("PLANNER_DATABASE_URL", "planner.db"),
        ("PLANNER_DATABASE_URL", "nosuch://user:secret@db/planner"),
        ("PLANNER_DATABASE_URL", "postgresql+pg8000://user:secret@db/planner"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=name) as caught:
        load_settings({name: value}, tmp_path)
    assert "secret" not in str(caught.value)


def test_an_empty_setting_is_as_good_as_none(tmp_path: Path) -> None:
    empty = {"PLANNER_DATABASE_URL": "", "PLANNER_SECRET_KEY": ""}
    assert load_settings(empty, tmp_path / "instance") == load_settings({}, tmp_path / "instance")


def test_a_mail_server_needs_a_sender(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PLANNER_MAIL_SENDER"):
        load_settings({"PLANNER_MAIL_SERVER": "smtp://localhost"}, tmp_path)


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_made(tmp_path: Path) -> None:
    environ = {"PLANNER_PROXIES": "-1", "PLANNER_LOG": "xml", "PLANNER_ADDRESS": "http://[", "PLANNER_KEEP_DAYS": "x"}
    with pytest.raises(SettingsError) as caught:
        load_settings(environ, tmp_path / "instance")
    assert {fault.address for fault in caught.value.faults} == set(environ)
    assert not (tmp_path / "instance").exists()


def test_a_command_names_every_bad_setting_in_the_readers_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"PLANNER_PROXIES": "two", "PLANNER_LOG": "xml"}
    english = CliRunner().invoke(main, ["worker"], env={**environ, "PLANNER_LANGUAGE": "en"})
    assert english.exit_code == 2
    assert english.stderr.splitlines() == [
        "Some settings are wrong. Nothing was started.",
        "  PLANNER_PROXIES: “two” is not a whole number.",
        "  PLANNER_LOG: “xml” is none of text, json.",
    ]
    assert "ไม่ใช่จำนวนเต็ม" in CliRunner().invoke(main, ["worker"], env=environ).stderr


def test_the_names_of_all_settings_are_known() -> None:
    assert known_settings() >= {"PLANNER_DATABASE_URL", "PLANNER_SECRET_KEY", "PLANNER_LOG", "PLANNER_KEEP_DAYS"}
