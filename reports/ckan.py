"""The JSON of a CKAN catalogue such as Thailand's government data catalogue: its packages, read with care and written.

What other programs send is trusted in nothing: not in its size, its depth, its types or its numbers. The names of the
fields are those of the schema that the catalogue extends CKAN by (`docs/datasets.md`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from planner.errors import Fault, InvalidInputError, fault
from planner.text import N_
from reports.archive import Limits
from reports.catalogue import DATASETS, PLANNING
from reports.columns import NO, YES, Field, Value, Values

NAMES: Final[Mapping[str, str]] = {
    "catalogue_name": "name",
    "title": "title",
    "agency": "organization",
    "data_type": "data_type",
    "contact_name": "maintainer",
    "contact_email": "maintainer_email",
    "keywords": "tags",
    "description": "notes",
    "objectives": "objective",
    "update_unit": "update_frequency_unit",
    "update_interval": "update_frequency_interval",
    "coverage": "geo_coverage",
    "source": "data_source",
    "formats": "data_format",
    "category": "data_category",
    "licence": "license_id",
}
"""What the catalogue calls each field of the sheet of datasets."""
EXTRAS: Final[Mapping[str, str]] = {f"planner_{field.key}": field.key for field in PLANNING}
"""What the catalogue has no field for travels among its extras, under these keys."""
MOST_VALUES: Final = 1_000_000
"""How many values one file may hold; each takes many times its bytes once it is read."""


@dataclass(frozen=True)
class Package:
    """One dataset of a catalogue: where it stands in the file, and what is said of it."""

    path: str
    data: Mapping[str, Any]

    def address(self, key: str) -> str:
        """Where a field of the sheet of datasets stands."""
        return f"{self.path}.{NAMES.get(key, f'extras.planner_{key}')}" if key else self.path

    def given(self) -> Iterator[tuple[Field, object]]:
        """The fields that the package has, with what stands there; the agency and the name are not among them."""
        extras = self._extras()
        for field in DATASETS.fields:
            if field.key in {"code", "agency", "catalogue_name"}:
                continue
            if field.key == "keywords":
                yield field, self._tags()
            elif field.key in NAMES:
                yield field, self.data.get(NAMES[field.key])
            elif field.key in extras:
                yield field, extras[field.key]

    def organization(self) -> tuple[object, ...]:
        """What the package calls its organisation: code, name or title, whatever of it is there."""
        found = self.data.get("organization")
        parts = (found.get("name"), found.get("title")) if isinstance(found, Mapping) else (found,)
        return tuple(part for part in (*parts, self.data.get("owner_org")) if part)

    def _tags(self) -> object:
        tags = self.data.get("tags")
        if not isinstance(tags, list):
            return self.data.get("tag_string")
        return [tag.get("display_name") or tag.get("name") if isinstance(tag, Mapping) else tag for tag in tags]

    def _extras(self) -> Mapping[str, object]:
        extras = self.data.get("extras")
        pairs = [pair for pair in extras if isinstance(pair, Mapping)] if isinstance(extras, list) else []
        named = {pair["key"]: pair.get("value") for pair in pairs if isinstance(pair.get("key"), str)}
        return {EXTRAS[key]: value for key, value in named.items() if key in EXTRAS}


def is_catalogue(content: bytes) -> bool:
    """Whether a file looks like JSON rather than a workbook."""
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}


def read_packages(content: bytes, limits: Limits) -> tuple[tuple[Package, ...], bool]:
    """The packages of a file, and whether it calls itself made up; `InvalidInputError` if it is not such a file.

    A package by itself, a list of them, and the answers of CKAN's `package_show`, `package_search` and
    `current_package_list_with_resources` are understood.
    """
    document = _parse(content, limits)
    root, path = document, ""
    if isinstance(root, Mapping) and "result" in root:
        root, path = root["result"], "result"
    if isinstance(root, Mapping) and "results" in root:
        root, path = root["results"], f"{path}.results".lstrip(".")
    packages = root if isinstance(root, list) else [root]
    if len(packages) > limits.rows:
        raise _refusal("too_many_rows", N_("The file has more than %(most)s datasets."), most=limits.rows)
    if not packages or not all(isinstance(package, Mapping) and "title" in package for package in packages):
        raise _refusal("not_a_catalogue", N_("The file does not describe datasets as CKAN does."))
    paths = [f"{path}[{n}]" for n in range(len(packages))] if isinstance(root, list) else [path or "dataset"]
    made_up = isinstance(document, Mapping) and document.get("synthetic") is True
    return tuple(Package(*pair) for pair in zip(paths, packages, strict=True)), made_up


def _parse(content: bytes, limits: Limits) -> object:
    if len(content) > limits.file_bytes:
        size = round(limits.file_bytes / 1024 / 1024, 1)
        raise _refusal("too_large", N_("The file is larger than %(most)s MB."), most=size)
    if sum(map(content.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise _refusal("too_many_values", N_("The file holds too many values."))
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):  # also bytes that are not UTF-8, and numbers of thousands of digits
        raise _refusal("not_json", N_("The file is not JSON that can be read.")) from None


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON")


def _refusal(code: str, msgid: str, **params: str | float) -> InvalidInputError:
    return InvalidInputError([fault("", code, msgid, **params)])


def plain_text(raw: object) -> str | int | float | bool | None:
    """One value of JSON as a cell has it, a list of them joined by commas; `TypeError` for a structure."""
    match raw:
        case None | bool() | int() | float() | str():
            return raw
        case list() if all(isinstance(part, str) for part in raw):
            return ",".join(raw)
    raise TypeError("a structure stands where a value belongs")


def write_packages(rows: Sequence[Values], organisations: Mapping[str, Mapping[str, str]], *, made_up: bool) -> str:
    """The datasets as the answer of CKAN's `package_search`, in JSON.

    `rows` are of the sheet of datasets; `organisations` gives what is said of each agency, by its code.
    """
    packages = [_package(row, organisations[str(row["agency"])]) for row in rows]
    answer: dict[str, Any] = {"success": True, "result": {"count": len(packages), "results": packages}}
    if made_up:
        answer["synthetic"] = True
    return json.dumps(answer, ensure_ascii=False, allow_nan=False)


def _package(row: Values, organisation: Mapping[str, str]) -> dict[str, Any]:
    package: dict[str, Any] = {"type": "dataset", "state": "active", "private": True, "allow_harvest": "False"}
    extras = [{"key": "planner_code", "value": str(row["code"])}]
    for field in DATASETS.fields:
        value = row[field.key]
        if field.key in NAMES:
            package[NAMES[field.key]] = _written(field, value)
        elif field.key != "code" and value not in (None, "", ()):
            extras.append({"key": f"planner_{field.key}", "value": _extra(value)})
    package["name"] = row["catalogue_name"] or str(row["code"]).lower()
    package["organization"] = organisation
    package["owner_org"] = organisation["name"]
    package["tags"] = [{"name": word, "display_name": word} for word in package["tags"]]
    package["extras"] = extras
    return package


def _written(field: Field, value: Value) -> object:
    """A value as the catalogue writes it: its choices in Thai."""
    choices = field.choices
    if choices and isinstance(value, tuple):
        return [choices[code].th for code in value]
    if choices and isinstance(value, str):
        return choices[value].th
    return list(value) if isinstance(value, tuple) else value


def _extra(value: Value) -> str:
    """A value as an extra has it: text."""
    match value:
        case bool():
            return (YES if value else NO).en
        case tuple():
            return ",".join(value)
        case float():
            return f"{value:.15g}"
    return str(value)


def not_a_value(address: str) -> Fault:
    """The fault of a structure where a value belongs."""
    return fault(address, "not_a_value", N_("A value belongs here, not a structure."))
