"""The session's cookie, read by hosts whose clocks need not agree to the second."""

from typing import Any, Final

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer

SKEW: Final = 300
"""Seconds by which a cookie may be from the future: so much may two hosts differ, or a clock be set back."""


class PatientSigner(TimestampSigner):
    """Takes what another host signed whose clock is ahead. How long a sign-in lasts is not for the cookie to say."""

    def unsign(self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: bool = False) -> Any:
        """The value, as the original does it but for an age a little below zero."""
        value, moment = super().unsign(signed_value, max_age=None, return_timestamp=True)
        age = self.get_timestamp() - int(moment.timestamp())
        if max_age is not None and not -SKEW <= age <= max_age:
            raise SignatureExpired(f"Signature age {age} is not in range", payload=value, date_signed=moment)
        return (value, moment) if return_timestamp else value


class SessionCookies(SecureCookieSessionInterface):
    """Flask's own sessions with that signer."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What writes and reads the cookie."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = PatientSigner
        return serializer
