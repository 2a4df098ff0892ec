"""E-mail: composed by services, handed over after the commit, sent by one thread beside the requests."""

import logging
import smtplib
import ssl
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final, Protocol

log = logging.getLogger(__name__)

MAILER: Final = "mailer"
"""Where `Session.info` keeps the mailer; a session without one sends nothing."""
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
    """Writes messages to the log instead of sending them: what an installation without a mail server does."""

    def send(self, mails: Iterable[Mail]) -> None:
        """Log each."""
        for mail in mails:
            log.info("to %s: %s\n%s", mail.to, mail.subject, mail.text)


@dataclass(frozen=True)
class Smtp:
    """A mail server. `security` is "tls" (from the first byte), "starttls", or "none" within a closed network."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    username: str = ""
    password: str = ""

    def send(self, mails: Iterable[Mail]) -> None:
        """Send all over one connection. A server's refusal of one message is logged and does not keep the others."""
        with self._connect() as server:
            if self.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.username:
                server.login(self.username, self.password)
            for mail in mails:
                try:
                    server.send_message(self._compose(mail))
                except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, ValueError) as error:
                    log.warning("a message was not sent: %s", error)

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=ssl.create_default_context())
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)

    def _compose(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = Address(addr_spec=mail.to)
        message["Subject"] = mail.subject
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message


class Mailer:
    """Sends in the background, one batch after the other. `address` is where people reach the application, or "".

    Whoever hands mail over never waits for a server and never sees its failure; the log does.
    """

    def __init__(self, transport: Transport, address: str = "") -> None:
        self.address = address
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
