"""What templates know: words in the reader's language, cells, charts as data, the menu, addresses of files."""

import datetime as dt
import hashlib
from collections.abc import Callable
from functools import lru_cache, reduce
from pathlib import Path
from typing import Any, Final, NamedTuple

from flask import Flask, current_app, g, request, url_for
from sqlalchemy.orm import Session

from planner import __version__, i18n
from planner.i18n import (
    LANGUAGE_NAMES,
    format_clock,
    format_fiscal_year,
    format_moment,
    format_share,
    to_words,
    translator,
)
from planner.services import inbox, permissions, wording, worklist
from planner.services.permissions import THEMES, Actor, Permission
from planner.services.subjects import KINDS
from planner.services.views import View, load_views
from planner.text import N_, FiscalYear, LocalText, Phrase, Value
from planner.web import queries
from planner.web.current import actor, known_actor, language, theme, transaction
from planner.web.devices import device_name
from reports.values import NUMERIC, Cell, Chart, Column, Fact

STATIC_AGE: Final = dt.timedelta(days=365)
"""Static addresses carry the hash of what they lead to, so browsers may keep the file."""


JOINER: Final = "\u2060"
"""Keeps a line from being broken where it stands, and is not seen."""
UNLISTED: Final = (f"คลา{JOINER}วด์", f"ธร{JOINER}รมาภิ{JOINER}บาล")
"""Words that browsers take for several, held together where they would be broken."""


class Entry(NamedTuple):
    """A page that the menu leads to: its endpoint, its name, the permission without which it is not shown.

    `waiting` counts what waits there for a person; the menu shows the number beside the name.
    """

    endpoint: str
    name: str
    permission: Permission | None = None
    waiting: Callable[[Session, Actor], int] | None = None


MENU: Final[tuple[tuple[str, tuple[Entry, ...]], ...]] = (
    (N_("Overview"), (Entry("home.show", N_("Overview")),)),
    (
        N_("Work"),
        (
            Entry("worklist.index", N_("Waiting for you"), Permission.EDIT_REQUIREMENTS, worklist.count_waiting),
            Entry("inbox.index", N_("Inbox"), waiting=inbox.count_unread),
        ),
    ),
    (
        N_("Data"),
        (
            Entry("datasets.index", N_("Datasets"), Permission.VIEW_DATASETS),
            Entry("requirements.index", N_("Requirements"), Permission.VIEW_REQUIREMENTS),
            Entry("rounds.index", N_("Planning rounds"), Permission.VIEW_REQUIREMENTS),
            Entry("imports.show", N_("Import"), Permission.IMPORT_DATA),
        ),
    ),
    (
        N_("Data centres"),
        (
            Entry("sites.index", N_("Data centres"), Permission.VIEW_SITES),
            Entry("pools.index", N_("Used and free capacity"), Permission.VIEW_PLANS),
        ),
    ),
    (
        N_("Plans"),
        (
            Entry("plans.index", N_("Plans"), Permission.VIEW_PLANS),
            Entry("scenarios.index", N_("Scenarios"), Permission.VIEW_PLANS),
            Entry("publishing.index", N_("Published plans"), Permission.VIEW_PLANS),
            Entry("outcome.index", N_("Outcome"), Permission.VIEW_OUTCOME),
            Entry("policy.show", N_("Policy"), Permission.VIEW_PLANS),
            Entry("jobs.index", N_("Work in the background"), Permission.VIEW_PLANS),
        ),
    ),
    (
        N_("Workforce"),
        (
            Entry("coverage.index", N_("Coverage"), Permission.VIEW_WORKFORCE),
            Entry("register.index", N_("Register of data staff"), Permission.VIEW_WORKFORCE),
            Entry("norms.show", N_("Norms"), Permission.VIEW_WORKFORCE),
            Entry("closing.index", N_("Workforce plans"), Permission.VIEW_WORKFORCE),
        ),
    ),
    (
        N_("Administration"),
        (
            Entry("accounts.index", N_("Accounts"), Permission.MANAGE_ACCOUNTS),
            Entry("reference.index", N_("Reference data"), Permission.VIEW_SITES),
            Entry("webhooks.index", N_("Webhooks"), Permission.MANAGE_WEBHOOKS),
            Entry("audit.index", N_("Audit log"), Permission.VIEW_AUDIT_LOG),
        ),
    ),
)
"""The menu's groups, each with its pages. A group of which a person may see one page is shown as that page alone."""

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
        views_here=views_here,
        manual_url=manual_url,
        ROLE_NAMES=wording.ROLES,
        reader_language=language,
        reader_theme=theme,
        here=queries.here,
        export_url=queries.export_url,
        return_path=queries.return_path,
        page_numbers=queries.page_numbers,
        PAGE_SIZES=queries.PAGE_SIZES,
        KINDS=KINDS,
        version=__version__,
    )
    app.jinja_env.filters.update(
        words=words,
        heading=heading_words,
        cell=cell_words,
        unit=unit_words,
        chart_data=chart_data,
        device=device_name,
        fiscal_year=year_words,
        clock=clock_words,
        moment=moment_words,
        number=number_words,
        share=share_words,
        size=size_words,
        value=value_words,
        action=action_words,
        person=person_words,
    )
    app.context_processor(lambda: {"language": language(), "theme": theme(), "actor": known_actor()})


