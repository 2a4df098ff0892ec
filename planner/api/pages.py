"""What pages show beside rows, as JSON: facts, charts, sections with tables, and what a reader may choose of them.

A page of a plan, of coverage or of a workforce plan is the same object on the screen, in a workbook and here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from pydantic import Field

from planner.api.paging import PageQuery, cursor_of, place_of
from planner.api.values import Model, Page, Plain, TableAnswer, Words, plain, rows_of, words
from planner.errors import InvalidInputError, fault
from planner.services.desk.pages import FIRST, Choice, first_rows
from planner.services.desk.pages import Page as Reading
from planner.text import N_, Phrase
from reports.values import Chart, Fact, Section, Table

Row = dict[str, Plain]
"""A row of a list, its values by the keys of the list's columns."""
Listed = TypeVar("Listed", bound=Model)
Terms: TypeAlias = Mapping[Any, str]
"""What codes, texts or members of a `StrEnum`, are called: message ids, each of one code."""
Name: TypeAlias = Words | str
"""What somebody or something is called: by people, or in both languages where the planner says so itself."""


class FactAnswer(Model):
    """A labelled value. `kind` and `unit` are as a column's."""

    label: Words
    value: Plain
    kind: str
    unit: str

    @classmethod
    def of(cls, fact: Fact) -> "FactAnswer":
        """`fact` as JSON."""
        return cls(label=words(fact.label), value=plain(fact.value), kind=fact.kind, unit=fact.unit)


class ChartAnswer(Model):
    """A chart over a table: `categories` is the key of the label column, `series` those of what is drawn."""

    key: str
    title: Words
    form: str
    categories: str
    series: list[str]
    axis: Words | None
    table: TableAnswer

    @classmethod
    def of(cls, chart: Chart) -> "ChartAnswer":
        """`chart` as JSON, its table cut as on the page."""
        return cls(
            key=chart.key,
            title=words(chart.title),
            form=chart.form,
            categories=chart.categories,
            series=list(chart.series),
            axis=words(chart.axis) if chart.axis else None,
            table=TableAnswer.of(first_rows(chart.table)),
        )


class SectionAnswer(Model):
    """One part of a page: what it is called, a lead sentence, facts, tables and charts."""

    key: str
    title: Words
    lead: Words | None
    facts: list[FactAnswer]
    tables: list[TableAnswer]
    charts: list[ChartAnswer]

    @classmethod
    def of(cls, section: Section) -> "SectionAnswer":
        """`section` as JSON, its tables cut as on the page."""
        return cls(
            key=section.key,
            title=words(section.title),
            lead=words(section.lead) if section.lead else None,
            facts=facts_of(section.facts),
            tables=[TableAnswer.of(first_rows(table)) for table in section.tables],
            charts=[ChartAnswer.of(chart) for chart in section.charts],
        )


class OptionAnswer(Model):
    """One value that may be chosen."""

    value: str
    label: Words


class ChoiceAnswer(Model):
    """Something to choose: a name of the query, its values, and the one that this answer was made for."""

    key: str
    label: Words
    options: list[OptionAnswer]
    chosen: str

    @classmethod
    def of(cls, choice: Choice) -> "ChoiceAnswer":
        """`choice` as JSON."""
        options = [OptionAnswer(value=value, label=words(label)) for value, label in choice.options]
        return cls(key=choice.key, label=words(choice.label), options=options, chosen=choice.chosen)


class PageAnswer(Model):
    """A page: sections, and what may be chosen of it by its query."""

    sections: list[SectionAnswer] = Field(
        description=f"Tables are cut to {FIRST} rows, as on the screen; ask for a table by its key to read it whole."
    )
    choices: list[ChoiceAnswer]

    @classmethod
    def of(cls, page: Reading) -> "PageAnswer":
        """`page` as JSON."""
        return cls(
            sections=list(map(SectionAnswer.of, page.sections)), choices=list(map(ChoiceAnswer.of, page.choices))
        )


class PageName(Model):
    """A page that can be asked for, and what it is called."""

    key: str
    title: Words


class PageNames(Model):
    """The pages there are."""

    items: list[PageName]

    @classmethod
    def of(cls, pages: Mapping[str, str]) -> "PageNames":
        """Pages by their names in addresses, with their titles."""
        return cls(items=[PageName(key=key, title=words(title)) for key, title in pages.items()])


class TablePart(TableAnswer):
    """Some rows of a table, and the cursor of those that follow."""

    next: str | None = None


def facts_of(facts: Iterable[Fact]) -> list[FactAnswer]:
    """Facts as JSON."""
    return list(map(FactAnswer.of, facts))


def table_part(table: Table, query: PageQuery, note: Callable[[Table], None] = lambda _shown: None) -> TablePart:
    """The rows of `table` that `query` asks for, by their number: for tables that are made anew as they were.

    `note` is told of the table as it is shown.
    """
    place = place_of(query.cursor)
    start = int(place[0]) if place else 0
    end = start + query.limit
    shown = replace(table, rows=table.rows[start:end])
    note(shown)
    following = cursor_of((end, "")) if end < len(table.rows) else None
    return TablePart(**dict(TableAnswer.of(shown)), next=following)


def list_part(table: Table, query: PageQuery) -> Page[Row]:
    """The rows of a list that is read whole, the code of each in the first column."""
    part, following = code_part([str(row[0]) for row in table.rows], query)
    return Page(items=rows_of(replace(table, rows=table.rows[part])), next=following)


def items_part(table: Table, query: PageQuery, model: type[Listed]) -> Page[Listed]:
    """The same with each row as `model` (`items_of`)."""
    part, following = code_part([str(row[0]) for row in table.rows], query)
    return Page(items=items_of(replace(table, rows=table.rows[part]), model), next=following)


def items_of(table: Table, model: type[Listed], **terms: Terms) -> list[Listed]:
    """The rows of `table` as `model`, whose fields are among its columns: what it does not name is not told.

    Beside a column of which the `terms` are given, such as `role`, `role_code` is the code of the term that it shows.
    """
    rows = ({**row, **codes} for row, codes in zip(rows_of(table), codes_of(table, terms), strict=True))
    return [model.model_validate({name: row[name] for name in model.model_fields}, strict=False) for row in rows]


def codes_of(table: Table, terms: Mapping[str, Terms]) -> Iterator[Row]:
    """The codes of the terms that each row shows, by the columns' keys with `_code`; null where it shows none."""
    codes = {key: {msgid: str(code) for code, msgid in named.items()} for key, named in terms.items()}
    places = [(column.key, place) for place, column in enumerate(table.columns) if column.key in codes]
    for row in table.rows:
        shown = ((key, row[place]) for key, place in places)
        yield {f"{key}_code": codes[key].get(cell.msgid) if isinstance(cell, Phrase) else None for key, cell in shown}


def code_part(codes: Sequence[str], query: PageQuery) -> tuple[slice, str | None]:
    """Which part of a list with `codes` is asked for, and the cursor of the next, if more follow.

    It begins behind the row that the cursor names: rows that came in front meanwhile move nothing.
    """
    start = 0
    if place := place_of(query.cursor):
        if place[1] not in codes:
            message = N_("The row at which this cursor stands is gone. Begin again.")
            raise InvalidInputError([fault("cursor", "unknown_cursor", message)])
        start = codes.index(place[1]) + 1
    end = start + query.limit
    return slice(start, end), cursor_of((None, codes[end - 1])) if end < len(codes) else None
