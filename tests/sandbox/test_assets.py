"""Programs come from KUBEBUILDER_ASSETS, the cache, or one build with Go."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.assets import (
    PROGRAMS,
    AssetsError,
    cache_key,
    get_assets,
    required_go_version,
)
from sandbox.building import cache_folder
from sandbox.toolchain import Toolchain, find_toolchain, parse_version, wheel_version

# Stands in for Go: says its version, counts builds, and makes empty programs or fails.
FAKE_GO = """#!{python}
import os, sys, pathlib
here = pathlib.Path(__file__).parent
if sys.argv[1] == "env":
    print("{version}")
    sys.exit()
with (here / "builds").open("a") as builds:
    builds.write("build\\n")
if (here / "broken").exists():
    sys.exit("widget.go:7: undefined: gadget")
output = pathlib.Path(sys.argv[sys.argv.index("-o") + 1])
for name in ("kube-apiserver", "kubectl", "server"):
    (output / name).touch(mode=0o755)
"""


@pytest.fixture
def go_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "go"
    folder.mkdir()
    install_go(folder, "go99.1.2")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def install_go(folder: Path, version: str) -> None:
    program = folder / "go"
    program.write_text(FAKE_GO.format(python=sys.executable, version=version))
    program.chmod(0o755)


def builds(folder: Path) -> int:
    path = folder / "builds"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_a_given_folder_is_used_as_it_is(tmp_path: Path) -> None:
    for name in PROGRAMS:
        (tmp_path / name).touch(mode=0o755)
    assert get_assets({"KUBEBUILDER_ASSETS": str(tmp_path)}).etcd == tmp_path / "etcd"


def test_a_given_folder_that_lacks_programs_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "kubectl").touch(mode=0o755)
    (tmp_path / "etcd").touch(mode=0o644)  # there, but not to be run
    with pytest.raises(AssetsError, match=r"KUBEBUILDER_ASSETS=\S+ lacks kube-apiserver, etcd\."):
        get_assets({"KUBEBUILDER_ASSETS": str(tmp_path)})


def test_programs_are_built_once(tmp_path: Path, go_folder: Path) -> None:
    environment = {"STUDIO_SANDBOX_CACHE": str(tmp_path / "cache")}
    first, second = get_assets(environment), get_assets(environment)
    assert first == second
    assert first.missing() == []
    assert builds(go_folder) == 1


def test_builders_at_the_same_time_share_one_build(tmp_path: Path, go_folder: Path) -> None:
    environment = {"STUDIO_SANDBOX_CACHE": str(tmp_path / "cache")}
    with ThreadPoolExecutor() as pool:
        assets = set(pool.map(get_assets, [environment] * 3))
    assert len(assets) == 1
    assert builds(go_folder) == 1


def test_a_failed_build_shows_the_end_of_its_log_and_leaves_nothing(
    tmp_path: Path, go_folder: Path
) -> None:
    environment = {"STUDIO_SANDBOX_CACHE": str(tmp_path / "cache")}
    (go_folder / "broken").touch()
    with pytest.raises(AssetsError, match=r"(?s)code 1.*widget\.go:7: undefined: gadget"):
        get_assets(environment)
    (go_folder / "broken").unlink()
    assert get_assets(environment).missing() == []


def test_another_go_makes_other_programs() -> None:
    assert cache_key("go1.26.3") == cache_key("go1.26.3") != cache_key("go1.26.4")


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"STUDIO_SANDBOX_CACHE": "/elsewhere"}, Path("/elsewhere")),
        ({"XDG_CACHE_HOME": "/caches"}, Path("/caches/studio-operator")),
        ({}, Path.home() / ".cache/studio-operator"),
    ],
)
def test_the_cache_is_where_the_environment_says(environment: dict[str, str], folder: Path) -> None:
    assert cache_folder(environment) == folder


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go1.26.8", (1, 26, 8)),
        ("go1.27", (1, 27)),
        ("go1.27rc1", (1, 27)),
        ("devel go1.28-af7c3b5 Thu", (1, 28)),
        ("unknown", ()),
    ],
)
def test_go_versions_are_read(text: str, version: tuple[int, ...]) -> None:
    assert parse_version(text) == version


def test_a_new_enough_go_on_the_path_is_taken(go_folder: Path) -> None:
    assert find_toolchain((99, 1)) == Toolchain("go99.1.2", go_folder / "go")


def test_an_old_go_on_the_path_gives_way_to_the_wheels(go_folder: Path) -> None:
    install_go(go_folder, "go1.18.10")
    assert find_toolchain((1, 26, 3)) == Toolchain(f"go{wheel_version()}", None)


def test_the_wheel_is_fit_to_build_the_pinned_modules() -> None:
    assert parse_version(f"go{wheel_version()}") >= required_go_version()
