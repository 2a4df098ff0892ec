"""Reading JSON objects field by field: every fault is noted at its path, and reading goes on.

A field that is missing or of the wrong kind notes a fault and yields a harmless value of the right type; whoever
reads must look at the fault list before using what was read.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar, cast

from planner.errors import Fault, fault
from planner.text import N_

Number = TypeVar("Number", int, float)
Item = TypeVar("Item")
_MISSING: Final = object()
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def parse_object(text: str | bytes, faults: list[Fault]) -> "Fields | None":
    """The top-level object of a JSON text, or None with a fault noted."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values = dict(pairs)
        if len(values) < len(pairs):
            keys = [key for key, _ in pairs]
            for key in sorted({key for key in keys if keys.count(key) > 1}):
                faults.append(fault(key, "duplicate_key", N_("The key %(key)s stands twice in one object."), key=key))
        return values

    try:
        if isinstance(text, bytes):
            text = text.decode(json.detect_encoding(text))
        if _SURROGATE.search(text):  # half of a pair can be written, and stored nowhere
            json.dumps(json.loads(text), ensure_ascii=False).encode()
        value = json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        faults.append(fault("", "not_json", N_("This is not a JSON text: %(detail)s"), detail=str(error)))
        return None
    if not isinstance(value, dict):
        faults.append(fault("", "wrong_kind", N_("This must be %(kind)s."), kind="object"))
        return None
    return Fields(value, "", faults)


class Fields:
    """One JSON object at `path`. Each method reads one key; `refuse_others` notes the keys that nobody asked for."""

    def __init__(self, values: dict[str, Any], path: str, faults: list[Fault]) -> None:
        self._values = values
        self._path = path
        self._faults = faults
        self._asked: set[str] = set()

    def require_format(self, expected: str) -> None:
        """Note a fault unless the key `format` says `expected`."""
        if self.text("format") != expected:
            self._note("format", "wrong_format", N_("The format must be %(format)s."), format=expected)

    def refuse_others(self) -> None:
        """Note every key that was not read."""
        for key in self._values:
            if key not in self._asked:
                self._note(key, "unknown_key", N_("The key %(key)s is unknown here."), key=key)

    def text(self, key: str, default: Any = _MISSING) -> str:
        """A string."""
        return cast("str", self._take(key, default, "", "text", lambda value: isinstance(value, str)))

    def optional_text(self, key: str) -> str | None:
        """A string or null."""
        return cast("str | None", self.text(key, None))

    def flag(self, key: str, default: Any = _MISSING) -> bool:
        """True or false."""
        return cast("bool", self._take(key, default, False, "true or false", lambda value: isinstance(value, bool)))

    def choice(self, key: str, choices: Sequence[str], default: str) -> Any:
        """One of `choices`."""
        return self._take(key, default, default, " | ".join(choices), lambda value: value in choices)

    def number(self, key: str, kind: type[Number], default: Any = _MISSING) -> Number:
        """A number of `kind`; a whole number is a float too."""
        value = self._take(key, default, kind(0), _kind_name(kind), lambda value: _is_number(value, kind))
        return cast("Number", value)

    def optional_number(self, key: str, kind: type[Number]) -> Number | None:
        """A number or null."""
        return cast("Number | None", self.number(key, kind, None))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings."""
        return self._list(key, "text", lambda value: isinstance(value, str)) or ()

    def optional_texts(self, key: str) -> tuple[str, ...] | None:
        """A list of strings, or null."""
        return self._list(key, "text", lambda value: isinstance(value, str), optional=True)

    def numbers_of(self, key: str, kind: type[Number]) -> tuple[Number, ...]:
        """A list of numbers."""
        return self._list(key, _kind_name(kind), lambda value: _is_number(value, kind)) or ()

    def limits(self, key: str) -> tuple[float | None, ...] | None:
        """A list of numbers or nulls, or null."""
        return self._list(
            key, _kind_name(float), lambda value: value is None or _is_number(value, float), optional=True
        )

    def numbers(self, key: str) -> dict[str, float]:
        """An object of numbers; absent is empty."""
        return self._map(key, lambda fields, name: fields.number(name, float))

    def text_map(self, key: str) -> dict[str, str]:
        """An object of strings; absent is empty."""
        return self._map(key, lambda fields, name: fields.text(name))

    def series(self, key: str, *, optional: bool = False) -> dict[str, tuple[float, ...]]:
        """An object of lists of numbers."""
        return self._map(key, lambda fields, name: fields.numbers_of(name, float), optional=optional)

    def object(self, key: str, *, optional: bool = True) -> "Fields | None":
        """The object under `key`, or None where it is absent."""
        value = self._take(key, None if optional else _MISSING, {}, "object", lambda value: isinstance(value, dict))
        return None if value is None else Fields(value, self._at(key), self._faults)

    def objects(self, key: str, *, optional: bool = False) -> "list[Fields]":
        """A list of objects; absent is empty if `optional`."""
        items = self._take(key, () if optional else _MISSING, [], "list", lambda value: isinstance(value, list))
        found = []
        for n, item in enumerate(items):
            path = f"{self._at(key)}[{n}]"
            if isinstance(item, dict):
                found.append(Fields(item, path, self._faults))
            else:
                self._faults.append(_wrong_kind(path, "object"))
        return found

    def _map(self, key: str, read: Callable[["Fields", str], Item], *, optional: bool = True) -> dict[str, Item]:
        fields = self.object(key, optional=optional)
        return {} if fields is None else {name: read(fields, name) for name in fields._values}

    def _list(
        self, key: str, kind: str, fits: Callable[[Any], bool], *, optional: bool = False
    ) -> tuple[Any, ...] | None:
        items = self._take(key, None if optional else _MISSING, [], "list", lambda value: isinstance(value, list))
        if items is None:
            return None
        bad = [n for n, item in enumerate(items) if not fits(item)]
        self._faults.extend(_wrong_kind(f"{self._at(key)}[{n}]", kind) for n in bad)
        return tuple(items) if not bad else ()

    def _take(self, key: str, default: Any, harmless: Any, kind: str, fits: Callable[[Any], bool]) -> Any:
        self._asked.add(key)
        value = self._values.get(key, default)
        if value is _MISSING:
            self._note(key, "missing", N_("The key %(key)s is missing."), key=key)
            return harmless
        if value is default or fits(value):
            return value
        self._faults.append(_wrong_kind(self._at(key), kind))
        return harmless

    def _at(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def _note(self, key: str, code: str, msgid: str, /, **params: str) -> None:
        self._faults.append(fault(self._at(key), code, msgid, **params))


def read_rows(fields: Fields, key: str, read: Callable[[Fields], Item], *, optional: bool = False) -> tuple[Item, ...]:
    """The objects under `key`, each by `read`; a key that `read` did not ask for is a fault."""
    rows = []
    for row in fields.objects(key, optional=optional):
        rows.append(read(row))
        row.refuse_others()
    return tuple(rows)


def _is_number(value: Any, kind: type) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) if kind is int else isinstance(value, int | float)


def _kind_name(kind: type) -> str:
    return "whole number" if kind is int else "number"


def _wrong_kind(path: str, kind: str) -> Fault:
    return fault(path, "wrong_kind", N_("This must be %(kind)s."), kind=kind)
