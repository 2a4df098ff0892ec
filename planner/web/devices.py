"""What a browser calls itself, as people call it."""

import re
from typing import Final

from planner.text import N_, Phrase

BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS: Final = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
"""A mark in the text and the name it stands for; the first mark that is found decides, for many name others too."""


def device_name(user_agent: str) -> Phrase:
    """Such as "Chrome on Windows"; the first word of a program that is no browser."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in SYSTEMS if mark in user_agent), None)
    if browser and system:
        return Phrase(N_("%(browser)s on %(system)s"), {"browser": browser, "system": system})
    word = re.match(r"[\w.-]+", user_agent)
    return Phrase("%(program)s", {"program": word[0]}) if word else Phrase(N_("Unknown device"))
