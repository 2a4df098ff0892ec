"""Mail: what a server receives, and what is said without one."""

import email
import email.policy
import logging
import socketserver
import threading
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from planner.mail import Console, Mail, Mailer, Smtp

THAI = Mail("malee@example.go.th", "คุณสมชายอนุมัติความต้องการ", "อ่านเพิ่มเติม\nบรรทัดที่สอง")


class Server(socketserver.TCPServer):
    """Speaks as much SMTP as a client needs; refuses whoever is called `nobody`."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.received: list[EmailMessage] = []

    @property
    def address(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline():
            match line.split()[0].upper():
                case b"DATA":
                    self.say("354 go on")
                    self.server.received.append(self.message())
                    self.say("250 taken")
                case b"RCPT" if b"nobody" in line:
                    self.say("550 no such mailbox")
                case b"QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 well")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def message(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        return email.message_from_bytes(b"".join(lines), policy=email.policy.default)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_server_receives_thai_whole(server: Server) -> None:
    mailer = Mailer(Smtp(server.address, "planner@example.go.th"))
    mailer.post([THAI])
    mailer.close()
    (message,) = server.received
    assert message["Subject"] == THAI.subject
    assert (message["From"], message["To"]) == ("planner@example.go.th", THAI.to)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().splitlines() == THAI.text.splitlines()


def test_one_refused_address_does_not_keep_the_others(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    mails = [Mail("nobody@example.go.th", "x", "x"), Mail("not an address", "x", "x"), THAI]
    with caplog.at_level(logging.WARNING):
        Smtp(server.address, "planner@example.go.th").send(mails)
    assert [message["To"] for message in server.received] == [THAI.to]
    assert len(caplog.records) == 2


def test_a_server_that_is_not_there_is_logged(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    mailer = Mailer(Smtp("smtp://127.0.0.1:1", "planner@example.go.th"))
    mailer.post([THAI])
    mailer.close()
    assert "1 messages were not sent" in caplog.text


def test_without_a_server_mail_is_written_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    mailer = Mailer(Console())
    mailer.post([THAI])
    mailer.post([])
    mailer.close()
    written = capsys.readouterr().err
    assert THAI.to in written
    assert THAI.text in written
