"""One large thing at a time for each person."""

import pytest

from models import Role
from planner.services.permissions import OPERATOR, Actor
from planner.services.turns import TurnError, turn_of

MALEE, SOMCHAI = (Actor(key, name, name, Role.DE_PLANNER) for key, name in ((1, "malee"), (2, "somchai")))


def test_a_person_has_one_turn_at_a_time_and_nobody_waits_for_another() -> None:
    with turn_of(MALEE), turn_of(SOMCHAI):
        for who in (MALEE, SOMCHAI):
            with pytest.raises(TurnError), turn_of(who):
                pytest.fail("nobody has two turns")


def test_a_turn_ends_however_it_ends() -> None:
    with pytest.raises(KeyError), turn_of(MALEE):
        raise KeyError
    with turn_of(MALEE):
        pass


def test_the_operator_takes_no_turns() -> None:
    with pytest.raises(LookupError), turn_of(OPERATOR):
        pytest.fail("who works at the command line holds no thread of the server")
