"""A receiver of webhooks beside the installation: what it was told is held against what there was to tell."""

import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import AuditEntry, DeliveryStatus, PlanRun, RunStatus, WebhookDelivery
from planner.cli.faults.breaches import DOUBLED, HALF, LOST, REFUSED_YET_DONE, Breach
from planner.services.webhooks.events import Event

OF_LOG: Final[Mapping[tuple[str, str], Event]] = {
    ("requirement", "submitted"): Event.REQUIREMENT_SUBMITTED,
    ("requirement", "approved"): Event.REQUIREMENT_APPROVED,
    ("plan", "published"): Event.PLAN_PUBLISHED,
}
"""What each entry of the log must have told, by the kind of its subject and its action."""


class Receiver:
    """Takes every message at `place`, host and port, over HTTPS; `got` holds their bodies by their names."""

    def __init__(self, place: str, certificate: Path) -> None:
        self.place = place
        self.got: dict[str, bytes] = {}
        self.environ: Mapping[str, str] = {
            "PLANNER_WEBHOOK_HOSTS": place,
            "PLANNER_WEBHOOK_NETWORKS": "127.0.0.0/8",
            "SSL_CERT_FILE": str(certificate),
        }
        """What the installation must be told to reach it."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing: a sender that was killed is what this is about."""


@contextmanager
def open_receiver(folder: Path) -> Iterator[Receiver]:
    """A receiver on a free port of this machine, with a certificate of its own in `folder`."""
    certificate = _write_certificate(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.got[self.headers["webhook-id"]] = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing: what matters is kept."""

    server = _Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver = Receiver(f"127.0.0.1:{server.server_port}", certificate)
    threading.Thread(target=server.serve_forever, name="receiver", daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def find_untold(session: Session, arrived: Set[str], got: Mapping[str, bytes]) -> Iterator[Breach]:
    """Each event was written for the webhook once, as the log and the runs say; what counts as delivered has arrived,
    and nothing `arrived` of which the database does not know. `got` may hold what came later.
    """
    rows = session.execute(select(WebhookDelivery.message, WebhookDelivery.status, WebhookDelivery.payload)).all()
    said = Counter((payload["type"], payload["data"]["code"]) for _, _, payload in rows)
    happened = _happened(session)
    for event, code in said.keys() | happened.keys():
        times, wanted = said[event, code], happened[event, code]
        if times != wanted:
            yield Breach(LOST if times < wanted else DOUBLED, f"{event} {code}: told {times} times, not {wanted}")
    for message, status, payload in rows:
        if status is DeliveryStatus.GIVEN_UP or (status is DeliveryStatus.DELIVERED and message not in got):
            yield Breach(LOST, f"message {message} of {payload}: {status}")
        elif message in got and json.loads(got[message]) != payload:
            yield Breach(HALF, f"message {message} of {payload}: {got[message]!r}")
    for message in arrived - {message for message, _, _ in rows}:
        yield Breach(REFUSED_YET_DONE, f"message {message}: {got[message]!r}")


def count_due(session: Session) -> int:
    """How many messages are due: those of a try that was killed, or of a clock that was ahead, in their own time."""
    waiting = WebhookDelivery.status == DeliveryStatus.WAITING
    return session.scalar(select(func.count()).where(waiting, WebhookDelivery.due_at < dt.datetime.now(dt.UTC))) or 0


def _happened(session: Session) -> Counter[tuple[str, str]]:
    """How often each event happened, by its name and the code of what it happened to."""
    happened: Counter[tuple[str, str]] = Counter()
    actions = {action for _, action in OF_LOG}
    entries = select(AuditEntry.subject, AuditEntry.action).where(AuditEntry.action.in_(actions))
    for subject, action in session.execute(entries):
        kind, _, code = subject.partition(":")
        if event := OF_LOG.get((kind, action)):
            happened[event.value, code] += 1
    ended = select(PlanRun.code).where(PlanRun.status.not_in([RunStatus.QUEUED, RunStatus.RUNNING]))
    happened.update((Event.RUN_FINISHED.value, code) for code in session.scalars(ended))
    return happened


def _write_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fault test")])
    now = dt.datetime.now(dt.UTC)
    places = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=7))
        .add_extension(places, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain: Any = serialization.NoEncryption()
    path = folder / "receiver.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
