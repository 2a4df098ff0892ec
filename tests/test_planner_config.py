import stat
from pathlib import Path

import pytest

from planner.config import load_settings


def test_defaults_live_under_the_instance_folder(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path / "instance")
    assert settings.database_url == f"sqlite:///{tmp_path / 'instance/planner.db'}"
    assert settings.upload_limit == 20 * 1024 * 1024
    assert not settings.secure_cookies


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
    }
    settings = load_settings(environ, tmp_path / "unused")
    assert settings.database_url == "postgresql+psycopg://db/planner"
    assert settings.secret_key == "k" * 32
    assert settings.upload_limit == 1000
    assert settings.secure_cookies
    assert not (tmp_path / "unused").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PLANNER_UPLOAD_LIMIT", "much"),
        ("PLANNER_UPLOAD_LIMIT", "0"),
        ("PLANNER_SECURE_COOKIES", "yes"),
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
