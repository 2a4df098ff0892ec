"""What is reached over the network: mail server, virus scanner, provider of sign-ins, the address that people use."""

import datetime as dt
import smtplib
import socket
import ssl
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from planner.cli.doctor.findings import Finding, Verdict, found
from planner.config import Settings
from planner.mail import Smtp
from planner.services.provider import Provider, ProviderError
from planner.services.scanning import Scanner, ScannerError
from planner.text import N_

TIMEOUT: Final = 10.0
"""Seconds."""
SOON: Final = dt.timedelta(days=14)
"""A certificate that ends within that time should be renewed."""


def check_mail(settings: Settings) -> Iterator[Finding]:
    """Whether the mail server takes us in; nothing is sent."""
    if not settings.mail_server:
        yield found(Verdict.DOUBTFUL, N_("No mail server is set: mail is written to standard error"))
        return
    try:
        Smtp(settings.mail_server, settings.mail_sender).try_out()
    except (smtplib.SMTPException, OSError) as error:
        yield found(Verdict.WRONG, N_("The mail server does not take us in: %(reason)s"), reason=str(error))
    else:
        yield found(Verdict.SOUND, N_("The mail server takes us in"))


def check_scanner(settings: Settings) -> Iterator[Finding]:
    """Whether what searches attached files for viruses, where it is set, answers."""
    if not settings.clamd:
        return
    try:
        Scanner(settings.clamd).reach()
    except ScannerError as error:
        cannot = N_("The virus scanner cannot be used, so no file can be attached: %(reason)s")
        yield found(Verdict.WRONG, cannot, reason=str(error.__cause__))
    else:
        yield found(Verdict.SOUND, N_("The virus scanner answers"))


def check_provider(settings: Settings) -> Iterator[Finding]:
    """Whether the organisation's provider, where one is set, answers with what signing in needs."""
    if settings.ways_in.provider is None:
        return
    try:
        Provider(settings.ways_in.provider).reach()
    except ProviderError as error:
        cannot = N_("The provider of sign-ins cannot be used: %(reason)s")
        yield found(Verdict.WRONG, cannot, reason=str(error.__cause__))
    else:
        yield found(Verdict.SOUND, N_("The provider of sign-ins answers"))


def check_certificate(settings: Settings) -> Iterator[Finding]:
    """Whether the address answers with a certificate that browsers of this machine accept, and for how long."""
    address = urlsplit(settings.address)
    if address.scheme != "https" or not address.hostname:
        return
    try:
        ends = certificate_end(address.hostname, address.port or 443)
    except OSError as error:  # ssl.SSLError is one
        yield found(
            Verdict.WRONG, N_("%(address)s cannot be trusted: %(reason)s"), address=settings.address, reason=str(error)
        )
        return
    verdict = Verdict.DOUBTFUL if ends - dt.datetime.now(dt.UTC) < SOON else Verdict.SOUND
    valid = N_("The certificate of %(address)s is valid until %(day)s")
    yield found(verdict, valid, address=settings.address, day=ends.date().isoformat())


def certificate_end(host: str, port: int) -> dt.datetime:
    """When the certificate at `host` ends, aware; `OSError` where none is to be had that can be trusted."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), TIMEOUT) as connection,
        context.wrap_socket(connection, server_hostname=host) as secured,
    ):
        certificate = secured.getpeercert() or {}
    return dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), dt.UTC)
