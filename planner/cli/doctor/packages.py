"""Versions, and whether everything of ours comes from one place."""

import importlib.util
import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from planner import __version__, db
from planner.cli.doctor.findings import Finding, Verdict, found
from planner.text import N_

PACKAGES: Final = ("planner", "models", "reports")
DISTRIBUTIONS: Final = ("flask", "sqlalchemy", "alembic", "pulp", "highspy", "numpy", "openpyxl", "gunicorn")


def check_packages() -> Iterator[Finding]:
    """Versions, and whether our packages and the migrations stand side by side."""
    yield found(
        Verdict.SOUND,
        N_("planner %(version)s on Python %(python)s: %(libraries)s"),
        version=__version__,
        python=platform.python_version(),
        libraries=", ".join(f"{name} {version(name)}" for name in DISTRIBUTIONS),
    )
    homes = {str(package_home(name)) for name in PACKAGES} | {str(db.MIGRATIONS.parent)}
    if len(homes) == 1 and db.MIGRATIONS.is_dir():
        yield found(Verdict.SOUND, N_("All packages come from %(place)s"), place=homes.pop())
    else:
        places = tuple(sorted(homes))
        yield found(Verdict.WRONG, N_("Packages come from different places: %(places)s"), places=places)


def package_home(name: str) -> Path:
    """The folder that holds the package `name`."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name)
    return Path(spec.origin).resolve().parent.parent
