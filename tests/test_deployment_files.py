"""The files of deploy/ against the planner: what they start exists, and what they set is a setting."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from planner.allocation.engine import DIRECT
from planner.cli import main
from planner.cli.serving import FAREWELL, KEEP_ALIVE
from planner.config import Settings, known_settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SECONDS = re.compile(r"(\d+)s")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


def planner(arguments: list[str]) -> None:
    """Have the command line read `arguments`; what it does not know is an error."""
    with main.make_context("planner", list(arguments)) as context:
        name, command, rest = main.resolve_command(context, list(arguments))
        assert command, name
        command.make_context(name, rest, parent=context).close()


def test_every_service_runs_a_command_that_exists(compose: dict[str, Any]) -> None:
    ours = {name: service for name, service in compose["services"].items() if service["image"] == "planner"}
    assert set(ours) == {"init", "web", "worker", "doctor", "purge", "backup"}
    for service in ours.values():
        planner(service["command"])
    with pytest.raises(click.UsageError):
        planner(["serve", "--gently"])


def test_services_depend_on_and_mount_what_there_is(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert set(service.get("depends_on", ())) <= set(compose["services"]), name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).is_file()
            elif not source.startswith("$"):
                assert source in compose["volumes"], name


def test_what_is_set_is_a_setting_and_what_is_asked_for_stands_in_the_example(compose: dict[str, Any]) -> None:
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    example = re.findall(r"^(\w+)=", (DEPLOY / "example.env").read_text("utf-8"), re.MULTILINE)
    assert {
        name for name in re.findall(r"PLANNER_\w+", text) + example if name.startswith("PLANNER_")
    } <= known_settings()
    assert set(re.findall(r"\$\{(\w+)", text)) == set(example)
    web = compose["services"]["web"]["environment"]
    assert (web["PLANNER_SECURE_COOKIES"], web["PLANNER_PROXIES"]) == ("1", "1")
    assert compose["services"]["worker"]["environment"] == web, "all processes have the same key, folder and database"


def test_nobody_is_killed_who_still_has_a_request_to_end(compose: dict[str, Any]) -> None:
    assert int(SECONDS.fullmatch(compose["services"]["web"]["stop_grace_period"])[1]) > FAREWELL
    unit = (DEPLOY / "systemd/planner-web.service").read_text("utf-8")
    assert int(re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)[1]) > FAREWELL
    proxy = (DEPLOY / "nginx.conf").read_text("utf-8")
    assert int(re.search(r"keepalive_timeout (\d+)s", proxy)[1]) < KEEP_ALIVE


def test_the_proxy_lets_uploads_through_and_believes_no_visitor() -> None:
    proxy = (DEPLOY / "nginx.conf").read_text("utf-8")
    assert int(re.search(r"client_max_body_size (\d+)m", proxy)[1]) * 2**20 > Settings("", "").upload_limit
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in proxy
    assert "add_x_forwarded_for" not in proxy


def test_the_image_is_made_of_what_there_is() -> None:
    lines = re.sub(r"\\\n\s*", "", (DEPLOY / "Containerfile").read_text("utf-8")).splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    known = {
        "FROM",
        "ARG",
        "WORKDIR",
        "COPY",
        "RUN",
        "ENV",
        "USER",
        "VOLUME",
        "EXPOSE",
        "STOPSIGNAL",
        "ENTRYPOINT",
        "CMD",
    }
    assert {name for name, _ in steps} <= known
    copied = [
        name for step, rest in steps if step == "COPY" and "--from" not in rest for name in shlex.split(rest)[:-1]
    ]
    let_in = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    assert sorted(copied) == sorted(let_in)
    assert all((ROOT / name).exists() for name in copied)
    last = dict(steps)
    assert last["ENTRYPOINT"] == '["planner"]'
    planner(yaml.safe_load(last["CMD"]))
    assert last["USER"] == "planner"


def test_the_image_holds_what_the_solver_compiles() -> None:
    """Compiled where the final image has it, by a problem that is large enough to need it."""
    lines = re.sub(r"\\\n\s*", "", (DEPLOY / "Containerfile").read_text("utf-8"))
    (folder,) = re.findall(r"^ENV .*NUMBA_CACHE_DIR=(\S+)$", lines, re.MULTILINE)
    (copied,) = re.findall(r"^COPY --from=build (\S+) \1$", lines, re.MULTILINE)
    (done,) = re.findall(rf"^RUN NUMBA_CACHE_DIR={folder} {copied}/bin/planner (.+) > /dev/null$", lines, re.MULTILINE)
    assert folder.startswith(f"{copied}/")
    planner(shlex.split(done))
    assert int(re.search(r"--requirements (\d+)", done)[1]) > DIRECT


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.stem)
def test_units_run_commands_that_exist(unit: Path) -> None:
    (started,) = re.findall(r"^ExecStart=(.+)$", unit.read_text("utf-8"), re.MULTILINE)
    program, *arguments = shlex.split(started)
    assert program == "/opt/planner/bin/planner"
    planner(arguments)


def test_systemd_finds_nothing_amiss(tmp_path: Path) -> None:
    """With a program that is there in the place of the planner."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze")
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/planner/bin/planner", str(shutil.which("true")))
        (tmp_path / unit.name).write_text(text, "utf-8")
    units = [path.name.replace("@.", "@1.") for path in UNITS]
    (tmp_path / "planner-worker@1.service").symlink_to("planner-worker@.service")
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr) == (0, "")
