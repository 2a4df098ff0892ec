"""Webhooks: who is told of what, when, where to and how; delivered over real HTTPS on loopback."""

import asyncio
import base64
import datetime as dt
import hmac
import ipaddress
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from https_receivers import Receiver, receiving, write_certificate
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from models import (
    AuditEntry,
    DeliveryStatus,
    InboxItem,
    JobKind,
    JobStatus,
    Role,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
)
from planner.config import load_settings
from planner.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from planner.jobs.courier import courier
from planner.services.jobs import cancel_job
from planner.services.jobs.measures import measure_work
from planner.services.lists import ListFilter
from planner.services.permissions import OPERATOR
from planner.services.planning import queue_run, run_plan
from planner.services.publishing.publish import publish_plan
from planner.services.retention.leftovers import outlived
from planner.services.reviewing import approve, submit
from planner.services.webhooks import delivering, keeping, reading, sending
from planner.services.webhooks.addresses import Outlet, RefusedError, check_url, resolve
from planner.services.webhooks.events import CHOICES, Event
from planner.services.webhooks.keeping import WebhookFields
from planner.services.webhooks.outbox import announce, announce_step

URL = "https://hooks.example.go.th/planner?from=de"
LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
OUTLET = Outlet("k" * 32, ("hooks.example.go.th",))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def receiver(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A server that the system trusts, at the second address of hooks.example: nothing listens at the first."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in ("127.0.0.2", "127.0.0.1")]
    known = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found if a[0] == "hooks.example" else known(*a, **k))
    with receiving(certificate) as server:
        yield server


def make(
    sessions: sessionmaker[Session], events: Sequence[str] = CHOICES, url: str = URL, outlet: Outlet = OUTLET
) -> keeping.Issued:
    with sessions.begin() as session:
        return keeping.create_webhook(session, OPERATOR, outlet, WebhookFields("คลังกลาง", url, tuple(events)))


def open_outlet(receiver: Receiver) -> Outlet:
    return Outlet("k" * 32, (f"hooks.example:{receiver.port}", f"127.0.0.1:{receiver.port}"), (LOOPBACK,))


def told(sessions: sessionmaker[Session]) -> list[dict[str, Any]]:
    with sessions() as session:
        rows = session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id))
        return [{"type": row.payload["type"], **row.payload["data"]} for row in rows]


def deliver(sessions: sessionmaker[Session], outlet: Outlet) -> None:
    """Deliver what is due, once for each webhook."""
    for webhook_id in delivering.waiting_webhooks(sessions):
        delivering.deliver_waiting(sessions, outlet, sending.Sender(outlet), webhook_id, threading.Event())


def make_due(sessions: sessionmaker[Session]) -> None:
    """Let the time pass that a delivery waits."""
    with sessions.begin() as session:
        session.execute(update(WebhookDelivery).values(due_at=dt.datetime.now(dt.UTC)))


def delivery(sessions: sessionmaker[Session]) -> WebhookDelivery:
    with sessions() as session:
        return session.scalars(select(WebhookDelivery)).one()


def test_each_event_is_told_in_the_transaction_in_which_it_happens(world) -> None:
    make(world)
    make(world, ["run.finished"])
    with world.begin() as session:
        submit(session, OPERATOR, ["R-000005"])
        approve(session, OPERATOR, ["R-000005"])
    code = run_plan(world, OPERATOR, "x")
    with world() as session:
        publish_plan(session, OPERATOR, code, "มติ", seen=None)
        session.rollback()
    with world.begin() as session:
        publish_plan(session, OPERATOR, code, "มติ", seen=None)
    cancelled = queue_run(world, OPERATOR, "y")
    with world.begin() as session:
        cancel_job(session, OPERATOR, JobKind.PLAN_RUN, cancelled)
    assert told(world) == [
        {"type": "requirement.submitted", "code": "R-000005", "ministry": "11000"},
        {"type": "requirement.approved", "code": "R-000005", "ministry": "11000"},
        *[{"type": "run.finished", "code": code, "status": "solved"}] * 2,
        {"type": "plan.published", "code": code},
        *[{"type": "run.finished", "code": cancelled, "status": JobStatus.CANCELLED.value}] * 2,
    ]
    with world() as session:
        messages = session.scalars(select(WebhookDelivery.message).order_by(WebhookDelivery.id)).all()
    assert messages[2] == messages[3]
    assert len(set(messages)) == 5


