"""A scenario is put together in a browser, a sweep is followed until it has its curve, and axe-core finds nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models import JobKind, PlanRun
from planner.services.jobs import run_now
from planner.services.planning import execute_run

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "vendor/axe-core/axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page: Page) -> list[tuple[str, str, str]]:
    """What axe-core finds on the page, which must fit a phone too."""
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 390, page.url
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [(page.url, rule["id"], node["html"]) for rule in found for node in rule["nodes"]]


def test_a_scenario_is_put_together_and_run(page: Page, site, sign_in: Callable) -> None:
    sign_in(page, site, "de_planner")
    page.goto(f"{site.address}/scenarios/new")
    assert violations(page) == []
    page.get_by_label("ชื่อ").fill("ถ้าความต้องการเพิ่มขึ้น")
    page.locator("main form button[type=submit]").press("Enter")
    page.get_by_label("เพิ่มส่วนที่ต่าง").select_option("demand")
    page.locator(".run-form button").press("Enter")
    page.wait_for_url("**/adjustments/new?kind=demand")
    assert violations(page) == []
    page.get_by_label("เพิ่มหรือลด").fill("๒๐")
    page.get_by_label("เพิ่มหรือลด").press("Enter")
    expect(page.locator(".adjustments li")).to_contain_text("ปริมาณความต้องการ เพิ่มขึ้น 20%")
    assert violations(page) == []
    page.locator("section[aria-labelledby=plans] form button").click()
    page.wait_for_url("**/plans/P-*")
    expect(page.locator("[aria-labelledby=section-origin] li")).to_have_text("ปริมาณความต้องการ เพิ่มขึ้น 20%")


def test_a_sweep_is_followed_until_it_has_its_curve(page: Page, site, sign_in: Callable) -> None:
    sign_in(page, site, "de_planner")
    page.goto(f"{site.address}/sweeps/new?kind=demand")
    assert violations(page) == []
    for field, value in (("from", "0"), ("to", "20"), ("steps", "2")):
        page.locator(f"#{field}").fill(value)
    page.locator("form[method=post].panel button[type=submit]").click()
    page.wait_for_url("**/sweeps/W-*")
    assert violations(page) == []
    with site.sessions() as session:
        sweep = page.url.rpartition("/")[2]
        runs = session.scalars(select(PlanRun.code).where(PlanRun.sweep == sweep).order_by(PlanRun.id)).all()
    for done, run in enumerate(runs):
        expect(page.locator("[data-sweep]")).to_have_attribute("data-done", str(done), timeout=20_000)
        run_now(site.sessions, JobKind.PLAN_RUN, run, execute_run)
    expect(page.locator("[data-sweep]")).to_have_count(0, timeout=20_000)
    expect(page.locator("[data-chart] canvas")).to_have_count(2)
    assert violations(page) == []
