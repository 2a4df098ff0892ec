"""What people fill in for a planning round or an extension, read with every fault at its field."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from planner.errors import Fault, fault
from planner.text import N_, THAI_DIGITS, LocalText
from reports.cells import CellError, parse_cell
from reports.columns import Field
from reports.words import BANGKOK

_CLOCK: Final = re.compile(r"(\d{1,2})[:.](\d{2})")
_CODE: Final = Field("code", LocalText("รหัส", "Code"), "code", "", longest=40)
_DAY: Final = Field("day", LocalText("วันที่", "Day"), "date", "")
LONGEST_REASON: Final = 500
_LONGEST: Final = {"name_th": 300, "name_en": 300, "reason": LONGEST_REASON}


@dataclass
class FieldReader:
    """Reads the fields of a form, which are texts; what is wrong with them stands in `faults`."""

    given: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)

    def code(self, key: str) -> str:
        """A code."""
        value = self._cell(key, _CODE)
        return value if isinstance(value, str) else ""

    def text(self, key: str) -> str:
        """A line of text that may not be empty."""
        kind = Field(key, LocalText(key, key), "text", "", longest=_LONGEST[key])
        value = self._cell(key, kind)
        return value if isinstance(value, str) else ""

    def moment(self, key: str) -> dt.datetime | None:
        """A day (`<key>_day`, of either era) and the time on it (`<key>_time`), as people in Thailand say them."""
        day = self._cell(f"{key}_day", _DAY)
        time = self._clock(f"{key}_time")
        if not isinstance(day, dt.date) or time is None:
            return None
        return dt.datetime.combine(day, time, BANGKOK)

    def _cell(self, key: str, kind: Field) -> object:
        raw = self.given.get(key, "").strip()
        if not raw:
            self.faults.append(fault(key, "missing", N_("A value is missing here.")))
            return None
        try:
            return parse_cell(kind, raw)[0]
        except CellError as error:
            self.faults.append(Fault(key, error.code, error.message))
            return None

    def _clock(self, key: str) -> dt.time | None:
        raw = self.given.get(key, "").strip().translate(THAI_DIGITS)
        found = _CLOCK.fullmatch(raw)
        if found and int(found[1]) < 24 and int(found[2]) < 60:
            return dt.time(int(found[1]), int(found[2]))
        self.faults.append(fault(key, "not_a_time", N_("Write the time as hours and minutes, such as 16:30.")))
        return None