def test_a_webhook_of_a_ministry_hears_of_its_requirements_alone_and_of_plans_as_any_other(world) -> None:
    fields = WebhookFields("x", URL, tuple(CHOICES))
    with world.begin() as session:
        home, elsewhere = (
            keeping.create_webhook(session, OPERATOR, OUTLET, replace(fields, ministry=code)).code
            for code in ("11000", "21000")
        )
        submit(session, OPERATOR, ["R-000005"])  # which is of 11000
        announce(session, Event.PLAN_PUBLISHED, {"code": "P-000001"})

    def heard(code: str) -> list[str]:
        with world() as session:
            rows = select(WebhookDelivery.event).join(WebhookDelivery.webhook).where(Webhook.code == code)
            return list(session.scalars(rows.order_by(WebhookDelivery.id)))

    assert heard(home) == ["requirement.submitted", "plan.published"]
    assert heard(elsewhere) == ["plan.published"]
    with world.begin() as session:
        version = reading.get_webhook(session, OPERATOR, elsewhere).version
        keeping.change_webhook(session, OPERATOR, OUTLET, elsewhere, fields, version=version)
        approve(session, OPERATOR, ["R-000005"])
    assert heard(elsewhere)[-1] == "requirement.approved"
    with world() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "changed")).one()
    assert entry.changes == {"ministry": ["21000", None]}


def test_telling_of_many_takes_no_more_queries_than_of_one(world, count_queries) -> None:
    make(world)
    found = []
    for codes in (["R-000005"], ["R-000001", "R-000002", "R-000003"]):
        with world.begin() as session, count_queries() as statements:
            announce_step(session, "approved", codes)
            found.append(len(statements))
    assert found[0] == found[1]


def test_a_webhook_that_is_paused_is_told_of_nothing_and_what_waits_is_kept(world) -> None:
    code = make(world).code
    with world.begin() as session:
        keeping.send_test(session, OPERATOR, code)
        keeping.pause_webhook(session, OPERATOR, code)
        submit(session, OPERATOR, ["R-000005"])
        with pytest.raises(ConflictError):
            keeping.send_test(session, OPERATOR, code)
    assert told(world) == [{"type": "test", "code": code}]
    assert delivering.waiting_webhooks(world) == []
    with world.begin() as session:
        keeping.resume_webhook(session, OPERATOR, code)
    assert len(delivering.waiting_webhooks(world)) == 1


def test_a_message_is_signed_so_that_any_library_for_standard_webhooks_can_tell(sessions, receiver) -> None:
    outlet = open_outlet(receiver)
    first = make(sessions, url=f"https://hooks.example:{receiver.port}/in?from=de", outlet=outlet)
    with sessions.begin() as session:
        second = keeping.replace_secret(session, OPERATOR, outlet, first.code)
        keeping.send_test(session, OPERATOR, first.code)
    assert first.secret != second.secret
    deliver(sessions, outlet)
    ((path, headers, body),) = receiver.got
    assert path == "/in?from=de"
    assert headers["host"] == f"hooks.example:{receiver.port}"
    assert headers["content-type"] == "application/json"
    assert json.loads(body)["type"] == "test"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    keys = [base64.b64decode(issued.secret.removeprefix("whsec_")) for issued in (second, first)]
    expected = [f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}" for key in keys]
    assert headers["webhook-signature"].split() == expected
    assert abs(int(headers["webhook-timestamp"]) - dt.datetime.now(dt.UTC).timestamp()) < 60
    with sessions.begin() as session:
        session.execute(update(Webhook).values(rotated_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=25)))
        keeping.send_test(session, OPERATOR, first.code)
    deliver(sessions, outlet)
    assert len(receiver.got[1][1]["webhook-signature"].split()) == 1
    assert delivery_log(sessions) == [(204, None), (204, None)]


def delivery_log(sessions: sessionmaker[Session]) -> list[tuple[int | None, str | None]]:
    with sessions() as session:
        tries = session.scalars(select(WebhookAttempt).order_by(WebhookAttempt.id)).all()
    return [(found.answer, found.failure["msgid"] if found.failure else None) for found in tries]


