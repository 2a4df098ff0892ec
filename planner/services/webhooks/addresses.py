"""Where messages may go: only where the settings say, whatever an administrator enters or a name server answers."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Self, TypeAlias
from urllib.parse import SplitResult, urlsplit

from planner.config import Settings
from planner.errors import Fault, PlannerError, fault
from planner.text import N_, Phrase

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST_URL: Final = 500
HTTPS: Final = 443
TRANSLATED: Final = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""Networks of IPv6 that lead on to an address of IPv4, which could be any."""

_PLAIN: Final = re.compile(r"[!-~]+")
_PLACE: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{0,4})?")


class RefusedError(PlannerError):
    """A message may not go where it was to go."""

    status = 422


@dataclass(frozen=True)
class Outlet:
    """What the installation lets out, and the key that secrets follow from.

    `hosts` are names such as `hooks.example.go.th`, `*.example.go.th` for everything below one, each with `:port`
    where that is not 443. `networks` are those of which addresses are allowed although they are not public.
    """

    key: str = field(repr=False)
    hosts: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What is set."""
        return cls(settings.secret_key, settings.webhook_hosts, settings.webhook_networks)

    def allows(self, host: str, port: int) -> bool:
        """Whether a message may go to `host` at `port`, as far as names go."""
        return any(_names(entry, host, port) for entry in self.hosts)

    def reaches(self, address: Address) -> bool:
        """Whether a message may go to `address`: a public one, or one of `networks`."""
        plain = getattr(address, "ipv4_mapped", None) or address
        if any(plain in network for network in self.networks):
            return True
        return plain.is_global and not plain.is_multicast and not any(plain in network for network in TRANSLATED)


def check_url(outlet: Outlet, url: str) -> Iterator[Fault]:
    """What stands against sending messages to `url`; the address of each fault is "url"."""
    if not url:
        yield fault("url", "missing", N_("Fill in the address."))
    elif len(url) > LONGEST_URL:
        yield fault("url", "too_long", N_("Use at most %(count)s characters."), count=LONGEST_URL)
    elif (parts := _split(url)) is None:
        message = N_(
            "This is no address such as https://hooks.example.go.th/planner, in small letters without a password."
        )
        yield fault("url", "not_an_address", message)
    elif not outlet.allows(*place_of(parts)):
        message = N_("The installation's settings do not allow the host %(host)s.")
        yield fault("url", "host_not_allowed", message, host=parts.netloc)


def read_url(outlet: Outlet, url: str) -> SplitResult:
    """The parts of an address that was stored; `RefusedError` where it is not, or no longer, allowed."""
    parts = _split(url)
    if parts is None or not outlet.allows(*place_of(parts)):
        host = parts.netloc if parts else url
        raise RefusedError(Phrase(N_("The installation's settings do not allow the host %(host)s."), {"host": host}))
    return parts


async def resolve(outlet: Outlet, host: str, port: int) -> list[str]:
    """The addresses of `host`, in the order to try them. `RefusedError` if any is not allowed, `OSError` if none is."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(place[0])) for *_, place in found]
    for address in addresses:
        if not outlet.reaches(address):
            message = N_("The host %(host)s has the address %(address)s, which the settings do not allow.")
            raise RefusedError(Phrase(message, {"host": host, "address": str(address)}))
    return list(map(str, addresses))


def place_of(parts: SplitResult) -> tuple[str, int]:
    """Host and port of an address."""
    return parts.hostname or "", parts.port or HTTPS


def _split(url: str) -> SplitResult | None:
    """The parts of an https address that every program reads alike; None for any other."""
    if not _PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        place_of(parts)
    except ValueError:  # also for a port that is none
        return None
    return parts if parts.scheme == "https" and _PLACE.fullmatch(parts.netloc) and not parts.fragment else None


def _names(entry: str, host: str, port: int) -> bool:
    name, _, at = entry.partition(":")
    if port != int(at or HTTPS):
        return False
    return host.endswith(name[1:]) if name.startswith("*.") else host == name
