"""Workbooks and CSV files, read back with the programs that people open them with."""

import datetime as dt
import io
import re
import subprocess
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from openpyxl import Workbook, load_workbook

from planner.i18n import LANGUAGES, to_words, translator
from planner.text import FiscalYear, LocalText, Phrase, Value
from reports import sections
from reports.values import Chart, Column, Fact, Kind, Report, Section, Table
from reports.widths import text_height, text_width
from reports.words import Words
from reports.workbook import render_csv, render_report, render_table

COLUMNS = (
    Column("code", "Code", "code"),
    Column("ministry", "Ministry"),
    Column("year", "Fiscal year", "year"),
    Column("amount", LocalText("ปริมาณ", "Amount"), "number", "vCPU"),
    Column("share", "Service share", "share"),
    Column("cost", "Cost", "money", "THB"),
    Column("day", "Date", "date"),
    Column("moment", "Started", "moment"),
    Column("agrees", "Agrees"),
)
DAY = dt.date(2026, 11, 22)
MOMENT = dt.datetime(2026, 11, 22, 20, 30, tzinfo=dt.UTC)
MINISTRY = LocalText("กระทรวงการคลัง", "Ministry of Finance")
ROWS = (
    ("R-1", MINISTRY, FiscalYear(2027), 1234.5, 0.25, 5_000_000.0, DAY, MOMENT, True),
    ("R-2", Phrase("Not served"), FiscalYear(2028), 2.0, 1.0, None, None, None, False),
)
TABLE = Table("list", "Requirements", COLUMNS, ROWS, ("", Phrase("Total"), None, 1236.5, None, 5e6, None, None, None))
CHARTS = (
    Chart("shares", "Service by ministry", "bar", TABLE, "ministry", ("share",), "Share granted"),
    Chart("costs", "Costs", "stacked", TABLE, "year", ("amount", "cost"), "THB"),
    Chart("line", "Utilisation", "line", TABLE, "year", ("share",), "Utilisation"),
    Chart("beside", "Before and after", "bar", TABLE, "ministry", ("amount", "cost"), "THB"),
    Chart("parts", "Parts of a whole", "stacked_bar", TABLE, "ministry", ("amount", "cost"), "THB"),
)


def report(sections: tuple[Section, ...] | None = None) -> Report:
    return Report(
        key="r",
        title="Data centre capacity allocation report",
        subtitle=Phrase("Fiscal years %(first)s to %(last)s", {"first": FiscalYear(2027), "last": FiscalYear(2031)}),
        facts=(Fact("Date", DAY, "date"), Fact("Plan", "=P-1", "text"), Fact("Cost", 5e6, "money", "THB")),
        notices=("SYNTHETIC DATA: made up for demonstration, not the figures of any ministry",),
        sections=sections
        or (
            Section("list", "Requirements", "How each ministry is served.", tables=(TABLE,)),
            Section("summary", "Summary", facts=(Fact("Requirements", 2, "integer"),), charts=CHARTS),
        ),
        created_at=MOMENT,
        reference="P-1 & more",
        signatures=("Prepared by", "Approved by"),
        publisher="Ministry of Digital Economy and Society",
    )


def rendered(what: Report | Table, language: str = "th") -> bytes:
    stream = io.BytesIO()
    render = render_report if isinstance(what, Report) else render_table
    render(what, translator(language), language, stream)
    return stream.getvalue()


def opened(what: Report | Table, language: str = "th") -> Workbook:
    return load_workbook(io.BytesIO(rendered(what, language)))


def one_cell(text: str) -> Table:
    return Table("t", "Requirements", (Column("text", "Title"),), ((text,),))


@pytest.mark.parametrize(("language", "year", "ministry"), [("th", 2570, MINISTRY.th), ("en", 2027, MINISTRY.en)])
def test_a_table_keeps_numbers_dates_and_years_as_what_they_are(language: str, year: int, ministry: str) -> None:
    sheet = opened(TABLE, language).worksheets[0]
    header, row, _, total = (list(cells) for cells in sheet.iter_rows(min_row=3, max_row=6, max_col=9))
    translate = translator(language)
    assert [cell.value for cell in header[:2]] == [translate("Code"), translate("Ministry")]
    assert header[3].value == {"th": "ปริมาณ\n(vCPU)", "en": "Amount\n(vCPU)"}[language]
    assert [cell.value for cell in row] == [
        "R-1",
        ministry,
        year,
        1234.5,
        0.25,
        5_000_000,
        dt.datetime(2026, 11, 22),  # noqa: DTZ001 - Excel knows no zones
        dt.datetime(2026, 11, 23, 3, 30),  # noqa: DTZ001
        translate("Yes"),
    ]
    assert [cell.number_format for cell in row[2:6]] == ["0", "#,##0.0", "0.0%", "#,##0"]
    assert row[6].number_format == {"th": "[$-107041E]d mmmm yyyy", "en": "[$-809]d mmmm yyyy"}[language]
    assert [total[1].value, total[3].value, total[5].value] == [translate("Total"), 1236.5, 5_000_000]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "#N/A", "TRUE", "01/02"])
