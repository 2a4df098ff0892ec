"""What the site needs beside its pages: the fonts that the application itself serves, and a search that finds Thai.

Thai writes no spaces between words, and the site's search finds what a run of letters begins with, never what stands
inside of one. So every section gets a field that nobody sees: its Thai runs from each letter on that a word may begin
with. What they begin with is then all that stands in them.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files

FONTS: Final = Path(__file__).resolve().parents[2] / "planner/web/static/vendor/fontsource-sarabun"
THAI: Final = re.compile("[\u0e00-\u0e7f]+")
BEGINNING: Final = re.compile("(?<![เแโใไ])[ก-ฮ]|[เแโใไ]")
"""Where a word may begin: at a vowel that is written first, or at a consonant that has none before it."""
LONGEST: Final = 24
"""Letters of a run that are kept: more than people type."""
FIELD: Final = "thai"
"""The field's name, also in mkdocs.yml."""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add Sarabun, with its licence, as `fonts/…` of the site."""
    for font in sorted(FONTS.iterdir()):
        files.append(File.generated(config, f"fonts/{font.name}", abs_src_path=str(font)))
    return files


@event_priority(-50)  # after `search` has written its index, before `offline` makes a script of it
def on_post_build(*, config: MkDocsConfig) -> None:
    """Give the sections of the index their field of Thai."""
    path = Path(config.site_dir, "search", "search_index.json")
    index = json.loads(path.read_text(encoding="utf-8"))
    for section in index["docs"]:
        if found := sorted(set(thai_beginnings(f"{section['title']} {section['text']}"))):
            section[FIELD] = " ".join(found)
    path.write_text(json.dumps(index, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def thai_beginnings(text: str) -> Iterator[str]:
    """Every run of Thai in `text` from every place on at which a word may begin, except the run's own beginning."""
    for run in THAI.findall(text):
        for beginning in BEGINNING.finditer(run, 1):
            yield run[beginning.start() : beginning.start() + LONGEST]
