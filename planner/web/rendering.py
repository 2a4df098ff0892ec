"""What templates know: words in the reader's language, cells, charts as data, addresses of versioned files."""

import datetime as dt
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from flask import Flask, url_for

from planner import __version__, i18n
from planner.i18n import LANGUAGE_NAMES, format_fiscal_year, format_moment, format_share, to_words, translator
from planner.services import permissions, wording
from planner.services.permissions import Permission
from planner.text import N_, FiscalYear, LocalText, Phrase, Value
from planner.web import queries
from planner.web.current import THEMES, known_actor, language, theme
from reports.values import NUMERIC, Cell, Chart, Column, Fact

STATIC_AGE: Final = dt.timedelta(days=365)
"""Static addresses carry the hash of what they lead to, so browsers may keep the file."""

MENU: Final = (
    ("home.show", N_("Overview"), None),
    ("requirements.index", N_("Requirements"), Permission.VIEW_REQUIREMENTS),
    ("sites.index", N_("Data centres"), Permission.VIEW_SITES),
    ("plans.index", N_("Plans"), Permission.VIEW_PLANS),
    ("imports.show", N_("Import"), Permission.IMPORT_DATA),
)
"""Endpoint, name, and the permission without which the area is not shown."""

THEME_NAMES: Final = {"auto": N_("Same as the system"), "light": N_("Light"), "dark": N_("Dark")}


def init_app(app: Flask) -> None:
    """Give `app`'s templates their functions."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_AGE
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        _=translate,
        NUMERIC=NUMERIC,
        LANGUAGE_NAMES=LANGUAGE_NAMES,
        THEME_NAMES={name: THEME_NAMES[name] for name in THEMES},
        asset=asset_url,
        may=may,
        menu=menu,
        ROLE_NAMES=wording.ROLES,
        reader_language=language,
        reader_theme=theme,
        here=queries.here,
        export_url=queries.export_url,
        return_path=queries.return_path,
        page_numbers=queries.page_numbers,
        version=__version__,
    )
    app.jinja_env.filters.update(
        words=words,
        cell=cell_words,
        unit=unit_words,
        chart_data=chart_data,
        fiscal_year=year_words,
        moment=moment_words,
        number=number_words,
        share=share_words,
    )
    app.context_processor(lambda: {"language": language(), "theme": theme(), "actor": known_actor()})


def translate(msgid: str, /, **params: Value) -> str:
    """`msgid` in the reader's language, its fields filled with values as that reader expects them."""
    filled = {name: to_words(value, language()) for name, value in params.items()}
    return translator(language())(msgid, **filled)


def words(value: str | LocalText | FiscalYear | Phrase) -> str:
    """A header, title or term; a string is a message id."""
    return i18n.label_words(value, language())


def unit_words(unit: str) -> str:
    """A unit; the ones that are words are message ids."""
    return translate(unit) if unit else ""


def number_words(value: float) -> str:
    """A number, grouped."""
    return to_words(value, language())


def share_words(value: float) -> str:
    """A fraction of one as a percentage."""
    return format_share(value, language())


def year_words(year: int) -> str:
    """A CE fiscal year in the era of the reader."""
    return format_fiscal_year(year, language())


def moment_words(value: dt.datetime) -> str:
    """A point in time, day first."""
    return format_moment(value, language())


def cell_words(value: Cell, column: Column | Fact) -> str:
    """A table's cell as text, by its column's kind."""
    return i18n.cell_words(value, column.kind, language())


def chart_data(chart: Chart) -> dict[str, Any]:
    """A chart as the plain data that `charts.js` draws, in the reader's language."""
    columns = {column.key: column for column in chart.table.columns}
    label = columns[chart.categories]
    return {
        "form": chart.form,
        "axis": words(chart.axis) if chart.axis else "",
        "categories": [cell_words(value, label) for value in chart.table.column(chart.categories)],
        "series": [
            {
                "name": words(columns[key].header),
                "share": columns[key].kind == "share",
                "unit": unit_words(columns[key].unit),
                "values": chart.table.column(key),
            }
            for key in chart.series
        ],
    }


def may(permission: str) -> bool:
    """Whether the signed-in person has the permission of that name (for showing or hiding a way to a page)."""
    actor = known_actor()
    return actor is not None and permissions.may(actor, Permission(permission))


def menu() -> list[tuple[str, str]]:
    """The areas that the signed-in person may enter: endpoint and name."""
    return [(endpoint, name) for endpoint, name, permission in MENU if permission is None or may(permission)]


def asset_url(filename: str) -> str:
    """The address of a static file, with its content's hash."""
    return url_for("static", filename=filename, v=_content_hash(Path(__file__).parent / "static" / filename))


@lru_cache
def _content_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
