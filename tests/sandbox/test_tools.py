"""A Go program for tests is built once from its pinned module, or its name is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.building import BuildError, GoModule
from sandbox.toolchain import parse_version, wheel_version
from sandbox.tools import TOOLS_FOLDER, UnknownToolError, get_tool, tool_names

# Stands in for Go: says its version, notes what it builds, and makes an empty program or fails.
FAKE_GO = """#!{python}
import os, sys, pathlib
here = pathlib.Path(__file__).parent
if sys.argv[1] == "env":
    print("go99.1.2")
    sys.exit()
with (here / "builds").open("a") as builds:
    builds.write(sys.argv[-1] + chr(10))
if (here / "broken").exists():
    sys.exit("widget.go:7: undefined: gadget")
output = pathlib.Path(sys.argv[sys.argv.index("-o") + 1])
(output / pathlib.Path.cwd().name).touch(mode=0o755)
"""


@pytest.fixture
def go_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "go"
    folder.mkdir()
    program = folder / "go"
    program.write_text(FAKE_GO.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("STUDIO_SANDBOX_CACHE", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def tools_folder(tmp_path: Path) -> Path:
    """Two tools: another module's program, and one with code of its own."""
    folder = tmp_path / "tools"
    for name in ("borrowed", "own"):
        (folder / name).mkdir(parents=True)
        (folder / name / "go.mod").write_text("module tool\n\ngo 1.26.0\n")
        (folder / name / "go.sum").touch()
    (folder / "own" / "main.go").write_text("package main\n")
    return folder


def builds(go_folder: Path) -> list[str]:
    path = go_folder / "builds"
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.parametrize(("name", "package"), [("borrowed", "tool"), ("own", ".")])
def test_a_tool_is_built_once(go_folder: Path, tools_folder: Path, name: str, package: str) -> None:
    first, second = (get_tool(name, os.environ, tools_folder) for _ in range(2))
    assert first == second
    assert os.access(first, os.X_OK)
    assert builds(go_folder) == [package]


def test_builders_at_the_same_time_share_one_build(go_folder: Path, tools_folder: Path) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: get_tool("own", os.environ, tools_folder), range(3)))
    assert len(builds(go_folder)) == 1


def test_changed_code_makes_another_program(go_folder: Path, tools_folder: Path) -> None:
    before = get_tool("own", os.environ, tools_folder)
    (tools_folder / "own" / "main.go").write_text("package main // changed\n")
    assert get_tool("own", os.environ, tools_folder) != before
    assert len(builds(go_folder)) == 2


def test_a_failed_build_shows_the_end_of_its_log(go_folder: Path, tools_folder: Path) -> None:
    (go_folder / "broken").touch()
    with pytest.raises(BuildError, match=r"(?s)could not build own.*undefined: gadget"):
        get_tool("own", os.environ, tools_folder)


def test_an_unknown_name_is_refused_with_those_that_there_are(tools_folder: Path) -> None:
    with pytest.raises(UnknownToolError, match=r"no tool owl; there are borrowed, own$"):
        get_tool("owl", os.environ, tools_folder)


def test_the_command_line_names_the_tools() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "sandbox", "tools", "owl"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith("no tool owl; there are")


@pytest.mark.parametrize("name", tool_names())
def test_the_wheel_is_fit_to_build_each_tool(name: str) -> None:
    assert parse_version(f"go{wheel_version()}") >= GoModule(TOOLS_FOLDER / name).required_go


@pytest.mark.parametrize("name", tool_names())
def test_each_tool_pins_every_module(name: str) -> None:
    assert (TOOLS_FOLDER / name / "go.sum").stat().st_size > 0
