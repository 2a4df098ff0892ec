"""The pages about security: every point of the standard once, figures that are true, files that exist."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = sorted((ROOT / "docs/security").glob("*.md"))
ASVS: Final = (ROOT / "docs/security/asvs.md").read_text(encoding="utf-8")
ROW: Final = re.compile(
    r"^\| (?P<number>\d+\.\d+\.\d+) \| (?P<asked>[^|]+) \| (?P<state>[^|]+) \| (?P<where>[^|]*) \|$", re.M
)
POINTS: Final = (
    "1.1:1-7 1.2:1-4 1.4:1,4,5 1.5:1-4 1.6:1-4 1.7:1-2 1.8:1-2 1.9:1-2 1.10:1 1.11:1-2 1.12:2 1.14:1-6 "
    "2.1:1-12 2.2:1-3 2.3:1-3 2.4:1-5 2.5:1-7 2.6:1-3 2.7:1-6 2.8:1-7 2.9:1-3 2.10:1-4 "
    "3.1:1 3.2:1-4 3.3:1-4 3.4:1-5 3.5:1-3 3.7:1 4.1:1-3,5 4.2:1-2 4.3:1-3 "
    "5.1:1-5 5.2:1-8 5.3:1-10 5.4:1-3 5.5:1-4 6.1:1-3 6.2:1-6 6.3:1-2 6.4:1-2 "
    "7.1:1-4 7.2:1-2 7.3:1,3,4 7.4:1-3 8.1:1-4 8.2:1-3 8.3:1-8 9.1:1-3 9.2:1-4 10.2:1-2 10.3:1-3 "
    "11.1:1-8 12.1:1-3 12.2:1 12.3:1-6 12.4:1-2 12.5:1-2 12.6:1 13.1:1,3,4,5 13.2:1-3,5,6 13.3:1-2 13.4:1-2 "
    "14.1:1-4 14.2:1-6 14.3:2-3 14.4:1-7 14.5:1-4"
)
"""The points of ASVS 4.0.3 of levels 1 and 2, by section."""
FILE: Final = re.compile(
    r"`((?:planner|reports|models|tests|docs|deploy|migrations)(?:/[\w@.-]+)+|[\w.]+\.(?:cfg|toml|txt|md))`"
)


def points() -> list[str]:
    found = []
    for section in POINTS.split():
        name, _, ranges = section.partition(":")
        for part in ranges.split(","):
            first, _, last = part.partition("-")
            found += [f"{name}.{number}" for number in range(int(first), int(last or first) + 1)]
    return found


def test_every_point_of_the_standard_stands_there_once_and_in_its_order() -> None:
    assert [row["number"] for row in ROW.finditer(ASVS)] == points()


def test_the_counts_are_those_of_the_table() -> None:
    states = Counter(row["state"] for row in ROW.finditer(ASVS))
    assert set(states) == {"met", "partly", "installation", "not met", "n/a"}
    assert (
        f"Of {states.total()} points {states['met']} are met, {states['partly']} partly, {states['installation']} are "
        f"up to the installation, {states['not met']} are not met and {states['n/a']} do not apply."
    ) in ASVS


def test_whatever_is_met_says_where_and_whatever_is_not_says_why() -> None:
    for row in ROW.finditer(ASVS):
        if row["state"] in {"met", "partly"}:
            assert FILE.search(row["where"]), row["number"]
        if row["state"] in {"partly", "not met"}:
            assert FILE.sub("", row["where"]).strip("`,; "), row["number"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = set(FILE.findall(page.read_text(encoding="utf-8")))
    assert named
    assert not [name for name in named if not (ROOT / name).exists()]
