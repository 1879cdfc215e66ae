"""Makes the project's virtual environment, showing a waiting person that it goes on.

``python -m sandbox.environment FOLDER`` runs on the machine's own Python and its standard library
alone. What it installs is pinned and hashed in ``constraints.txt``; the project comes last, so that
an edit of the code needs no further install. It is quick where nothing has changed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from sandbox.processes import ManagedProcess, ProcessError
from sandbox.progress import Progress

ROOT = Path(__file__).resolve().parent.parent
INSTALL_LIMIT_SECONDS = 1800.0
ASK_LIMIT_SECONDS = 30
LOG = "install.log"
# The options of each `pip install`, in order. Hashes are checked for all that is downloaded; the
# project itself is built by the setuptools that the first one has put there. Most of the bytecode
# would never be used, and making all of it takes as long as the rest: Python makes what it needs.
INSTALLS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "the pinned packages",
        ("--no-compile", "--progress-bar=off", "--require-hashes", "-r", "constraints.txt"),
    ),
    ("studio-operator itself", ("--no-deps", "--no-build-isolation", "--editable", ".")),
)


def main() -> int:
    """Make or refresh the environment in the folder that the command line names."""
    folder = Path(sys.argv[1]).absolute()
    began = time.monotonic()
    try:
        make_environment(folder)
    except ProcessError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"the environment is ready after {time.monotonic() - began:.0f} s\n")
    return 0


def make_environment(folder: Path) -> None:
    """Create the environment unless a usable one is there, and install into it.

    Raises ProcessError with the end of the log when a step fails.
    """
    if not is_usable(folder):
        version = ".".join(str(part) for part in sys.version_info[:3])
        title = f"creating {_shown(folder)} with Python {version}"
        _run(folder, title, [sys.executable, "-m", "venv", "--clear", folder])
    for what, options in INSTALLS:
        command: list[str | Path] = [python_of(folder), "-m", "pip", "install", *options]
        _run(folder, f"installing {what} into {_shown(folder)}", command)


def python_of(folder: Path) -> Path:
    """Return the environment's Python."""
    return folder / "bin" / "python"


def is_usable(folder: Path) -> bool:
    """Whether the environment has this very Python's version, and pip.

    It has not where the Python that it was made with is gone, or where its making was interrupted.
    """
    question = "import pip, sys; print(sys.version_info[:2])"
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed question
            [python_of(folder), "-c", question],
            capture_output=True,
            text=True,
            check=False,
            timeout=ASK_LIMIT_SECONDS,
        )
    except FileNotFoundError:
        return False
    return answer.returncode == 0 and answer.stdout.strip() == str(sys.version_info[:2])


def _run(folder: Path, title: str, command: Sequence[str | Path]) -> None:
    log = folder.with_name(f"{folder.name}-{LOG}")  # beside it: making it clears it
    process = ManagedProcess(
        title,
        command,
        log=log,
        environment=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"},
        folder=ROOT,
    )
    with process, Progress(title, limit_seconds=INSTALL_LIMIT_SECONDS) as progress:
        code = progress.follow(process)
        if code != 0:
            raise ProcessError(f"{title} failed; the end of {log}:\n{process.log_tail()}")
    log.unlink()


def _shown(folder: Path) -> str:
    return str(folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder)


if __name__ == "__main__":
    sys.exit(main())
