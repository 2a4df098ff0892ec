"""Write the pages of docs/ that the code itself can say: commands, tables, access. `--check` only compares."""

import argparse
import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from sqlalchemy import CheckConstraint, Column, Table, UniqueConstraint

from models import Base, RequirementStatus, Role
from planner.api.errors import CODES
from planner.api.openapi import ABOUT
from planner.api.resources import Resource
from planner.api.v1 import RESOURCES
from planner.cli import main as planner
from planner.services.permissions import PERMISSIONS
from planner.services.tokens import AREAS
from planner.services.transitions import TRANSITIONS

HERE = Path(__file__).resolve().parent
NOTICE = "<!-- Written by `make docs`; change the code, not this page. -->"


def command_page() -> str:
    """docs/cli.md: every command with its arguments, options and exit codes, as `--help` says it."""
    context = planner.make_context("planner", [], resilient_parsing=True, terminal_width=100)
    parts = ["# Commands", NOTICE, f"```text\n{context.get_help()}\n```", *_commands(planner, context)]
    return "\n\n".join(parts) + "\n"


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    """Each command of `group` and, where that is a group itself, each of its own."""
    for name in group.list_commands(context):
        if command := group.get_command(context, name):
            inner = command.make_context(name, [], parent=context, resilient_parsing=True, terminal_width=100)
            yield from (f"## {inner.command_path}", f"```text\n{inner.get_help()}\n```")
            if isinstance(command, click.Group):
                yield from _commands(command, inner)


def table_page() -> str:
    """docs/data-dictionary.md: every table with its columns and the rules that the database itself keeps."""
    described = {mapper.local_table.name: inspect.getdoc(mapper.class_) for mapper in Base.registry.mappers}
    parts = [
        "# Data dictionary",
        NOTICE,
        "Fiscal years are stored as years of the common era, money in THB, moments in UTC, shares as fractions of one.",
    ]
    for name, table in sorted(Base.metadata.tables.items()):
        parts += [f"## {name}", described.get(name) or _link_description(table)]
        parts.append(
            _rows(("column", "type", "may be empty", "key"), ([_cell(part) for part in _column(c)] for c in table.c))
        )
        if rules := list(_rules(table)):
            parts.append("\n".join(f"- {rule}" for rule in rules))
    return "\n\n".join(parts) + "\n"


def _link_description(table: Table) -> str:
    ends = " and ".join(f"`{key.column.table.name}`" for column in table.c for key in column.foreign_keys)
    return f"Pairs of {ends}."


def _column(column: Column[Any]) -> tuple[str, str, str, str]:
    keys = ["primary key"] if column.primary_key else []
    keys += [f"→ {key.target_fullname}" for key in column.foreign_keys]
    return f"`{column.name}`", str(column.type), "yes" if column.nullable else "", ", ".join(keys)


def _rules(table: Table) -> Iterator[str]:
    for constraint in sorted(table.constraints, key=lambda constraint: str(constraint.name)):
        match constraint:
            case CheckConstraint():
                rule = str(constraint.sqltext.compile(compile_kwargs={"literal_binds": True}))
                yield f"`{rule.replace(f'{table.name}.', '')}`"
            case UniqueConstraint():
                yield f"unique: {', '.join(f'`{column.name}`' for column in constraint.columns)}"
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        yield f"index: {', '.join(f'`{column.name}`' for column in index.columns)}"


def access_page() -> str:
    """docs/access.md: which role holds which permission."""
    roles = list(Role)
    rows = (
        [f"`{permission}`", *("●" if role in allowed else "" for role in roles)]
        for permission, allowed in sorted(PERMISSIONS.items())
    )
    lead = "What each role may do. A ministry planner, and a ministry's HR, see the rows of their own ministry alone."
    return "\n\n".join(["# Access", NOTICE, lead, _rows(("permission", *roles), rows)]) + "\n"


def lifecycle_page() -> str:
    """docs/lifecycle.md: every step that a requirement, or a revision of one, can take."""
    rows = (
        [
            way.label,
            ", ".join(f"`{status}`" for status in RequirementStatus if status in way.sources),
            f"`{way.target}`",
            f"`{way.permission}`",
            ", ".join(f"`{status}`" for status in RequirementStatus if status in way.explained),
            "●" if way.bound else "",
        ]
        for way in TRANSITIONS.values()
    )
    lead = (
        "The steps that a requirement can take. A revision of an approved requirement takes the same until it is "
        "approved, and then replaces what was in force, or is withdrawn. Deadlines of planning rounds bind those who "
        "belong to a ministry. Whoever submitted something, or proposed a revision, does not approve it."
    )
    header = ("step", "from", "to", "permission", "needs a comment from", "bound by deadlines")
    return "\n\n".join(["# The life of a requirement", NOTICE, lead, _rows(header, rows)]) + "\n"


def api_page() -> str:
    """docs/api.md: how the API is used, its scopes and errors, and every operation."""
    areas = ([f"`{area}:read`, `{area}:write`", name] for area, name in AREAS.items())
    errors = ([str(status), f"`{code}`", message.msgid] for status, (code, message) in sorted(CODES.items()))
    lead = (
        "An installation describes its API itself: as OpenAPI 3.1 at `/api/v1/openapi.json`, and as a page to read and "
        "try at `/api/v1/docs`, introduced in Thai or, with `?language=en`, in English. Both are for everybody who "
        "reaches the server; they hold no data. Operations are described in English, as their fields are named."
    )
    parts = [
        "# API",
        NOTICE,
        lead,
        ABOUT.strip(),
        "## Scopes",
        "A token has scopes by area; who may write may read. What is possible beyond that, the role of its owner says.",
        _rows(("scopes", "area"), areas),
        "## Errors",
        _rows(("status", "code", "usual message"), errors),
        "## Operations",
        *(part for resource in RESOURCES for part in _operations(resource)),
    ]
    return "\n\n".join(parts) + "\n"


def _operations(resource: Resource) -> Iterator[str]:
    yield f"### {resource.name}"
    yield resource.about
    yield _rows(
        ("operation", "scope", "what it does"),
        (
            [
                f"`{operation.method} {operation.path}`",
                f"`{operation.scope}`" if operation.scope else "any",
                _cell((inspect.getdoc(operation.function) or "").partition("\n")[0]),
            ]
            for operation in resource.operations
        ),
    )


def _rows(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    header = list(header)
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


PAGES = {
    "api.md": api_page,
    "cli.md": command_page,
    "data-dictionary.md": table_page,
    "access.md": access_page,
    "lifecycle.md": lifecycle_page,
}


def main() -> None:
    """Write the pages, or with --check name those that are behind the code and exit with 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say which pages are behind the code")
    check = parser.parse_args().check
    behind = []
    for name, page in PAGES.items():
        path, text = HERE / name, page()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            behind.append(f"docs/{name}")
            if not check:
                path.write_text(text, encoding="utf-8")
    if check and behind:
        sys.exit(f"Behind the code: {', '.join(behind)}. Run `make docs`.")
    print("\n".join(f"wrote {page}" for page in behind) or "docs/ is up to date")


if __name__ == "__main__":
    main()
