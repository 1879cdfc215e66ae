"""Prometheus and promtool for tests: those on PATH, else Debian's, unpacked into the cache.

Nothing is installed into the machine and no rights are needed: apt keeps its lists in a folder of
ours, and the package is only unpacked. It comes from where the machine's own packages come from,
and apt checks its signature.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.building import cache_folder

NAMES = ("prometheus", "promtool")
PACKAGE = "prometheus"
# The lists take 14 MB and the package 20 MB; a source that does not answer is given up sooner.
APT_LIMIT_SECONDS = 600
SOURCE_LIMIT_SECONDS = 30
REMEDY = "Install Prometheus with promtool, and put both on PATH."


class PrometheusError(RuntimeError):
    """The programs are not there and can't be had; the message says what to do."""


class NoAptError(PrometheusError):
    """There is no apt that could get them."""


@dataclass(frozen=True)
class Programs:
    """The two programs."""

    prometheus: Path
    promtool: Path


def get_prometheus(environment: Mapping[str, str] = os.environ) -> Programs:
    """Return the programs, unpacking Debian's package first where that is still to be done.

    Raises NoAptError where there is no apt, and PrometheusError where apt can't get the package.
    Processes that ask at the same time wait for one download.
    """
    search_path = environment.get("PATH")
    on_path = [shutil.which(name, path=search_path) for name in NAMES]
    if all(on_path):
        return Programs(*(Path(found) for found in on_path if found))
    target = cache_folder(environment) / "prometheus"
    if not _is_complete(target):
        tools = [shutil.which(name, path=search_path) for name in ("apt-get", "dpkg-deb")]
        if not all(tools):
            raise NoAptError(f"There is no Prometheus here, and no apt to get it. {REMEDY}")
        with _only_fetcher(target):
            if not _is_complete(target):  # nobody fetched it while we waited
                _fetch(target)
    return Programs(*(target / name for name in NAMES))


def _is_complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in NAMES)


def _fetch(target: Path) -> None:
    """Unpack beside the final folder, then rename: nobody sees half of it."""
    sys.stderr.write("no Prometheus on PATH: fetching Debian's package (once)\n")
    shutil.rmtree(target, ignore_errors=True)  # incomplete, or it would not be fetched
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="fetching-") as temporary:
        folder = Path(temporary)
        package = _download(folder)
        _run(["dpkg-deb", "--extract", str(package), "content"], folder)
        unpacked = folder / "content" / "usr" / "bin"
        programs = folder / "programs"
        programs.mkdir()
        for name in NAMES:
            _run([str(unpacked / name), "--version"], folder)  # it runs on this machine
            (unpacked / name).rename(programs / name)
        programs.rename(target)


def _download(folder: Path) -> Path:
    """Debian's package, of the version that suits this machine."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    options = [
        f"Dir::State={folder / 'state'}",
        "Dir::State::status=/var/lib/dpkg/status",
        f"Dir::Cache={folder / 'cache'}",
        f"Acquire::http::Timeout={SOURCE_LIMIT_SECONDS}",
        f"Acquire::https::Timeout={SOURCE_LIMIT_SECONDS}",
        # Root would have another user download, who may not write into our folder.
        *(["APT::Sandbox::User=root"] if os.geteuid() == 0 else []),
    ]
    apt = ["apt-get", "--quiet", *(word for option in options for word in ("-o", option))]
    # One of the machine's sources may be away: whether the package can be had is what counts.
    _run([*apt, "update"], folder, may_fail=True)
    _run([*apt, "download", PACKAGE], folder)
    return next(folder.glob(f"{PACKAGE}_*.deb"))


def _run(command: Sequence[str], folder: Path, *, may_fail: bool = False) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - commands of our own making
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=folder,
            timeout=APT_LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise PrometheusError(
            f"`{' '.join(command)}` took longer than {APT_LIMIT_SECONDS} s. {REMEDY}"
        ) from error
    if done.returncode != 0 and not may_fail:
        said = done.stderr.strip() or done.stdout.strip()
        raise PrometheusError(f"`{' '.join(command)}` failed: {said}\n{REMEDY}")


@contextmanager
def _only_fetcher(target: Path) -> Iterator[None]:
    """Hold the lock of the cache entry; the kernel frees it when its holder ends, however."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(f"{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
