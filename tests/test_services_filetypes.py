"""What a file is by its content, and names that are safe to give back."""

import io
import zipfile

import openpyxl
import pytest

from planner.services.filetypes import ENDINGS, FileType, detect, safe_name

PDF = FileType("pdf", "application/pdf")


def archive(**parts: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return stream.getvalue()


def office(main: str, **parts: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("[Content_Types].xml", f'<Types><Override ContentType="{main}"/></Types>')
        for name, content in parts.items():
            made.writestr(name, content)
    return stream.getvalue()


def workbook() -> bytes:
    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    return stream.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACRO_WORD = "application/vnd.ms-word.document.macroEnabled.main+xml"


@pytest.mark.parametrize(
    ("content", "name", "ending"),
    [
        (b"%PDF-1.7\n...", "a.exe", "pdf"),
        (b"\x89PNG\r\n\x1a\n...", "a", "png"),
        (b"\xff\xd8\xff\xe0...", "a.pdf", "jpg"),
        (workbook(), "a.txt", "xlsx"),
        (office(WORD), "a.docx", "docx"),
        (archive(mimetype="application/vnd.oasis.opendocument.text"), "a.odt", "odt"),
        ("รหัส,ชื่อ\n1,ก".encode(), "a.CSV", "csv"),
        ("รหัส,ชื่อ\n1,ก".encode("cp874"), "a.csv", "csv"),
        ("บันทึก".encode("utf-8-sig"), "a.md", "txt"),
        (b"<html><script>alert(1)</script></html>", "a.html", "txt"),
    ],
)
def test_a_file_is_what_its_content_is(content: bytes, name: str, ending: str) -> None:
    found = detect(content, name)
    assert found is not None
    assert found.ending == ending
    assert ending in ENDINGS


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00\x03\x00",
        b"\x7fELF\x02\x01\x01\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100,
        b"GIF89a\x01\x00",
        b"PK\x03\x04 damaged",
        archive(readme="x"),
        archive(mimetype="application/epub+zip"),
        office(MACRO_WORD),
        office(WORD, **{"word/vbaProject.bin": "x"}),
        archive(mimetype="application/vnd.oasis.opendocument.text", Basic__Standard__script_dot_xml="x"),
    ],
    ids=["windows", "linux", "old office", "gif", "damaged", "zip", "epub", "macro type", "macros", "basic"],
)
def test_programs_macros_and_archives_are_of_no_type(content: bytes) -> None:
    assert detect(content, "a.pdf") is None


def relation(kind: str, target: str, mode: str = ' TargetMode="External"') -> str:
    space = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return f'<Relationships><Relationship Id="rId1" Type="{space}/{kind}" Target="{target}"{mode}/></Relationships>'


@pytest.mark.parametrize(
    ("parts", "taken"),
    [
        ({"word/_rels/settings.xml.rels": relation("hyperlink", "https://www.mdes.go.th")}, True),
        ({"word/_rels/document.xml.rels": relation("package", "embeddings/table.xlsx", "")}, True),
        ({"word/embeddings/table.xlsx": "x"}, True),
        ({"word/_rels/settings.xml.rels": relation("attachedTemplate", "https://evil.example/a.dotm")}, False),
        ({"word/_rels/document.xml.rels": relation("oleObject", "file://evil.example/a")}, False),
        ({"word/_rels/document.xml.rels": relation("frame", "https://evil.example").replace("<R", "<r:R")}, False),
        ({"word/_rels/settings.xml.rels": relation("attachedTemplate", "a").replace("<", "\0<\0")}, False),
        ({"word/_rels/settings.xml.rels": '<!DOCTYPE a [<!ENTITY b "External">]>'}, False),
        ({"word/_rels/settings.xml.rels": " " * 2_000_000}, False),
        ({"word/embeddings/oleObject1.bin": "x"}, False),
        ({"word/activeX/activeX1.xml": "x"}, False),
        ({f"word/{n}.xml": "" for n in range(5_001)}, False),
    ],
    ids=[
        "link", "package", "embedded workbook", "template", "object", "frame", "other encoding", "entities",
        "large", "embedded object", "control", "many parts",
    ],
)  # fmt: skip
def test_a_document_that_does_something_by_itself_is_of_no_type(parts: dict[str, str], taken: bool) -> None:
    assert (detect(office(WORD, **parts), "a.docx") is not None) is taken


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\แผน.pdf", "แผน.pdf"),
        ("report.pdf.exe", "report.pdf.pdf"),
        ("ใบเสนอ\u202efdp.exe", "ใบเสนอfdp.pdf"),
        ("a\r\nX-Header: b.pdf", "aX-Header b.pdf"),
        ("..", "file.pdf"),
        ("", "file.pdf"),
        ('<b>"x"|?*.pdf', "b x.pdf"),
        ("ก" * 500 + ".pdf", "ก" * 120 + ".pdf"),
    ],
)
def test_a_name_is_made_safe(given: str, safe: str) -> None:
    assert safe_name(given, PDF) == safe
