"""Speaking with the organisation's provider: OpenID Connect's code flow with PKCE, state and nonce, by Authlib.

What the provider says of itself (discovery) and its keys (JWKS) are read when first needed and again every hour; a
token signed with a key that is not known yet has the keys read again at once.
"""

import hmac
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.base_client import BaseApp, FrameworkIntegration, OAuth2Mixin, OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import JoseError

from planner.errors import PlannerError
from planner.text import N_, Phrase
from planner.ways_in import ProviderSettings, is_safe

KEPT_FOR: Final = 3600.0
"""Seconds that discovery and keys are kept."""
TIMEOUT: Final = 5.0
"""Seconds that the provider may take to answer."""
AWAY_FOR: Final = 5.0
"""Seconds that a provider which did not answer is not asked again: not everybody who comes shall wait for it."""
LEEWAY: Final = 60
"""Seconds that the provider's clock may be off."""
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that are taken: those for which only the provider has the key."""
VERIFIER_LENGTH: Final = 64
SUBJECT_LENGTH: Final = 255
_UNBELIEVABLE: Final = (
    requests.RequestException,
    AuthlibBaseError,
    JoseError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
)
"""What comes of a provider that does not answer, or with something else than the standard says."""

log = logging.getLogger(__name__)
logging.getLogger("authlib").setLevel(logging.INFO)  # at debug it writes the verifier that proves who fetches the token


class ProviderError(PlannerError):
    """The provider is away, or what it said cannot be believed. The log says more."""

    status = 502
    default = Phrase(N_("Your organisation's sign-in service cannot be used at the moment. Try again later."))


class NotReturnedError(PlannerError):
    """Somebody comes from the provider whom this browser never sent there, or too late, or whom it refused."""

    status = 401
    default = Phrase(N_("Signing in by your organisation was not completed. Start again."))


@dataclass(frozen=True)
class Journey:
    """What the browser keeps while its person is at the provider, so that only what belongs to it is believed."""

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Claims:
    """What the provider says of a person. `email` is empty unless the provider has verified it."""

    subject: str
    name: str
    username: str
    email: str
    groups: tuple[str, ...]


class _Client(OAuth2Mixin, OpenIDMixin, BaseApp):  # type: ignore[misc]
    """Authlib's client without a web framework: state and nonce are kept by whoever calls."""

    client_cls = OAuth2Session


class Provider:
    """The provider of `settings`."""

    def __init__(self, settings: ProviderSettings) -> None:
        self.settings = settings
        self._client: _Client | None = None
        self._read_at = self._away_until = 0.0

    def reach(self) -> None:
        """Ask for what people's signing in needs, without anybody signing in. `ProviderError`."""
        with _believed():
            self._opened().fetch_jwk_set()

    def begin(self, back: str) -> tuple[str, Journey]:
        """The address at which the person signs in, who is then sent `back`, and what to keep. `ProviderError`."""
        journey = Journey(generate_token(32), generate_token(32), generate_token(VERIFIER_LENGTH))
        with _believed():
            begun = self._opened().create_authorization_url(
                back, state=journey.state, nonce=journey.nonce, code_verifier=journey.verifier
            )
        return str(begun["url"]), journey

    def finish(self, journey: Journey | None, returned: Mapping[str, str], back: str) -> Claims:
        """Who came back with these arguments in the address. `NotReturnedError`, `ProviderError`."""
        state = returned.get("state", "")
        if journey is None or not hmac.compare_digest(journey.state.encode(), state.encode()):
            raise NotReturnedError
        if returned.get("iss", self.settings.issuer) != self.settings.issuer or "code" not in returned:
            log.warning("the provider let nobody in", extra={"reason": returned.get("error", "no code")[:100]})
            raise NotReturnedError
        with _believed():
            client = self._opened()
            token = client.fetch_access_token(back, code=returned["code"], code_verifier=journey.verifier)
            expected = {"iss": self.settings.issuer, "aud": self.settings.client_id}
            claims = client.parse_id_token(
                token,
                nonce=journey.nonce,
                claims_options={name: {"essential": True, "value": value} for name, value in expected.items()},
                leeway=LEEWAY,
            )
            if claims is None:
                raise ValueError("there is no ID token")
            return self._read(claims, client, token)

    def sign_out_address(self, back: str) -> str | None:
        """Where the person can sign out of the provider as well; None where it has no such page or is away."""
        try:
            with _believed():
                client = self._opened()
                if not client.load_server_metadata().get("end_session_endpoint"):
                    return None
                return str(client.create_logout_url(back, client_id=self.settings.client_id)["url"])
        except ProviderError:
            return None

    def _opened(self) -> _Client:
        """The client, which knows what the provider says of itself."""
        if self._client is None or time.monotonic() > self._read_at + KEPT_FOR:
            if time.monotonic() < self._away_until:
                raise ProviderError
            settings = self.settings
            client = _Client(
                FrameworkIntegration("provider"),
                client_id=settings.client_id,
                client_secret=settings.client_secret or None,
                server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
                client_kwargs={
                    "scope": settings.scope,
                    "code_challenge_method": "S256",
                    "default_timeout": TIMEOUT,
                },
            )
            try:
                _require_sound(client.load_server_metadata(), settings)
            except (requests.ConnectionError, requests.Timeout):
                self._away_until = time.monotonic() + AWAY_FOR
                raise
            self._client, self._read_at = client, time.monotonic()
        return self._client

    def _read(self, claims: Mapping[str, Any], client: _Client, token: Mapping[str, Any]) -> Claims:
        """The claims, with those that only the provider's userinfo page has."""
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LENGTH:
            raise ValueError("the subject is no text of a fit length")
        known = dict(claims)
        if self.settings.groups_claim not in known and client.server_metadata.get("userinfo_endpoint"):
            more = client.userinfo(token=token)
            if more.get("sub") != subject:
                raise ValueError("the page of the person is another person's")
            known = {**more, **known}
        groups = known.get(self.settings.groups_claim, ())
        return Claims(
            subject=subject,
            name=_text(known, "name"),
            username=_text(known, "preferred_username"),
            email=_text(known, "email") if known.get("email_verified") is True else "",
            groups=tuple(map(str, groups)) if isinstance(groups, list | tuple) else (str(groups),),
        )


@contextmanager
def _believed() -> Iterator[None]:
    """Whatever the provider's answers bring about becomes `ProviderError`, and the log is told why."""
    try:
        yield
    except _UNBELIEVABLE as error:
        log.warning("the provider cannot be used", extra={"reason": f"{type(error).__name__}: {error}"[:300]})
        raise ProviderError from error


def _require_sound(metadata: dict[str, Any], settings: ProviderSettings) -> None:
    """`ValueError` unless the provider says that it is the one that is set, and can be spoken with safely."""
    if metadata.get("issuer") != settings.issuer:
        raise ValueError(f"its discovery document is that of another issuer than {settings.issuer}")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not is_safe(str(metadata.get(name, ""))):
            raise ValueError(f"its {name} is no address that starts with https://")
    signed = metadata.get("id_token_signing_alg_values_supported", ALGORITHMS)
    metadata["id_token_signing_alg_values_supported"] = [name for name in ALGORITHMS if name in signed]
    methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if settings.client_secret and "client_secret_basic" not in methods:
        metadata["token_endpoint_auth_method"] = "client_secret_post"  # noqa: S105 - a way, not a secret


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.strip() if isinstance(value, str) else ""
