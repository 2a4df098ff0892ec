"""Providers of OpenID Connect for the tests: a real one in a process of its own, and one that lies when told to."""

import base64
import hashlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "planner", "the-secret-of-the-planner"
GROUPS: Final = ("planner-admins", "moph-planners", "auditors")
PEOPLE: Final[Mapping[str, Mapping[str, Any]]] = {
    "sub-wanida": {
        "name": "วนิดา ตัวอย่าง",
        "preferred_username": "wanida",
        "email": "wanida@moph.example.go.th",
        "email_verified": True,
        "groups": ["everybody", "moph-planners"],
    },
    "sub-nobody": {"name": "ไม่มีกลุ่ม", "preferred_username": "nobody", "groups": ["everybody"]},
}
"""The people whom the real one knows, by subject."""
PATIENCE: Final = 30.0
"""Seconds that a provider may take to start."""


@pytest.fixture(scope="session")
def oidc_provider() -> Iterator[str]:
    """The issuer of a provider that knows `PEOPLE`, a process that listens on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    people = [part for sub, claims in PEOPLE.items() for part in ("--user-claims", json.dumps({"sub": sub, **claims}))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true", *people]
    issuer = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            await_answer(process, issuer)
            yield issuer
        finally:
            process.terminate()


def await_answer(process: subprocess.Popen[bytes], issuer: str) -> None:
    """Until the provider answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            requests.get(f"{issuer}/.well-known/openid-configuration", timeout=1).raise_for_status()
        except requests.RequestException:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the provider did not start")


class Liar:
    """A provider that keeps to the standard, unless a test changes what it says.

    `claims`, `metadata` and `userinfo` go over what it would say; `raw_token` takes the place of the ID token,
    `replies` that of the body of an answer, by its path. `asked` notes the paths that were asked for.
    """

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = self.published = RSAKey.generate_key(2048, {"kid": "first"}, auto_kid=False)
        self.claims: dict[str, Any] = {"sub": "s-1", "name": "สมศรี", "groups": ["auditors"]}
        self.metadata: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.replies: dict[str, tuple[int, bytes]] = {}
        self.raw_token: str | None = None
        self.asked: list[str] = []
        self.sent: dict[str, str] = {}
        self._begun: dict[str, str] = {}

    def sign_in(self, address: str) -> dict[str, str]:
        """What the provider sends the browser back with that was sent to `address`."""
        self._begun = dict(parse_qsl(urlsplit(address).query))
        return {"code": "the-code", "state": self._begun["state"]}

    def answer(self, path: str, sent: Mapping[str, str], authorization: str) -> tuple[int, bytes]:
        """Status and body for a request."""
        self.asked.append(path)
        if path in self.replies:
            return self.replies[path]
        said = {
            "/.well-known/openid-configuration": self._discovery,
            "/keys": lambda: KeySet([self.published]).as_dict(private=False),
            "/token": lambda: self._token(sent, authorization),
            "/userinfo": lambda: {"sub": self.claims.get("sub"), **self.userinfo},
        }[path]()
        return (200 if "error" not in said else 400), json.dumps(said).encode()

    def id_token(self, claims: Mapping[str, Any]) -> str:
        """Signed with the present key."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, dict(claims), self.key)

    def whole_claims(self) -> dict[str, Any]:
        """The claims of the ID token; those that a test sets to None are left out."""
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": self._begun["nonce"]}
        return {name: value for name, value in {**usual, **self.claims}.items() if value is not None}

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/end",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            **self.metadata,
        }

    def _token(self, sent: Mapping[str, str], authorization: str) -> dict[str, Any]:
        self.sent = dict(sent)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=")
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        known = authorization == basic or (sent.get("client_id"), sent.get("client_secret")) == (CLIENT, SECRET)
        proven = (self._begun["code_challenge"], self._begun["code_challenge_method"]) == (challenge.decode(), "S256")
        returned = sent["redirect_uri"] == self._begun["redirect_uri"] and sent["code"] == "the-code"
        if not (known and proven and returned):
            return {"error": "invalid_grant"}
        token = self.id_token(self.whole_claims()) if self.raw_token is None else self.raw_token
        return {"access_token": "the-access-token", "token_type": "Bearer", "expires_in": 300, "id_token": token}


@contextmanager
def lying_provider() -> Iterator[Liar]:
    """A `Liar` that listens on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply({})

        def do_POST(self) -> None:
            self.reply(dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode())))

        def reply(self, sent: Mapping[str, str]) -> None:
            status, body = liar.answer(urlsplit(self.path).path, sent, self.headers.get("Authorization", ""))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    liar = Liar(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield liar
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
