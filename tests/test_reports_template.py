"""The exchange workbook as written: marks, drop-downs, text kept as text, and the way back through the reader."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from planner.i18n import translator
from planner.text import LocalText
from reports.columns import Values
from reports.reader import read_workbook
from reports.sheets import REQUIREMENTS, SHEETS
from reports.template import Exchange, write_workbook

YEARS = (2027, 2028)
TYPES = {"vcpu": "vCPU", "hot": "TB"}


def exchange(rows: Mapping[str, Sequence[Values]], **more: Any) -> Exchange:
    return Exchange(LocalText("ทดสอบ", "Test"), rows, YEARS, TYPES, **more)


def written(content: Exchange, language: str = "th") -> io.BytesIO:
    stream = io.BytesIO()
    write_workbook(content, translator(language), language, stream)
    stream.seek(0)
    return stream


def opened(content: Exchange, language: str = "th") -> Workbook:
    return load_workbook(written(content, language))


REQUIREMENT: Values = {
    "code": "R-1",
    "title": "=1+1",
    "agency": "11001",
    "priority": "normal",
    "clearance": "open",
    "weight": 1.5,
    "copies": 2,
    "divisible": False,
    "start_year": 2027,
    "end_year": None,
    "regions": ("central", "north"),
    "sites": (),
    "incumbent": None,
    "status": "approved",
    "note": "",
    "demand": {("vcpu", 2027): 10.0, ("hot", 2028): 2.5},
}


@pytest.mark.parametrize("language", ["th", "en"])
def test_an_empty_template_of_everything_reads_back_empty(language: str) -> None:
    found = read_workbook(written(exchange(dict.fromkeys(SHEETS, ())), language))
    assert not found.faults
    assert {key: sheet.rows for key, sheet in found.sheets.items()} == dict.fromkeys(SHEETS, ())
    assert found.sheets["requirements"].columns["demand", ("hot", 2028)] == "S"


@pytest.mark.parametrize(("language", "header"), [("th", "vcpu 2570"), ("en", "vcpu 2027")])
def test_demand_columns_are_headed_by_type_and_year(language: str, header: str) -> None:
    sheet = opened(exchange({"requirements": ()}), language)[REQUIREMENTS.title.in_language(language)]
    assert header in [cell.value for cell in sheet[1]]


def test_text_that_begins_with_an_equals_sign_stays_text() -> None:
    sheet = opened(exchange({"requirements": [REQUIREMENT]}))["ความต้องการ"]
    assert (sheet["B2"].value, sheet["B2"].data_type, sheet["B2"].quotePrefix) == ("=1+1", "s", True)
    found = read_workbook(written(exchange({"requirements": [REQUIREMENT]})))
    assert not found.faults
    assert found.sheets["requirements"].rows[0].values == REQUIREMENT


def test_coded_columns_have_drop_downs() -> None:
    content = exchange({"regions": (), "sites": ()}, codes={"clearances": ["open", "secret"]})
    workbook = opened(content, "en")
    rules = {str(rule.sqref): rule.formula1 for rule in workbook["Sites"].data_validations.dataValidation}
    assert rules["D2:D501"] == "='Regions'!$A$2:$A$501"
    assert rules["E2:E501"] == "='Code lists'!$A$2:$A$3"
    assert [cell.value for cell in workbook["Code lists"]["A"]] == ["Clearances", "open", "secret"]


def test_every_header_says_its_rule_and_unit() -> None:
    workbook = opened(exchange(dict.fromkeys(SHEETS, ())), "en")
    comments = [cell.comment.text for sheet in SHEETS.values() for cell in workbook[sheet.title.en][1]]
    assert all(comments)
    assert "Unit: THB" in workbook["Fiscal years"]["B1"].comment.text
    assert "Unit: vCPU" in workbook["Requirements"]["P1"].comment.text


def test_sheets_are_set_up_to_be_read_and_printed() -> None:
    workbook = opened(exchange({"requirements": [REQUIREMENT]}))
    sheet = workbook["ความต้องการ"]
    assert sheet.freeze_panes == "C2"
    assert sheet.print_title_rows == "$1:$1"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert {cell.font.name for row in sheet.iter_rows() for cell in row} == {"Sarabun"}


@pytest.mark.parametrize("language", ["th", "en"])
def test_made_up_data_says_so_wherever_it_is_looked_at(language: str) -> None:
    content = exchange({"regions": ()}, synthetic=True)
    workbook = opened(content, language)
    word = "ข้อมูลสังเคราะห์" if language == "th" else "Synthetic data"
    assert word in workbook.properties.title
    assert {sheet.oddHeader.right.text for sheet in workbook} == {word}
    assert "ข้อมูลสังเคราะห์ / Synthetic data" in [row[0] for row in workbook.worksheets[0].values]
    assert read_workbook(written(content, language)).synthetic
    assert not read_workbook(written(exchange({"regions": ()}), language)).synthetic


def test_the_mark_survives_a_spreadsheet_that_drops_properties() -> None:
    workbook = opened(exchange({"regions": ()}, synthetic=True))
    del workbook.custom_doc_props["synthetic"]
    stream = io.BytesIO()
    workbook.save(stream)
    stream.seek(0)
    assert read_workbook(stream).synthetic


def test_the_same_exchange_gives_the_same_cells() -> None:
    content = exchange({"requirements": [REQUIREMENT]})
    first, second = opened(content), opened(content)
    assert [list(sheet.values) for sheet in first] == [list(sheet.values) for sheet in second]


codes = st.text("abcXYZกขค019-_.", min_size=1, max_size=12)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).map(str.strip).filter(bool)
amounts = st.floats(0.001, 1e12).map(lambda number: float(f"{number:.12g}"))  # Excel keeps 15 digits
requirements = st.fixed_dictionaries(
    {
        "code": codes,
        "title": texts,
        "agency": codes,
        "priority": codes,
        "clearance": codes,
        "weight": st.floats(0.001, 1e6).map(lambda number: float(f"{number:.12g}")),
        "copies": st.sampled_from([1, 2]),
        "divisible": st.booleans(),
        "start_year": st.integers(1900, 2200),
        "end_year": st.none() | st.integers(1900, 2200),
        "regions": st.lists(codes, max_size=3, unique=True).map(tuple),
        "sites": st.lists(codes, max_size=3, unique=True).map(tuple),
        "incumbent": st.none() | codes,
        "status": st.sampled_from(["draft", "submitted", "approved"]),
        "note": texts | st.just(""),
        "demand": st.dictionaries(
            st.tuples(st.sampled_from(sorted(TYPES)), st.sampled_from(YEARS)), amounts, max_size=4
        ),
    }
)


@settings(
    max_examples=40, deadline=None, phases=set(Phase) - {Phase.shrink}, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.lists(requirements, max_size=4, unique_by=lambda row: row["code"]), st.sampled_from(["th", "en"]))
def test_rows_come_back_from_the_workbook_as_they_went_in(rows: list[dict[str, Any]], language: str) -> None:
    found = read_workbook(written(exchange({"requirements": rows}), language))
    assert not found.faults
    assert [row.values for row in found.sheets["requirements"].rows] == rows
