"""The environment is made anew only where the one that is there can't be used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import environment
from sandbox.environment import is_usable, make_environment, python_of
from sandbox.processes import ProcessError


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment as it is after an interrupted making: with Python and without pip."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


def test_one_that_is_not_there_or_lacks_pip_is_not_usable(tmp_path: Path, bare: Path) -> None:
    assert not is_usable(tmp_path / "none")
    assert not is_usable(bare)


def test_one_of_this_python_with_pip_is_usable() -> None:
    assert is_usable(Path(sys.prefix))


def test_a_failed_install_tells_what_pip_said(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ("nothing", ("--no-index", "studio-operator-no-such-package"))
    monkeypatch.setattr(environment, "INSTALLS", (wrong,))
    with pytest.raises(ProcessError, match="No matching distribution") as failure:
        make_environment(bare)
    assert str(failure.value).startswith("installing nothing into")
    assert python_of(bare).exists()
    assert "given up" in capsys.readouterr().err


def test_it_runs_on_the_standard_library_alone() -> None:
    check = "import sandbox.environment, sys; sys.exit('kubernetes' in sys.modules)"
    subprocess.run(
        [sys.executable, "-S", "-c", check], check=True, cwd=environment.ROOT, timeout=60
    )
