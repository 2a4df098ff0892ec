"""Searching attached files for viruses, with a scanner that speaks ClamAV's protocol as its manual has it."""

import io
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models import Attachment, Role
from planner.cli.doctor.findings import Verdict
from planner.cli.doctor.network import check_scanner
from planner.config import Settings, load_settings
from planner.environment import SettingsError
from planner.errors import InvalidInputError
from planner.services.attachments import Shelf, Upload, attach
from planner.services.scanning import Scanner, ScannerError

VIRUS = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR"
LIMIT = 200_000


class Conversation(socketserver.StreamRequestHandler):
    """One command, ended by NUL; after INSTREAM chunks, each behind its length, the last of no length."""

    def handle(self) -> None:
        command = b"".join(iter(lambda: self.rfile.read(1), b"\0"))
        self.wfile.write(self.answer(command) + b"\0")

    def answer(self, command: bytes) -> bytes:
        if command == b"zPING":
            return b"PONG"
        assert command == b"zINSTREAM"
        stream = b""
        while length := struct.unpack("!I", self.rfile.read(4))[0]:
            stream += self.rfile.read(length)
            if len(stream) > LIMIT:
                return b"INSTREAM size limit exceeded. ERROR"
        return b"stream: Eicar-Test-Signature FOUND" if VIRUS in stream else b"stream: OK"


@pytest.fixture(params=["path", "port"])
def scanner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scanner]:
    """One at the path of a socket, and one at a port."""
    by_path = request.param == "path"
    place = str(tmp_path / "clamd.ctl") if by_path else ("127.0.0.1", 0)
    kind = socketserver.ThreadingUnixStreamServer if by_path else socketserver.ThreadingTCPServer
    with kind(place, Conversation) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Scanner(place if by_path else f"127.0.0.1:{server.server_address[1]}")
        server.shutdown()
        thread.join()


def test_what_is_found_is_named_wherever_it_stands(scanner: Scanner) -> None:
    scanner.reach()
    assert scanner.search(b"%PDF-1.7") is None
    assert scanner.search(b" " * (64 * 1024 - 5) + VIRUS) == "Eicar-Test-Signature"  # over the edge of a chunk


def test_what_is_not_searched_is_not_believed(scanner: Scanner) -> None:
    with pytest.raises(ScannerError):
        scanner.search(b"a" * (LIMIT + 1))


@pytest.mark.parametrize("place", ["/nowhere/clamd.ctl", "127.0.0.1:1"])
def test_a_scanner_that_is_away_says_so(place: str) -> None:
    for ask in (Scanner(place).reach, lambda: Scanner(place).search(b"")):
        with pytest.raises(ScannerError):
            ask()
    (finding,) = check_scanner(Settings("sqlite://", "x", clamd=place))
    assert finding.verdict is Verdict.WRONG


@pytest.mark.parametrize("scanner", ["path"], indirect=True)
def test_no_file_is_taken_that_holds_a_virus_or_was_not_searched(world, person, scanner: Scanner, tmp_path) -> None:
    planner = person(Role.MINISTRY_PLANNER, "21000")

    def put(by: Scanner, content: bytes) -> None:
        with world.begin() as session:
            shelf = Shelf(tmp_path / "shelf", scanner=by)
            attach(session, planner, shelf, "requirement:R-000001", Upload("a.txt", io.BytesIO(content)))

    with pytest.raises(InvalidInputError) as refused:
        put(scanner, VIRUS)
    assert [(found.address, found.code) for found in refused.value.faults] == [("file", "virus")]
    with pytest.raises(ScannerError):
        put(Scanner("/nowhere/clamd.ctl"), b"a")
    with world() as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 0
    put(scanner, b"a")
    (finding,) = check_scanner(Settings("sqlite://", "x", clamd=scanner.place))
    assert finding.verdict is Verdict.SOUND


@pytest.mark.parametrize("place", ["clamd", "clamd:0", "http://clamd:3310", "run/clamd.ctl"])
def test_the_setting_names_a_place(place: str, tmp_path: Path) -> None:
    assert load_settings({"PLANNER_CLAMD": "clamd.example.go.th:3310"}, tmp_path).clamd == "clamd.example.go.th:3310"
    with pytest.raises(SettingsError, match="PLANNER_CLAMD"):
        load_settings({"PLANNER_CLAMD": place}, tmp_path)
