"""A real server on a real database, and a real Chromium whose complaints fail the test."""

import fcntl
import io
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from planner.app import create_app
from planner.config import Settings
from planner.db import migrate, open_engine, open_sessions
from planner.services.closing.sample import plan_sample
from planner.services.demo_accounts import DemoAccount, seed_demo_accounts
from planner.services.importing import apply_import
from planner.services.permissions import OPERATOR
from planner.services.planning import run_plan
from planner.services.publishing.publish import publish_plan
from planner.services.sample import sample_workbook

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True)
class Site:
    """A running server, its database, and the demonstration's accounts by user name and, the first of each, by role."""

    address: str
    accounts: dict[str, DemoAccount]
    sessions: sessionmaker[Session]


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Site]]:
    """Starts a server on a new database with the demonstration's accounts and what `fill` puts there."""
    stops = []

    def start(fill: Callable[[sessionmaker[Session]], object] = lambda _sessions: None) -> Site:
        folder = tmp_path_factory.mktemp("browser")
        url = f"sqlite:///{folder / 'planner.db'}"
        engine = open_engine(url)
        migrate(engine)
        sessions = open_sessions(engine)
        fill(sessions)
        with sessions.begin() as session:
            made = seed_demo_accounts(session)
        accounts = {name: who for who in reversed(made) for name in (who.username, who.role.value)}
        engine.dispose()
        app = create_app(Settings(url, "for the tests alone", attachments=folder / "attachments"))
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        stops.append((app, server, thread))
        return Site(f"http://127.0.0.1:{server.port}", accounts, app.extensions["sessions"])

    yield start
    for app, server, thread in stops:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["engine"].dispose()


def solve_sample(path: Path) -> None:
    """Make a database with the sample, one plan, which is in force, and one of the workforce."""
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    sessions = open_sessions(engine)
    with sessions.begin() as session:
        apply_import(session, OPERATOR, io.BytesIO(sample_workbook(400)), "sample.xlsx")
    code = run_plan(sessions, OPERATOR, "แผนตัวอย่าง")
    plan_sample(sessions, "แผนกำลังคนตัวอย่าง")
    with sessions.begin() as session:
        publish_plan(session, OPERATOR, code, "มติคณะกรรมการ", seen=None)
    engine.dispose()


@pytest.fixture(scope="session")
def fill_solved(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[sessionmaker[Session]], None]:
    """Fills a database with the solved sample, which is made once, whichever of the processes is the first to ask."""
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent  # of all the processes of this run
    kept = folder / "solved.db"
    with (folder / "solved.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            unfinished = folder / "unfinished.db"
            solve_sample(unfinished)
            unfinished.rename(kept)

    def fill(empty: sessionmaker[Session]) -> None:
        with closing(sqlite3.connect(kept)) as source, empty.kw["bind"].connect() as target:
            source.backup(target.connection.driver_connection)

    return fill


@pytest.fixture(scope="session")
def solved(serve: Callable[..., Site], fill_solved: Callable[[sessionmaker[Session]], None]) -> Site:
    """A server on the solved sample, which tests share and change."""
    return serve(fill_solved)


@pytest.fixture(scope="module")
def site(serve: Callable[..., Site], small_world: Callable[[Session], None]) -> Site:
    """A server for the tests of one module, whose database holds the small world."""

    def fill(sessions: sessionmaker[Session]) -> None:
        with sessions.begin() as session:
            small_world(session)

    return serve(fill)


@pytest.fixture(scope="session")
def sign_in() -> Callable[[Page, Site, str], None]:
    """Signs in with a role through the form, in whatever language it stands."""

    def fill_in(page: Page, site: Site, role: str) -> None:
        account = site.accounts[role]
        page.goto(f"{site.address}/sign-in")
        page.locator("#username").fill(account.username)
        page.locator("#password").fill(account.password)
        page.locator("main button[type=submit]").click()
        page.wait_for_url(f"{site.address}/")

    return fill_in


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """A new page; at the end, the test fails for any error in its console, such as a breach of the CSP."""
    context = chromium.new_context(locale="th-TH", accept_downloads=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not complaints


@pytest.fixture
def enter(chromium: Browser, site: Site, sign_in: Callable[[Page, Site, str], None]) -> Iterator[Callable[[str], Page]]:
    """Signs somebody in, in a browser of their own. Its console may show requests that failed, and nothing else."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(text: str) -> None:
        if not text.startswith("Failed to load resource"):
            complaints.append(text)

    def start(role: str) -> Page:
        context = chromium.new_context(locale="th-TH", permissions=["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: note(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: note(str(error)))
        sign_in(page, site, role)
        return page

    yield start
    for context in contexts:
        context.close()
    assert not complaints
