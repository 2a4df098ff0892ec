"""Pages that cannot rot: generated ones match the code, written ones name what exists."""

import configparser
import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

from planner.cli import main as planner
from planner.i18n import load_translations

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
GENERATED = ("access.md", "api.md", "cli.md", "data-dictionary.md", "lifecycle.md")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
SETTING = re.compile(r"\bPLANNER_[A-Z_]*[A-Z]\b")


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", GENERATED)
def test_generated_pages_are_what_the_code_says(generate: ModuleType, name: str) -> None:
    assert set(generate.PAGES) == set(GENERATED)
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == generate.PAGES[name](), "run `make docs`"


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    read = {name for path in (ROOT / "planner").rglob("*.py") for name in SETTING.findall(path.read_text("utf-8"))}
    documented = set(SETTING.findall((ROOT / "docs/settings.md").read_text(encoding="utf-8")))
    assert read == documented


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    assert not [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]


@pytest.mark.parametrize("page", sorted((ROOT / "docs/decisions").glob("*.md")), ids=lambda page: page.stem)
def test_decisions_say_context_decision_and_consequences(page: Path) -> None:
    headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"]


def commands_in(text: str) -> Iterator[list[str]]:
    """What follows `planner` where a page gives a command: in a block of its own, or between backquotes."""
    lines = re.findall(r"^(?: {4}|\$ )?(?:\S*bin/)?planner (.+)$", text, re.MULTILINE)
    for found in [*re.findall(r"`planner ([^`\n]+)`", text), *lines]:
        words = shlex.split(found, comments=True)
        yield words[: next((n for n, word in enumerate(words) if word in {"|", ">", "&&", "&", "\\", "…"}), len(words))]


def unknown_in(words: list[str]) -> str | None:
    """The first word that is neither a command nor an option of the one before it."""
    command: click.Command = planner
    context = planner.make_context("planner", [], resilient_parsing=True)
    rest = list(words)
    while rest and isinstance(command, click.Group) and not rest[0].startswith("-"):
        name, *rest = rest
        if (inner := command.get_command(context, name)) is None:
            return name
        command = inner
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    given = (word.partition("=")[0] for word in rest if word.startswith("-"))
    return next((option for option in given if option not in options | {"-h", "--help", "--version"}), None)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_exist_with_the_options_that_pages_give_them(page: Path) -> None:
    commands = list(commands_in(page.read_text(encoding="utf-8")))
    assert not [(words, unknown_in(words)) for words in commands if unknown_in(words)]


def test_commands_and_settings_that_are_made_up_are_told_apart() -> None:
    assert list(commands_in("`planner serve --prot 1`\n\n    planner backup a.tar.gz  # aside\n")) == [
        ["serve", "--prot", "1"],
        ["backup", "a.tar.gz"],
    ]
    assert unknown_in(["serve", "--prot", "1"]) == "--prot"
    assert unknown_in(["srve"]) == "srve"
    assert unknown_in(["audit", "verify", "--anchor", "1"]) is None


def test_settings_named_anywhere_are_documented() -> None:
    documented = set(SETTING.findall((ROOT / "docs/settings.md").read_text(encoding="utf-8")))
    named = {name for page in PAGES for name in SETTING.findall(page.read_text(encoding="utf-8"))}
    assert named <= documented


def test_targets_of_make_named_in_the_docs_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))}
    assert named
    assert named <= targets


@pytest.mark.parametrize("language", ["th", "en"])
def test_how_tos_name_what_stands_on_the_screens(language: str) -> None:
    catalogue = {msgid: text for msgid, text in load_translations("th")._catalog.items() if isinstance(msgid, str)}
    words = set(catalogue if language == "en" else catalogue.values())
    named = re.findall(r"\*\*(.+?)\*\*", (ROOT / "docs" / language / "how-to.md").read_text(encoding="utf-8"))
    assert named
    assert not [name for name in named if name not in words]


def test_the_layers_are_those_that_are_kept() -> None:
    kept = configparser.ConfigParser()
    kept.read(ROOT / "setup.cfg", encoding="utf-8")
    layers = kept["importlinter:contract:layers"]["layers"].translate(str.maketrans("", "", "()")).strip().splitlines()
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8").partition("## Who may import whom\n")[2]
    told = [line.strip() for line in page.strip().partition("\n\n")[0].splitlines()]
    assert told == [layer.strip() for layer in layers]


def test_every_picture_is_shown_somewhere() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    pictures = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs/images").rglob("*.*")]
    assert not [picture for picture in pictures if picture not in text]


def test_the_glossary_and_the_catalogue_use_the_same_words() -> None:
    page = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("| ")
    ]
    words = [row[-2:] if len(row) == 3 else row[:2] for row in rows]  # statuses stand under what they are of
    catalogue = load_translations("th")
    known = [
        (english, thai) for english, thai in words if catalogue.gettext(english.capitalize()) != english.capitalize()
    ]
    assert len(known) > 30
    assert not [(english, thai) for english, thai in known if catalogue.gettext(english.capitalize()) != thai]
