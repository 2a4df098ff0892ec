"""`python -m planner.cli.faults.clock FILE …`: `planner …` by a clock that is as many seconds ahead as FILE says.

Only the time of day is moved, as somebody moves it who sets a host's clock; what measures how long something takes
goes on as it did.
"""

import ctypes
import datetime as dt
import gc
import sys
import time
from pathlib import Path
from typing import Any

from planner.cli.group import main


def move_clock(path: Path) -> None:
    """From now on this process's `datetime.now` and `time.time` are ahead by what `path` says at that moment."""
    now, seconds = dt.datetime.now, time.time

    def ahead() -> float:
        return float(path.read_text() or 0)

    def moved_now(_cls: type[dt.datetime], tz: dt.tzinfo | None = None) -> dt.datetime:
        return now(tz) + dt.timedelta(seconds=ahead())

    methods: dict[str, Any] = gc.get_referents(dt.datetime.__dict__)[0]  # a type made in C lets no one set attributes
    methods["now"] = classmethod(moved_now)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(dt.datetime))
    time.time = lambda: seconds() + ahead()


if __name__ == "__main__":
    move_clock(Path(sys.argv.pop(1)))
    main(prog_name="planner")
