"""The queue's pages: how a job stands, ending it, trying it again, and what the script of a page is told."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select, update

import models
from planner.services.jobs.workers import heartbeat
from planner.services.phrases import dump_phrase
from planner.text import Phrase

JOB = "/jobs/plan_run/P-000002"


@pytest.fixture
def planner(visitor_as):
    """A DE planner who has just asked for a plan."""
    visitor = visitor_as("de_planner")
    visitor.send("/plans/", {"name": "แผนที่สอง"})
    return visitor


def running(web_app: Flask) -> None:
    """Have the queued job stand as if a worker were at it."""
    values = {
        "status": models.JobStatus.RUNNING,
        "executor": "w",
        "share": 0.4,
        "progress": dump_phrase(Phrase("Priority")),
    }
    with web_app.extensions["engine"].begin() as connection:
        connection.execute(update(models.Job).where(models.Job.subject == "P-000002").values(values))


def test_the_page_of_a_waiting_job_says_that_nobody_does_it(web_app: Flask, planner) -> None:
    assert "planner worker" in planner.open(JOB).select_one("[data-job-state]").get_text()
    with heartbeat(web_app.extensions["sessions"], "w"):
        assert "planner worker" not in planner.open(JOB).select_one("[data-job-state]").get_text()
        assert "w" in [cell.get_text(strip=True) for cell in planner.open("/jobs/").select("#table-workers tbody th")]


def test_a_script_is_told_how_it_goes_and_not_told_twice(web_app: Flask, planner) -> None:
    running(web_app)
    answer = planner.client.get(f"{JOB}.json")
    told = answer.get_json()
    state = BeautifulSoup(told["state"], "lxml")
    assert (told["finished"], told["status"]) == (False, "กำลังประมวลผล")
    assert float(state.progress["value"]) == 0.4
    assert "ลำดับความสำคัญ" in state.get_text()
    again = planner.client.get(f"{JOB}.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_waiting_job_is_cancelled_at_once_and_tried_again(web_app: Flask, planner, do_jobs) -> None:
    assert planner.send(f"{JOB}/cancel", {}).location == "/plans/P-000002"
    page = planner.open("/plans/P-000002")
    assert page.select_one("[data-job-status]").get_text() == "ยกเลิกแล้ว"
    assert not page.select(f"form[action='{JOB}/cancel']")
    assert planner.send(f"{JOB}/cancel", {}).status_code == 409
    assert planner.send(f"{JOB}/retry", {}).location == "/plans/P-000002"
    assert planner.send(f"{JOB}/retry", {}).status_code == 409
    do_jobs(web_app.extensions["sessions"])
    assert planner.client.get(f"{JOB}.json").get_json()["finished"]
    assert planner.open("/plans/P-000002").select("[data-chart]")


def test_a_running_job_is_being_cancelled_until_its_worker_looks(web_app: Flask, planner) -> None:
    running(web_app)
    planner.send(f"{JOB}/cancel", {})
    page = planner.open("/plans/P-000002")
    assert page.select_one("[data-job-status]").get_text() == "กำลังยกเลิก"
    assert not page.select(f"form[action='{JOB}/cancel']")
    with web_app.extensions["sessions"]() as session:
        assert session.scalars(select(models.Job).where(models.Job.subject == "P-000002")).one().cancel_requested_at


def test_who_may_only_read_sees_how_it_goes_and_no_button(planner, visitor_as) -> None:
    planner.send("/sign-out", {})
    page = visitor_as("manager").open(JOB)
    assert page.select("[data-job-state] li")
    assert not page.select("main form")


def test_the_queue_leads_to_each_job(planner) -> None:
    page = planner.open("/jobs/?sort=status")
    links = [link["href"] for link in page.select("#table-jobs tbody th a")]
    assert sorted(links) == ["/jobs/plan_run/P-000001", JOB]


@pytest.mark.parametrize("path", ["/jobs/plan_run/P-999999", "/jobs/no_kind/P-000001", "/jobs/plan_run/P-999999.json"])
def test_what_is_no_job_is_not_found(visitor_as, path: str) -> None:
    assert visitor_as("de_planner").client.get(path).status_code == 404


def test_a_run_from_before_there_were_jobs_is_shown_all_the_same(web_app: Flask, planner) -> None:
    planner.send(f"{JOB}/cancel", {})
    with web_app.extensions["engine"].begin() as connection:
        connection.exec_driver_sql("DELETE FROM job WHERE subject = 'P-000002'")
    page = planner.open("/plans/P-000002")
    assert page.select("main .alert")
    assert not page.select(".job")
