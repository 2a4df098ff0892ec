"""axe-core finds nothing on the main pages, in both themes and both languages, and nothing is wider than a phone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "vendor/axe-core/axe.min.js"
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
SIGNED_IN = (
    "/",
    "/datasets/",
    "/datasets/D-000001",
    "/datasets/D-000001/edit",
    "/datasets/new",
    "/requirements/",
    "/requirements/R-000001",
    "/requirements/R-000001/edit",
    "/requirements/R-000001/review",
    "/requirements/grid/?q=R-00000",
    "/requirements/new",
    "/work/",
    "/rounds/",
    "/rounds/new",
    "/sites/",
    "/sites/BKK1",
    "/sites/BKK1/capacity",
    "/pools/",
    "/plans/",
    "/plans/P-000001",
    "/plans/P-000001/placements",
    "/plans/P-000001/utilisation",
    "/plans/P-000001/shortfalls",
    "/plans/P-000001/expansion",
    "/plans/P-000001/fairness",
    "/plans/P-000001/costs",
    "/plans/P-000001/moves",
    "/plans/P-000001/failover",
    "/plans/P-000001/exclusions",
    "/plans/P-000001/requirements/R-000002?site=CNX1",
    "/plans/P-000001/reports",
    "/plans/compare",
    "/jobs/",
    "/jobs/plan_run/P-000001",
    "/publishing/",
    "/publishing/P-000001",
    "/outcome/",
    "/outcome/21000",
    "/policy/",
    "/reference/",
    "/reference/agencies/",
    "/reference/resource_types/rows/vcpu",
    "/reference/expansions/new",
    "/import/",
    "/account/",
    "/inbox/",
    "/objects/requirement:R-000001/history",
    "/requirements/?status=draft&sort=title",
)
OF_HUMAN_RESOURCES = (
    "/coverage/",
    "/coverage/gaps",
    "/coverage/risks",
    "/coverage/accountability",
    "/coverage/projection",
    "/coverage/hosting",
    "/coverage/ministries/21000",
    "/norms/",
    "/register/",
    "/register/people/",
    "/register/person/W-000001",
    "/register/positions/",
    "/register/positions/grid/",
    "/register/people/new",
    "/workforce-plans/",
    "/workforce-plans/WF-000001",
    "/workforce-plans/WF-000001/agencies",
    "/workforce-plans/WF-000001/measures",
    "/workforce-plans/WF-000001/limits",
    "/workforce-plans/calendar",
    "/workforce-plans/terms",
    "/import/1",
)
OF_ADMINISTRATORS = ("/accounts/", "/accounts/new", "/accounts/hr", "/audit-log/")
PAGES = {"de_planner": SIGNED_IN, "hr": OF_HUMAN_RESOURCES, "administrator": OF_ADMINISTRATORS}


def choose(page: Page, what: str, value: str) -> None:
    """Press the button for a language or a theme, whether or not its menu is open."""
    button = page.locator(f"button[name={what}][value={value}]")
    if button.count():
        with page.expect_navigation():
            button.evaluate("button => button.form.requestSubmit(button)")


def open_page(page: Page, address: str) -> None:
    """Go there, and in the grid wait for the rows, which come after the page."""
    page.goto(address)
    if "/grid/" in address:
        page.locator("#grid [tabindex='0']").first.wait_for()


def fits(page: Page) -> bool:
    """Whether nothing is wider than the window, soon: charts follow it a moment later."""
    for _ in range(20):
        scroll, client = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        if scroll <= client:
            return True
        page.wait_for_timeout(100)
    return False


def show_theme(page: Page, theme: str) -> None:
    """Let the system prefer a theme, which the page follows as it stands, and at once."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.locator(f"html[data-bs-theme={theme}]").wait_for(state="attached")


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page as it stands, in one theme and in the other."""
    found = []
    page.evaluate("document.fonts.ready")
    page.evaluate(AXE.read_text("utf-8"))  # by the debugger, which the page's policy does not bind
    for theme in ("dark", "light"):
        show_theme(page, theme)
        violated = page.evaluate("async rules => (await axe.run(document, rules)).violations", RULES)
        found += [f"{theme}: {rule['id']}: {node['html'][:200]}" for rule in violated for node in rule["nodes"]]
    return found


@pytest.mark.parametrize("role", ["de_planner", "hr", "administrator"])
@pytest.mark.parametrize("language", ["th", "en"])
def test_axe_finds_nothing(page: Page, solved, sign_in: Callable, language: str, role: str) -> None:
    page.goto(f"{solved.address}/sign-in")
    choose(page, "language", language)
    found = {"/sign-in": violations(page)}
    sign_in(page, solved, role)
    choose(page, "language", language)
    for path in PAGES[role]:
        open_page(page, solved.address + path)
        found[path] = violations(page)
    assert not {path: rules for path, rules in found.items() if rules}


@pytest.mark.parametrize("language", ["th", "en"])
def test_axe_finds_nothing_in_what_opens_on_a_page(page: Page, solved, sign_in: Callable, language: str) -> None:
    sign_in(page, solved, "de_planner")
    choose(page, "language", language)
    page.goto(f"{solved.address}/requirements/")
    page.locator("#chosen-all").check()
    page.locator("button[formaction='/requirements/bulk']").click()
    page.locator("#set-priority").wait_for()
    found = {"bulk": violations(page)}
    page.locator("#menu-2").click()
    page.locator("#menu .dropdown-menu.show").wait_for()
    found["open menu"] = violations(page)
    page.keyboard.press("Escape")
    page.locator(".help-button").click()
    page.locator("#help").wait_for()
    found["open help"] = violations(page)
    assert not {what: rules for what, rules in found.items() if rules}


def test_the_menu_and_the_help_work_by_the_keyboard_alone(page: Page, solved, sign_in: Callable) -> None:
    sign_in(page, solved, "de_planner")
    opener = page.locator("#menu-3")
    opener.focus()
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#menu a[href='/requirements/']")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{solved.address}/requirements/")

    page.locator(".help-button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#help")).to_be_visible()
    expect(page.locator("#help button")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    expect(page.locator(".help-button")).to_be_focused()


@pytest.mark.parametrize("role", ["de_planner", "hr"])
def test_no_page_is_wider_than_the_window(page: Page, solved, sign_in: Callable, role: str) -> None:
    widths = (360, 768, 1280, 360)  # as it is opened on a phone, and as the window grows and shrinks again
    wider = []
    sign_in(page, solved, role)
    for path in PAGES[role]:
        page.set_viewport_size({"width": widths[0], "height": 800})
        open_page(page, solved.address + path)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 800})
            if not fits(page):
                wider.append((path, width))
    assert not wider


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_until_one_is_chosen(page: Page, solved, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{solved.address}/sign-in")
    assert page.locator("html").get_attribute("data-bs-theme") == scheme
    other = {"light": "dark", "dark": "light"}[scheme]
    choose(page, "theme", other)
    assert page.locator("html").get_attribute("data-bs-theme") == other


def test_every_stop_of_the_keyboard_is_seen(page: Page, solved, sign_in: Callable) -> None:
    sign_in(page, solved, "de_planner")
    page.goto(f"{solved.address}/plans/")
    unseen = []
    for _ in range(14):
        page.keyboard.press("Tab")
        look = page.evaluate(
            "(({tagName, innerText}, {outlineStyle, outlineWidth}) => [tagName, innerText, outlineStyle, outlineWidth])"
            "(document.activeElement, getComputedStyle(document.activeElement))"
        )
        if look[0] != "BODY" and look[2:] != ["solid", "3px"]:
            unseen.append(look)
    assert not unseen


def test_a_dark_screen_prints_dark_on_white_and_charts_fit_the_paper(page: Page, solved, sign_in: Callable) -> None:
    page.emulate_media(color_scheme="dark")
    sign_in(page, solved, "de_planner")
    page.goto(f"{solved.address}/plans/P-000001")
    page.locator("[data-chart] canvas").last.wait_for()
    page.set_viewport_size({"width": 700, "height": 990})
    page.emulate_media(media="print", color_scheme="dark")
    page.locator("html[data-bs-theme=light]").wait_for(state="attached")
    colours = "['color', 'backgroundColor'].map((name) => getComputedStyle(document.body)[name])"
    assert page.evaluate(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    overlaps = page.evaluate(
        "[...document.querySelectorAll('.beside')].map(({children: [figure, table]}) =>"
        " [figure.getBoundingClientRect().bottom - table.getBoundingClientRect().top, figure.clientWidth])"
    )
    assert [(round(over), width) for over, width in overlaps if over > 0 or width > 700] == []
    assert page.evaluate("[...document.querySelectorAll('.chart canvas')].every((each) => each.clientWidth <= 700)")
    page.emulate_media(media="screen", color_scheme="dark")
    page.locator("html[data-bs-theme=dark]").wait_for(state="attached")
