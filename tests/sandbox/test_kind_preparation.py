"""What `make test-kind` says when it can't have a cluster; it runs on one by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kind.clusters import Wanted, wanted_cluster
from tests.kind.programs import Programs, SuiteError

ROOT = Path(__file__).resolve().parents[2]
KIND = """#!/bin/sh
# Knows two clusters.
case "$1 $2" in
  "get clusters") echo first; echo second ;;
  "get kubeconfig") echo "kubeconfig of $4" ;;
esac
"""


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    kind = tmp_path / "kind"
    kind.write_text(KIND)
    kind.chmod(0o755)
    nowhere = tmp_path / "nowhere"
    return Programs(docker=nowhere, kind=kind, kubectl=nowhere, helm=nowhere)


def run_suite(path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.kind"],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=60,
    )


def test_every_missing_program_is_named_with_what_to_install(tmp_path: Path) -> None:
    answer = run_suite(str(tmp_path))
    assert answer.returncode == 2
    assert "there is no docker on PATH: install Docker" in answer.stderr
    assert "there is no kind on PATH: install kind" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_docker_that_does_not_answer_is_told(tmp_path: Path) -> None:
    for name in ("docker", "kind", "kubectl", "helm"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho Cannot connect to the Docker daemon >&2\nexit 1\n")
        program.chmod(0o755)
    answer = run_suite(f"{tmp_path}:/usr/bin:/bin")
    assert answer.returncode == 2
    assert "Docker does not answer: start it" in answer.stderr
    assert "Cannot connect to the Docker daemon" in answer.stderr


def test_a_cluster_by_name_gets_its_kubeconfig_from_kind(
    programs: Programs, tmp_path: Path
) -> None:
    with wanted_cluster(Wanted(name="second"), programs, tmp_path) as cluster:
        assert cluster.kubeconfig.read_text() == "kubeconfig of second\n"
        assert cluster.load == f"{programs.kind} load docker-image --name second"
        assert not cluster.disposable


def test_another_command_may_load_the_images(programs: Programs, tmp_path: Path) -> None:
    wanted = Wanted(name="first", load="ours load")
    with wanted_cluster(wanted, programs, tmp_path) as cluster:
        assert cluster.load == "ours load"


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (
            Wanted(name="third"),
            r"no cluster third, but \['first', 'second'\]: correct",
        ),
        (Wanted(kubeconfig=Path("/no/such/file")), "there is no kubeconfig /no/such/file"),
        (Wanted(kubeconfig=Path(__file__)), "set KIND_CLUSTER .* else KIND_LOAD"),
    ],
)
def test_what_is_wrong_with_the_wanted_cluster_is_told(
    wanted: Wanted, told: str, programs: Programs, tmp_path: Path
) -> None:
    with pytest.raises(SuiteError, match=told), wanted_cluster(wanted, programs, tmp_path):
        pass
