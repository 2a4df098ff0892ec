"""The page of a run keeps itself up to date: it waits, shows how far it is, and turns into the plan."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models import JobKind
from planner.services.jobs import Work, run_now
from planner.services.planning import execute_run
from planner.text import Phrase

pytestmark = pytest.mark.browser


def begin(page: Page, site: Any, sign_in: Callable) -> str:
    """Ask for a plan as a DE planner; its code."""
    sign_in(page, site, "de_planner")
    page.goto(f"{site.address}/plans/")
    page.locator("form.run-form button[type=submit]").click()
    page.wait_for_url("**/plans/P-*")
    return page.url.rpartition("/")[2]


def test_the_page_of_a_run_follows_it_until_it_is_the_plan(page: Page, site, sign_in: Callable) -> None:
    go_on = threading.Event()

    def handler(work: Work) -> None:
        work.tell(Phrase("Priority"), 0.6)
        assert go_on.wait(30)
        execute_run(work)

    code = begin(page, site, sign_in)
    status = page.locator("[data-job-status]")
    expect(status).to_have_text("รอประมวลผล")
    page.locator(".job summary").click()
    worker = threading.Thread(target=run_now, args=(site.sessions, JobKind.PLAN_RUN, code, handler))
    worker.start()
    expect(status).to_have_text("กำลังประมวลผล", timeout=15_000)
    expect(page.locator(".job progress")).to_have_attribute("value", "0.6", timeout=15_000)
    expect(page.locator(".job-log")).to_be_hidden()  # as the reader left it
    go_on.set()
    expect(page.locator("[data-chart]").first).to_be_visible(timeout=30_000)
    worker.join()


def test_a_run_is_cancelled_and_tried_again_by_the_keyboard(page: Page, site, sign_in: Callable, do_jobs) -> None:
    code = begin(page, site, sign_in)
    page.locator(".job form button").press("Enter")
    expect(page.locator("[data-job-status]")).to_have_text("ยกเลิกแล้ว")
    page.locator(".job form button").press("Enter")
    expect(page.locator("[data-job-status]")).to_have_text("รอประมวลผล")
    do_jobs(site.sessions)
    expect(page.locator("[data-chart]").first).to_be_visible(timeout=15_000)
    assert page.url.endswith(code)
