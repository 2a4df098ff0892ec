"""What a file is by its content, whatever its name says, and a name that is safe to give back."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

LONGEST_NAME: Final = 120
"""Characters of a file's name before its ending."""

_READ: Final = 1 << 20
_OPEN_XML: Final = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument."
_ALIVE: Final = re.compile(r"vbaProject\.bin$|^(Basic|Scripts)/|/activeX/|/embeddings/.*\.bin$", re.IGNORECASE)
"""Parts that may run when the document is opened: macros, controls, and objects of other programs."""
_RELATION: Final = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_FETCHED: Final = re.compile(rb"/(attachedTemplate|oleObject|frame|subDocument|control|package)[\"']", re.IGNORECASE)
"""Relations whose target is fetched as soon as the document is opened; a link is not, until somebody follows it."""
_MOST_PARTS: Final = 5_000
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class FileType:
    """A type that may be attached: its ending and its media type."""

    ending: str
    media_type: str


_BY_START: Final = (
    (b"%PDF-", FileType("pdf", "application/pdf")),
    (b"\x89PNG\r\n\x1a\n", FileType("png", "image/png")),
    (b"\xff\xd8\xff", FileType("jpg", "image/jpeg")),
)
_OFFICE: Final[Mapping[str, FileType]] = MappingProxyType(
    {
        f"{_OPEN_XML}{main}.main+xml": FileType(ending, f"{_OPEN_XML}{media}")
        for main, ending, media in (
            ("wordprocessingml.document", "docx", "wordprocessingml.document"),
            ("spreadsheetml.sheet", "xlsx", "spreadsheetml.sheet"),
            ("presentationml.presentation", "pptx", "presentationml.presentation"),
        )
    }
    | {
        f"{_OPEN_DOCUMENT}{what}": FileType(ending, f"{_OPEN_DOCUMENT}{what}")
        for what, ending in (("text", "odt"), ("spreadsheet", "ods"), ("presentation", "odp"))
    }
)
_CSV: Final = FileType("csv", "text/csv")
_TEXT: Final = FileType("txt", "text/plain")

ENDINGS: Final = tuple(sorted(kind.ending for kind in (*_OFFICE.values(), *(k for _, k in _BY_START), _CSV, _TEXT)))
"""The endings of everything that may be attached."""


def detect(content: bytes, name: str) -> FileType | None:
    """The type of a file by its `content`; None for one that may not be attached, such as a program or macros.

    `name` only tells apart what is the same inside: a table of text from any other text.
    """
    for start, kind in _BY_START:
        if content.startswith(start):
            return kind
    if content.startswith(b"PK"):
        return _office_type(content)
    if _is_text(content):
        return _CSV if name.lower().endswith(".csv") else _TEXT
    return None


def safe_name(name: str, kind: FileType) -> str:
    """`name` without folders, control and direction marks, and with the ending of what the file is."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    stem = re.sub(r'[\s<>:"|?*]+', " ", PurePosixPath(shown).stem).strip(" .")
    return f"{stem[:LONGEST_NAME].rstrip(' .') or 'file'}.{kind.ending}"


def _office_type(content: bytes) -> FileType | None:
    """An office document that does nothing by itself. Its parts' names, type and relations are read, up to a limit."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if len(names) > _MOST_PARTS or any(_ALIVE.search(name) for name in names) or _fetches(archive):
                return None
            part = next((name for name in ("[Content_Types].xml", "mimetype") if name in names), None)
            if part is None:
                return None
            with archive.open(part) as stream:
                declared = stream.read(_READ).decode("utf-8", "replace")
    except Exception:  # a damaged archive fails in many ways, and is none of ours
        return None
    if "macroEnabled" in declared:
        return None
    return next((kind for main, kind in _OFFICE.items() if f'"{main}"' in declared or main == declared.strip()), None)


def _fetches(archive: zipfile.ZipFile) -> bool:
    """Whether opening the document would fetch something from elsewhere, such as a template with macros.

    So does one whose relations are too large, or not written as every program writes them: nobody looked at them.
    """
    left = _READ
    for entry in archive.infolist():
        if not entry.filename.lower().endswith(".rels"):
            continue
        with archive.open(entry) as stream:
            relations = stream.read(left + 1)
        left -= len(relations)
        if left < 0 or b"\0" in relations or b"<!" in relations:
            return True
        if any(b"External" in found and _FETCHED.search(found) for found in _RELATION.findall(relations)):
            return True
    return False


def _is_text(content: bytes) -> bool:
    for encoding in ("utf-8-sig", "cp874"):
        try:
            return not _CONTROLS.search(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    return False
