"""Planning rounds in the browser: keeping one, its faults at their fields, and extensions."""

from bs4 import BeautifulSoup

ROUND = {
    "code": "2665",
    "name_th": "รอบปี 2665",
    "name_en": "Round of 2122",
    "opens_day": "1/2/2665",
    "opens_time": "08:30",
    "closes_day": "๑/๓/๒๖๖๕",
    "closes_time": "16:30",
}


def words(element) -> str:
    return " ".join(element.get_text(" ", strip=True).split())


def test_a_round_is_made_and_changed(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    answer = visitor.send("/rounds/new", ROUND)
    assert (answer.status_code, answer.location) == (302, "/rounds/2665")
    page = visitor.open("/rounds/2665")
    assert page.h1.get_text() == "รอบปี 2665"
    assert "1 มีนาคม 2665 16:30" in words(page.main)
    form = visitor.open("/rounds/2665/edit")
    filled = {field["name"]: field["value"] for field in form.select("main form input") if field.get("value")}
    assert (filled["opens_day"], filled["opens_time"]) == ("1/2/2665", "08:30")
    assert visitor.send("/rounds/2665/edit", filled | {"closes_day": "15/3/2665"}).status_code == 302
    assert "15 มีนาคม 2665" in words(visitor.open("/rounds/2665").main)
    assert visitor.send("/rounds/2665/edit", filled).status_code == 409
    assert [words(cell) for cell in visitor.open("/rounds/").select("#table-rounds tbody th")] == ["2665", "2570-1"]


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    answer = visitor.send("/rounds/new", ROUND | {"opens_day": "1/1/2570", "closes_time": "25:00"})
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "lxml")
    assert [field["name"] for field in page.select("[aria-invalid=true]")] == ["closes_time"]
    answer = visitor.send("/rounds/new", ROUND | {"opens_day": "1/1/2570"})
    page = BeautifulSoup(answer.text, "lxml")
    assert [field["name"] for field in page.select("[aria-invalid=true]")] == ["opens_day"]
    assert "รอบที่ 1 ปี 2570" in words(page.select_one("#opens_day-error"))
    assert page.select_one("[name=name_th]")["value"] == "รอบปี 2665"


def test_a_ministry_is_given_longer_and_it_is_taken_back(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    typed = {"ministry": "11000", "until_day": "1/1/2570", "until_time": "12:00"}
    answer = visitor.send("/rounds/2570-1/extensions", typed)
    page = BeautifulSoup(answer.text, "lxml")
    assert answer.status_code == 422
    assert {field["name"] for field in page.select("[aria-invalid=true]")} == {"until_day", "reason"}
    assert page.select_one("[name=ministry] option[selected]")["value"] == "11000"
    longer = {"ministry": "11000", "until_day": "1/6/2664", "until_time": "12.00", "reason": "ย้ายอาคาร"}
    assert visitor.send("/rounds/2570-1/extensions", longer).status_code == 302
    page = visitor.open("/rounds/2570-1")
    assert "ย้ายอาคาร" in words(page.select_one(".extensions"))
    assert visitor.send("/rounds/2570-1/extensions/11000/end").status_code == 302
    assert "ย้ายอาคาร" not in words(visitor.open("/rounds/2570-1").select_one(".extensions"))
    assert visitor.send("/rounds/2570-1/extensions/11000/end").status_code == 404


def test_a_ministry_sees_the_round_and_its_own_extension_alone(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")
    page = visitor.open("/rounds/2570-1")
    assert "น้ำท่วมอาคาร" in words(page.select_one(".extensions"))
    assert not page.select("main form[action*=extensions]")
    assert not visitor.open("/rounds/").select("main a[href='/rounds/new']")
    assert len(page.select("#table-progress tbody tr")) == 1
