"""Running HiGHS so that whoever listens may end it, inside one long solve as between two."""

import time
from collections.abc import Callable
from typing import Any, Final

PAUSE: Final = 0.05
"""Seconds between two looks, at least: the solver asks after every iteration."""


def run_highs(highs: Any, tick: Callable[[], None]) -> None:
    """Run `highs`, and call `tick` again and again meanwhile; what it raises ends the run and is raised here."""
    raised: list[BaseException] = []
    looked = time.monotonic()

    def look(event: Any) -> None:
        nonlocal looked
        try:
            if not raised and time.monotonic() - looked >= PAUSE:
                tick()
                looked = time.monotonic()
        except BaseException as error:  # the solver must not see it; it is raised again below
            raised.append(error)
        event.interrupt(bool(raised))  # said each time, for the solver would remember it into the next run

    signals = (highs.cbSimplexInterrupt, highs.cbIpmInterrupt, highs.cbMipInterrupt)
    for signal in signals:
        signal.subscribe(look)
    try:
        highs.run()
    finally:
        for signal in signals:
            signal.unsubscribe(look)
    if raised:
        raise raised[0]
