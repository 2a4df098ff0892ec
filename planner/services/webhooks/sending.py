"""One try to send a message: over HTTPS, to an address that was checked, without following where it is sent on to."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import httpx

from planner import __version__
from planner.services.webhooks.addresses import Outlet, RefusedError, place_of, read_url, resolve
from planner.text import N_, Phrase

TIMEOUT: Final = 10.0
"""Seconds that a receiver has from the first look-up of its name to the head of its answer."""
CONNECTING: Final = 3.0
"""Seconds that one of its addresses has of these to take the connection, before the next is tried."""


@dataclass(frozen=True)
class Outcome:
    """What came of a try: the HTTP status that was answered, if any, why it failed unless it did not, and how long."""

    answer: int | None
    failure: Phrase | None
    milliseconds: int


class Sender:
    """Sends messages by the rules of an outlet. Certificates are checked against those that the system trusts."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._trust = ssl.create_default_context()

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Try once to hand `body` over to `url`. Whatever goes wrong is told in the outcome."""
        began = time.monotonic()
        with ThreadPoolExecutor(1) as apart:  # whoever calls may have an event loop of their own
            answer, failure = apart.submit(lambda: asyncio.run(self._try(url, headers, body))).result()
        return Outcome(answer, failure, round((time.monotonic() - began) * 1000))

    async def _try(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int | None, Phrase | None]:
        try:
            async with asyncio.timeout(TIMEOUT):
                answer = await self._post(url, headers, body)
        except RefusedError as error:
            return None, error.message
        except TimeoutError:
            return None, Phrase(N_("There was no answer within %(seconds)s seconds."), {"seconds": round(TIMEOUT)})
        except (httpx.HTTPError, OSError) as error:
            reason = str(error) or type(error).__name__
            return None, Phrase(N_("It could not be reached: %(reason)s"), {"reason": reason[:300]})
        if 200 <= answer < 300:
            return answer, None
        return answer, Phrase(N_("It answered with status %(status)s."), {"status": str(answer)})

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer, of which nothing else is read.

        Connections go to the addresses that were checked: were the name looked up again it might lead elsewhere.
        """
        parts = read_url(self._outlet, url)
        host, port = place_of(parts)
        sent = {**headers, "host": parts.netloc, "user-agent": f"de-capacity-planner/{__version__}"}
        failure: httpx.TransportError | None = None
        timeout = httpx.Timeout(TIMEOUT, connect=CONNECTING)
        async with httpx.AsyncClient(verify=self._trust, timeout=timeout, trust_env=False) as client:
            for address in await resolve(self._outlet, host, port):
                target, named = httpx.URL(url).copy_with(host=address), {"sni_hostname": host}
                try:
                    async with client.stream("POST", target, headers=sent, content=body, extensions=named) as answer:
                        return answer.status_code
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:  # of IPv6, say, where there is none
                    failure = error
        raise failure or OSError(host)
