"""The programs that the suite needs: from PATH, or built where the project can do that."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.assets import get_assets
from sandbox.tools import get_tool

ASK_LIMIT_SECONDS = 30
OUTPUT_LINES = 40
INSTALL = {
    "docker": "install Docker (docs.docker.com/engine/install)",
    "kind": "install kind (kind.sigs.k8s.io/docs/user/quick-start) or, with Go, run "
    "`go install sigs.k8s.io/kind@latest`",
}


class SuiteError(RuntimeError):
    """The suite can't run, or can't go on; the message says what to do."""


@dataclass(frozen=True)
class Programs:
    """Where the programs are; kubectl and helm are built when they are not on PATH."""

    docker: Path
    kind: Path
    kubectl: Path
    helm: Path


def find_programs(*, with_kind: bool) -> Programs:
    """Find or build all of them. Raises SuiteError that names every one to install."""
    needed = ["docker", "kind"] if with_kind else ["docker"]
    missing = [f"there is no {name} on PATH: {INSTALL[name]}" for name in needed if not on(name)]
    if missing:
        raise SuiteError("\n".join(missing))
    docker = on("docker") or Path("docker")
    check_docker(docker)
    return Programs(
        docker=docker,
        kind=on("kind") or Path("kind"),
        kubectl=on("kubectl") or get_assets().kubectl,
        helm=on("helm") or get_tool("helm"),
    )


def on(name: str) -> Path | None:
    """Return the program of that name on PATH."""
    found = shutil.which(name)
    return Path(found) if found else None


def check_docker(docker: Path) -> None:
    """Raise SuiteError unless Docker's engine answers."""
    try:
        run([docker, "version", "--format", "{{.Server.Version}}"], seconds=ASK_LIMIT_SECONDS)
    except SuiteError as error:
        advice = "Docker does not answer: start it, and see `docker info`."
        raise SuiteError(f"{advice}\n{error}") from error


def run(
    command: Sequence[str | Path],
    *,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    text_input: str | None = None,
) -> str:
    """Run a command; its output. Raises SuiteError with the end of what it said."""
    words = [str(word) for word in command]
    shown = " ".join([Path(words[0]).name, *words[1:]])
    try:
        result = subprocess.run(
            words,
            env=environment,
            input=text_input,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise SuiteError(f"`{shown}` took longer than {seconds:g} s") from error
    except OSError as error:
        raise SuiteError(f"`{shown}` could not be started: {error}") from error
    if result.returncode != 0:
        told = "\n".join((result.stdout + result.stderr).splitlines()[-OUTPUT_LINES:])
        raise SuiteError(f"`{shown}` ended with {result.returncode}:\n{told}")
    return result.stdout
