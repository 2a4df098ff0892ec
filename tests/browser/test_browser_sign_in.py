"""Coming in by the organisation's provider and out again, and with a second factor, in a real browser."""

import datetime as dt
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from providers import CLIENT, PEOPLE, SECRET
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from models import Role
from planner.app import create_app
from planner.config import Settings
from planner.db import migrate, open_engine, open_sessions
from planner.services.demo_accounts import DemoAccount, seed_demo_accounts
from planner.ways_in import Grant, ProviderSettings, WaysIn

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def demonstration(
    oidc_provider: str, small_world: Callable[[Session], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, DemoAccount]]]:
    """The address of a server with a provider, and the demonstration's accounts by role."""
    folder = tmp_path_factory.mktemp("sign-in")
    url = f"sqlite:///{folder / 'planner.db'}"
    engine = open_engine(url)
    migrate(engine)
    with open_sessions(engine).begin() as session:
        small_world(session)
        accounts = {account.role.value: account for account in reversed(seed_demo_accounts(session))}
    engine.dispose()
    listening = socket.create_server(("127.0.0.1", 0))  # the port must be known before the application is made
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    groups = {"moph-planners": Grant(Role.MINISTRY_PLANNER, "21000")}
    provider = ProviderSettings(oidc_provider, CLIENT, address, SECRET, groups=groups)
    app = create_app(
        Settings(url, "for the tests alone", attachments=folder, address=address, ways_in=WaysIn(provider))
    )
    server = make_server("127.0.0.1", 0, app, threaded=True, fd=listening.fileno())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield address, accounts
    server.shutdown()
    thread.join()
    server.server_close()
    listening.close()
    app.extensions["engine"].dispose()


@pytest.fixture
def page(chromium: Browser, demonstration: tuple[str, dict[str, DemoAccount]], tmp_path: Path) -> Iterator[Page]:
    """A new page, on which nothing of ours may complain; the provider's pages are the provider's."""
    address, _accounts = demonstration
    context = chromium.new_context(locale="th-TH", base_url=address)
    page = context.new_page()
    complaints: list[str] = []

    def note(told: ConsoleMessage) -> None:
        refused = told.text.startswith("Failed to load resource")  # a page that says 401 or 403 is one, too
        if told.type == "error" and told.location["url"].startswith(address) and not refused:
            complaints.append(told.text)

    page.on("console", note)
    page.route(re.compile(r"^https://"), lambda route: route.abort())  # the provider's style is on another network
    yield page
    context.close()
    assert not complaints


def arrive(page: Page, address: str) -> None:
    """Wait until the page at that end of an address is whole: the server complains of pictures that nobody awaits."""
    page.wait_for_url(re.compile(address))


def test_in_by_the_organisation_and_out_of_it_again(page: Page) -> None:
    page.goto("/sign-in?next=/requirements/")
    page.get_by_role("link", name="เข้าสู่ระบบด้วยบัญชีของหน่วยงาน").click()
    page.get_by_role("button", name="sub-wanida").click()
    arrive(page, r"/requirements/$")
    page.get_by_role("button", name=PEOPLE["sub-wanida"]["name"]).click()
    page.get_by_role("button", name="ออกจากระบบ").click()
    arrive(page, r"/signed-out$")
    expect(page.get_by_role("heading", level=1)).to_have_text("ท่านออกจากระบบแล้ว")
    page.get_by_role("link", name="ออกจากบัญชีของหน่วยงานด้วย").click()
    page.get_by_role("button").first.click()
    arrive(page, r"/sign-in\?state=")
    expect(page.get_by_role("heading", level=1)).to_have_text("เข้าสู่ระบบ")


def test_who_may_not_come_in_reads_why_in_both_languages(page: Page) -> None:
    page.goto("/sign-in/provider/")
    page.get_by_role("button", name="sub-nobody").click()
    arrive(page, r"/provider/back")
    expect(page.locator("p[lang=th]")).to_contain_text("ไม่ได้อยู่ในกลุ่มที่มีสิทธิ")
    expect(page.locator("p[lang=en]")).to_contain_text("none of your groups")


def look_at_a_password(page: Page) -> None:
    """What is typed as a password can be looked at, and its strength is told."""
    field, button = page.locator("#password"), page.locator("[data-reveal=password]")
    expect(field).to_have_attribute("type", "password")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(field).to_have_attribute("type", "text")
    field.fill("เรือน้ำ")
    expect(page.locator("#password-strength")).to_have_js_property("value", 8)  # sara am is two, as the server counts
    field.fill("")


def test_a_second_factor_is_set_up_and_asked_for(page: Page, demonstration: tuple[str, dict[str, DemoAccount]]) -> None:
    account = demonstration[1]["manager"]

    def sign_in() -> None:
        page.goto("/sign-in")
        page.get_by_label("ชื่อผู้ใช้").fill(account.username)
        page.get_by_label("รหัสผ่าน").fill(account.password)
        page.get_by_role("button", name="เข้าสู่ระบบ").click()
        arrive(page, r":\d+/$|/code\?")

    sign_in()
    page.goto("/account/")
    look_at_a_password(page)
    page.get_by_role("link", name="ตั้งค่าการยืนยันตัวตนขั้นที่สอง").click()
    arrive(page, r"/second-factor$")
    picture = page.get_by_role("img", name="ภาพของกุญแจ")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")  # the CSP lets it show
    totp = pyotp.TOTP(page.locator("section p.mono").inner_text().replace(" ", ""))
    now = dt.datetime.now(dt.UTC)
    page.get_by_label("รหัสผ่านปัจจุบัน").fill(account.password)
    page.get_by_label("รหัส", exact=True).fill(totp.at(now))
    page.get_by_role("button", name="ตั้งค่า", exact=True).click()
    listed = page.locator(".recovery-codes li")
    expect(listed).to_have_count(10)
    codes = listed.all_inner_texts()
    page.get_by_role("link", name="เก็บรหัสไว้แล้ว").click()
    arrive(page, r"/account/$")
    page.get_by_role("button", name="ออกจากระบบทุกอุปกรณ์").click()
    arrive(page, r"/sign-in$")
    sign_in()
    page.keyboard.type(totp.at(now))  # the field has the focus; the code was used when it was set up
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.wait_for_load_state()
    page.get_by_label("รหัส", exact=True).fill(codes[0])
    page.keyboard.press("Enter")
    arrive(page, r":\d+/$")
    expect(page.get_by_role("button", name="สุภาวดี")).to_be_visible()