def test_what_fails_is_tried_again_ever_more_rarely_and_given_up_and_can_be_asked_for_again(
    sessions, receiver, person
) -> None:
    admin, _ = person(Role.ADMINISTRATOR), person(Role.AUDITOR)
    outlet = open_outlet(receiver)
    code = make(sessions, url=f"https://127.0.0.1:{receiver.port}/", outlet=outlet).code
    receiver.answers = [302, *[500] * len(delivering.DELAYS)]
    with sessions.begin() as session:
        keeping.send_test(session, OPERATOR, code)
    for delay in delivering.DELAYS:
        deliver(sessions, outlet)
        waits = delivery(sessions)
        assert waits.status is DeliveryStatus.WAITING
        assert abs(waits.due_at - dt.datetime.now(dt.UTC) - delay) < dt.timedelta(seconds=5)
        assert delivering.waiting_webhooks(sessions) == []
        make_due(sessions)
    deliver(sessions, outlet)
    ended = delivery(sessions)
    assert (ended.status, ended.attempts) == (DeliveryStatus.GIVEN_UP, 10)
    assert [path for path, *_ in receiver.got] == ["/"] * 10  # and never where it was sent on to
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 1
    with sessions.begin() as session:
        told = session.execute(select(InboxItem.user_id, InboxItem.subject, InboxItem.event)).all()
        assert told == [(admin.user_id, f"webhook:{code}", "gave_up")]
        session.execute(update(WebhookDelivery).values(status=DeliveryStatus.WAITING))
    make_due(sessions)
    receiver.answers = [500]
    deliver(sessions, outlet)  # given up once more, and the notice is still there
    with sessions.begin() as session:
        assert len(session.scalars(select(InboxItem)).all()) == 1
        keeping.deliver_again(session, OPERATOR, code, ended.id)
    deliver(sessions, outlet)
    assert delivery(sessions).status is DeliveryStatus.DELIVERED
    with sessions() as session:
        shown = reading.get_delivery(session, OPERATOR, code, ended.id)
        assert [row[1] for row in shown.tries.rows] == ["302", *["500"] * 10, "204"]
        (row,) = reading.list_deliveries(session, OPERATOR, code, ListFilter()).table.rows
        assert row[5:] == (12, "204", None)
        with pytest.raises(NotFoundError):
            reading.get_delivery(session, OPERATOR, code, ended.id + 1)
        with pytest.raises(NotFoundError):
            keeping.deliver_again(session, OPERATOR, code, ended.id + 1)


def test_of_two_couriers_one_has_a_delivery_and_one_that_came_too_late_moves_nothing(sessions) -> None:
    code = make(sessions).code
    with sessions.begin() as session:
        keeping.send_test(session, OPERATOR, code)
        key = session.scalars(select(Webhook.id)).one()
    with sessions.begin() as session:
        late = delivering.claim(session, OUTLET, key)
    with sessions.begin() as session:
        assert delivering.claim(session, OUTLET, key) is None
    make_due(sessions)  # the first is thought dead
    with sessions.begin() as session:
        second = delivering.claim(session, OUTLET, key)
        delivering.note_outcome(session, second, sending.Outcome(204, None, 1))
    failed = sending.Outcome(500, reading.event_phrase("x"), 1)
    with sessions.begin() as session:
        delivering.note_outcome(session, late, failed)
    assert (late.attempt, second.attempt) == (1, 2)
    assert delivery(sessions).status is DeliveryStatus.DELIVERED
    with sessions.begin() as session:
        version = session.scalars(select(Webhook.version)).one()
        keeping.remove_webhook(session, OPERATOR, code, version=version)
    with sessions.begin() as session:
        delivering.note_outcome(session, late, failed)
    assert delivery_log(sessions) == []


