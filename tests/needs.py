"""What some tests need of the machine."""

import os

import pytest

PROGRAMS = {"browser": ("chromium", "chromium-browser", "google-chrome"), "office": ("soffice",)}
"""The programs, any of which a marked test needs."""


def lacking(what: str) -> None:
    """Skip the test for want of `what`; on a CI machine, which should have everything, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)