def test_user_text_stays_text(text: str) -> None:
    content = rendered(one_cell(text))
    cell = load_workbook(io.BytesIO(content)).worksheets[0]["A4"]
    assert (cell.value, cell.data_type) == (text, "s")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize(
    ("text", "kept"), [("a\x00b\x07c\x1f\ufffe", "abc"), ("one\r\ntwo\rthree", "one\ntwo\nthree"), ("x\ud800y", "xy")]
)
def test_what_xml_cannot_hold_is_removed(text: str, kept: str) -> None:
    assert opened(one_cell(text)).worksheets[0]["A4"].value == kept


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_report_twice_is_the_same_bytes(language: str) -> None:
    content = rendered(report(), language)
    assert rendered(report(), language) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 11, 22, 20, 30, 0)}
        assert archive.read("docProps/core.xml").count(b"2026-11-22T20:30:00Z") == 2
        assert archive.testzip() is None


def test_a_list_is_ready_to_browse_and_to_print() -> None:
    sheet = opened(report())[translator("th")("Requirements")]
    assert sheet.freeze_panes == "B6"
    assert sheet.auto_filter.ref == "A5:I7"
    assert sheet.print_title_rows == "$5:$5"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.sheet_properties.pageSetUpPr.fitToPage) == (1, True)
    assert sheet["A5"].font.name == "Sarabun"


@pytest.mark.parametrize("language", LANGUAGES)
def test_notices_stand_on_the_cover_and_on_every_page(language: str) -> None:
    workbook = opened(report(), language)
    notice = translator(language)(report().notices[0])
    cover = workbook.worksheets[0]
    assert notice in [cell.value for row in cover.iter_rows() for cell in row]
    for sheet in workbook.worksheets:
        assert sheet.oddHeader.right.text == notice
        assert sheet.oddFooter.left.text == "P-1 && more"
        assert "&P" in sheet.oddFooter.right.text
        assert "&N" in sheet.oddFooter.right.text


def test_the_cover_dates_the_report_in_the_buddhist_era_and_has_lines_to_sign() -> None:
    cover = opened(report()).worksheets[0]
    cells = [cell for row in cover.iter_rows() for cell in row if cell.value is not None]
    formats = {cell.number_format for cell in cells if isinstance(cell.value, dt.datetime)}
    assert formats == {"[$-107041E]d mmmm yyyy"}
    texts = [cell.value for cell in cells]
    assert {"ผู้จัดทำ", "ผู้อนุมัติ", "ปีงบประมาณ พ.ศ. 2570 ถึง 2574", "=P-1"} <= set(texts)
    assert '#,##0 "บาท"' in {cell.number_format for cell in cells}


def test_the_contents_lead_to_every_sheet() -> None:
    workbook = opened(report())
    links = [row[1].hyperlink.location for row in workbook.worksheets[1].iter_rows(min_row=4)]
    assert links == [f"'{sheet.title}'!A1" for sheet in workbook.worksheets[2:]]


def test_charts_name_their_axes_and_carry_their_values() -> None:
    with zipfile.ZipFile(io.BytesIO(rendered(report(), "en"))) as archive:
        charts = [archive.read(name).decode() for name in sorted(archive.namelist()) if name.startswith("xl/charts/")]
    assert len(charts) == len(CHARTS)
    for chart, xml in zip(CHARTS, charts, strict=True):
        assert xml.count('<delete val="0"') == 2
        assert chart.title in xml
        assert f"<a:t>{chart.axis}</a:t>" in xml
        assert re.search(r'<numCache>.*<pt idx="0"><v>(0\.25|1234\.5)</v>', xml)
        assert "'Requirements'!$" in xml
    assert "<v>Ministry of Finance</v>" in charts[0]
    assert ["stacked" in xml for xml in charts] == [False, True, False, False, True]
    assert ['barDir val="bar"' in xml for xml in charts] == [True, False, False, True, True]