def translate(msgid: str, /, **params: Value) -> str:
    """`msgid` in the reader's language, its fields filled with values as that reader expects them."""
    filled = {name: to_words(value, language()) for name, value in params.items()}
    return translator(language())(msgid, **filled)


def words(value: str | LocalText | FiscalYear | Phrase) -> str:
    """A header, title or term; a string is a message id."""
    return i18n.label_words(value, language())


def heading_words(value: str | LocalText | FiscalYear | Phrase) -> str:
    """The header of a column, as `words`: where that is narrow, no word is broken but at its end."""
    return reduce(lambda text, word: text.replace(word.replace(JOINER, ""), word), UNLISTED, words(value))


def unit_words(unit: str) -> str:
    """A unit; the ones that are words are message ids."""
    return translate(unit) if unit else ""


def number_words(value: float) -> str:
    """A number, grouped."""
    return to_words(value, language())


def value_words(value: Value) -> str:
    """Whatever people may have entered: text stays as it is."""
    return to_words(value, language())


def action_words(action: str) -> str:
    """What was done, as the verb between who and what."""
    return to_words(wording.action_phrase(action), language())


def person_words(name: str) -> str:
    """Who acted: a full name, or that it was whoever runs the command line."""
    return translate(N_("Operator")) if name == permissions.OPERATOR.full_name else name


def size_words(size: int) -> str:
    """Bytes, as kB or MB."""
    if size < 1_000_000:
        return translate(N_("%(size)s kB"), size=max(1, round(size / 1_000)))
    return translate(N_("%(size)s MB"), size=round(size / 1_000_000, 1))


def share_words(value: float) -> str:
    """A fraction of one as a percentage."""
    return format_share(value, language())


def year_words(year: int) -> str:
    """A CE fiscal year in the era of the reader."""
    return format_fiscal_year(year, language())


def moment_words(value: dt.datetime) -> str:
    """A point in time, day first."""
    return format_moment(value, language())


def clock_words(value: dt.datetime) -> str:
    """The time of a day in Bangkok, to the second."""
    return format_clock(value, language())


def cell_words(value: Cell, column: Column | Fact) -> str:
    """A table's cell as text, by its column's kind."""
    return i18n.cell_words(value, column.kind, language())


def manual_url() -> str | None:
    """Where the manual begins for the signed-in person: the tutorial of their role; None where no manual is served."""
    if not (manual := current_app.config["MANUAL"]):
        return None
    person = known_actor()
    page = person.role.replace("_", "-") if person else "index"
    return f"{manual}/{language()}/{page}.html"


def chart_data(chart: Chart) -> dict[str, Any]:
    """A chart as the plain data that `charts.js` draws, in the reader's language."""
    columns = {column.key: column for column in chart.table.columns}
    label = columns[chart.categories]
    return {
        "form": chart.form,
        "axis": words(chart.axis) if chart.axis else "",
        "of_all": chart.of_all,
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


class MenuItem(NamedTuple):
    """An entry as one person sees it; `current` is "page" on the entry's own page, "true" on others of its area."""

    endpoint: str
    name: str
    current: str | None
    waiting: int


def menu() -> list[tuple[str, list[MenuItem]]]:
    """The groups of pages that the signed-in person may open; none on a page that is made without the database."""
    if (person := known_actor()) is None or g.get("without_database"):
        return []
    allowed = [
        (name, [entry for entry in entries if entry.permission is None or permissions.may(person, entry.permission)])
        for name, entries in MENU
    ]
    with transaction() as database:
        return [
            (
                name,
                [
                    MenuItem(
                        entry.endpoint,
                        entry.name,
                        _current(entry.endpoint),
                        entry.waiting(database, person) if entry.waiting else 0,
                    )
                    for entry in entries
                ],
            )
            for name, entries in allowed
            if entries
        ]


class SavedViews(NamedTuple):
    """The views that a person keeps of the list at hand: its endpoint, its own query, and the views."""

    area: str
    query: str
    views: tuple[View, ...]


def views_here() -> SavedViews:
    """The signed-in person's views of the list at hand."""
    area = request.endpoint or "home.show"
    with transaction() as database:
        return SavedViews(area, queries.state(), load_views(database, actor(), area))


def _current(endpoint: str) -> str | None:
    """How the page at hand stands to an entry's `endpoint`: an entry of its own goes before one of the same area."""
    if request.endpoint == endpoint:
        return "page"
    has_own = any(entry.endpoint == request.endpoint for _name, entries in MENU for entry in entries)
    return "true" if request.blueprint == endpoint.partition(".")[0] and not has_own else None


def asset_url(filename: str) -> str:
    """The address of a static file, with its content's hash."""
    return url_for("static", filename=filename, v=_content_hash(Path(__file__).parent / "static" / filename))


@lru_cache
def _content_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
