"""`kubectl studio` as one file, installed by krew, where there is only Python and kubectl."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from release.plugin import (
    PLATFORMS,
    Platform,
    build,
    main,
    own_platform,
    own_python,
    project_version,
    write_archive,
    write_manifest,
)
from sandbox.tools import get_tool
from tests.e2e.team import Team
from tests.plugin.conftest import Answer, Studio

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "gitops"
BASE = "https://example.com/releases/download"
HOMEPAGE = "https://example.com/studio-operator"
LIMIT_SECONDS = 240.0


def run(*words: str | Path, environment: Mapping[str, str]) -> Answer:
    """Run a program with these variables and no others."""
    ended = subprocess.run(
        words,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
    )
    return Answer(ended.returncode, ended.stdout, ended.stderr)


def krew_install(manifest: Path, archive: Path, target: Platform, root: Path) -> Answer:
    """Have krew install a plug-in into a folder of its own, from a file instead of an address."""
    system, _, arch = target.name.partition("/")
    environment = {
        "KREW_ROOT": str(root),
        "KREW_OS": system,
        "KREW_ARCH": arch,
        "KREW_NO_UPGRADE_CHECK": "1",
        "HOME": str(root),
        "PATH": "/nonexistent",
    }
    words = ("install", "--manifest", manifest, "--archive", archive)
    return run(get_tool("krew"), *words, environment=environment)


def archives_of_text(folder: Path) -> dict[str, Path]:
    """An archive for each platform, with a script in the program's place."""
    script = folder / "script"
    script.write_text("#!/bin/sh\necho a script\n")
    version = project_version()
    return {
        name: write_archive(script, folder / target.archive(version))
        for name, target in PLATFORMS.items()
    }


def test_the_file_answers_where_there_is_only_python_and_kubectl(
    team: Team, studio: Studio, tmp_path: Path
) -> None:
    team.run_space()
    target = PLATFORMS[own_platform()]
    archive = build(target, [own_python()], tmp_path, ROOT / ".cache" / "plugin")
    manifest = write_manifest([target], tmp_path, BASE, HOMEPAGE)
    installed = krew_install(manifest, archive, target, tmp_path / "krew")
    assert installed.code == 0, installed

    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python3").symlink_to(Path(sys.executable).resolve())
    kubectl = programs / "kubectl"
    kubectl.symlink_to(team.product.stack.access.kubectl_path)
    environment = {
        "HOME": str(tmp_path / "home"),
        "PATH": f"{programs}:{tmp_path / 'krew' / 'bin'}",
        **team.product.stack.client_variables(None),
    }
    version = run(kubectl, "studio", "--version", environment=environment)
    assert (version.code, version.out) == (0, f"{project_version()}\n"), version

    place = ("-n", team.namespace)
    script = run(kubectl, "studio", "completion", "kubectl", environment=environment)
    completion = programs / "kubectl_complete-studio"
    completion.write_text(script.out)
    completion.chmod(0o755)
    completed = run(kubectl, "__complete", "studio", "stop", *place, "", environment=environment)
    assert completed.out.splitlines() == ["churn\tInService", ":4"], completed

    words = ("plan", "-f", str(EXAMPLES), "-o", "json")
    planned = run(kubectl, "studio", *words, *place, environment=environment)
    expected = studio(*words)
    assert (planned.code, planned.data, planned.err) == (0, expected.data, expected.err)


def test_krew_installs_the_archive_of_each_platform_with_its_license(tmp_path: Path) -> None:
    archives = archives_of_text(tmp_path)
    manifest = write_manifest(PLATFORMS.values(), tmp_path, BASE, HOMEPAGE)
    for name, archive in archives.items():
        root = tmp_path / "krew" / name
        installed = krew_install(manifest, archive, PLATFORMS[name], root)
        assert installed.code == 0, installed
        assert run(root / "bin" / "kubectl-studio", environment={}).out == "a script\n"
        store = root / "store" / "studio" / f"v{project_version()}"
        assert sorted(path.name for path in store.iterdir()) == ["LICENSE", "kubectl-studio"]


def test_krew_refuses_another_archive_than_the_manifest_names(tmp_path: Path) -> None:
    archive = archives_of_text(tmp_path)["linux/amd64"]
    manifest = write_manifest(PLATFORMS.values(), tmp_path, BASE, HOMEPAGE)
    write_archive(Path(__file__), archive)
    refused = krew_install(manifest, archive, PLATFORMS["linux/amd64"], tmp_path / "krew")
    assert refused.code != 0
    assert "checksum does not match" in refused.err


def test_krews_own_check_passes_the_manifest(tmp_path: Path) -> None:
    archives_of_text(tmp_path)
    manifest = write_manifest(PLATFORMS.values(), tmp_path, BASE, HOMEPAGE)
    check = get_tool("krew").with_name("validate-krew-manifest")
    words = (check, "-skip-install", "-manifest")
    passed = run(*words, manifest, environment={})
    assert passed.code == 0, passed
    assert "no overlapping" in passed.err
    manifest.write_text(manifest.read_text().replace("os: darwin", "os: linux"))
    assert "overlapping" in run(*words, manifest, environment={}).err


def test_the_same_files_give_the_same_archive(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n")
    first = write_archive(script, tmp_path / "first.tar.gz")
    script.touch()
    script.chmod(0o700)
    second = write_archive(script, tmp_path / "second.tar.gz")
    assert first.read_bytes() == second.read_bytes()
    with tarfile.open(first) as tar:
        assert [(one.name, one.mode) for one in tar] == [
            ("LICENSE", 0o644),
            ("kubectl-studio", 0o755),
        ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--base", "ftp://example.com", "--homepage", HOMEPAGE], "ftp://example.com is no add"),
        (["--base", BASE, "--homepage", HOMEPAGE], "linux_amd64.tar.gz is missing: build it first"),
    ],
)
def test_no_manifest_is_written_that_krew_could_not_follow(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["manifest", "--into", str(tmp_path), "--platform", "all", *words]) == 1
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
