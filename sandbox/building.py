"""Programs built once from a pinned Go module, into the user's cache."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.processes import ManagedProcess, ProcessError
from sandbox.progress import Progress
from sandbox.toolchain import Toolchain

CACHE_VARIABLE = "STUDIO_SANDBOX_CACHE"
BUILD_LIMIT_SECONDS = 3600


class BuildError(RuntimeError):
    """Programs are missing and could not be built; the message says what to do."""


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the project's cache folder, which need not exist yet."""
    if given := environment.get(CACHE_VARIABLE):
        return Path(given).expanduser().absolute()
    base = environment.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "studio-operator"


@dataclass(frozen=True)
class GoModule:
    """A folder with go.mod, go.sum and, where the module has code of its own, Go files."""

    folder: Path

    @property
    def required_go(self) -> tuple[int, ...]:
        """The Go version that the module asks for, such as ``(1, 26, 3)``."""
        return tuple(
            int(part) for part in self._find(r"^go ([\d.]+)$", "has no go line").split(".")
        )

    def version_of(self, module: str) -> str:
        """Return the pinned version of a module that this one requires, such as ``v1.36.3``."""
        pattern = rf"^(?:require)?\s+{re.escape(module)} (v\S+)"
        return self._find(pattern, f"does not require {module}")

    @property
    def go_files(self) -> list[Path]:
        """The module's own code; none where it only names other modules' programs as tools."""
        return sorted(self.folder.rglob("*.go"))

    def digest(self, go_version: str) -> str:
        """Name what a build gives after all that decides it: sources, Go, machine."""
        digest = hashlib.sha256()
        for file in (self.folder / "go.mod", self.folder / "go.sum", *self.go_files):
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        machine = f"{go_version} {platform.system()} {platform.machine()}"
        digest.update(hashlib.sha256(machine.encode()).digest())
        return digest.hexdigest()[:12]

    def _find(self, pattern: str, problem: str) -> str:
        path = self.folder / "go.mod"
        found = re.search(pattern, path.read_text(), re.MULTILINE)
        assert found is not None, f"{path} {problem}"
        return found[1]


@dataclass(frozen=True)
class Build:
    """What to build, and the folder in the cache where the programs go."""

    module: GoModule
    target: Path
    programs: tuple[str, ...]
    title: str
    """What a waiting person is told is being built."""
    linked_values: Mapping[str, str] = field(default_factory=dict)
    """Values of Go variables, by package and name: how programs learn their version."""
    renames: Mapping[str, str] = field(default_factory=dict)
    """Go names a program after its folder; what to call it instead."""

    def missing(self) -> list[str]:
        """Names of the programs that the target lacks."""
        return [name for name in self.programs if not os.access(self.target / name, os.X_OK)]

    def ensure(self, toolchain: Toolchain) -> None:
        """Build what is missing, while no other process does.

        Raises BuildError when the build fails; its message ends with that of the log.
        """
        if not self.missing():
            return
        with _only_builder(self.target, self.title):
            if self.missing():  # nobody built them while we waited
                self._run(toolchain)

    def _run(self, toolchain: Toolchain) -> None:
        """Build into a folder beside the final one, then rename: nobody sees half a build."""
        log = self.target.with_name(f"{self.target.name}.log")
        log.unlink(missing_ok=True)
        shutil.rmtree(self.target, ignore_errors=True)  # incomplete, or it wouldn't be built
        with tempfile.TemporaryDirectory(dir=self.target.parent, prefix="building-") as temporary:
            built = Path(temporary) / "programs"
            built.mkdir()
            try:
                self._run_go(toolchain, built, log)
            except ProcessError as error:
                raise BuildError(f"could not build {self.title}: {error}") from error
            for name, better in self.renames.items():
                (built / name).rename(built / better)
            built.rename(self.target)

    def _run_go(self, toolchain: Toolchain, output: Path, log: Path) -> None:
        packages = "." if self.module.go_files else "tool"
        settings = [f"-X {name}={value}" for name, value in self.linked_values.items()]
        flags = ("-trimpath", "-buildvcs=false", "-v", f"-ldflags={' '.join(['-s -w', *settings])}")
        build = ManagedProcess(
            "go build",
            [toolchain.go, "build", *flags, "-o", f"{output}/", packages],
            log=log,
            environment=os.environ
            | {
                "CGO_ENABLED": "0",
                "GOFLAGS": "",
                "GOTOOLCHAIN": "local",
                "GOWORK": "off",
            },
            folder=self.module.folder,
        )
        title = f"building {self.title} with {toolchain.version} (minutes, but once)"
        progress = Progress(title, limit_seconds=BUILD_LIMIT_SECONDS)
        with build, progress:
            code = progress.follow(build)
            if code != 0:
                end = build.log_tail()
                raise ProcessError(f"it ended with code {code}; the end of {log}:\n{end}")


@contextmanager
def _only_builder(folder: Path, title: str) -> Iterator[None]:
    """Hold the lock of one cache entry; the kernel frees it when its holder ends, however."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write(f"another process is building {title}; waiting for it\n")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
