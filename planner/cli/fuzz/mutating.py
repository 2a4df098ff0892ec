"""Ways to spoil a file: bytes at random, and structures that are still read deep inside although something is wrong.

Everything is drawn from the `random.Random` that is given, so the same seed spoils the same file in the same way.
"""

import copy
import gzip
import hashlib
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Callable
from random import Random
from typing import Any, Final

RAW: Final = "\N{REPLACEMENT CHARACTER}raw:"
"""Begins a string of JSON that stands for a text which no JSON value gives."""

NASTY: Final = (
    "", " ", "0", "-1", "1e400", "-0.0", "NaN", "Infinity", "9" * 5_000, "1" * 400, "๒๕๗๐", "2570", "2027", "true",
    "=HYPERLINK(1)", "+1", "@SUM(1)", "\0", "\x1b[2J", "\u202e", "\ud800", "\ufeff", "ก" * 5_000, "%s%n", "%(x)s",
    "{0}", "../../etc/passwd", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "&a;", "]]>", "'; DROP TABLE requirement; --",
    "R-000001", "D-000001", "2568-02-29", "29/2/2568", "31/12/9999", "1/1/0001", "25:00", "1,2,3", "1_000", "１２", "½",
)  # fmt: skip
"""Texts that somebody's program once fell over."""

_VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1, 0.5, 1e308, -1e308, 10**18, 10**40, float("nan"), float("inf"), [], {}, [[]], [{}],
    [None], {"": None}, {"code": 1}, RAW + "1e400", RAW + "-1e400", RAW + "9" * 5_000, RAW + "[" * 2_000 + "]" * 2_000,
    RAW + '{"code":1,"code":2}', RAW + "01", RAW + "'a'",
)  # fmt: skip
_XML_VALUE: Final = re.compile(rb'(?<=")[^"<>]{0,80}(?=")|(?<=>)[^<>]{1,80}(?=<)')
_XML_ELEMENT: Final = re.compile(rb"<(\w+)[^<>]*?(?:/>|>[^<>]*</\1>)")
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)

Mutation = Callable[[Random, bytes], bytes]


def spoil_bytes(chance: Random, data: bytes) -> bytes:
    """`data` with a few bytes changed, added, repeated or cut away."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(changed) + 1)
        end = min(len(changed), start + chance.choice((1, 1, 4, 32, 1000)))
        match chance.randrange(5):
            case 0:
                changed[start:end] = chance.randbytes(end - start)
            case 1:
                changed[start:start] = chance.choice(NASTY).encode("utf-8", "surrogatepass")
            case 2:
                changed[start:start] = changed[start:end] * chance.choice((1, 2, 50))
            case 3:
                del changed[start:end]
            case _:
                del changed[start:]
    return bytes(changed)


def spoil_json(chance: Random, data: bytes) -> bytes:
    """A JSON text with some of its values replaced, dropped or put elsewhere."""
    root = [json.loads(data)]
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        holder, key = _somewhere(chance, root)
        match chance.randrange(6):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[chance.choice(NASTY)] = holder[key]
            case 2:
                other, name = _somewhere(chance, root)
                holder[key] = json.loads(json.dumps(other[name]))
            case 3:
                holder[key] = chance.choice(NASTY)
            case _:
                holder[key] = copy.deepcopy(chance.choice(_VALUES))
    text = json.dumps(root[0], ensure_ascii=chance.random() < 0.5)
    raw = re.compile(f'"(?:{re.escape(RAW)}|{re.escape(json.dumps(RAW)[1:-1])})((?:[^"\\\\]|\\\\.)*)"')
    return raw.sub(lambda found: found[1].replace('\\"', '"'), text).encode("utf-8", "surrogatepass")


def spoil_xml(chance: Random, data: bytes) -> bytes:
    """XML with some of its values replaced, or of its elements dropped, repeated or moved."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        pattern = chance.choice((_XML_VALUE, _XML_ELEMENT))
        found = list(pattern.finditer(data))
        if not found:
            return spoil_bytes(chance, data)
        place, other = chance.choice(found), chance.choice(found)
        new = chance.choice((b"", other[0], place[0] * chance.choice((2, 40))))
        if pattern is _XML_VALUE and chance.random() < 0.7:
            new = chance.choice(NASTY).encode("utf-8", "surrogatepass").replace(b"<", b"&lt;")
        data = data[: place.start()] + new + data[place.end() :]
    return data


def spoil_archive(chance: Random, data: bytes) -> bytes:
    """A ZIP archive of XML with a part spoiled, dropped, renamed, exchanged or packed in another way."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(chance.choice((1, 1, 2))):
        name, other = chance.choice(sorted(parts)), chance.choice(sorted(parts))
        match chance.randrange(8):
            case 0:
                del parts[name]
            case 1:
                parts[name], parts[other] = parts[other], parts[name]
            case 2:
                parts[chance.choice((*NASTY[:30], f"../{name}", name.upper(), f"/{name}"))] = parts[name]
            case 3:
                parts[name] = spoil_bytes(chance, parts[name])
            case _:
                parts[name] = spoil_xml(chance, parts[name])
        if not parts:
            break
    packed, method = io.BytesIO(), chance.choice(_METHODS)
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in parts.items():
            part = zipfile.ZipInfo(name.encode("utf-8", "replace").decode().replace("\0", "") or "-")  # of no time
            archive.writestr(part, content, method)
    return packed.getvalue() if chance.random() < 0.8 else spoil_bytes(chance, packed.getvalue())


def spoil_backup(chance: Random, data: bytes) -> bytes:
    """A backup with a part spoiled, mostly with the hashes put right again, so that it is read to its end."""
    if chance.random() < 0.2:
        return spoil_bytes(chance, data)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        parts = {member.name: _content(archive, member) for member in archive}
    manifest = json.loads(parts.pop("manifest.json"))
    name = chance.choice(sorted(parts))
    lines = parts[name].splitlines(keepends=True) or [b"[]\n"]
    number = chance.randrange(len(lines))
    lines[number] = spoil_json(chance, lines[number]) + b"\n" if name.startswith("tables/") else b"?"
    parts[name] = b"".join(lines)
    if chance.random() < 0.1:
        parts[chance.choice(NASTY[20:30]) or "-"] = parts.pop(name)
    if chance.random() < 0.9:
        manifest["parts"] = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
    end = json.dumps(manifest).encode()
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        for name, content in {
            **parts,
            "manifest.json": end if chance.random() < 0.9 else spoil_json(chance, end),
        }.items():
            info = tarfile.TarInfo(name.encode("utf-8", "replace").decode().replace("\0", ""))
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file else b""


def _somewhere(chance: Random, root: list[Any]) -> tuple[Any, Any]:
    """A place in a JSON value, drawn level by level: what holds it, and its key or index there."""
    holder, key = root, 0
    while isinstance(holder[key], dict | list) and holder[key] and chance.random() < 0.85:
        holder = holder[key]
        key = chance.choice(sorted(holder) if isinstance(holder, dict) else range(len(holder)))
    return holder, key
