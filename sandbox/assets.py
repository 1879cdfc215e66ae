"""Where kube-apiserver, etcd and kubectl come from.

In this order: the folder that KUBEBUILDER_ASSETS names; the project's cache; a build with Go from
the versions pinned in ``sandbox/go``. A build takes minutes once, the cache no time ever after.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.building import Build, BuildError, GoModule, cache_folder
from sandbox.toolchain import find_toolchain

PROGRAMS = ("kube-apiserver", "etcd", "kubectl")
MODULE = GoModule(Path(__file__).with_name("go"))
ASSETS_VARIABLE = "KUBEBUILDER_ASSETS"
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
    folder = cache_folder(environment) / "control-plane" / cache_key(toolchain.version)
    try:
        _build(folder).ensure(toolchain)
    except BuildError as error:
        raise AssetsError(str(error)) from error
    return Assets(folder)


def kubernetes_version() -> str:
    """Return the pinned version of Kubernetes, such as ``v1.36.3``."""
    return MODULE.version_of("k8s.io/kubernetes")


def required_go_version() -> tuple[int, ...]:
    """Return the Go version that the pinned modules ask for, such as ``(1, 26, 3)``."""
    return MODULE.required_go


def cache_key(go_version: str) -> str:
    """Name the programs after all that decides what they are: sources, Go, machine."""
    etcd = MODULE.version_of("go.etcd.io/etcd/server/v3")
    return f"kubernetes-{kubernetes_version()}-etcd-{etcd}-{MODULE.digest(go_version)}"


def _given_assets(folder: Path) -> Assets:
    assets = Assets(folder)
    if missing := assets.missing():
        raise AssetsError(
            f"{ASSETS_VARIABLE}={folder} lacks {', '.join(missing)}. It must hold "
            f"{', '.join(PROGRAMS)}; unset it to have them built."
        )
    return assets


def _build(folder: Path) -> Build:
    return Build(
        module=MODULE,
        target=folder,
        programs=PROGRAMS,
        title=f"{', '.join(PROGRAMS)} {kubernetes_version()}",
        linked_values=_linked_versions(),
        renames={"server": "etcd"},
    )


def _linked_versions() -> dict[str, str]:
    version = kubernetes_version()
    major, minor, _ = version.removeprefix("v").split(".", 2)
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    return {
        f"{package}.{name}": value for package in VERSION_PACKAGES for name, value in values.items()
    }
