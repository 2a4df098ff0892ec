"""Take the pictures of docs/images/ from a fresh demo: the plan's page in Chromium, the workbook through LibreOffice.

Needs Chromium, LibreOffice and poppler-utils; works in a temporary folder and touches nothing but docs/images/.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

from models import Role
from planner.db import open_engine, open_sessions
from planner.services.demo_accounts import DemoAccount, seed_demo_accounts

IMAGES = Path(__file__).resolve().parent / "images"
WINDOW = {"width": 1360, "height": 900}


def program(*names: str) -> str:
    """The path of the first of `names` that is installed."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or sys.exit(f"{names[0]} is needed for this and is not installed")


def planner(*arguments: str) -> list[str]:
    """The command line that runs `planner` with `arguments`."""
    return [sys.executable, "-m", "planner", *arguments]


def de_planner(database: Path) -> DemoAccount:
    """The DE planner's account in the demo's database."""
    with open_sessions(open_engine(f"sqlite:///{database}")).begin() as session:
        return next(account for account in seed_demo_accounts(session) if account.role is Role.DE_PLANNER)


def photograph_page(address: str, account: DemoAccount, image: Path) -> None:
    """The plan's page as the owner of `account` sees it, in Thai."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium", "chromium-browser", "google-chrome"))
        page = browser.new_page(viewport=WINDOW, locale="th-TH")
        page.goto(f"{address}/sign-in")
        page.fill("input[name=username]", account.username)
        page.fill("input[name=password]", account.password)
        page.press("input[name=password]", "Enter")
        page.goto(f"{address}/plans/P-000001")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1000)  # the charts' opening animation
        page.screenshot(path=image)
        browser.close()


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


def wait_until_served(address: str) -> None:
    """Return once the server answers."""
    for _ in range(100):
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
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        probe.close()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PLANNER_")}
        subprocess.run(planner("demo"), cwd=folder, env=environment, check=True)
        address = f"http://127.0.0.1:{port}"
        server = subprocess.Popen(planner("serve", "--port", str(port)), cwd=folder, env=environment)
        try:
            wait_until_served(address)
            photograph_page(address, de_planner(Path(folder) / "instance" / "planner.db"), IMAGES / "plan.png")
        finally:
            server.terminate()
            server.wait()
        photograph_workbook(Path(folder) / "out" / "allocation-P-000001-th.xlsx", IMAGES / "workbook.png")


if __name__ == "__main__":
    main()
