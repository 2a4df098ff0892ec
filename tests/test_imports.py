"""What a package pulls in when it is imported, seen from a fresh interpreter."""

import subprocess
import sys

import pytest

IMPURE = {"alembic", "flask", "models", "sqlalchemy"}


def modules_after(statement: str) -> set[str]:
    """Top-level names in `sys.modules` of a new interpreter that ran `statement`."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def every_module_of(package: str) -> str:
    """A statement that imports `package` and everything in it."""
    return (
        f"import pkgutil, {package}\n"
        f"for found in pkgutil.walk_packages({package}.__path__, '{package}.'): __import__(found.name)"
    )


@pytest.mark.parametrize("package", ["planner.allocation", "planner.workforce", "reports"])
def test_pure_packages_know_neither_the_web_nor_the_database(package: str) -> None:
    modules = modules_after(every_module_of(package))
    assert "planner" in modules
    assert not modules & IMPURE


def test_tables_import_nothing_of_ours() -> None:
    assert not modules_after(every_module_of("models")) & {"planner", "reports"}


def test_the_client_stands_alone() -> None:
    code = f"{every_module_of('planner.client')}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = {name for name in done.stdout.split() if name.partition(".")[0] in {"models", "planner", "reports"}}
    assert {name for name in ours if not name.startswith("planner.client")} == {"planner"}


def test_solving_a_file_knows_neither_the_web_nor_the_database() -> None:
    assert not modules_after("import planner.cli.solving") & IMPURE


def test_the_version_costs_nothing() -> None:
    assert not modules_after("import planner.cli; planner.cli.main(['--version'], standalone_mode=False)") & (
        IMPURE | {"numpy", "openpyxl", "pulp"}
    )


def test_nobody_waits_for_the_compiler_before_there_is_an_interior_point_to_seek() -> None:
    assert not modules_after("import planner.app, planner.allocation, planner.cli.solving") & {"llvmlite", "numba"}
