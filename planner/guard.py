"""What stands in front of every answer, whichever application gives it: headers, and the hosts that are served.

Pages and the API set what is their own, such as the policy for contents; what they leave open is closed here. No
address that the application gives out is ever made of what a request calls the host. That other hosts are refused
keeps caches and other people's domains that point here from getting pages under their names.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone",
            "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb",
            "xr-spatial-tracking",
        )
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
}  # fmt: skip
"""What an answer carries that does not say otherwise."""

TRANSPORT: Final = "max-age=31536000; includeSubDomains"
MACHINES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""What a load balancer or monitoring asks for, by whatever name they call this machine."""
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Guard:
    """A WSGI application in front of another one.

    `address` is where people reach it, such as https://planner.example.go.th: then no other host is served, but this
    machine itself. Where `config` says that cookies go over HTTPS alone, browsers are told never to come otherwise.
    """

    def __init__(self, inner: WSGIApplication, config: Mapping[str, Any], address: str = "") -> None:
        self._inner, self._config = inner, config
        self._hosts = _HERE | {urlsplit(address).hostname} if address else frozenset()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            complete = Headers(headers)
            for name, value in HEADERS.items():
                complete.setdefault(name, value)
            if self._config["SESSION_COOKIE_SECURE"]:
                complete.setdefault("Strict-Transport-Security", TRANSPORT)
            return start_response(status, complete.to_wsgi_list(), *rest)

        return (self._inner if self._serves(environ) else _UNKNOWN_HOST)(environ, start)

    def _serves(self, environ: WSGIEnvironment) -> bool:
        if not self._hosts or environ.get("PATH_INFO") in MACHINES:
            return True
        try:
            return urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname in self._hosts
        except ValueError:
            return False


_UNKNOWN_HOST: Final = Response("This address is not served here.\n", 400, mimetype="text/plain")
