"""Publishing and reading what was published, as the pages do it."""

import csv
import datetime as dt
import io

import pytest
from sqlalchemy import delete, select

import models
from planner.services.audit import record
from planner.services.permissions import OPERATOR
from planner.services.planning import run_plan


@pytest.fixture
def drafted(web_app):
    """The application with a second plan, P-000002, that is not published."""
    run_plan(web_app.extensions["sessions"], OPERATOR, "แผนที่สอง")
    return web_app


def text(page):
    return page.main.get_text(" ", strip=True)


def publish(visitor, code, **form):
    return visitor.send(f"/publishing/{code}", {"note": "มติครั้งที่ 2", "seen": "P-000001", **form})


def test_a_manager_publishes_and_the_ministry_reads_its_outcome_of_it(drafted, visitor_as):
    manager = visitor_as("manager")
    page = manager.open("/publishing/P-000002")
    assert page.select_one("input[name=seen]")["value"] == "P-000001"
    assert "เป็นปัจจุบัน" in text(page)
    assert publish(manager, "P-000002").location == "/publishing/P-000002"
    assert "มีผลอยู่" in text(manager.open("/publishing/P-000002"))
    listed = text(manager.open("/publishing/"))
    assert "P-000002" in listed
    assert "มติครั้งที่ 2" in listed
    manager.send("/sign-out")
    ministry = visitor_as("ministry_planner")
    notice = ministry.open("/inbox/")
    link = notice.select_one(".notices a[href]")["href"]
    outcome = ministry.client.get(link, follow_redirects=True)
    assert outcome.request.path == "/outcome/21000"
    assert "P-000002" in outcome.text
    assert "มติครั้งที่ 2" in outcome.text


def test_faults_conflicts_and_other_roles_leave_the_plan_in_force_as_it_is(drafted, visitor_as):
    manager = visitor_as("manager")
    refused = publish(manager, "P-000002", note=" ")
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert 'name="seen" type="hidden" value="P-000001"' in refused.text
    assert publish(manager, "P-000002", seen="").status_code == 409
    assert publish(manager, "P-000009").status_code == 404
    manager.send("/sign-out")
    planner = visitor_as("de_planner")
    assert not planner.open("/publishing/P-000002").select("textarea")
    assert publish(planner, "P-000002").status_code == 403
    assert "P-000001" in planner.open("/publishing/").select_one(".verdict").get_text()


def test_what_changed_is_listed_and_can_be_downloaded(web_app, visitor_as):
    planner = visitor_as("de_planner")
    assert "ข้อมูลนำเข้าไม่เปลี่ยนแปลง" in text(planner.open("/"))
    with web_app.extensions["sessions"].begin() as database:
        row = database.scalars(select(models.Requirement).where(models.Requirement.code == "R-000003")).one()
        row.weight = 1.5
        record(database, OPERATOR, "changed", "requirement:R-000003")
    for path in ("/", "/publishing/", "/plans/P-000001"):
        assert "ไม่เป็นปัจจุบัน" in text(planner.open(path)), path
    page = planner.open("/publishing/P-000001")
    assert "ไม่เป็นปัจจุบัน" in text(page)
    cells = [cell.get_text(strip=True) for cell in page.select("#table-changes tbody tr > *")]
    assert cells[1:3] == ["R-000003", "พยากรณ์อากาศ"]
    assert cells[4:] == ["1", "1.5"]
    rows = list(csv.reader(io.StringIO(planner.client.get("/publishing/P-000001/changes.csv").text)))
    assert [row[1] for row in rows[1:]] == ["R-000003"]
    assert planner.client.get("/publishing/P-000001/changes.pdf").status_code == 404


def test_a_letter_leads_to_its_requirements_and_its_tables_are_files(visitor_as):
    visitor = visitor_as("ministry_planner")
    page = visitor.open("/outcome/21000")
    letter = page.select_one("article.letter").get_text(" ", strip=True)
    for part in ("เรื่อง", "เรียน ปลัดกระทรวงสาธารณสุข", "อ้างถึง", "สิ่งที่ส่งมาด้วย", "ขอแสดงความนับถือ"):
        assert part in " ".join(letter.split())
    link = page.select_one("#table-requirements tbody a")["href"]
    assert link == "/plans/P-000001/requirements/R-000001"
    visitor.open(link)
    files = [found["href"] for found in page.select("main a[download]")]
    assert len(files) == 2 * len(page.select("main table")) > 0
    for address in files:
        assert visitor.client.get(address).status_code == 200, address
    visitor.open("/outcome/21000/no-such.csv", 404)
    visitor.open("/outcome/99999", 404)


def test_those_who_see_all_ministries_choose_one(visitor_as):
    manager = visitor_as("manager")
    links = [link["href"] for link in manager.open("/outcome/").select("#table-outcomes tbody a")]
    assert links == ["/outcome/11000", "/outcome/21000"]
    for link in links:
        manager.open(link)


def test_before_the_first_publication_the_pages_say_so(web_app, visitor_as):
    with web_app.extensions["sessions"].begin() as database:
        database.execute(delete(models.Publication))
    manager = visitor_as("manager")
    for path in ("/outcome/", "/publishing/"):
        assert "ยังไม่มีแผนที่เผยแพร่" in text(manager.open(path))
    assert "P-000001" in text(manager.open("/"))
    manager.open("/outcome/21000", 404)
    assert publish(manager, "P-000001", seen="").location == "/publishing/P-000001"


def test_a_scenarios_plan_says_so_before_it_is_published(web_app, visitor_as):
    sessions = web_app.extensions["sessions"]
    with sessions.begin() as database:
        adjustments = [{"kind": "demand", "terms": {"change": 0.1}}]
        database.add(models.Scenario(code="S-1", name="x", adjustments=adjustments, created_at=dt.datetime.now(dt.UTC)))
    code = run_plan(sessions, OPERATOR, "เพิ่มร้อยละ 10", scenario="S-1")
    manager = visitor_as("manager")
    page = manager.open(f"/publishing/{code}")
    assert page.select_one("#section-origin")
    assert "S-1" in text(page)
    assert not manager.open("/publishing/P-000001").select("#section-origin")
