"""Copy the vendored assets out of the packages that `package-lock.json` pins, with licences and a manifest.

Run `python planner/web/vendoring/vendor.py` after changing a version in `package.json` (it needs npm; nothing
else in the project does). What it writes is committed: an installation never fetches anything.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[2]
STATIC: Final = ROOT / "planner/web/static/vendor"
TESTS: Final = ROOT / "tests/browser/vendor"
SITE: Final = ROOT / "docs/site/theme/vendor"
INPUTS: Final = ("package.json", "package-lock.json", ".npmrc")
MANIFEST: Final = "manifest.json"

FONTS: Final = [
    f"files/sarabun-{script}-{weight}-normal.woff2" for script in ("thai", "latin") for weight in (400, 600, 700)
]
SERVED: Final = {
    "bootstrap": ["dist/css/bootstrap.min.css", "dist/js/bootstrap.bundle.min.js", "LICENSE"],
    "@popperjs/core": ["LICENSE.md"],  # its code is inside Bootstrap's bundle
    "echarts": ["dist/echarts.common.min.js", "LICENSE", "NOTICE", "licenses/LICENSE-d3"],
    "zrender": ["LICENSE"],  # its code is inside the ECharts build
    "@fontsource/sarabun": [*FONTS, "LICENSE"],
    "swagger-ui-dist": ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE", "NOTICE"],
}
"""What pages load, by package."""
FOR_TESTS: Final = {"axe-core": ["axe.min.js", "LICENSE"]}
"""What only the browser tests load."""
FOR_THE_SITE: Final = {"iframe-worker": ["shim/index.js", "LICENSE"]}
"""What only the site of the documents loads."""


def main() -> int:
    """Install the locked packages into a scratch folder and copy from there; npm's exit code if it fails."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in INPUTS:
            shutil.copy(HERE / name, scratch)
        install = subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=scratch, check=False)  # noqa: S607
        if install.returncode:
            return install.returncode
        modules = Path(scratch) / "node_modules"
        for target, wanted in ((STATIC, SERVED), (TESTS, FOR_TESTS), (SITE, FOR_THE_SITE)):
            copy_assets(modules, target, wanted)
    return 0


def copy_assets(modules: Path, target: Path, wanted: dict[str, list[str]]) -> None:
    """Replace `target` by the `wanted` files of `modules`, one folder a package, and list them in a manifest."""
    shutil.rmtree(target, ignore_errors=True)
    packages = []
    for package, files in sorted(wanted.items()):
        about = json.loads((modules / package / "package.json").read_text("utf-8"))
        folder = package.strip("@").replace("/", "-")
        hashes = {}
        for file in files:
            copied = target / folder / Path(file).name
            copied.parent.mkdir(parents=True, exist_ok=True)
            content = (modules / package / file).read_bytes()
            copied.write_bytes(content)
            hashes[f"{folder}/{copied.name}"] = hashlib.sha256(content).hexdigest()
        packages.append(
            {"package": package, "version": about["version"], "licence": about["license"], "sha256": hashes}
        )
    (target / MANIFEST).write_text(json.dumps(packages, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
