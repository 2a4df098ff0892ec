"""Pages that cannot rot: generated ones match the code, written ones name what exists."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from planner.cli.group import COMMANDS
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


def test_commands_named_in_the_docs_exist() -> None:
    named = {
        command
        for page in PAGES
        for command in re.findall(r"(?:`|bin/)planner ([a-z-]+)", page.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= set(COMMANDS)


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
