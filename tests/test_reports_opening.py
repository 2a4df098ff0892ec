"""A workbook that is made to be costly to read is refused before it costs anything."""

import io
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import load_workbook
from workbook_files import ROW, found, refusal, rezipped, saved, upload, with_sheet

from reports.archive import Limits
from reports.reader import read_workbook


def sheet_xml(inside: bytes) -> Callable[[str, bytes], bytes]:
    """A sheet of nothing but `inside`."""
    whole = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + inside + b"</worksheet>"
    return lambda name, part: whole if name == "xl/worksheets/sheet1.xml" else part


@pytest.mark.parametrize(
    "inside",
    [
        b"<sheetData><row>" + b"<c/>" * 3_000 + b"</row></sheetData>",
        b"<sheetData><row>" + b"<c/>" * 1_500 + b"<row/>" + b"<c/>" * 1_500 + b"</row></sheetData>",
        b"<conditionalFormatting/>" * 3_000 + b"<sheetData/>",
        b"<sheetData>" + b"<x:row xmlns:x='urn:other'/>" * 3_000 + b"</sheetData>",
    ],
    ids=["a row", "a row within a row", "what is kept beside the rows", "rows of another kind"],
)
def test_what_openpyxl_would_hold_at_once_is_bounded(inside: bytes) -> None:
    content = rezipped(upload(ROW).getvalue(), sheet_xml(inside))
    assert refusal(content, Limits(held_tags=2_000)).code == "too_many_cells"


def test_many_rows_are_not_held_at_once() -> None:
    rows = [(f"R-{n:06d}", *ROW[1:]) for n in range(300)]
    assert len(read_workbook(upload(*rows), Limits(held_tags=500)).sheets["requirements"].rows) == 300


def test_a_row_of_endless_text_is_refused() -> None:
    long = b"<sheetData><row><c t='inlineStr'><is><t>" + b"a" * 3_000_000 + b"</t></is></c></row></sheetData>"
    content = rezipped(upload(ROW).getvalue(), sheet_xml(long))
    assert refusal(content, Limits(part_bytes=1_000_000)).code == "too_many_cells"


def test_a_part_of_many_small_elements_is_refused() -> None:
    styles = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>'
    styles += b"<xf/>" * 3_000 + b"</cellXfs></styleSheet>"
    content = rezipped(upload(ROW).getvalue(), lambda name, part: styles if name == "xl/styles.xml" else part)
    assert refusal(content, Limits(held_tags=2_000)).code == "too_many_cells"


def test_a_sheet_that_poses_as_another_part_is_bounded_as_that_part() -> None:
    """What is streamed as a sheet may be large; the same file may also call it the list of its styles."""

    def change(name: str, part: bytes) -> bytes:
        part = sheet_xml(b"<sheetData>" + b"<row/>" * 3_000 + b"</sheetData>")(name, part)
        return part.replace(b"/xl/workbook.xml", b"/xl/worksheets/sheet1.xml") if "Content_Types" in name else part

    assert refusal(rezipped(upload(ROW).getvalue(), change), Limits(held_tags=2_000)).code == "too_many_cells"


def test_a_chart_sheet_is_not_read_whatever_poses_as_one() -> None:
    def change(name: str, part: bytes) -> bytes:
        part = sheet_xml(b"<a/>" * 3_000)(name, part)
        return part.replace(b"relationships/worksheet", b"relationships/chartsheet") if name.endswith("rels") else part

    content = rezipped(upload(ROW).getvalue(), change)
    assert found(io.BytesIO(content), Limits(held_tags=2_000)) == [("", "no_sheets")]


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "docProps/core.xml", "[Content_Types].xml"])
def test_no_part_has_a_document_type(part: str) -> None:
    """Files outside, and entities within entities, begin with one."""
    external = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'

    def change(name: str, old: bytes) -> bytes:
        if name != part:
            return old
        start = old.index(b"?>") + 2 if old.startswith(b"<?xml") else 0
        return old[:start] + external + old[start:]

    assert refusal(rezipped(upload(ROW).getvalue(), change)).code == "damaged"


def test_many_shared_strings_are_refused() -> None:
    strings = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + b"<si/>" * 500 + b"</sst>"
    content = rezipped(shared(upload(ROW).getvalue()), lambda name, part: strings if "sharedStrings" in name else part)
    assert refusal(content, Limits(strings=400)).code == "too_many_cells"


def shared(content: bytes) -> bytes:
    """The workbook with a table of shared strings, whether it had one or not."""
    if "xl/sharedStrings.xml" in zipfile.ZipFile(io.BytesIO(content)).namelist():
        return content
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/></Types>'
    stream = io.BytesIO(
        rezipped(content, lambda name, part: part.replace(b"</Types>", override) if "Content_Types" in name else part)
    )
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", b"<sst/>")
    return stream.getvalue()


def test_a_row_far_below_and_one_out_of_order_cost_nothing() -> None:
    """A number of a row is the file's word: no rows are made up before it, and none is read twice."""
    far = b'<row r="1048576"><c t="inlineStr"><is><t>x</t></is></c></row><row r="1"/><row r="99999999"/>'
    content = upload(ROW).getvalue()
    sheet = read_workbook(with_sheet(content, b"</sheetData>", far + b"</sheetData>")).sheets["requirements"]
    assert [row.number for row in sheet.rows] == [2, 1_048_576]


def test_formulas_are_refused_without_being_worked_out() -> None:
    """A formula shared by many cells would be translated for each of them."""
    shared_formula = b'<c r="D2"><f t="shared" si="0" ref="D2:D9">' + b"A1+" * 2_000 + b"1</f></c>"
    cells = b"".join(b'<row r="%d"><c r="D%d"><f t="shared" si="0"/></c></row>' % (n, n) for n in range(3, 60))
    content = upload(ROW).getvalue()
    stream = with_sheet(content, b"</sheetData>", b'<row r="2">' + shared_formula + b"</row>" + cells + b"</sheetData>")
    assert ("ความต้องการ!D30", "formula") in found(stream)


def test_a_sheet_of_notes_that_is_damaged_is_named() -> None:
    workbook = load_workbook(upload(ROW))
    workbook.create_sheet("คำชี้แจง").append(["ข้อมูลสมมุติ"])
    broken = rezipped(
        saved(workbook).getvalue(), lambda name, part: part[:-9] if name == "xl/worksheets/sheet2.xml" else part
    )
    assert found(io.BytesIO(broken)) == [("คำชี้แจง!", "damaged")]
