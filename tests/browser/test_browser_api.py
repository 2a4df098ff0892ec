"""A token made on the page opens the API on its own documentation, under the strict policy for contents."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from models import Role


def test_a_token_made_on_the_page_works_on_the_documentation(
    page: Page, site: Any, sign_in: Callable[[Page, Any, str], None]
) -> None:
    sign_in(page, site, Role.DE_PLANNER)
    page.goto(f"{site.address}/account/tokens/")
    page.locator("#name").fill("ลองใช้งาน")
    page.locator("#area-requirements").select_option("read")
    page.locator("#password").fill(site.accounts[Role.DE_PLANNER].password)
    page.locator("main form.panel button[type=submit]").click()
    token = page.locator("#token").input_value()
    assert token.startswith("dcp_")
    page.goto(f"{site.address}/api/v1/docs")
    page.locator("button.authorize").first.click()
    page.locator(".auth-container input").fill(token)
    page.locator(".auth-btn-wrapper button.authorize").click()
    page.locator(".auth-btn-wrapper .btn-done").click()
    operation = page.locator(".opblock").first
    operation.locator(".opblock-summary-control").click()
    operation.locator(".try-out__btn").click()
    operation.locator("button.execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text("de_planner")