def test_eight_series_have_eight_colours_and_each_stands_out_from_the_paper() -> None:
    keys = tuple(f"site{n}" for n in range(8))
    columns = (Column("year", "Year"), *(Column(key, key, "number") for key in keys))
    table = Table("use", "Use", columns, ((2027, *(float(n) for n in range(8))),))
    chart = Chart("use", "Use by site", "stacked", table, "year", keys, "TB")
    shown = report((Section("list", "List", tables=(table,), charts=(chart,)),))
    with zipfile.ZipFile(io.BytesIO(rendered(shown, "en"))) as archive:
        (name,) = (name for name in archive.namelist() if name.startswith("xl/charts/"))
        colours = re.findall(r'<ser>.*?<a:srgbClr val="(.{6})"', archive.read(name).decode())
    assert len(set(colours)) == len(colours) == 8
    for colour in colours:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 3  # WCAG 2.2, 1.4.11


@pytest.mark.parametrize(("largest", "of_all"), [(0.06, False), (0.19, False), (0.2, True), (1.0, True)])
def test_small_shares_are_not_lost_on_an_axis_that_goes_up_to_all(largest: float, of_all: bool) -> None:
    table = replace(TABLE, rows=tuple((*row[:4], largest / n, *row[5:]) for n, row in enumerate(ROWS, start=1)))
    chart = Chart("shares", "Service by ministry", "bar", table, "ministry", ("share",), "Share granted")
    shown = report((Section("list", "List", tables=(table,), charts=(chart,)),))
    with zipfile.ZipFile(io.BytesIO(rendered(shown, "en"))) as archive:
        (name,) = (name for name in archive.namelist() if name.startswith("xl/charts/"))
        xml = archive.read(name).decode()
    assert chart.of_all == of_all
    assert ('<max val="1"' in xml) == of_all


def test_a_chart_that_has_no_room_begins_the_next_page_with_the_empty_row_above_it() -> None:
    table = replace(TABLE, rows=ROWS * 10, total=None)
    chart = Chart("shares", "Service by ministry", "bar", table, "ministry", ("share",), "Share granted")
    sheet = opened(report((Section("list", "List", tables=(table,), charts=(chart,)),)), "en")["List"]
    assert sheet._charts[0].anchor._from.row == sheet.max_row + 1
    assert [pause.id for pause in sheet.row_breaks.brk] == [sheet.max_row]


def test_a_name_that_is_cut_ends_in_no_opened_parenthesis() -> None:
    sections = (Section("s", "Full-time equivalents by year (FTE)", tables=(TABLE,)),)
    assert opened(report(sections), "en").sheetnames[2] == "Full-time equivalents by year"


def test_a_chart_of_a_table_that_is_not_in_the_report_is_refused() -> None:
    lost = report((Section("s", "Summary", facts=(Fact("Plan", "x"),), charts=CHARTS),))
    with pytest.raises(ValueError, match="its table list stands in no section"):
        rendered(lost)


def test_sheets_get_names_that_excel_accepts() -> None:
    titles = ("A/B: what? [1] *", "x" * 40, "x" * 50, "X" * 60, "'")
    sections = tuple(Section(str(n), title, tables=(one_cell("a"),)) for n, title in enumerate(titles))
    names = opened(report(sections), "en").sheetnames[2:]
    assert names == ["A B  what   1", "x" * 31, "x" * 29 + " 2", "X" * 29 + " 3", "-"]


def test_a_book_that_is_given_up_leaves_no_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    beats = 0

    def beat() -> None:
        nonlocal beats
        beats += 1
        if beats == 2:
            raise InterruptedError

    twice = (Section("a", "Requirements", tables=(TABLE,)), Section("b", "Pools", tables=(one_cell("x"),)))
    target = tmp_path / "report.xlsx"
    with pytest.raises(InterruptedError):
        render_report(report(twice), translator("th"), "th", target, beat)
    assert list(tmp_path.iterdir()) == []


def test_rows_beyond_what_a_sheet_takes_go_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "MOST_ROWS", 2)
    column, rows = Column("n", "No.", "integer"), tuple((number,) for number in range(5))
    long = Table("long", "Requirements", (column,), rows, total=(10,))
    for workbook in (opened(long, "en"), opened(report((Section("s", "Requirements", tables=(long,)),)), "en")):
        sheets = [sheet for sheet in workbook.worksheets if sheet.title.startswith("Requirements")]
        assert [sheet.title for sheet in sheets] == ["Requirements 1 3", "Requirements 2 3", "Requirements 3 3"]
        below = [[cell.value for (cell, *_) in sheet.iter_rows() if isinstance(cell.value, int)] for sheet in sheets]
        assert below == [[0, 1], [2, 3], [4, 10]]
        assert all(sheet.auto_filter.ref for sheet in sheets)


def test_an_empty_table_says_so_and_has_no_filter() -> None:
    sheet = opened(Table("t", "Requirements", COLUMNS, ()), "en").worksheets[0]
    assert sheet["A4"].value == "There is nothing to show."
    assert sheet.auto_filter.ref is None


