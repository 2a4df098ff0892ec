"""Searching files for viruses, by whichever ClamAV the installation runs: `clamd`, spoken with over a socket.

A file goes to it as a stream (INSTREAM), so it may run on another machine and reads nothing of ours.
"""

import re
import socket
import struct
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Final

from planner.errors import PlannerError
from planner.text import N_, Phrase

TIMEOUT: Final = 60.0
"""Seconds for each step: a large archive takes a while to search."""
_CHUNK: Final = 64 * 1024
_LONGEST_ANSWER: Final = 4096
_FOUND: Final = re.compile(r"stream: (.+) FOUND")


class ScannerError(PlannerError):
    """The scanner does not answer, or not with a verdict: what nobody has searched is not taken."""

    status = 503
    default = Phrase(N_("The file could not be searched for viruses and was not taken. Try again in a moment."))


@dataclass(frozen=True)
class Scanner:
    """A clamd at `place`: the path of its socket, or `host:port`."""

    place: str

    def search(self, content: bytes) -> str | None:
        """What is wrong with `content`, by the scanner's name for it; None where nothing is. `ScannerError`."""
        chunks = (content[at : at + _CHUNK] for at in range(0, len(content), _CHUNK))
        stream = b"".join(struct.pack("!I", len(chunk)) + chunk for chunk in chunks)
        answer = self._ask(b"zINSTREAM\0" + stream + struct.pack("!I", 0))
        if answer == "stream: OK":
            return None
        if found := _FOUND.fullmatch(answer):
            return found[1]
        raise ScannerError from ValueError(answer)

    def reach(self) -> None:
        """See that it answers; `ScannerError`."""
        if (answer := self._ask(b"zPING\0")) != "PONG":
            raise ScannerError from ValueError(answer)

    def _ask(self, request: bytes) -> str:
        """What it answers. It may do so before it has taken everything, where it takes no more."""
        try:
            with closing(self._connect()) as connection:
                with suppress(BrokenPipeError, ConnectionResetError):
                    connection.sendall(request)
                answer = b""
                while part := connection.recv(_LONGEST_ANSWER):
                    answer += part
                    if b"\0" in part or len(answer) >= _LONGEST_ANSWER:
                        break
        except OSError as error:
            raise ScannerError from error
        return "".join(sign for sign in answer.decode(errors="replace").rstrip("\0") if sign.isprintable())

    def _connect(self) -> socket.socket:
        if not self.place.startswith("/"):
            host, _, port = self.place.rpartition(":")
            return socket.create_connection((host, int(port)), TIMEOUT)
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(TIMEOUT)
            connection.connect(self.place)
        except OSError:
            connection.close()
            raise
        return connection
