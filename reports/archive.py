"""Open an uploaded workbook without trusting it: what is checked before openpyxl may look at a byte.

An .xlsx file is a ZIP archive of XML. Its declared sizes are summed before anything is unpacked (`zipfile` never
reads more of an entry than it declares), and the markup is counted while streaming, because elements cost far more
memory than the bytes they are written in. How openpyxl then reads what was let through is in `reports.opening`.
"""

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Final

from planner.errors import Fault, fault
from planner.text import N_

_CHUNK: Final = 1 << 20
_STREAMED: Final = re.compile(r"xl/(worksheets/[^/]+|sharedStrings)\.xml")
_COMPOUND_FILE: Final = bytes.fromhex("d0cf11e0a1b11ae1")


@dataclass(frozen=True)
class Limits:
    """What a workbook may be: bytes of the file, ZIP entries, bytes unzipped (all, and a part that is not streamed),
    XML tags (all, and of what is held in memory at once), strings that cells share, rows and columns of a sheet, and
    faults that are listed.
    """

    file_bytes: int = 20 * 1024 * 1024
    entries: int = 500
    unzipped_bytes: int = 300 * 1024 * 1024
    part_bytes: int = 8 * 1024 * 1024
    tags: int = 30_000_000
    held_tags: int = 200_000
    strings: int = 3_000_000
    rows: int = 150_000
    columns: int = 400
    faults: int = 500


def check_archive(content: bytes, limits: Limits) -> Fault | None:
    """What stands against opening `content` as a workbook, or None."""
    if not content:
        return fault("", "empty_file", N_("The file is empty."))
    if len(content) > limits.file_bytes:
        return _too_large(N_("The file is larger than %(most)s MB."), limits.file_bytes)
    if content.startswith(_COMPOUND_FILE):
        return fault(
            "",
            "old_or_encrypted",
            N_("This is an old Excel file (.xls) or one with a password. Save it as .xlsx without a password."),
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _check_entries(archive, limits)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, OSError, EOFError, ValueError, RuntimeError):
        return damaged() if content.startswith(b"PK") else _not_excel()
    except Exception:  # zlib and lzma have errors of their own
        return damaged()


def _check_entries(archive: zipfile.ZipFile, limits: Limits) -> Fault | None:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if len(entries) > limits.entries:
        return fault("", "too_many_parts", N_("The file has more than %(most)s parts."), most=limits.entries)
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        return _not_excel()
    if len(names) < len(entries) or any(entry.flag_bits & 1 for entry in entries):
        return damaged()
    if sum(entry.file_size for entry in entries) > limits.unzipped_bytes:
        return _too_large(N_("Unzipped, the file is larger than %(most)s MB."), limits.unzipped_bytes)
    tags = 0
    for entry in entries:
        if not _STREAMED.fullmatch(entry.filename):
            if entry.file_size > limits.part_bytes:  # whatever it is called: a file may call any part its workbook
                return _too_large(N_("A part of the file is larger than %(most)s MB."), limits.part_bytes)
            continue
        with archive.open(entry) as part:
            while chunk := part.read(_CHUNK):
                tags += chunk.count(b"<")
                if tags > limits.tags:
                    return too_many_cells()
    return None


def _too_large(msgid: str, most: int) -> Fault:
    return fault("", "too_large", msgid, most=round(most / 1024 / 1024, 1))


def _not_excel() -> Fault:
    return fault("", "not_excel", N_("This is not an Excel workbook (.xlsx)."))


def too_many_cells() -> Fault:
    """The file is refused for what reading it would take."""
    return fault("", "too_many_cells", N_("The file holds too many cells."))


def damaged() -> Fault:
    """The file is refused for what no workbook is."""
    return fault("", "damaged", N_("The file is damaged or incomplete and cannot be read."))
