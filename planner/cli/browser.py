"""As much of a browser as the tests over HTTP need: cookies, forms, files, and what a page answered."""

import http.client
import json
import re
import uuid
from collections.abc import Container, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

TOKEN: Final = re.compile(r'name="csrf_token"\s+value="([^"]+)"')
TIMEOUT: Final = 120
"""Seconds that an answer may take."""
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class PageError(Exception):
    """A page answered otherwise than it should."""


@dataclass(frozen=True)
class Answer:
    """What came back: `location` is where a redirect leads, "" where there is none."""

    status: int
    text: str
    location: str


class Browser:
    """One person's browser on this machine, with one kept connection.

    `again`: a request that found the kept connection closed is sent once more on a new one. Where it must be known
    whether a request arrived, each has a connection of its own and is sent once.
    """

    def __init__(self, port: int, *, again: bool = True) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        self.cookies: dict[str, str] = {}
        self._again = again

    def get(self, path: str) -> str:
        """The page at `path`; `PageError` unless it answers with 200."""
        return expect(self.ask("GET", path), {200})

    def send(self, path: str, form: Mapping[str, object], expected: Container[int]) -> str:
        """Send `form` to `path`; `PageError` unless it answers as `expected`."""
        return expect(self.post(path, form), expected)

    def send_json(self, path: str, value: object, csrf: str, expected: Container[int]) -> str:
        """Send `value` as a script of ours would."""
        return expect(self.post_json(path, value, csrf), expected)

    def upload(self, path: str, form: Mapping[str, str], name: str, content: bytes) -> str:
        """Send `form` and a workbook called `name`."""
        return expect(self.post_file(path, form, name, "rows.xlsx", content), {200})

    def post(self, path: str, form: Mapping[str, object]) -> Answer:
        """Send `form` to `path`."""
        body = urlencode(form, doseq=True).encode()
        return self.ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def post_json(self, path: str, value: object, csrf: str) -> Answer:
        """Send `value` as JSON."""
        return self.ask(
            "POST", path, json.dumps(value).encode(), {"Content-Type": "application/json", "X-CSRFToken": csrf}
        )

    def post_file(
        self,
        path: str,
        form: Mapping[str, str],
        field: str,
        filename: str,
        content: bytes,
        *,
        headers: Mapping[str, str] = NOTHING,
    ) -> Answer:
        """Send `form` and, in `field`, a file."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in form.items()
        ]
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{filename}"\r\n\r\n'
        body = b"".join([*parts, head.encode(), content, f"\r\n--{boundary}--\r\n".encode()])
        return self.ask("POST", path, body, {**headers, "Content-Type": f"multipart/form-data; boundary={boundary}"})

    def ask(self, method: str, path: str, body: bytes | None = None, kind: Mapping[str, str] = NOTHING) -> Answer:
        """Whatever `path` answers. `OSError` or `http.client.HTTPException` where nothing does."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **kind}
        if not self._again:
            self.connection.close()
        try:
            response = self._exchange(method, path, body, headers)
        except (http.client.RemoteDisconnected, ConnectionError):  # the server let go of an idle connection
            self.connection.close()
            if not self._again:
                raise
            response = self._exchange(method, path, body, headers)
        text = response.read().decode(errors="replace")
        for name, morsel in SimpleCookie(response.headers.get("Set-Cookie", "")).items():
            self.cookies[name] = morsel.value
        return Answer(response.status, text, response.headers.get("Location", ""))

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        self.connection.request(method, path, body, headers)
        return self.connection.getresponse()


def expect(answer: Answer, expected: Container[int]) -> str:
    """The page; `PageError` unless its status is an `expected` one."""
    if answer.status not in expected:
        raise PageError(f"answered {answer.status}")
    return answer.text


def token(page: str) -> str:
    """The CSRF token of a page; `PageError` if it has none."""
    if (found := TOKEN.search(page)) is None:
        raise PageError("has no form")
    return found[1]
