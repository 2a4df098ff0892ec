"""What is vendored is what the lock file names, whole and with its licence."""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
VENDORING = ROOT / "planner/web/vendoring"
FOLDERS = (ROOT / "planner/web/static/vendor", ROOT / "tests/browser/vendor", ROOT / "docs/site/theme/vendor")


def packages(folder: Path) -> list[dict]:
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def locked() -> dict[str, dict]:
    lock = json.loads((VENDORING / "package-lock.json").read_text("utf-8"))
    return {name.removeprefix("node_modules/"): about for name, about in lock["packages"].items() if name}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-3])
def test_every_file_is_in_the_manifest_with_its_hash(folder: Path) -> None:
    listed = {path: digest for package in packages(folder) for path, digest in package["sha256"].items()}
    found = {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and file.name != "manifest.json"
    }
    assert found == listed


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-3])
def test_every_package_is_the_locked_one_and_has_its_licence(folder: Path) -> None:
    for package in packages(folder):
        assert package["version"] == locked()[package["package"]]["version"]
        assert package["licence"]
        assert any("/LICENSE" in path for path in package["sha256"]), package["package"]


def test_the_lock_file_pins_content_and_names_no_registry() -> None:
    for name, about in locked().items():
        assert about["integrity"].startswith("sha512-"), name
        assert "resolved" not in about, name


def test_tools_for_tests_are_not_served() -> None:
    served = {package["package"] for package in packages(FOLDERS[0])}
    development = {name for name, about in locked().items() if about.get("dev")}
    assert development
    assert not served & development
