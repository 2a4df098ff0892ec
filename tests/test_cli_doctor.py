"""`planner doctor` against installations that each have one thing wrong; plain cases stand in test_planner_cli.py."""

import datetime as dt
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

import models
from planner import __version__
from planner.cli import main
from planner.cli.doctor import machine, network
from planner.cli.doctor.database import check_database
from planner.cli.doctor.findings import Finding, Verdict
from planner.config import Settings, known_settings
from planner.services.attachments import Shelf
from planner.services.permissions import OPERATOR
from planner.services.webhooks.addresses import Outlet
from planner.services.webhooks.keeping import WebhookFields, create_webhook

KEY = "0123456789abcdef" * 4


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    """Sound settings on a database of each kind."""
    url = engine.url.render_as_string(hide_password=False)
    return Settings(url, KEY, attachments=tmp_path / "attachments")


def said(findings: Iterator[Finding], verdict: Verdict) -> list[str]:
    """What of `findings` is so, in English."""
    return [finding.message.msgid % dict(finding.message.params) for finding in findings if finding.verdict is verdict]


def test_settings_that_do_not_fit_together() -> None:
    environ = {"PLANNER_SECRET_KEY": KEY, "PLANNER_UPLOAD_LIMT": "1", "PLANNER_LANGUAGE": "en"}
    amiss = Settings("sqlite://", "k" * 40, address="https://p.example.go.th", attachment_limit=2, upload_limit=1)
    assert said(machine.check_settings(amiss, environ), Verdict.WRONG) == [
        "There are no such settings: ('PLANNER_UPLOAD_LIMT',)",
        "PLANNER_SECRET_KEY can be guessed: use at least 32 random signs",
        "PLANNER_ATTACHMENT_LIMIT is more than PLANNER_UPLOAD_LIMIT lets through",
        "PLANNER_ADDRESS is https, but PLANNER_SECURE_COOKIES is not 1",
    ]
    sound = Settings("sqlite://", KEY, address="https://p.example.go.th", secure_cookies=True, proxies=1)
    findings = list(machine.check_settings(sound, {"PLANNER_SECRET_KEY": KEY}))
    assert [finding.verdict for finding in findings] == [Verdict.SOUND]
    doubtful = replace(sound, proxies=0, address="http://p", mail_server="smtp://m")
    assert not said(machine.check_settings(doubtful, {"PLANNER_SECRET_KEY": KEY}), Verdict.DOUBTFUL)
    doubtful = replace(sound, proxies=0, mail_server="smtp://m")
    assert len(said(machine.check_settings(doubtful, {"PLANNER_SECRET_KEY": KEY}), Verdict.DOUBTFUL)) == 1


def test_no_documented_setting_is_called_unknown() -> None:
    page = Path(__file__).resolve().parent.parent / "docs/settings.md"
    documented = set(re.findall(r"\bPLANNER_[A-Z_]*[A-Z]\b", page.read_text("utf-8")))
    assert documented == known_settings() | machine.ELSEWHERE


def test_a_kept_key_that_others_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("instance/secret_key")
    path.parent.mkdir()
    path.write_text(KEY)
    for mode, wrong in ((0o600, []), (0o640, ["Others than its owner may read the secret key in instance"])):
        path.chmod(mode)
        assert said(machine.check_settings(Settings("sqlite://", KEY), {}), Verdict.WRONG) == wrong


def test_bad_settings_are_findings_and_end_the_examination(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"PLANNER_LANGUAGE": "en", "PLANNER_LOG": "xml", "PLANNER_PROXIES": "-1"}
    ill = CliRunner().invoke(main, ["doctor"], env=environ)
    assert ill.exit_code == 1
    assert ill.stdout.splitlines()[2:] == [
        "WRONG: PLANNER_PROXIES: -1 is less than 0.",
        "WRONG: PLANNER_LOG: “xml” is none of text, json.",
    ]


def test_disks_that_fill_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(f"sqlite:///{tmp_path}/planner.db", KEY, attachments=tmp_path / "none")
    usage = namedtuple("usage", "total used free")
    for free, verdict in ((2**34, Verdict.SOUND), (2**29, Verdict.DOUBTFUL), (2**20, Verdict.WRONG)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _place, free=free: usage(0, 0, free))
        findings = list(machine.check_disks(settings))
        assert {finding.verdict for finding in findings} == {verdict}
        assert str(tmp_path) in {finding.message.params["folder"] for finding in findings}


def test_a_folder_for_which_there_is_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    settings = Settings("sqlite://", KEY, attachments=tmp_path / "file/attachments")
    assert said(machine.check_folders(settings), Verdict.WRONG) == [f"{tmp_path}/file/attachments cannot be written"]


def add_worker(sessions: sessionmaker[Session], name: str, silent: float, version: str = __version__) -> None:
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=silent)
    with sessions.begin() as session:
        session.add(models.Worker(executor=name, version=version, started_at=moment, heartbeat_at=moment))


def test_workers_that_are_there_lost_or_of_another_version(sessions: sessionmaker[Session], settings: Settings) -> None:
    nobody = "No worker is alive. Start `planner worker`."
    assert said(check_database(settings, deep=False), Verdict.DOUBTFUL) == [nobody]
    add_worker(sessions, "w-lost", 60)
    assert said(check_database(settings, deep=False), Verdict.DOUBTFUL) == [
        nobody,
        "No sign of life comes from these workers: ('w-lost',)",
    ]
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=20)
    with sessions.begin() as session:
        session.add(models.Job(kind="plan_run", subject="P-000001", status="queued", created_at=long_ago))
    waits = "Work waits and no worker is alive. Start `planner worker`."
    assert said(check_database(settings, deep=False), Verdict.WRONG) == [waits]
    add_worker(sessions, "w-1", 0)
    assert not said(check_database(settings, deep=False), Verdict.WRONG)
    assert "The oldest work has waited for 20 minutes" in said(check_database(settings, deep=False), Verdict.DOUBTFUL)
    add_worker(sessions, "w-2", 0, "0.0.1")
    assert said(check_database(settings, deep=False), Verdict.WRONG) == ["Workers are of other versions: ('0.0.1',)"]