def test_a_list_export_shows_its_notices() -> None:
    stream = io.BytesIO()
    render_table(TABLE, translator("en"), "en", stream, notices=("Made up",))
    sheet = load_workbook(stream).worksheets[0]
    assert (sheet["A1"].value, sheet["A2"].value, sheet["A4"].value) == ("Requirements", "Made up", "Code")


@pytest.mark.parametrize(
    ("kind", "amounts", "pattern"),
    [
        ("number", (1.0, 20.0), "#,##0"),
        ("number", (1.5, 20.0), "#,##0.0"),
        ("number", (0.25, 0.5), "0.00"),
        ("number", (0.0125, 0.5), "0.0000"),
        ("number", (0.0, 0.0000125), "0.00E+00"),
        ("integer", (1.0, 2.0), "#,##0"),
    ],
)
def test_a_column_shows_the_decimals_that_its_numbers_need(
    kind: Kind, amounts: tuple[float, float], pattern: str
) -> None:
    table = Table("t", "Pools", (Column("n", "Use", kind),), tuple((amount,) for amount in amounts))
    sheet = opened(table).worksheets[0]
    assert {sheet["A4"].number_format, sheet["A5"].number_format} == {pattern}


def test_measures_have_their_own_decimals() -> None:
    table = Table("t", "Pools", (Column("n", "Use", "measure"),), ((12.0,), (0.0000125,), (2.5,)))
    sheet = opened(table).worksheets[0]
    assert [sheet[f"A{row}"].number_format for row in (4, 5, 6)] == ["#,##0", "0.00E+00", "#,##0.0"]


def test_thai_marks_take_no_room() -> None:
    assert text_width("ที่นั้น") == text_width("ทนน")
    assert text_width("ab\nabcd") == 4
    assert text_height("ก" * 50, 100) < text_height("ก" * 150, 100)


def test_lines_are_reckoned_by_words() -> None:
    line = text_height("", 42)
    assert text_height("Ministry of Social Development and Human Security", 42) == line  # Latin letters are narrow
    assert text_height("Ministry of Social Development and Human Security", 21) > 2 * line
    assert text_height("ระบบการเรียนรู้อิเล็กทรอนิกส์สำหรับบุคลากร", 20) > 2 * line  # long words leave room empty


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        MINISTRY,
        FiscalYear(2027),
        Phrase("FY %(year)s", {"year": FiscalYear(2027)}),
        ("a", MINISTRY, 3),
        1234567.891,
        0.1234,
        5e6,
        12,
        0.0,
        -3.5,
    ],
)
def test_reports_and_pages_put_values_into_the_same_words(value: Value, language: str) -> None:
    assert Words(translator(language), language).value(value) == to_words(value, language)


def test_csv_opens_in_excel_without_running_anything() -> None:
    table = Table("t", "Requirements", COLUMNS, (("=1+1", *ROWS[0][1:]), ("-R", *ROWS[1][1:])))
    stream = io.BytesIO()
    render_csv(table, translator("th"), "th", stream)
    lines = stream.getvalue().decode("utf-8-sig").splitlines()
    assert stream.getvalue().startswith(b"\xef\xbb\xbf")
    assert lines[0].startswith("รหัส,กระทรวง,ปีงบประมาณ,ปริมาณ (vCPU)")
    assert lines[1] == "'=1+1,กระทรวงการคลัง,2570,1234.5,0.25,5000000.0,2026-11-22,2026-11-23 03:30,ใช่"
    assert lines[2].startswith("'-R,ไม่ได้รับ,2571,2.0,1.0,,,,")


@pytest.mark.office
@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("th", {"22 พฤศจิกายน 2569", "5,000,000 บาท", "1,234.5", "25.0%", "2570"}),
        ("en", {"22 November 2026", "5,000,000 THB", "1,234.5", "25.0%", "2027"}),
    ],
)
def test_an_office_program_shows_and_prints_the_report(language: str, shown: set[str], tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    render_report(report(), translator(language), language, path)
    for form in ("pdf", "html"):
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        convert = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", tmp_path, path]
        subprocess.run(convert, check=True, capture_output=True, timeout=120)
    printed = (tmp_path / "report.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 4
    sizes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert {(round(float(width)), round(float(height))) for width, height in sizes} == {(842, 595)}
    page = BeautifulSoup((tmp_path / "report.html").read_bytes(), "html.parser")
    texts = {cell.get_text(strip=True) for cell in page.find_all("td")}
    assert shown | {translator(language)(report().notices[0]), "=P-1"} <= texts
