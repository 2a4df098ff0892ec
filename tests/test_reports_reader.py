"""What is wrong with an upload is found at its cell; what may not be opened at all is refused first."""

import io
import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from workbook_files import HEADER, ROW, found, refusal, rezipped, saved, upload, with_sheet

from planner.errors import InvalidInputError
from planner.services.sample import sample_workbook
from reports.archive import Limits
from reports.reader import read_workbook


def test_a_row_is_read_with_its_cells_address() -> None:
    book = read_workbook(upload(ROW))
    sheet = book.sheets["requirements"]
    (row,) = sheet.rows
    assert not book.faults
    assert row.values["start_year"] == 2027
    assert row.values["demand"] == {("vcpu", 2027): 10.0, ("hot", 2027): 2.5}
    assert "note" not in row.values  # a column that the file does not have is left alone
    assert sheet.address(row, "agency") == "ความต้องการ!C2"
    assert sheet.address(row, ("demand", ("hot", 2027))) == "ความต้องการ!H2"
    assert sheet.address(row) == "ความต้องการ!2"


def test_headers_may_carry_marks_units_and_other_cases() -> None:
    header = ("CODE *", " Title", "agency", "Priority*", "Clearance", "Start  year", "vcpu 2027", "Weight (score)")
    book = read_workbook(upload((*ROW[:5], 2027, 10, 2), header=header, title="REQUIREMENTS"))
    assert not book.faults
    assert book.sheets["requirements"].rows[0].values["weight"] == 2.0


def test_empty_rows_and_cells_mean_nothing() -> None:
    book = read_workbook(upload((), ("", " "), (*ROW[:6], None, " ")))
    (row,) = book.sheets["requirements"].rows
    assert not book.faults
    assert (row.number, row.values["demand"]) == (4, {})


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        (1, None, "missing"),
        (1, "  ", "missing"),
        (0, "two words", "bad_code"),
        (5, "๒๕๗๐/๑", "not_a_year"),
        (6, "=1+1", "formula"),
        (6, ArrayFormula("G2", "=SUM(A1:A2)"), "formula"),
        (1, "=A1", "formula"),
        (6, "#DIV/0!", "excel_error"),
        (6, -5, "negative"),
        (6, "lots", "not_a_number"),
        (6, "inf", "not_finite"),
        (6, True, "not_a_number"),
    ],
)
def test_a_faulty_cell_is_named(column: int, value: object, code: str) -> None:
    row = [*ROW]
    row[column] = value  # type: ignore[call-overload]
    assert found(upload(tuple(row))) == [(f"ความต้องการ!{'ABCDEFGH'[column]}2", code)]


def test_an_infinite_number_written_into_the_xml_is_named() -> None:
    stream = with_sheet(upload((*ROW[:6], 4711)).getvalue(), b"<v>4711</v>", b"<v>1e999</v>")
    assert found(stream) == [("ความต้องการ!G2", "not_finite")]


def test_all_faults_are_collected_and_capped() -> None:
    rows = [(f"R-{n}", "ระบบ", "11001", "normal", "open", 2570, -1, "x") for n in range(20)]
    assert len(found(upload(*rows))) == 40
    book = read_workbook(upload(*rows), Limits(faults=7))
    assert (len(book.faults), book.more_faults) == (7, 33)


def test_a_row_that_stands_twice_is_named_with_the_first() -> None:
    book = read_workbook(upload(ROW, ("R-2", *ROW[1:]), ROW))
    (fault,) = book.faults
    assert (fault.address, fault.code, fault.message.params["row"]) == ("ความต้องการ!A4", "duplicate_code", "2")


def test_two_years_of_different_eras_are_refused_once() -> None:
    stream = upload(ROW, ("R-2", *ROW[1:5], 2027, 1, 1), ("R-3", *ROW[1:5], 2028, 1, 1))
    assert found(stream) == [("ความต้องการ!F3", "mixed_eras")]


def test_headers_count_for_the_era_too() -> None:
    assert found(upload((*ROW[:5], 2027, 1, 1))) == [("ความต้องการ!F2", "mixed_eras")]


def test_unknown_missing_and_repeated_columns_are_named() -> None:
    header = ("รหัส", "ชื่อระบบ", "สี", "หน่วยงาน", "ลำดับความสำคัญ", "ระดับชั้นข้อมูล", "ชื่อระบบ", "vcpu 9999")
    assert found(upload(header=header)) == [
        ("ความต้องการ!C1", "unknown_column"),
        ("ความต้องการ!G1", "duplicate_column"),
        ("ความต้องการ!H1", "unknown_column"),
        ("ความต้องการ!1", "missing_column"),
    ]


