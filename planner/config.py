"""Settings, read from the environment once and checked at start."""

import datetime as dt
import ipaddress
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from planner.environment import Environment
from planner.text import N_
from planner.ways_in import WaysIn, read_ways_in
from reports.archive import Limits

MEGABYTE: Final = 1024 * 1024
SHORTEST_TOKEN: Final = 20
LONGEST: Final = 36_500
"""Days that anything can be kept."""
FORMS: Final = ("text", "json")
MAIL_SCHEMES: Final = ("smtp+starttls", "smtps", "smtp")
CLAMD: Final = re.compile(r"/.+|[A-Za-z0-9][A-Za-z0-9.-]*:[1-9][0-9]{0,4}")
HOST: Final = re.compile(r"(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{0,4})?")


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
    `clamd`: what searches attached files for viruses, a path or `host:port` (PLANNER_CLAMD); nothing does unless set.
    `mail_server`: `smtp+starttls://user:password@host:587`, `smtps://…`, or `smtp://…` within a closed network
    (PLANNER_MAIL_SERVER); mail is written to standard error unless set.
    `mail_sender`: the address that mail comes from (PLANNER_MAIL_SENDER).
    `address`: where people reach the application (PLANNER_ADDRESS), for the links in mail.
    `manual`: where the site of the documents is served (PLANNER_MANUAL), for the links in the help of pages.
    `metrics_token`: who gives it may read `/metrics` (PLANNER_METRICS_TOKEN); nobody may unless set.
    `api_rate`: how many requests of one token are answered in a minute (PLANNER_API_RATE).
    `log_form`: how the server and the workers write their log (PLANNER_LOG, text or json).
    `webhook_hosts`: where webhooks may lead: `host`, `*.domain`, each with `:port` where that is not 443
    (PLANNER_WEBHOOK_HOSTS, comma between); nowhere unless set.
    `webhook_networks`: networks that they may lead to although these are not public (PLANNER_WEBHOOK_NETWORKS).
    `keep_days`: days that what nobody needs any more is kept (PLANNER_KEEP_DAYS); 0 keeps it for ever.
    `ways_in`: how people may sign in, and the keys that seal secrets in the database (PLANNER_OIDC_…,
    PLANNER_LOCAL_SIGN_IN, PLANNER_SECOND_FACTOR_ROLES, PLANNER_ENCRYPTION_KEYS).
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
    clamd: str = ""
    mail_server: str = ""
    mail_sender: str = ""
    address: str = ""
    manual: str = ""
    metrics_token: str = ""
    api_rate: int = 600
    log_form: str = "text"
    webhook_hosts: tuple[str, ...] = ()
    webhook_networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    keep_days: int = 0
    ways_in: WaysIn = field(default_factory=WaysIn)

    @property
    def sealing_keys(self) -> tuple[str, ...]:
        """What secrets in the database are sealed with, the first newly; the secret key unless keys are set."""
        return self.ways_in.keys or (self.secret_key,)


def load_settings(environ: Mapping[str, str] = os.environ, instance: Path = Path("instance")) -> Settings:
    """Settings from `environ`, with defaults under `instance` (made if needed). `SettingsError` names all bad ones."""
    read = Environment(environ)
    settings = _read(read, instance)
    read.require_sound()
    if settings.secret_key and settings.database_url:
        return settings
    instance.mkdir(parents=True, exist_ok=True)
    return replace(
        settings,
        database_url=settings.database_url or f"sqlite:///{(instance / 'planner.db').resolve()}",
        secret_key=settings.secret_key or _kept_secret(instance / "secret_key"),
    )


def known_settings() -> frozenset[str]:
    """The names of all settings."""
    read = Environment({})
    _read(read, Path("instance"))
    return frozenset(read.names)


