"""How ready a dataset is: levels with their checklists, as data, and as SQL, so that lists can filter and sort by them.

An item holds because somebody ticked it, or because the dataset's own fields say so. A dataset has reached a level
when every item of it and of the levels below holds; nothing of this is stored but the ticks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, case, not_, or_, type_coerce

from models import Dataset
from models.wordlists import SEPARATOR
from planner.text import N_, Phrase
from reports.catalogue import MACHINE_READABLE, READINESS_ITEMS


def has_word(column: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    """Whether `word` is in a column of words."""
    return type_coerce(column, String).contains(f"{SEPARATOR}{word}{SEPARATOR}", autoescape=True)


def _ticked(key: str) -> ColumnElement[bool]:
    return has_word(Dataset.__table__.c.checked, key)


@dataclass(frozen=True)
class Item:
    """One line of a checklist. `holds` says in SQL whether it does for a dataset; its key is ticked, if anything is."""

    key: str
    text: str
    holds: ColumnElement[bool]

    @property
    def is_ticked(self) -> bool:
        """Whether it holds by being ticked, rather than by what the fields say."""
        return self.key in READINESS_ITEMS


@dataclass(frozen=True)
class Level:
    """A level of readiness, reached when its items and those of every level below hold."""

    number: int
    name: str
    items: tuple[Item, ...]


LISTED: Final = N_("Listed")
LEVELS: Final = (
    Level(
        1,
        N_("Described"),
        (
            Item("volume", N_("Its volume has been measured."), Dataset.volume_tb.is_not(None)),
            Item("dictionary", N_("A data dictionary explains every field."), _ticked("dictionary")),
        ),
    ),
    Level(
        2,
        N_("Governed"),
        (
            Item("people", N_("An accountable person and a deputy are named."), Dataset.deputy != ""),
            Item("classification", N_("The owner has confirmed its classification."), _ticked("classification")),
            Item(
                "legal_basis",
                N_("The legal basis for its personal data is recorded, or it holds none."),
                or_(not_(Dataset.personal_data), _ticked("legal_basis")),
            ),
        ),
    ),
    Level(
        3,
        N_("Prepared"),
        (
            Item(
                "readable",
                N_("It is kept in a format that programs can read."),
                or_(*(has_word(Dataset.__table__.c.formats, code) for code in MACHINE_READABLE)),
            ),
            Item("quality", N_("Its quality has been checked: complete, correct, up to date."), _ticked("quality")),
            Item("access_rules", N_("Who may use it, and how to ask, is written down."), _ticked("access_rules")),
        ),
    ),
    Level(
        4,
        N_("Ready to host"),
        (
            Item("transfer", N_("How and when it is to be moved is agreed."), _ticked("transfer")),
            Item("recovery", N_("Backups, and how soon it must be back, are decided."), _ticked("recovery")),
            Item("retention", N_("How long it is to be kept is decided."), _ticked("retention")),
        ),
    ),
)
READY: Final = LEVELS[-1].number
LEVEL_NAMES: Final[Mapping[int, str]] = {0: LISTED, **{level.number: level.name for level in LEVELS}}

level_reached: Final[ColumnElement[int]] = case(
    *((not_(and_(*(item.holds for item in level.items))), level.number - 1) for level in LEVELS), else_=READY
)
"""The level that a dataset has reached, from 0 for one that is merely listed."""


def level_phrase(number: int, *, retired: bool = False) -> Phrase:
    """What a level is called; a retired dataset has none."""
    if retired:
        return Phrase(N_("Retired"))
    return Phrase(N_("%(number)s – %(name)s"), {"number": number, "name": Phrase(LEVEL_NAMES[number])})
