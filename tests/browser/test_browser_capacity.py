"""The capacity grid in a real browser: cells pasted from Excel, and the keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

COPIED = "13,000\t๑๔,๐๐๐\r\n3,000\t2,900\r\n"
"""Two rows of two cells, as Excel puts them on the clipboard."""
PASTE = """(text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.activeElement.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
}"""


def test_cells_pasted_from_excel_fill_the_grid_and_are_saved(page: Page, solved, sign_in: Callable) -> None:
    sign_in(page, solved, "de_planner")
    page.goto(f"{solved.address}/sites/CNX1/capacity")

    def cell(name: str) -> Locator:
        return page.locator(f"input[name='{name}']")

    untouched = cell("vcpu.nameplate.2030").input_value()
    cell("vcpu.nameplate.2028").focus()
    page.locator("body").evaluate(PASTE.replace("(text)", "(_body, text)"), COPIED)
    expect(cell("vcpu.nameplate.2028")).to_have_value("13,000")
    expect(cell("vcpu.running_cost.2029")).to_have_value("2,900")
    expect(cell("vcpu.nameplate.2030")).to_have_value(untouched)

    page.keyboard.press("Enter")
    expect(cell("vcpu.running_cost.2028")).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(cell("vcpu.nameplate.2028")).to_be_focused()

    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{solved.address}/sites/CNX1")
    expect(page.locator("#table-capacity tbody tr").nth(1)).to_contain_text("13,000")
    expect(page.locator("#table-capacity tbody tr").nth(2)).to_contain_text("14,000")
