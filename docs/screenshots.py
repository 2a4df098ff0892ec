"""Take the pictures of docs/images/ from a fresh demo: the day's work in Chromium, the workbook through LibreOffice.

The pages are reached as the tutorial reaches them, so that the pictures show what it tells: a planner of a ministry
imports a workbook with faults, mends it and submits; DE returns one requirement; the planner finds it again.

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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, sync_playwright

from models import Role
from planner.db import open_engine, open_sessions
from planner.services.demo_accounts import DemoAccount, seed_demo_accounts

IMAGES = Path(__file__).resolve().parent / "images"
WIDTH = 1360

SHEET = "ความต้องการ"
NEEDS: Mapping[str, tuple[object, ...]] = {
    "รหัส": ("R-000401", "R-000402", "R-000403"),
    "ชื่อระบบ": ("ทะเบียนวัคซีนแห่งชาติ", "คลังภาพรังสีกลาง", "ระบบนัดหมายผู้ป่วย"),
    "หน่วยงาน": ("21000004", "21000002", "11000001"),
    "ลำดับความสำคัญ": ("high", "normal", "normal"),
    "ระดับชั้นข้อมูล": ("protected", "protected", "open"),
    "ตั้งแต่ปีงบประมาณ": (2570, 2570, 2571),
    "vcpu 2570": (40, "มาก", None),
    "vcpu 2571": (48, 90, "๒๔"),
    "memory 2570": (160, 320, None),
    "memory 2571": (192, 360, 96),
}
"""What the ministry's planner fills in: an amount that is none, and an agency of another ministry."""
MENDED = {"R-000402": ("vcpu 2570", 80), "R-000403": ("หน่วยงาน", "21000001")}


def program(*names: str) -> str:
    """The path of the first of `names` that is installed."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or sys.exit(f"{names[0]} is needed for this and is not installed")


def planner(*arguments: str) -> list[str]:
    """The command line that runs `planner` with `arguments`."""
    return [sys.executable, "-m", "planner", *arguments]


def demo_accounts(database: Path) -> dict[Role, DemoAccount]:
    """The first account of each role in the demo's database."""
    with open_sessions(open_engine(f"sqlite:///{database}")).begin() as session:
        return {account.role: account for account in reversed(seed_demo_accounts(session))}


@dataclass(frozen=True)
class Desk:
    """Somebody at work, in a browser of their own that speaks Thai."""

    page: Page
    address: str

    @classmethod
    def take(cls, browser: Browser, address: str, account: DemoAccount) -> "Desk":
        """Sign in with an account."""
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, locale="th-TH")
        page.goto(f"{address}/sign-in")
        page.fill("input[name=username]", account.username)
        page.fill("input[name=password]", account.password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"{address}/")
        return cls(page, address)

    def open(self, path: str) -> None:
        """Go to a page."""
        self.page.goto(self.address + path)

    def photograph(self, name: str, height: int) -> None:
        """A picture of the page as it stands, that many pixels high."""
        self.page.set_viewport_size({"width": WIDTH, "height": height})
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(1000)  # charts come up slowly
        self.page.screenshot(path=IMAGES / f"{name}.png")

    def press(self, selector: str) -> None:
        """Press a button, and wait for the page that comes of it."""
        with self.page.expect_navigation():
            self.page.locator(selector).click()

    def check(self, workbook: Path) -> None:
        """Upload a workbook and see what is wrong with it, or what it would change."""
        self.open("/import/")
        self.page.set_input_files("input[name=workbook]", workbook)
        self.page.click("#upload button[type=submit]")
        self.page.locator("#result-title").wait_for()

    def take_step(self, action: str, *codes: str, comment: str = "") -> None:
        """Choose requirements of the work list, or all of it, and take one step with them."""
        self.open("/work/")
        for box in [f"input[name=code][value={code}]" for code in codes] or ["#table-worklist thead input"]:
            self.page.check(box)
        self.page.fill("textarea[name=comment]", comment)
        self.press(f"button[name=action][value={action}]")


def fill_in(workbook: Path) -> None:
    """Write the planner's needs below the headers of the template."""
    book = load_workbook(workbook)
    columns = {cell.value: cell.column for cell in book[SHEET][1]}
    for header, values in NEEDS.items():
        for row, value in enumerate(values, 2):
            book[SHEET].cell(row, columns[header], value)
    book.save(workbook)


def mend(workbook: Path) -> None:
    """Put right what the check found."""
    book = load_workbook(workbook)
    columns = {cell.value: cell.column for cell in book[SHEET][1]}
    for row, code in enumerate(NEEDS["รหัส"], 2):
        if found := MENDED.get(str(code)):
            book[SHEET].cell(row, columns[found[0]], found[1])
    book.save(workbook)


def photograph_pages(address: str, accounts: Mapping[Role, DemoAccount], workbook: Path) -> None:
    """The pages of the tutorial, in its order."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium", "chromium-browser", "google-chrome"))
        ministry = Desk.take(browser, address, accounts[Role.MINISTRY_PLANNER])
        reviewer = Desk.take(browser, address, accounts[Role.DE_PLANNER])

        workbook.write_bytes(ministry.page.request.get(f"{address}/import/template.xlsx").body())
        fill_in(workbook)
        ministry.check(workbook)
        ministry.photograph("import", 780)
        mend(workbook)
        ministry.check(workbook)
        ministry.press("#result button[type=submit]")
        ministry.take_step("submit")

        reviewer.open("/work/")
        reviewer.photograph("worklist", 900)
        reviewer.take_step("return", "R-000402", comment="ปริมาณปี 2571 เพิ่มจากปี 2570 มากเกินไป โปรดแสดงที่มา")

        ministry.open("/requirements/R-000402")
        ministry.photograph("returned", 680)
        ministry.open("/requirements/grid/")
        ministry.photograph("grid", 620)
        ministry.open("/requirements/R-000290")
        ministry.photograph("outcome", 860)

        reviewer.open("/pools/")
        reviewer.photograph("pools", 860)
        reviewer.open("/plans/P-000001")
        reviewer.photograph("plan", 900)
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
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLANNER_")}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(planner("demo"), cwd=folder, env=environment, check=True)
        accounts = demo_accounts(folder / "instance" / "planner.db")
        with serving(folder, environment) as address:
            photograph_pages(address, accounts, folder / "needs.xlsx")
        photograph_workbook(folder / "out" / "allocation-P-000001-th.xlsx", IMAGES / "workbook.png")


if __name__ == "__main__":
    main()
