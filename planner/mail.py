"""E-mail: composed by services, handed over after the commit, sent by one thread beside the requests."""

import logging
import smtplib
import ssl
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

log = logging.getLogger(__name__)

MAILER: Final = "mailer"
"""Where `Session.info` keeps the mailer; a session without one sends nothing."""
PORTS: Final = {"smtp+starttls": 587, "smtps": 465, "smtp": 25}
TIMEOUT: Final = 20.0
"""Seconds that a mail server may take to answer."""


@dataclass(frozen=True)
class Mail:
    """One message of plain text."""

    to: str
    subject: str
    text: str


class Transport(Protocol):
    """A way to get messages out."""

    def send(self, mails: Iterable[Mail]) -> None:
        """Send them in order."""


class Console:
    """Writes messages to standard error instead of sending them: what an installation without a mail server does."""

    def send(self, mails: Iterable[Mail]) -> None:
        """Write each."""
        for mail in mails:
            sys.stderr.write(f"--- mail to {mail.to}\n{mail.subject}\n\n{mail.text}\n---\n")


class Smtp:
    """A mail server at `smtp+starttls://user:password@host:587`, `smtps://…`, or, in a closed network, `smtp://…`."""

    def __init__(self, server: str, sender: str) -> None:
        self._server = urlsplit(server)
        self._sender = sender

    def send(self, mails: Iterable[Mail]) -> None:
        """Send all over one connection. A server's refusal of one message is logged and does not keep the others."""
        with self._connect() as server:
            for mail in mails:
                try:
                    server.send_message(self._compose(mail))
                except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, ValueError) as error:
                    log.warning("a message was not sent: %s", error)

    def try_out(self) -> None:
        """Sign in and send nothing; `smtplib.SMTPException` or `OSError` says what keeps us out."""
        with self._connect() as server:
            server.noop()

    @contextmanager
    def _connect(self) -> Iterator[smtplib.SMTP]:
        """The server, signed in to."""
        host, port = self._server.hostname or "", self._server.port or PORTS[self._server.scheme]
        with (
            smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
            if self._server.scheme == "smtps"
            else smtplib.SMTP(host, port, timeout=TIMEOUT)
        ) as server:
            if self._server.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            if self._server.username:
                server.login(unquote(self._server.username), unquote(self._server.password or ""))
            yield server

    def _compose(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = Address(addr_spec=mail.to)
        message["Subject"] = mail.subject
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message


class Mailer:
    """Sends in the background, one batch after the other. `address` is where people reach the application, or "".

    `delivers` says whether messages reach people, and not a log alone: a secret belongs into no log.

    Whoever hands mail over never waits for a server and never sees its failure; the log does.
    """

    def __init__(self, transport: Transport, address: str = "") -> None:
        self.address = address
        self.delivers = not isinstance(transport, Console)
        self._transport = transport
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")

    def post(self, mails: Iterable[Mail]) -> None:
        """Send them soon."""
        if batch := tuple(mails):
            self._thread.submit(self._send, batch)

    def close(self) -> None:
        """Wait until everything handed over was sent."""
        self._thread.shutdown()

    def _send(self, batch: tuple[Mail, ...]) -> None:
        try:
            self._transport.send(batch)
        except Exception:
            log.exception("%s messages were not sent", len(batch))
