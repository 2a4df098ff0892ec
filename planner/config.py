"""Settings, read from the environment once and checked at start."""

import datetime as dt
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from reports.archive import Limits


@dataclass(frozen=True)
class Settings:
    """What an installation may set.

    `database_url`: SQLAlchemy URL (PLANNER_DATABASE_URL); SQLite under `instance/` unless set.
    `secret_key`: signs sessions (PLANNER_SECRET_KEY); made once and kept in `instance/secret_key` unless set.
    `upload_limit`: largest upload in bytes (PLANNER_UPLOAD_LIMIT).
    `secure_cookies`: send cookies over HTTPS only (PLANNER_SECURE_COOKIES, 0 or 1).
    `session_idle`: a sign-in ends this long after its last page (PLANNER_SESSION_IDLE, in minutes).
    `session_lifetime`: a sign-in ends this long after it began (PLANNER_SESSION_LIFETIME, in minutes).
    `proxies`: how many reverse proxies of ours stand in front and say where a request comes from (PLANNER_PROXIES).
    """

    database_url: str
    secret_key: str
    upload_limit: int = Limits.file_bytes
    secure_cookies: bool = False
    session_idle: dt.timedelta = dt.timedelta(hours=2)
    session_lifetime: dt.timedelta = dt.timedelta(hours=12)
    proxies: int = 0


def load_settings(environ: Mapping[str, str] = os.environ, instance: Path = Path("instance")) -> Settings:
    """Settings from `environ`, with defaults under `instance` (made if absent). `ValueError` names a bad setting."""
    url = environ.get("PLANNER_DATABASE_URL")
    key = environ.get("PLANNER_SECRET_KEY")
    if not url or not key:
        instance.mkdir(parents=True, exist_ok=True)
    url = url or f"sqlite:///{(instance / 'planner.db').resolve()}"
    try:
        make_url(url).get_dialect().import_dbapi()
    except (ArgumentError, ImportError) as error:  # neither repeats the URL, which may hold a password
        raise ValueError(f"PLANNER_DATABASE_URL: {error}") from None
    cookies = environ.get("PLANNER_SECURE_COOKIES", "0")
    if cookies not in {"0", "1"}:
        raise ValueError(f"PLANNER_SECURE_COOKIES: {cookies!r} is neither 0 nor 1")
    return Settings(
        database_url=url,
        secret_key=key or _kept_secret(instance / "secret_key"),
        upload_limit=_number(environ, "PLANNER_UPLOAD_LIMIT", Settings.upload_limit),
        secure_cookies=cookies == "1",
        session_idle=_minutes(environ, "PLANNER_SESSION_IDLE", Settings.session_idle),
        session_lifetime=_minutes(environ, "PLANNER_SESSION_LIFETIME", Settings.session_lifetime),
        proxies=_number(environ, "PLANNER_PROXIES", Settings.proxies, least=0),
    )


def _minutes(environ: Mapping[str, str], name: str, default: dt.timedelta) -> dt.timedelta:
    return dt.timedelta(minutes=_number(environ, name, default // dt.timedelta(minutes=1)))


def _number(environ: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    try:
        number = int(environ.get(name) or default)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    if number < least:
        raise ValueError(f"{name}: {number} is less than {least}")
    return number


def _kept_secret(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_hex(32)
        file.write(key)
    return key
