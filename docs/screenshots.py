"""Take the pictures of docs/images/ from a fresh demo: the tutorials walked in Chromium, the workbook by LibreOffice.

The walks are those of docs/walks, which a test takes too, once in each language and each time from the same start.
README's own pictures are taken before them.

Needs Chromium, LibreOffice and poppler-utils; works in a temporary folder and touches nothing but docs/images/.
"""

import base64
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, sessionmaker
from walks import DAY
from walks.guide import Guide

from models import Job, JobStatus
from planner.db import open_engine, open_sessions
from planner.i18n import LANGUAGES
from planner.services.demo_accounts import DemoAccount, seed_demo_accounts

IMAGES: Final = Path(__file__).resolve().parent / "images"
TALLEST: Final = 860
"""Of a picture, in pixels of the screen: what is longer is cut off below."""
QUALITY: Final = 82


def program(*names: str) -> str:
    """The path of the first of `names` that is installed."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or sys.exit(f"{names[0]} is needed for this and is not installed")


def planner(*arguments: str) -> list[str]:
    """The command line that runs `planner` with `arguments`."""
    return [sys.executable, "-m", "planner", *arguments]


def photograph(language: str, page: Page, name: str, parts: list[Locator]) -> None:
    """A picture of the parts of `page`, with what lies between them, as `images/<language>/<name>.webp`."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)  # charts come up slowly
    boxes = [part.evaluate("part => part.getBoundingClientRect().toJSON()") for part in parts]
    scrolled = page.evaluate("scrollY")
    left, top = (min(box[side] for box in boxes) for side in ("left", "top"))
    right, bottom = (max(box[side] for box in boxes) for side in ("right", "bottom"))
    clip = {"x": left, "y": top + scrolled, "width": right - left, "height": min(bottom - top, TALLEST)}
    taken = page.context.new_cdp_session(page).send(
        "Page.captureScreenshot",
        {"format": "webp", "quality": QUALITY, "captureBeyondViewport": True, "clip": {**clip, "scale": 1}},
    )
    (IMAGES / language / f"{name}.webp").write_bytes(base64.b64decode(taken["data"]))


def photograph_for_readme(guide: Guide) -> None:
    """A plan as DE sees it, and what a requirement is granted as its ministry does."""
    for username, path, name, height in (
        ("planner", "/plans/P-000001", "plan", 900),
        ("ministry", "/requirements/R-002044", "outcome", 860),
    ):
        guide.sign_in(username)
        guide.page.set_viewport_size({"width": 1360, "height": height})
        guide.page.goto(guide.address + path)
        guide.page.wait_for_load_state("networkidle")
        guide.page.wait_for_timeout(1000)
        guide.page.screenshot(path=IMAGES / f"{name}.png")


def photograph_workbook(workbook: Path, image: Path) -> None:
    """The summary sheet as LibreOffice prints it: the third page, after cover and contents."""
    folder = workbook.parent
    subprocess.run(
        [program("soffice"), "--headless", "--convert-to", "pdf", "--outdir", folder, workbook],
        check=True,
        capture_output=True,
    )
    pdf = workbook.with_suffix(".pdf")
    page = ["-f", "3", "-l", "3", "-singlefile", "-png", "-r", "90"]
    subprocess.run([program("pdftoppm"), *page, pdf, image.with_suffix("")], check=True)


def walk(browser: Browser, folder: Path, environment: Mapping[str, str], language: str) -> None:
    """Serve the demo of `folder` and take every picture in one language."""
    (IMAGES / language).mkdir(exist_ok=True)
    sessions = open_sessions(open_engine(f"sqlite:///{folder / 'instance' / 'planner.db'}"))
    with sessions.begin() as session:
        accounts = {account.username: account for account in seed_demo_accounts(session)}
    with serving(folder, environment) as address:
        guide = partial(new_guide, browser, address, accounts, language, sessions)
        if language == LANGUAGES[0]:
            with closing(guide()) as first:
                photograph_for_readme(first)
        for part in DAY:
            with closing(guide()) as each:
                part(each)


def new_guide(
    browser: Browser,
    address: str,
    accounts: Mapping[str, DemoAccount],
    language: str,
    sessions: sessionmaker[Session],
) -> Guide:
    """Somebody who takes pictures, and waits for the worker that stands beside the server."""
    return Guide(
        browser,
        address,
        accounts,
        language,
        work=partial(wait_for_the_worker, sessions),
        photograph=partial(photograph, language),
    )


def wait_for_the_worker(sessions: sessionmaker[Session]) -> None:
    """Return once nothing waits and nothing is under way."""
    unfinished = select(exists().where(Job.status.in_((JobStatus.QUEUED, JobStatus.RUNNING))))
    while True:
        with sessions() as session:
            if not session.scalar(unfinished):
                return
        time.sleep(0.5)


@contextmanager
def serving(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """The address of a server of the database in `folder`."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(planner("serve", "--port", str(port)), cwd=folder, env=environment)
    try:
        wait_until_served(address)
        yield address
    finally:
        server.terminate()
        server.wait()


def wait_until_served(address: str) -> None:
    """Return once the server answers."""
    for _ in range(600):
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:  # refused, or too busy to answer in time
            time.sleep(0.2)
        else:
            return
    sys.exit(f"{address} does not answer")


def main() -> None:
    """Run the demo in a temporary folder and take the pictures."""
    IMAGES.mkdir(exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLANNER_")}
    chromium = program("chromium", "chromium-browser", "google-chrome")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        fresh = Path(name, "fresh")
        fresh.mkdir()
        subprocess.run(planner("demo"), cwd=fresh, env=environment, check=True)
        browser = playwright.chromium.launch(executable_path=chromium)
        for language in LANGUAGES:
            walk(browser, shutil.copytree(fresh, Path(name, language)), environment, language)
        browser.close()
        photograph_workbook(fresh / "out" / "allocation-P-000001-th.xlsx", IMAGES / "workbook.png")


if __name__ == "__main__":
    main()
