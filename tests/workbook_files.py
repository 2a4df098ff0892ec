"""Workbooks to upload, sound ones and such as nobody's Excel writes."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook

from planner.errors import Fault, InvalidInputError
from reports.archive import Limits
from reports.reader import read_workbook

HEADER = ("รหัส", "ชื่อระบบ", "หน่วยงาน", "ลำดับความสำคัญ", "ระดับชั้นข้อมูล", "ตั้งแต่ปีงบประมาณ", "vcpu 2570", "hot 2570")
ROW = ("R-1", "ระบบ", "11001", "normal", "open", 2570, 10, 2.5)


def saved(workbook: Workbook) -> io.BytesIO:
    stream = io.BytesIO()
    workbook.save(stream)
    stream.seek(0)
    return stream


def upload(*rows: tuple[Any, ...], header: tuple[Any, ...] = HEADER, title: str = "ความต้องการ") -> io.BytesIO:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = title
    for row in (header, *rows):
        sheet.append(row)
    return saved(workbook)


def found(stream: io.BytesIO, limits: Limits | None = None) -> list[tuple[str, str]]:
    return [(fault.address, fault.code) for fault in read_workbook(stream, limits).faults]


def refusal(content: bytes, limits: Limits | None = None) -> Fault:
    with pytest.raises(InvalidInputError) as caught:
        read_workbook(io.BytesIO(content), limits)
    (fault,) = caught.value.faults
    return fault


def rezipped(content: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The workbook with the bytes of its parts changed; None drops a part."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if (part := change(entry.filename, old.read(entry))) is not None:
                new.writestr(entry.filename, part)
    return stream.getvalue()


def with_sheet(content: bytes, old: bytes, new: bytes) -> io.BytesIO:
    assert any(old in zipfile.ZipFile(io.BytesIO(content)).read(name) for name in ["xl/worksheets/sheet1.xml"])
    return io.BytesIO(
        rezipped(content, lambda name, part: part.replace(old, new) if name == "xl/worksheets/sheet1.xml" else part)
    )
