"""How reports look, apart from what they say: fonts, colours, borders, page and number formats."""

from dataclasses import dataclass
from typing import Final

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

FONT: Final = "Sarabun"
LINE_HEIGHT: Final = 16.0
"""Points from line to line of the 10 point body; Thai marks above and below the line need the room."""
ROW_HEIGHT: Final = LINE_HEIGHT + 2

INK: Final = "1F2937"
NAVY: Final = "1B365D"
MUTED: Final = "5B6675"
RULE: Final = "CBD3DF"
PALE: Final = "EEF2F8"
WHITE: Final = "FFFFFF"
AMBER: Final = "FFF1CC"
BROWN: Final = "7A4B00"
SHADE: Final = "A9C3E4"
ALARM: Final = "F0B36B"
SERIES: Final = ("1B365D", "C8873A", "5B8DB8", "7A9A5A", "8C6BB1", "8A93A3", "A6496B", "3B8F7C")
"""Colours of chart series in their order, apart in print and for colour-blind eyes, and from the paper: 3 to 1."""

MARGIN: Final = 0.5
"""Page margin in inches, left and right."""
PAGE_WIDTH: Final = 27.0
PAGE_HEIGHT: Final = 17.0
"""Printable width and height of A4 landscape in centimetres."""


@dataclass(frozen=True)
class Look:
    """How one sort of cell looks. Colours are RRGGBB; "" is none. `rule` is the line below, `over` the line above."""

    size: float = 10.0
    bold: bool = False
    color: str = INK
    fill: str = ""
    rule: str = ""
    over: str = ""
    across: str = "general"
    down: str = "center"
    wrap: bool = False
    underline: bool = False
    indent: int = 0

    @property
    def font(self) -> Font:
        """The font as openpyxl has it."""
        return Font(
            name=FONT,
            size=self.size,
            bold=self.bold,
            color=self.color,
            underline="single" if self.underline else None,
        )

    @property
    def pattern(self) -> PatternFill:
        """The fill as openpyxl has it."""
        return PatternFill("solid", fgColor=self.fill) if self.fill else PatternFill()

    @property
    def border(self) -> Border:
        """The lines as openpyxl has them."""
        below = Side("thin", color=self.rule) if self.rule else None
        above = Side("thin", color=self.over) if self.over else None
        return Border(bottom=below, top=above)

    @property
    def alignment(self) -> Alignment:
        """The alignment as openpyxl has it."""
        return Alignment(horizontal=self.across, vertical=self.down, wrap_text=self.wrap, indent=self.indent)


TITLE: Final = Look(size=16, bold=True, color=NAVY)
LEAD: Final = Look(color=MUTED, wrap=True, down="top")
TABLE_TITLE: Final = Look(size=11, bold=True, color=NAVY)
HEADER: Final = Look(bold=True, color=WHITE, fill=NAVY, across="left", wrap=True)
HEADER_RIGHT: Final = Look(bold=True, color=WHITE, fill=NAVY, across="right", wrap=True, indent=1)
HEADER_CENTER: Final = Look(bold=True, color=WHITE, fill=NAVY, across="center", wrap=True)
TEXT: Final = Look(rule=RULE, across="left", down="top", wrap=True)
NUMBER: Final = Look(rule=RULE, across="right", down="top", indent=1)
CENTER: Final = Look(rule=RULE, across="center", down="top")
TOTAL_TEXT: Final = Look(bold=True, fill=PALE, over=NAVY, rule=NAVY, across="left", wrap=True)
TOTAL_NUMBER: Final = Look(bold=True, fill=PALE, over=NAVY, rule=NAVY, across="right", indent=1)
NOTE: Final = Look(size=9, color=MUTED, wrap=True, down="top")
NOTICE: Final = Look(size=11, bold=True, color=BROWN, fill=AMBER, wrap=True, indent=1)
FACT_LABEL: Final = Look(color=MUTED, rule=RULE, across="left", down="top", wrap=True)
FACT_VALUE: Final = Look(bold=True, rule=RULE, across="left", down="top", wrap=True)
FACT_NUMBER: Final = Look(bold=True, rule=RULE, across="right", down="top", indent=1)
FACT_UNIT: Final = Look(color=MUTED, rule=RULE, across="left", down="top", indent=1)
LINK: Final = Look(color=NAVY, underline=True, rule=RULE, across="left", down="top")
COVER_BAND: Final = Look(fill=NAVY)
COVER_TITLE: Final = Look(size=26, bold=True, color=NAVY, wrap=True, down="bottom")
COVER_SUBTITLE: Final = Look(size=14, color=MUTED, wrap=True, down="top")
SIGNATURE: Final = Look(across="center", color=INK)
SIGNATURE_LINE: Final = Look(across="center", color=INK, rule=MUTED)

INTEGER: Final = "#,##0"
DECIMAL: Final = "#,##0.0"
HUNDREDTHS: Final = "0.00"
SMALL: Final = "0.0000"
TINY: Final = "0.00E+00"
SHARE: Final = "0.0%"
YEAR: Final = "0"
AS_TEXT: Final = "@"
DATES: Final = {"th": "[$-107041E]d mmmm yyyy", "en": "[$-809]d mmmm yyyy"}
MOMENTS: Final = {"th": "[$-107041E]d mmmm yyyy hh:mm", "en": "[$-809]d mmmm yyyy hh:mm"}