def test_a_webhook_that_the_settings_no_longer_allow(sessions: sessionmaker[Session], settings: Settings) -> None:
    allowed = replace(settings, webhook_hosts=("hooks.example.go.th",))
    given = WebhookFields("x", "https://hooks.example.go.th/", ("run.finished",))
    with sessions.begin() as session:
        code = create_webhook(session, OPERATOR, Outlet.of(allowed), given).code
    assert not said(check_database(allowed, deep=False), Verdict.WRONG)
    wrong = f"The settings do not allow the addresses of these webhooks: ('{code}',)"
    assert said(check_database(settings, deep=False), Verdict.WRONG) == [wrong]


def test_files_and_rows_that_miss_each_other(
    sessions: sessionmaker[Session], settings: Settings, person: Callable[..., object]
) -> None:
    assert "Attached files are where they belong" in said(check_database(settings, deep=False), Verdict.SOUND)
    shelf = Shelf(settings.attachments)
    shelf.put("a" * 32, b"x")
    os.utime(shelf.path("a" * 32), (0, 0))
    who = person(models.Role.DE_PLANNER).user_id
    with sessions.begin() as session:
        session.add(
            models.Attachment(
                token="b" * 32, subject="site:A", name="x", media_type="x/y", size=1, sha256="0" * 64,
                attached_by_id=who, attached_at=dt.datetime.now(dt.UTC),
            )
        )  # fmt: skip
    (lost,) = said(check_database(settings, deep=False), Verdict.WRONG)
    assert lost.startswith("1 attached files are not in ")
    assert "Nothing names 1 files; `planner purge` removes them" in said(
        check_database(settings, deep=False), Verdict.DOUBTFUL
    )


def test_an_audit_log_that_was_changed_shows_when_looked_at_deeply(
    sqlite_engine: Engine, tmp_path: Path, person: Callable[..., object]
) -> None:
    settings = Settings(str(sqlite_engine.url), KEY, attachments=tmp_path)
    assert not said(check_database(settings, deep=True), Verdict.WRONG)
    with sqlite_engine.begin() as connection:
        connection.execute(text("UPDATE audit_head SET position = 7"))
    assert not said(check_database(settings, deep=False), Verdict.WRONG)
    assert said(check_database(settings, deep=True), Verdict.WRONG) == [
        "The audit log is not as it was written. Run `planner audit verify`."
    ]


def test_a_server_whose_clock_differs_or_that_gives_no_rights(postgresql_engine: Engine, tmp_path: Path) -> None:
    url = postgresql_engine.url.render_as_string(hide_password=False)
    settings = Settings(url, KEY, attachments=tmp_path)

    def late() -> dt.datetime:
        return dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)

    (wrong,) = said(check_database(settings, deep=False, clock=late), Verdict.WRONG)
    assert wrong.startswith("The database's clock is 6")
    with postgresql_engine.begin() as connection:
        connection.execute(text("CREATE ROLE doctor_of_test LOGIN; GRANT pg_read_all_data TO doctor_of_test"))
    try:
        poor = replace(settings, database_url=str(postgresql_engine.url.set(username="doctor_of_test", password="x")))
        assert said(check_database(poor, deep=False), Verdict.WRONG) == [
            "Workers can neither find nor make the schema dbos in the database"
        ]
    finally:
        with postgresql_engine.begin() as connection:
            connection.execute(text("DROP ROLE doctor_of_test"))


@contextmanager
def answering(reply: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on loopback that does `reply` with each connection; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    reply(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def mail_server(connection: socket.socket) -> None:
    with connection.makefile("rwb", buffering=0) as stream:
        stream.write(b"220 there\r\n")
        while line := stream.readline():
            stream.write(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 ok\r\n")


def closed_mail_server(connection: socket.socket) -> None:
    connection.sendall(b"554 not you\r\n")


@pytest.mark.parametrize(("server", "verdict"), [(mail_server, Verdict.SOUND), (closed_mail_server, Verdict.WRONG)])
def test_the_mail_server_is_asked(server: Callable[[socket.socket], None], verdict: Verdict) -> None:
    with answering(server) as port:
        settings = Settings("sqlite://", KEY, mail_server=f"smtp://127.0.0.1:{port}", mail_sender="a@example.go.th")
        assert [finding.verdict for finding in network.check_mail(settings)] == [verdict]
    assert [finding.verdict for finding in network.check_mail(Settings("sqlite://", KEY))] == [Verdict.DOUBTFUL]


@pytest.mark.parametrize(("days", "verdict"), [(100, Verdict.SOUND), (3, Verdict.DOUBTFUL)])
def test_a_certificate_is_told_by_its_end(
    days: int, verdict: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", "key.pem", "-out", "certificate.pem", "-days", str(days), "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")

    def greet(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1)

    with answering(greet) as port:
        settings = Settings("sqlite://", KEY, address=f"https://localhost:{port}")
        (unknown,) = network.check_certificate(settings)
        assert unknown.verdict is Verdict.WRONG
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        (known,) = network.check_certificate(settings)
        assert known.verdict is verdict
    assert not list(network.check_certificate(Settings("sqlite://", KEY, address="http://localhost")))
