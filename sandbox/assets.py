"""Where kube-apiserver, etcd and kubectl come from.

In this order: the folder that KUBEBUILDER_ASSETS names; the project's cache; a build with Go from
the versions pinned in ``sandbox/go``. A build takes minutes once, the cache no time ever after.
"""

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
from dataclasses import dataclass
from pathlib import Path

from sandbox.processes import ManagedProcess, ProcessError
from sandbox.progress import Progress
from sandbox.toolchain import Toolchain, find_toolchain

PROGRAMS = ("kube-apiserver", "etcd", "kubectl")
GO_FOLDER = Path(__file__).with_name("go")
ASSETS_VARIABLE = "KUBEBUILDER_ASSETS"
CACHE_VARIABLE = "STUDIO_SANDBOX_CACHE"
BUILD_LIMIT_SECONDS = 3600
# Kubernetes' programs report v0.0.0, and refuse some work, unless the version is linked in.
VERSION_PACKAGES = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")


class AssetsError(RuntimeError):
    """The programs are missing and could not be built; the message says what to do."""


@dataclass(frozen=True)
class Assets:
    """A folder that holds all the programs."""

    folder: Path

    @property
    def apiserver(self) -> Path:
        """The kube-apiserver program."""
        return self.folder / "kube-apiserver"

    @property
    def etcd(self) -> Path:
        """The etcd program."""
        return self.folder / "etcd"

    @property
    def kubectl(self) -> Path:
        """The kubectl program, of the API server's version unless KUBEBUILDER_ASSETS is set."""
        return self.folder / "kubectl"

    def missing(self) -> list[str]:
        """Names of the programs that the folder lacks."""
        return [name for name in PROGRAMS if not os.access(self.folder / name, os.X_OK)]


def get_assets(environment: Mapping[str, str] = os.environ) -> Assets:
    """Return the programs, building them first where that is still to be done.

    Raises AssetsError when KUBEBUILDER_ASSETS names a folder that lacks a program, when no fit Go
    can be had, or when the build fails.
    """
    if given := environment.get(ASSETS_VARIABLE):
        return _given_assets(Path(given))
    toolchain = find_toolchain(required_go_version())
    assets = Assets(cache_folder(environment) / "control-plane" / cache_key(toolchain.version))
    if not assets.missing():
        return assets
    with _only_builder(assets.folder):
        if assets.missing():  # nobody built them while we waited
            _build(assets, toolchain)
    return assets


def kubernetes_version() -> str:
    """Return the pinned version of Kubernetes, such as ``v1.36.3``."""
    return _module_version("k8s.io/kubernetes")


def required_go_version() -> tuple[int, ...]:
    """Return the Go version that the pinned modules ask for, such as ``(1, 26, 3)``."""
    found = re.search(r"^go ([\d.]+)$", _module_file().read_text(), re.MULTILINE)
    assert found is not None, "go.mod has no go line"
    return tuple(int(part) for part in found[1].split("."))


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the project's cache folder, which need not exist yet."""
    if given := environment.get(CACHE_VARIABLE):
        return Path(given).expanduser().absolute()
    base = environment.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "studio-operator"


def cache_key(go_version: str) -> str:
    """Name the programs after all that decides what they are: sources, Go, machine."""
    digest = hashlib.sha256()
    for part in (
        _module_file().read_bytes(),
        (GO_FOLDER / "go.sum").read_bytes(),
        f"{go_version} {platform.system()} {platform.machine()}".encode(),
    ):
        digest.update(hashlib.sha256(part).digest())
    etcd = _module_version("go.etcd.io/etcd/server/v3")
    return f"kubernetes-{kubernetes_version()}-etcd-{etcd}-{digest.hexdigest()[:12]}"


def _given_assets(folder: Path) -> Assets:
    assets = Assets(folder)
    if missing := assets.missing():
        raise AssetsError(
            f"{ASSETS_VARIABLE}={folder} lacks {', '.join(missing)}. It must hold "
            f"{', '.join(PROGRAMS)}; unset it to have them built."
        )
    return assets


def _module_file() -> Path:
    return GO_FOLDER / "go.mod"


def _module_version(module: str) -> str:
    pattern = rf"^\s+{re.escape(module)} (v\S+)"
    found = re.search(pattern, _module_file().read_text(), re.MULTILINE)
    assert found is not None, f"go.mod does not require {module}"
    return found[1]


@contextmanager
def _only_builder(folder: Path) -> Iterator[None]:
    """Hold the lock of one cache entry; the kernel frees it when its holder ends, however."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("another process is building the control plane; waiting for it\n")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(assets: Assets, toolchain: Toolchain) -> None:
    """Build into a folder beside the final one, then rename: nobody sees half a build."""
    log = assets.folder.with_name(f"{assets.folder.name}.log")
    log.unlink(missing_ok=True)
    shutil.rmtree(assets.folder, ignore_errors=True)  # an incomplete one, or it wouldn't be built
    with tempfile.TemporaryDirectory(dir=assets.folder.parent, prefix="building-") as temporary:
        built = Path(temporary) / "programs"
        try:
            _run_go_build(toolchain, built, log)
        except ProcessError as error:
            raise AssetsError(f"could not build the control plane: {error}") from error
        (built / "server").rename(built / "etcd")  # Go names it after its folder
        built.rename(assets.folder)


def _run_go_build(toolchain: Toolchain, output: Path, log: Path) -> None:
    what = f"{', '.join(PROGRAMS)} {kubernetes_version()}"
    flags = ("-trimpath", "-buildvcs=false", "-v", f"-ldflags={_linker_flags()}")
    build = ManagedProcess(
        "go build",
        [toolchain.go, "build", *flags, "-o", f"{output}/", "tool"],
        log=log,
        environment=os.environ
        | {
            "CGO_ENABLED": "0",
            "GOFLAGS": "",
            "GOTOOLCHAIN": "local",
            "GOWORK": "off",
        },
        folder=GO_FOLDER,
    )
    title = f"building {what} with {toolchain.version} (minutes, but once)"
    progress = Progress(title, limit_seconds=BUILD_LIMIT_SECONDS)
    output.mkdir()
    with build, progress:
        code = progress.follow(build)
        if code != 0:
            raise ProcessError(f"it ended with code {code}; the end of {log}:\n{build.log_tail()}")


def _linker_flags() -> str:
    version = kubernetes_version()
    major, minor, _ = version.removeprefix("v").split(".", 2)
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    settings = [
        f"-X {package}.{name}={value}"
        for package in VERSION_PACKAGES
        for name, value in values.items()
    ]
    return " ".join(["-s", "-w", *settings])