def test_unknown_and_repeated_sheets_are_named() -> None:
    workbook = Workbook()
    workbook.worksheets[0].title = "สี"
    workbook.create_sheet("ภูมิภาค").append(("รหัส", "ชื่อภาษาไทย", "ชื่อภาษาอังกฤษ"))
    workbook.create_sheet("Regions").append(("Code", "Thai name", "English name"))
    workbook.create_sheet("README").append(("anything",))
    assert found(saved(workbook)) == [("สี!", "unknown_sheet"), ("Regions!", "duplicate_sheet")]


def test_a_workbook_without_any_known_sheet_says_so() -> None:
    assert found(upload(title="Notes")) == [("", "no_sheets")]


def test_rows_and_columns_are_capped() -> None:
    rows = [(f"R-{n}", *ROW[1:]) for n in range(5)]
    assert found(upload(*rows), Limits(rows=5)) == []
    assert found(upload(*rows), Limits(rows=4)) == [("ความต้องการ!", "too_many_rows")]
    assert ("ความต้องการ!1", "too_many_columns") in found(upload(*rows), Limits(columns=7))


def test_a_row_of_formats_far_below_is_no_row() -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "ความต้องการ"
    sheet.append(HEADER)
    sheet.append(ROW)
    sheet["A1048576"].number_format = "@"
    book = read_workbook(saved(workbook))
    assert (len(book.faults), len(book.sheets["requirements"].rows)) == (0, 1)


def test_a_claimed_size_is_not_trusted() -> None:
    content = upload(ROW).getvalue()
    assert found(with_sheet(content, b'ref="A1:H2"', b'ref="A1:XFD1048576"')) == []
    assert found(with_sheet(content, b'ref="A1:H2"', b'ref="A1:A1"')) == []
    assert found(with_sheet(content, b'<row r="2"', b'<row r="99999999999"')) == []  # no row that Excel could have


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7", b"\x89PNG\r\n\x1a\n" + bytes(100), b"code,title\nR-1,x\n", b"<html></html>", "รหัส".encode()],
    ids=["pdf", "png", "csv", "html", "text"],
)
def test_another_kind_of_file_is_refused(content: bytes) -> None:
    assert refusal(content).code == "not_excel"


def test_an_old_or_encrypted_file_is_refused() -> None:
    assert refusal(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)).code == "old_or_encrypted"


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"").code == "empty_file"


def test_another_zip_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert refusal(stream.getvalue()).code == "not_excel"


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(kept: float) -> None:
    content = sample_workbook(150)
    assert refusal(content[: int(len(content) * kept)]).code == "damaged"


@pytest.mark.parametrize("part", ["[Content_Types].xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_file_with_a_broken_part_is_refused(part: str) -> None:
    broken = rezipped(upload(ROW).getvalue(), lambda name, old: old[: len(old) // 2] if name == part else old)
    assert refusal(broken).code == "damaged"


def test_a_broken_sheet_is_named() -> None:
    content = upload(ROW, *[(f"R-{n}", *ROW[1:]) for n in range(2, 50)]).getvalue()
    assert found(with_sheet(content, b"</sheetData>", b"")) == [("ความต้องการ!", "damaged")]
    assert found(with_sheet(content, b"<v>2.5</v>", b"<v>two</v>"))[-1] == ("ความต้องการ!", "damaged")


def test_entities_are_never_expanded() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet'
    stream = with_sheet(upload(ROW).getvalue(), b"<worksheet", laughs)
    with pytest.raises(InvalidInputError) as caught:
        read_workbook(stream)
    assert caught.value.faults[0].code == "damaged"


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = rezipped(
        upload(ROW).getvalue(),
        lambda name, part: part + b" " * 30_000_000 if name == "xl/worksheets/sheet1.xml" else part,
    )
    assert len(bomb) < 100_000
    assert refusal(bomb, Limits(unzipped_bytes=20_000_000)).code == "too_large"


def test_a_bomb_of_tiny_cells_is_refused() -> None:
    content = upload(ROW).getvalue()
    many = with_sheet(content, b"</row></sheetData>", b"<c/>" * 50_000 + b"</row></sheetData>").getvalue()
    assert refusal(many, Limits(tags=40_000)).code == "too_many_cells"


def test_limits_of_size_and_parts_hold() -> None:
    content = upload(ROW).getvalue()
    assert refusal(content, Limits(file_bytes=len(content) - 1)).code == "too_large"
    assert refusal(content, Limits(entries=3)).code == "too_many_parts"
    assert refusal(content, Limits(part_bytes=200)).code == "too_large"


@pytest.mark.parametrize("name", ["xl/workbook.bin", "xl/worksheets/_rels/sheet1.xml.rels", "docProps/thumbnail.jpeg"])
def test_a_large_part_is_refused_whatever_it_is_called(name: str) -> None:
    stream = io.BytesIO(upload(ROW).getvalue())
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b" " * 100_001)
    assert refusal(stream.getvalue(), Limits(part_bytes=100_000)).code == "too_large"
