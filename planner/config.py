"""Settings, read from the environment once and checked at start."""

import datetime as dt
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from reports.archive import Limits

MEGABYTE: Final = 1024 * 1024
SHORTEST_TOKEN: Final = 20
FORMS: Final = ("text", "json")
MAIL_SCHEMES: Final = ("smtp+starttls", "smtps", "smtp")


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
    `attachments`: folder for attached files (PLANNER_ATTACHMENTS); `instance/attachments` unless set.
    `attachment_limit`: largest attached file in bytes (PLANNER_ATTACHMENT_LIMIT).
    `attachment_quota`: bytes that all attached files may take together (PLANNER_ATTACHMENT_QUOTA).
    `mail_server`: `smtp+starttls://user:password@host:587`, `smtps://…`, or `smtp://…` within a closed network
    (PLANNER_MAIL_SERVER); mail is written to standard error unless set.
    `mail_sender`: the address that mail comes from (PLANNER_MAIL_SENDER).
    `address`: where people reach the application (PLANNER_ADDRESS), for the links in mail.
    `metrics_token`: who gives it may read `/metrics` (PLANNER_METRICS_TOKEN); nobody may unless set.
    `log_form`: how the server and the workers write their log (PLANNER_LOG, text or json).
    """

    database_url: str
    secret_key: str
    upload_limit: int = Limits.file_bytes
    secure_cookies: bool = False
    session_idle: dt.timedelta = dt.timedelta(hours=2)
    session_lifetime: dt.timedelta = dt.timedelta(hours=12)
    proxies: int = 0
    attachments: Path = Path("instance/attachments")
    attachment_limit: int = 10 * MEGABYTE
    attachment_quota: int = 10 * 1024 * MEGABYTE
    mail_server: str = ""
    mail_sender: str = ""
    address: str = ""
    metrics_token: str = ""
    log_form: str = "text"


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
    mail_server, mail_sender = _mail(environ)
    return Settings(
        database_url=url,
        secret_key=key or _kept_secret(instance / "secret_key"),
        upload_limit=_number(environ, "PLANNER_UPLOAD_LIMIT", Settings.upload_limit),
        secure_cookies=cookies == "1",
        session_idle=_minutes(environ, "PLANNER_SESSION_IDLE", Settings.session_idle),
        session_lifetime=_minutes(environ, "PLANNER_SESSION_LIFETIME", Settings.session_lifetime),
        proxies=_number(environ, "PLANNER_PROXIES", Settings.proxies, least=0),
        attachments=Path(environ.get("PLANNER_ATTACHMENTS") or instance / "attachments").resolve(),
        attachment_limit=_number(environ, "PLANNER_ATTACHMENT_LIMIT", Settings.attachment_limit),
        attachment_quota=_number(environ, "PLANNER_ATTACHMENT_QUOTA", Settings.attachment_quota),
        mail_server=mail_server,
        mail_sender=mail_sender,
        address=_address(environ),
        metrics_token=_metrics_token(environ),
        log_form=_log_form(environ),
    )


def _mail(environ: Mapping[str, str]) -> tuple[str, str]:
    """Server and sender. What is said of a bad server never repeats it: it may hold a password."""
    server, sender = environ.get("PLANNER_MAIL_SERVER", ""), environ.get("PLANNER_MAIL_SENDER", "")
    try:
        parts = urlsplit(server)
        sound = not server or (parts.scheme in MAIL_SCHEMES and parts.hostname and parts.port != 0)
    except ValueError:
        sound = False
    if not sound:
        raise ValueError(f"PLANNER_MAIL_SERVER: not a server's address that starts with {', '.join(MAIL_SCHEMES)}")
    if server and "@" not in sender:
        raise ValueError(f"PLANNER_MAIL_SENDER: {sender!r} is no e-mail address")
    return server, sender


def _address(environ: Mapping[str, str]) -> str:
    address = environ.get("PLANNER_ADDRESS", "").rstrip("/")
    parts = urlsplit(address)
    if address and not (parts.scheme in {"http", "https"} and parts.netloc):
        raise ValueError(f"PLANNER_ADDRESS: {address!r} is no address such as https://planner.example.go.th")
    return address


def _metrics_token(environ: Mapping[str, str]) -> str:
    """The token, which is never repeated."""
    token = environ.get("PLANNER_METRICS_TOKEN", "")
    if token and (len(token) < SHORTEST_TOKEN or not (token.isascii() and token.isprintable())):
        raise ValueError(f"PLANNER_METRICS_TOKEN: shorter than {SHORTEST_TOKEN} signs, or not plain text")
    return token


def _log_form(environ: Mapping[str, str]) -> str:
    form = environ.get("PLANNER_LOG") or Settings.log_form
    if form not in FORMS:
        raise ValueError(f"PLANNER_LOG: {form!r} is none of {', '.join(FORMS)}")
    return form


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
