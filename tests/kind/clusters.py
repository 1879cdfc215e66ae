"""The cluster of a run: one that is there, or a new one that goes with the run."""

from __future__ import annotations

import shlex
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.kind.programs import Programs, SuiteError, run

CREATE_LIMIT_SECONDS = 600
ASK_LIMIT_SECONDS = 60
READY_WITHIN = "180s"


@dataclass(frozen=True)
class Wanted:
    """Which cluster is asked for: by name, by kubeconfig, or, with neither, a new one.

    ``load`` is a command that gives a cluster the images whose names are added to it;
    ``create_options`` are for ``kind create cluster``.
    """

    name: str | None = None
    kubeconfig: Path | None = None
    load: str | None = None
    create_options: Sequence[str] = ()


@dataclass(frozen=True)
class Cluster:
    """A cluster that answers: its kubeconfig, and the command that gives it images.

    A ``disposable`` one is deleted at the end.
    """

    kubeconfig: Path
    load: str
    disposable: bool = False


@contextmanager
def wanted_cluster(wanted: Wanted, programs: Programs, folder: Path) -> Iterator[Cluster]:
    """Yield the cluster that is asked for; one that was made for this is deleted at the end."""
    if wanted.kubeconfig is not None:
        yield _by_kubeconfig(wanted, programs, wanted.kubeconfig)
    elif wanted.name is not None:
        yield _by_name(wanted, programs, wanted.name, folder)
    else:
        with _new(wanted, programs, folder) as cluster:
            yield cluster


def _by_kubeconfig(wanted: Wanted, programs: Programs, kubeconfig: Path) -> Cluster:
    if not kubeconfig.is_file():
        raise SuiteError(f"there is no kubeconfig {kubeconfig}")
    load = wanted.load or (wanted.name and _kind_load(programs, wanted.name))
    if not load:
        raise SuiteError(
            f"the cluster of {kubeconfig} has to be given images: set KIND_CLUSTER to its name if "
            "it is kind's, else KIND_LOAD to a command to which the images' names are added"
        )
    return Cluster(kubeconfig, load)


def _by_name(wanted: Wanted, programs: Programs, name: str, folder: Path) -> Cluster:
    known = run([programs.kind, "get", "clusters"], seconds=ASK_LIMIT_SECONDS).split()
    if name not in known:
        raise SuiteError(
            f"kind has no cluster {name}, but {known}: correct KIND_CLUSTER, or leave it out to "
            "have a new cluster made"
        )
    kubeconfig = folder / "kubeconfig"
    kubeconfig.touch(mode=0o600)
    kubeconfig.write_text(
        run([programs.kind, "get", "kubeconfig", "--name", name], seconds=ASK_LIMIT_SECONDS)
    )
    return Cluster(kubeconfig, wanted.load or _kind_load(programs, name))


@contextmanager
def _new(wanted: Wanted, programs: Programs, folder: Path) -> Iterator[Cluster]:
    name = f"studio-operator-{uuid.uuid4().hex[:6]}"
    kubeconfig = folder / "kubeconfig"
    words = ("--name", name, "--kubeconfig", str(kubeconfig))
    options = (*words, "--wait", READY_WITHIN, *wanted.create_options)
    try:
        run([programs.kind, "create", "cluster", *options], seconds=CREATE_LIMIT_SECONDS)
        yield Cluster(kubeconfig, wanted.load or _kind_load(programs, name), disposable=True)
    finally:
        run([programs.kind, "delete", "cluster", *words], seconds=CREATE_LIMIT_SECONDS)


def _kind_load(programs: Programs, name: str) -> str:
    return shlex.join([str(programs.kind), "load", "docker-image", "--name", name])
