"""What stands in setup.cfg, constraints.txt and the Makefile, against what is really there."""

import configparser
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("planner", "models", "reports", "migrations")
THIRD_PARTY = "planner/web/static/vendor/"


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git work tree")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


@pytest.fixture(scope="module")
def pins() -> list[Requirement]:
    return [Requirement(line) for line in lines((ROOT / "constraints.txt").read_text())]


def test_every_dependency_is_pinned_to_a_version_it_allows(
    setup: configparser.ConfigParser, pins: list[Requirement]
) -> None:
    wanted = lines(setup["options"]["install_requires"])
    for extra in setup["options.extras_require"].values():
        wanted += lines(extra)
    for requirement in map(Requirement, wanted):
        versions = [pin.specifier for pin in pins if pin.name == requirement.name]
        assert versions, f"{requirement.name} is not in constraints.txt"
        for pinned in versions:
            (version,) = pinned
            assert version.operator == "=="
            assert requirement.specifier.contains(version.version), f"{requirement} against {pinned}"


def test_every_data_file_is_packaged(setup: configparser.ConfigParser) -> None:
    packaged = {
        path.relative_to(ROOT).as_posix()
        for package, patterns in setup["options.package_data"].items()
        for pattern in patterns.replace(",", "\n").split()
        for path in (ROOT / package).glob(pattern)
    }
    data = {name for name in tracked() if name.startswith(PACKAGES) and "/" in name and not name.endswith(".py")}
    tools = {name for name in data if name.startswith("planner/web/vendoring/")} | {"planner/translations/babel.cfg"}
    assert not data - tools - packaged


def test_make_lists_itself_and_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    help_text = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in help_text.splitlines() if line.startswith("  make ")} == phony


def test_numpy_finds_how_many_threads_it_may_have() -> None:
    program = "import os, sys, planner; print('numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'])"
    for given, threads in ({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3"):
        others = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
        done = subprocess.run([sys.executable, "-c", program], env=others | given, capture_output=True, check=True)
        assert done.stdout.decode().split() == ["False", threads]


def test_ci_can_be_run() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)


REGISTRIES = ("pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "registry.yarnpkg" + ".com")
NETWORKS = ("jsdelivr" + ".net", "unpkg" + ".com", "cdnjs" + ".cloudflare.com", "fonts.googleapis" + ".com")
MACHINE = re.compile(r"(?<![\w.~])/(?:work|root|home)/\w")


def test_no_file_leans_on_a_registry_a_delivery_network_or_this_machine() -> None:
    leaning = []
    for name in tracked():
        if name.startswith(THIRD_PARTY):
            continue
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found = [host for host in REGISTRIES + NETWORKS if host in text]
        if found or MACHINE.search(text):
            leaning.append((name, found or MACHINE.findall(text)))
    assert not leaning