def test_several_couriers_at_once_deliver_each_message_once(sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    code = make(sessions).code
    with sessions.begin() as session:
        for _ in range(20):
            keeping.send_test(session, OPERATOR, code)
        key = session.scalars(select(Webhook.id)).one()
    sent: list[str] = []

    def send(_sender: sending.Sender, _url: str, headers: dict[str, str], _body: bytes) -> sending.Outcome:
        sent.append(headers["webhook-id"])
        return sending.Outcome(204, None, 1)

    monkeypatch.setattr(sending.Sender, "send", send)
    given = (sessions, OUTLET, sending.Sender(OUTLET), key, threading.Event())
    while delivering.waiting_webhooks(sessions):  # who finds that another was quicker leaves it at that
        couriers = [threading.Thread(target=delivering.deliver_waiting, args=given) for _ in range(4)]
        for thread in couriers:
            thread.start()
        for thread in couriers:
            thread.join()
    assert len(sent) == len(set(sent)) == 20
    assert delivery_log(sessions) == [(204, None)] * 20


def test_a_receiver_that_does_not_answer_is_left_and_one_without_a_trusted_certificate_is_told_nothing(
    sessions, receiver, monkeypatch
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", 0.3)
    receiver.release = threading.Event()
    outlet = open_outlet(receiver)
    url = f"https://127.0.0.1:{receiver.port}/"
    outcome = sending.Sender(outlet).send(url, {}, b"{}")
    receiver.release.set()
    assert (outcome.answer, outcome.failure.msgid) == (None, "There was no answer within %(seconds)s seconds.")
    assert 300 <= outcome.milliseconds < 5000
    monkeypatch.setattr(sending, "TIMEOUT", 10.0)
    monkeypatch.delenv("SSL_CERT_FILE")
    outcome = sending.Sender(outlet).send(url, {}, b"{}")
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.failure.params["reason"]
    refused = sending.Sender(Outlet("k", outlet.hosts)).send(url, {}, b"{}")
    assert refused.failure.params["address"] == "127.0.0.1"
    moved = sending.Sender(Outlet("k", ("elsewhere.example",))).send(url, {}, b"{}")
    assert moved.failure.msgid == "The installation's settings do not allow the host %(host)s."
    assert len(receiver.got) == 1


def test_a_courier_delivers_by_itself_and_a_slow_receiver_keeps_no_other_waiting(sessions, receiver, certificate):
    outlet = open_outlet(receiver)
    with receiving(certificate) as slow:
        slow.release = threading.Event()
        both = Outlet(outlet.key, (*outlet.hosts, f"127.0.0.1:{slow.port}"), outlet.networks)
        codes = [
            make(sessions, url=f"https://127.0.0.1:{port}/", outlet=both).code for port in (slow.port, receiver.port)
        ]
        with sessions.begin() as session:
            for code in codes * 2:
                keeping.send_test(session, OPERATOR, code)
        with courier(sessions, both):
            end = time.monotonic() + 30
            while len(receiver.got) < 2 and time.monotonic() < end:
                time.sleep(0.05)
            assert len(receiver.got) == 2
            assert len(slow.got) == 1
            slow.release.set()
    assert {status for status, _ in delivery_log(sessions)} == {204}


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "missing"),
        ("http://hooks.example.go.th/", "not_an_address"),
        ("https://user:word@hooks.example.go.th/", "not_an_address"),
        ("https://hooks.example.go.th\\@evil.example/", "not_an_address"),
        ("https://hooks.example.go.th:99999/", "not_an_address"),
        ("https://hooks.example.go.th/#part", "not_an_address"),
        ("https://Hooks.example.go.th/", "not_an_address"),
        ("https://hooks.example.go.th/\n", "not_an_address"),
        ("https://ศูนย์.example.go.th/", "not_an_address"),
        ("https://[::1]/", "not_an_address"),
        ("https://" + "a" * 500, "too_long"),
        ("https://hooks.example.go.th:8443/", "host_not_allowed"),
        ("https://hooks.example.go.th.evil.example/", "host_not_allowed"),
        ("https://below.other.go.th.evil.example/", "host_not_allowed"),
        ("https://other.go.th/", "host_not_allowed"),
        ("https://169.254.169.254/latest", "host_not_allowed"),
        (URL, None),
        ("https://hooks.example.go.th:443/", None),
        ("https://below.other.go.th:8443/x", None),
    ],
)
def test_where_a_webhook_may_lead(url: str, code: str | None) -> None:
    outlet = Outlet("k", ("hooks.example.go.th", "*.other.go.th:8443"))
    assert [found.code for found in check_url(outlet, url)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("10.1.2.3", True),
        ("10.2.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address to be refused
        ("224.0.0.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.1.2.3", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("fd00::1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_which_addresses_are_reached(address: str, reached: bool) -> None:
    outlet = Outlet("k", networks=(ipaddress.ip_network("10.1.0.0/16"),))
    assert outlet.reaches(ipaddress.ip_address(address)) is reached


def test_a_name_with_any_address_that_is_not_allowed_is_refused(monkeypatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(RefusedError, match=r"127\.0\.0\.1"):
        resolved("hooks.example.go.th")
    del found[1]
    assert resolved("hooks.example.go.th") == ["8.8.8.8"]


def resolved(host: str) -> Any:
    """The addresses of `host`, asked for in a thread of its own: a browser's tests may leave a loop in this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(lambda: asyncio.run(resolve(OUTLET, host, 443))).result()


def test_deliveries_that_are_over_go_in_time_and_those_that_wait_stay(sessions) -> None:
    code = make(sessions).code
    with sessions.begin() as session:
        for _ in range(2):
            keeping.send_test(session, OPERATOR, code)
    with sessions.begin() as session:
        ticket = delivering.claim(session, OUTLET, session.scalars(select(Webhook.id)).one())
        delivering.note_outcome(session, ticket, sending.Outcome(204, None, 1))
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    with sessions.begin() as session:
        counted = measure_work(session, tomorrow).deliveries
        assert counted == {DeliveryStatus.DELIVERED: 1, DeliveryStatus.WAITING: 1}
        (over,) = (found for found in outlived(tomorrow) if found.key == "webhook_deliveries")
        assert over.remove(session) == 1
    assert delivery(sessions).status is DeliveryStatus.WAITING
    assert delivery_log(sessions) == []


def test_every_fault_of_a_webhook_is_told_at_once(sessions) -> None:
    with sessions() as session:
        with pytest.raises(InvalidInputError) as caught:
            keeping.create_webhook(session, OPERATOR, OUTLET, WebhookFields(" ", "x", ("no.such",), "99999"))
        assert {found.address: found.code for found in caught.value.faults} == {
            "name": "missing",
            "url": "not_an_address",
            "events": "unknown",
            "ministry": "unknown",
        }
        with pytest.raises(InvalidInputError) as caught:
            keeping.create_webhook(session, OPERATOR, OUTLET, WebhookFields("x\0" * 200, URL, ()))
        assert [found.code for found in caught.value.faults] == ["too_long", "character", "missing"]


def test_administrators_alone_keep_webhooks_and_what_they_do_is_in_the_log_without_the_secret(sessions, person) -> None:
    admin = person(Role.ADMINISTRATOR)
    with sessions.begin() as session:
        issued = keeping.create_webhook(session, admin, OUTLET, WebhookFields("x", URL, ("run.finished",)))
        fields = WebhookFields("y", URL, ("run.finished", "plan.published"))
        detail = reading.get_webhook(session, admin, issued.code)
        keeping.change_webhook(session, admin, OUTLET, issued.code, fields, version=detail.version)
        with pytest.raises(ConflictError):
            keeping.change_webhook(session, admin, OUTLET, issued.code, fields, version=detail.version)
        another = keeping.replace_secret(session, admin, OUTLET, issued.code)
        (row,) = reading.list_webhooks(session, admin).rows
        assert row[:3] == (issued.code, "y", URL)
        assert reading.get_webhook(session, admin, issued.code).overlap_ends is not None
    with sessions() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == f"webhook:{issued.code}")).all()
        assert [entry.action for entry in entries] == ["created", "changed", "secret_replaced"]
        kept = repr([entry.changes for entry in entries]) + repr(session.execute(select(Webhook.__table__)).all())
        assert not any(found.secret.removeprefix("whsec_") in kept for found in (issued, another))
    others = [person(role) for role in Role if role not in {Role.ADMINISTRATOR, Role.MINISTRY_PLANNER}]
    with sessions() as session:
        for other in others:
            with pytest.raises(ForbiddenError):
                reading.get_webhook(session, other, issued.code)
            with pytest.raises(ForbiddenError):
                keeping.create_webhook(session, other, OUTLET, fields)


def test_settings_say_where_webhooks_may_lead_and_bad_ones_are_named(tmp_path: Path) -> None:
    environ = {"PLANNER_DATABASE_URL": "sqlite://", "PLANNER_SECRET_KEY": "k" * 32}
    names = {"PLANNER_WEBHOOK_HOSTS": "a.example:8443, *.b.example", "PLANNER_WEBHOOK_NETWORKS": "10.0.0.0/8,fd00::/8"}
    settings = load_settings(environ | names, tmp_path)
    assert settings.webhook_hosts == ("a.example:8443", "*.b.example")
    assert Outlet.of(settings).reaches(ipaddress.ip_address("fd00::1"))
    assert settings.secret_key not in repr(Outlet.of(settings))
    with pytest.raises(ValueError, match="PLANNER_WEBHOOK_NETWORKS"):
        load_settings(environ | {"PLANNER_WEBHOOK_NETWORKS": "10.0.0.1/8"}, tmp_path)
    with pytest.raises(ValueError, match="PLANNER_WEBHOOK_HOSTS"):
        load_settings(environ | {"PLANNER_WEBHOOK_HOSTS": "https://a.example"}, tmp_path)
