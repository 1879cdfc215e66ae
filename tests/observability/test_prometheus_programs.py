"""Where the tests get Prometheus from."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sandbox.prometheus import NoAptError, Programs, PrometheusError, get_prometheus


def program(folder: Path, name: str, words: str = "exit 0") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o755)
    return path


def test_those_on_path_are_taken(tmp_path: Path) -> None:
    found = Programs(program(tmp_path, "prometheus"), program(tmp_path, "promtool"))
    assert get_prometheus({"PATH": str(tmp_path)}) == found


def test_those_in_the_cache_are_taken_without_asking_anybody(tmp_path: Path) -> None:
    cached = tmp_path / "prometheus"
    found = Programs(program(cached, "prometheus"), program(cached, "promtool"))
    environment = {"PATH": "", "STUDIO_SANDBOX_CACHE": str(tmp_path)}
    assert get_prometheus(environment) == found


def test_a_machine_without_apt_is_told_what_to_install(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path), "STUDIO_SANDBOX_CACHE": str(tmp_path)}
    with pytest.raises(NoAptError, match="Install Prometheus with promtool"):
        get_prometheus(environment)


def test_the_package_that_cannot_be_had_is_told_with_apts_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    program(tools, "apt-get", "echo 'E: Unable to locate package' >&2; exit 100")
    program(tools, "dpkg-deb")
    monkeypatch.setenv("PATH", str(tools), prepend=os.pathsep)
    environment = {"PATH": str(tools), "STUDIO_SANDBOX_CACHE": str(tmp_path / "cache")}
    with pytest.raises(PrometheusError, match=r"Unable to locate package(.|\n)*Install"):
        get_prometheus(environment)
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == ["prometheus.lock"]


def test_both_programs_run(programs: Programs) -> None:
    for path in (programs.prometheus, programs.promtool):
        said = subprocess.run(
            [path, "--version"], check=True, capture_output=True, text=True, timeout=30
        )
        assert path.name in said.stdout + said.stderr
