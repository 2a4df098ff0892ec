"""The site of the documents: built without a warning, it loads nothing from elsewhere and finds Thai from a folder."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, expect

ROOT = Path(__file__).resolve().parents[2]
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
"""What a page loads by itself: the attribute of each element that names it."""
IN_STYLE = re.compile(r"url\(([^)]+)\)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site built anew, where any warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "--quiet", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, BeautifulSoup]:
    """Its pages by their places in the site."""
    found = {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    return {place: BeautifulSoup(text, "lxml") for place, text in found.items()}


def loaded(page: BeautifulSoup) -> Iterator[tuple[Tag, str]]:
    """Every address that a page loads by itself."""
    for element in page.find_all(list(LOADED)):
        if address := element.get(LOADED[element.name]):
            yield element, str(address)


def test_nothing_is_loaded_from_elsewhere_and_all_of_it_is_there(site: Path, pages: dict[str, BeautifulSoup]) -> None:
    for place, page in pages.items():
        for element, address in loaded(page):
            target = urlsplit(address)
            assert not target.netloc, f"{place}: {element}"
            # Whatever address is not there, a server answers with 404.html: what that loads it names from the root.
            inside = target.path.removeprefix("/") if place == "404.html" else target.path
            assert (site / Path(place).parent / unquote(inside)).is_file(), f"{place}: {element}"
    for sheet in site.rglob("*.css"):
        for address in IN_STYLE.findall(sheet.read_text(encoding="utf-8")):
            inside = address.strip("\"'")
            assert inside.startswith("data:") or (sheet.parent / urlsplit(inside).path).is_file(), f"{sheet}: {address}"


def test_pages_say_their_language_and_pictures_what_they_show(pages: dict[str, BeautifulSoup]) -> None:
    for place, page in pages.items():
        assert page.html["lang"] == ("th" if place.startswith("th/") else "en"), place
        assert all(image.get("alt") for image in page.select("article img")), place


@pytest.mark.browser
def test_a_word_inside_a_run_of_thai_is_found_from_a_folder(site: Path, chromium: Browser) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto((site / "th" / "index.html").as_uri())
        search = page.locator("[data-md-component=search-query]")
        search.click()
        search.fill("ฉากทัศน์")
        search.press("End")  # the site looks whenever a key comes up
        expect(page.locator(".md-search-result__item").filter(has_text="ผู้วางแผน ดีอี").first).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "th"
