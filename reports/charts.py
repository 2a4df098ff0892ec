"""Native charts over tables that stand in the workbook, with the values cached for programs that only preview."""

from typing import Final

from openpyxl.chart import BarChart, LineChart
from openpyxl.chart.axis import ChartLines, TextAxis
from openpyxl.chart.data_source import AxDataSource, NumData, NumDataSource, NumRef, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.legend import Legend
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import Series as DataSeries
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties, RegularTextRun
from openpyxl.utils import get_column_letter, quote_sheetname

from reports import theme
from reports.tables import Place
from reports.values import Chart
from reports.words import Words

_HEIGHTS: Final = {"small": (6.2, 3.0, 0.4), "large": (8.0, 3.0, 0.5)}
"""Centimetres: the least height of a chart, and of lying bars the frame and the room for each category."""


def chart_height(chart: Chart, *, small: bool) -> float:
    """Centimetres that a chart takes down: lying bars need a line for each category."""
    least, frame, line = _HEIGHTS["small" if small else "large"]
    return max(least, frame + line * len(chart.table.rows)) if chart.lies else least


def build_chart(chart: Chart, place: Place, words: Words, width: float, height: float) -> BarChart | LineChart:
    """`chart` over its table at `place`, `width` and `height` in centimetres."""
    drawn: BarChart | LineChart = LineChart() if chart.form == "line" else _bars(chart)
    for position, key in enumerate(chart.series):
        drawn.series.append(_series(chart, key, position, place, words))
    column = next(column for column in chart.table.columns if column.key == chart.series[0])
    drawn.title = _title(words.label(chart.title), 11, bold=True)
    drawn.width, drawn.height = width, height  # type: ignore[assignment]  # not whole
    drawn.legend = (
        Legend(legendPos="r" if chart.form == "line" else "b", txPr=_text(8)) if len(chart.series) > 1 else None
    )
    header = next(column.header for column in chart.table.columns if column.key == chart.categories)
    drawn.x_axis.title = _title(words.label(header), 8)
    drawn.y_axis.title = _title(words.label(chart.axis), 8) if chart.axis else None
    drawn.x_axis.number_format, drawn.x_axis.delete = "General", False
    of_share = "0%" if chart.of_all else "0.0%"
    drawn.y_axis.number_format = of_share if column.kind == "share" else theme.INTEGER
    drawn.y_axis.delete = False
    drawn.y_axis.majorGridlines = ChartLines(GraphicalProperties(ln=LineProperties(solidFill=theme.RULE, w=6350)))
    drawn.x_axis.txPr, drawn.y_axis.txPr = _text(6.5 if chart.lies else 7), _text(7)
    if isinstance(drawn.x_axis, TextAxis):
        drawn.x_axis.tickLblSkip = 1  # every category is named
    if column.kind == "share":
        drawn.y_axis.scaling.min = 0
        drawn.y_axis.scaling.max = 1 if chart.of_all else None
    return drawn


def _bars(chart: Chart) -> BarChart:
    drawn = BarChart()
    drawn.type = "bar" if chart.lies else "col"
    drawn.gapWidth = 45
    if chart.form in {"stacked_bar", "stacked"}:
        drawn.grouping, drawn.overlap = "stacked", 100
    if chart.lies:
        drawn.x_axis.scaling.orientation = "maxMin"  # the first row of the table stands at the top
        drawn.y_axis.crosses = "max"
        drawn.layout = Layout(ManualLayout("inner", "edge", "edge", x=0.53, y=0.11, w=0.43, h=0.68))
    return drawn


def _series(chart: Chart, key: str, position: int, place: Place, words: Words) -> DataSeries:
    keys = [column.key for column in chart.table.columns]
    label, value = keys.index(chart.categories) + 1, keys.index(key) + 1
    series = DataSeries()
    series.tx = SeriesLabel(v=words.label(chart.table.columns[value - 1].header))
    amounts = [cell if isinstance(cell, int | float) else 0 for cell in chart.table.column(key)]
    points = [NumVal(idx=n, v=repr(amount)) for n, amount in enumerate(amounts)]
    numbers = NumData(formatCode="General", ptCount=len(points), pt=points)
    series.val = NumDataSource(numRef=NumRef(f=_area(place, value), numCache=numbers))
    names = [str(words.cell(cell)) for cell in chart.table.column(chart.categories)]
    labels = StrData(ptCount=len(names), pt=[StrVal(idx=n, v=name) for n, name in enumerate(names)])
    series.cat = AxDataSource(strRef=StrRef(f=_area(place, label), strCache=labels))
    color = theme.SERIES[position % len(theme.SERIES)]
    if chart.form == "line":
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=color, w=28575))
        fill = GraphicalProperties(solidFill=color, ln=LineProperties(solidFill=color))
        series.marker = Marker("circle", size=6, spPr=fill)
        series.smooth = False
    else:
        series.graphicalProperties = GraphicalProperties(solidFill=color, ln=LineProperties(noFill=True))
    return series


def _area(place: Place, column: int) -> str:
    """The values of a table's column (1-based), as a chart refers to them."""
    letter = get_column_letter(column)
    return f"{quote_sheetname(place.sheet.title)}!${letter}${place.first}:${letter}${place.last}"


def _characters(size: float, *, bold: bool = False) -> CharacterProperties:
    face = Font(typeface=theme.FONT)
    return CharacterProperties(latin=face, cs=face, ea=face, sz=round(size * 100), b=bold, solidFill=theme.INK)


def _text(size: float) -> RichText:
    properties = ParagraphProperties(defRPr=_characters(size))
    return RichText(p=[Paragraph(pPr=properties, endParaRPr=_characters(size))])


def _title(text: str, size: float, *, bold: bool = False) -> Title:
    look = _characters(size, bold=bold)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=look), r=[RegularTextRun(rPr=look, t=text)])
    return Title(tx=Text(rich=RichText(p=[paragraph])), overlay=False)