def _read(read: Environment, instance: Path) -> Settings:
    """What is set. Database and secret key are empty unless they are."""
    mail_server, mail_sender = _mail(read)
    address = _address(read, "PLANNER_ADDRESS")
    return Settings(
        database_url=_database_url(read),
        secret_key=read.text("PLANNER_SECRET_KEY"),
        upload_limit=read.number("PLANNER_UPLOAD_LIMIT", Settings.upload_limit),
        secure_cookies=read.flag("PLANNER_SECURE_COOKIES"),
        session_idle=read.minutes("PLANNER_SESSION_IDLE", Settings.session_idle),
        session_lifetime=read.minutes("PLANNER_SESSION_LIFETIME", Settings.session_lifetime),
        proxies=read.number("PLANNER_PROXIES", Settings.proxies, least=0),
        attachments=Path(read.text("PLANNER_ATTACHMENTS", str(instance / "attachments"))).resolve(),
        attachment_limit=read.number("PLANNER_ATTACHMENT_LIMIT", Settings.attachment_limit),
        attachment_quota=read.number("PLANNER_ATTACHMENT_QUOTA", Settings.attachment_quota),
        clamd=_clamd(read),
        mail_server=mail_server,
        mail_sender=mail_sender,
        address=address,
        manual=_address(read, "PLANNER_MANUAL"),
        metrics_token=_metrics_token(read),
        api_rate=read.number("PLANNER_API_RATE", Settings.api_rate),
        log_form=read.choice("PLANNER_LOG", FORMS, Settings.log_form),
        webhook_hosts=_webhook_hosts(read),
        webhook_networks=_webhook_networks(read),
        keep_days=read.number("PLANNER_KEEP_DAYS", Settings.keep_days, least=0, most=LONGEST),
        ways_in=read_ways_in(read, address),
    )


def _database_url(read: Environment) -> str:
    """The database. What is said of a bad one never repeats it: it may hold a password."""
    name = "PLANNER_DATABASE_URL"
    url = read.text(name)
    try:
        if url:
            make_url(url).get_dialect().import_dbapi()
    except (ArgumentError, ImportError) as error:
        read.refuse(name, "no_database", N_("It names no database that can be opened: %(reason)s"), reason=str(error))
    return url


def _clamd(read: Environment) -> str:
    place = read.text("PLANNER_CLAMD")
    if place and not CLAMD.fullmatch(place):
        wrong = N_("“%(text)s” is neither the path of a socket nor a place such as clamd.example.go.th:3310.")
        read.refuse("PLANNER_CLAMD", "no_place", wrong, text=place)
    return place


def _mail(read: Environment) -> tuple[str, str]:
    """Server and sender. What is said of a bad server never repeats it: it may hold a password."""
    server, sender = read.text("PLANNER_MAIL_SERVER"), read.text("PLANNER_MAIL_SENDER")
    try:
        parts = urlsplit(server)
        sound = not server or (parts.scheme in MAIL_SCHEMES and parts.hostname and parts.port != 0)
    except ValueError:
        sound = False
    if not sound:
        wrong = N_("It is not a server's address that starts with one of %(schemes)s.")
        read.refuse("PLANNER_MAIL_SERVER", "no_server", wrong, schemes=MAIL_SCHEMES)
    if server and "@" not in sender:
        read.refuse("PLANNER_MAIL_SENDER", "no_address", N_("“%(text)s” is no e-mail address."), text=sender)
    return server, sender


def _address(read: Environment, name: str) -> str:
    address = read.text(name).rstrip("/")
    try:
        parts = urlsplit(address)
        sound = not address or (parts.scheme in {"http", "https"} and parts.netloc)
    except ValueError:
        sound = False
    if not sound:
        wrong = N_("“%(text)s” is no address such as https://planner.example.go.th.")
        read.refuse(name, "no_address", wrong, text=address)
    return address


def _metrics_token(read: Environment) -> str:
    """The token, which is never repeated."""
    name = "PLANNER_METRICS_TOKEN"
    token = read.text(name)
    if token and (len(token) < SHORTEST_TOKEN or not (token.isascii() and token.isprintable())):
        weak = N_("It is shorter than %(signs)s signs, or not plain text.")
        read.refuse(name, "weak", weak, signs=SHORTEST_TOKEN)
    return token


def _webhook_hosts(read: Environment) -> tuple[str, ...]:
    hosts = _listed(read, "PLANNER_WEBHOOK_HOSTS")
    for host in hosts:
        if not HOST.fullmatch(host):
            wrong = N_(
                "“%(text)s” is no host such as hooks.example.go.th, *.example.go.th or hooks.example.go.th:8443."
            )
            read.refuse("PLANNER_WEBHOOK_HOSTS", "no_host", wrong, text=host)
    return hosts


def _webhook_networks(read: Environment) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    networks = []
    for text in _listed(read, "PLANNER_WEBHOOK_NETWORKS"):
        try:
            networks.append(ipaddress.ip_network(text))
        except ValueError:
            read.refuse(
                "PLANNER_WEBHOOK_NETWORKS", "no_network", N_("“%(text)s” is no network such as 10.1.0.0/16."), text=text
            )
    return tuple(networks)


def _listed(read: Environment, name: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(part.strip() for part in read.text(name).split(",") if part.strip())


def _kept_secret(path: Path) -> str:
    """The key kept at `path`, made if there is none: whole before it has its name, for two may start at once."""
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as file:  # readable by its owner
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileExistsError):
                path.hardlink_to(file.name)
    return path.read_text()
