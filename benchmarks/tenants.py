"""What one tenant can do to another: each figure beside the one before tenants were kept apart.

    python -m benchmarks.tenants [ROW ...] [--json]

All is real but AWS, which is the simulator. Each row starts a stack of its own, or computes alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from studio_simulator.client import SimulatorClient

from benchmarks.crowd import Crowd, NotConvergedError, is_ready
from benchmarks.figures import Figure, as_json, written
from benchmarks.tenants_memory import large_annotations, many_spaces, readers
from benchmarks.throttling import throttling
from sandbox.processes import ManagedProcess
from sandbox.stack import Stack
from tests.unit.plan.expensive_specs import passes, windows_without_gap

CROWD, NEIGHBOUR = "crowd", "neighbour"
OPERATOR_USER = "studio-operator"
REGION = "eu-central-1"
ROLE = "arn:aws:iam::123456789012:role/studio"
WITHIN_SECONDS = 300.0
# AWS's writes a second, and how many spaces stand before the neighbour's.
WRITES_PER_SECOND, BEFORE = 5, 500
# The crowd has been at work for so long when the neighbour comes.
AT_WORK_SECONDS = 15.0
FLAPPED, CLIENTS, STARTS = 120, 3, 5

# Writes annotations of resources in turn, as fast as one connection can. Arguments: the API's
# address, a file with the token's or certificate's paths, and the names.
FLAPPER = """
import json, ssl, sys, http.client, itertools, time
host, port, authority, certificate, key, path, count = sys.argv[1:]
context = ssl.create_default_context(cafile=authority)
context.load_cert_chain(certificate, key)
api = http.client.HTTPSConnection(host, int(port), context=context)
kind = {"Content-Type": "application/merge-patch+json"}
for turn in itertools.count():
    notes = {"example.com/n": str(turn), "reconcile.studio-operator.dev/requested-at": str(turn)}
    body = json.dumps({"metadata": {"annotations": notes}})
    api.request("PATCH", f"{path}/space-{turn % int(count):04}", body, kind)
    api.getresponse().read()
"""


@dataclass(frozen=True)
class Row:
    """A line of the table: what measures it, and what it was before."""

    measure: Callable[[], list[Figure]]
    before: str


class Scene:
    """The product with a domain and a person in each of two namespaces."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.simulator = SimulatorClient(stack.start_simulator().endpoint)
        self.simulator.set_durations(profile="fast")
        kubeconfig = stack.access.user_kubeconfig(OPERATOR_USER, ["system:masters"])
        self.operator: ManagedProcess = stack.start_operator(
            kubeconfig=kubeconfig,
            settings={"STUDIO_OPERATOR_LINGERING_INTERVAL": "0"},
            arguments=("--leader-election", "on"),
        ).process
        client = stack.access.api_client()
        self.host = str(client.configuration.host)
        self.spaces = {name: Crowd(client, name, "spaces") for name in (CROWD, NEIGHBOUR)}
        for namespace in (CROWD, NEIGHBOUR):
            stack.access.create_namespace(namespace)
            domain = {
                "domainName": namespace,
                "aws": {"region": REGION},
                "vpcId": "vpc-0a1b2c3d4e5f60718",
                "subnetIds": ["subnet-0a1b2c3d4e5f60718"],
                "defaultUserSettings": {"executionRole": ROLE},
            }
            _settle(
                Crowd(client, namespace, "studiodomains"),
                [_manifest("StudioDomain", "research", domain)],
            )
            _settle(
                Crowd(client, namespace, "userprofiles"),
                [_manifest("UserProfile", "alice", {"domainRef": {"name": "research"}})],
            )

    def start_time(self, name: str) -> float:
        """How long a new space of the neighbour takes until status says that it runs."""
        spaces = self.spaces[NEIGHBOUR]
        with spaces.watched() as sightings:
            sightings.expect(is_ready)
            sent = spaces.create([space(name)])
            return sightings.wait([name], WITHIN_SECONDS)[name] - sent[name]


def _settle(crowd: Crowd, manifests: list[dict[str, Any]]) -> None:
    with crowd.watched() as sightings:
        sightings.expect(is_ready)
        crowd.create(manifests)
        sightings.wait([one["metadata"]["name"] for one in manifests], WITHIN_SECONDS)


def _manifest(kind: str, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    version = "studio-operator.dev/v1alpha1"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": dict(spec)}


def space(name: str, **further: Any) -> dict[str, Any]:
    """A space of alice's that is to run."""
    spec = {
        "domainRef": {"name": "research"},
        "ownerRef": {"name": "alice"},
        "app": "JupyterLab",
        "state": "Running",
        "instanceType": "ml.t3.medium",
    }
    return _manifest("Space", name, spec | further)


@contextmanager
def scene() -> Iterator[Scene]:
    """A stack with the product at work."""
    with ExitStack() as cleanup:
        folder = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="studio-benchmark-"))
        yield Scene(cleanup.enter_context(Stack(Path(folder))))


def queue() -> list[Figure]:
    """A neighbour's new spaces behind a crowd, while AWS takes few writes."""
    with scene() as at_work:
        rate = {"rate": WRITES_PER_SECOND, "burst": WRITES_PER_SECOND}
        at_work.simulator.set_throttling(mutating=rate)
        at_work.spaces[CROWD].create([space(f"space-{n:04}") for n in range(BEFORE)])
        time.sleep(AT_WORK_SECONDS)
        taken = [at_work.start_time(f"start-{number}") for number in range(STARTS)]
    name = f"a neighbour's new Space behind {BEFORE} of another namespace, AWS at 5 writes a second"
    return _of_starts(name, taken, at_most=5.0)


def flapping() -> list[Figure]:
    """A neighbour's new spaces while expensive ones are annotated as fast as can be."""
    with scene() as at_work:
        # Together these cover the day, so that none of their apps is ever stopped.
        windows = {"timezone": "Europe/Berlin", "windows": windows_without_gap()}
        crowd = [space(f"space-{n:04}", state="Stopped", schedule=windows) for n in range(FLAPPED)]
        _settle(at_work.spaces[CROWD], crowd)
        with ExitStack() as clients:
            for number in range(CLIENTS):
                clients.enter_context(_flapper(at_work, number))
            time.sleep(AT_WORK_SECONDS)
            before, since = _turns(at_work), time.monotonic()
            taken = [at_work.start_time(f"start-{number}") for number in range(STARTS)]
            flapped = (_turns(at_work) - before) / (time.monotonic() - since)
        if not at_work.operator.is_running:
            raise NotConvergedError("the operator's process has ended")
    name = f"a neighbour's start while {FLAPPED} Spaces with 20 windows are flapped by 3 clients"
    return [
        *_of_starts(name, taken, at_most=3.0),
        Figure("  annotations that the quickest client writes", flapped, "a second"),
    ]


def _turns(at_work: Scene) -> int:
    """How many annotations the quickest of the clients has written: it counts in them."""
    found = (one["metadata"].get("annotations", {}) for one in at_work.spaces[CROWD].list())
    return max(int(notes.get("example.com/n", 0)) for notes in found)


def _of_starts(name: str, taken: list[float], at_most: float) -> list[Figure]:
    return [
        Figure(name, max(taken), "s", at_most=at_most),
        Figure("  the quickest of its starts", min(taken), "s"),
    ]


def _flapper(at_work: Scene, number: int) -> ManagedProcess:
    folder = at_work.stack.folder
    configuration = at_work.stack.access.api_client().configuration
    host, _, port = at_work.host.removeprefix("https://").partition(":")
    path = f"/apis/studio-operator.dev/v1alpha1/namespaces/{CROWD}/spaces"
    files = (configuration.ssl_ca_cert, configuration.cert_file, configuration.key_file)
    arguments = [host, port, *map(str, files), path, str(FLAPPED)]
    command = [sys.executable, "-c", FLAPPER, *arguments]
    return ManagedProcess(f"flapper-{number}", command, log=folder / f"flapper-{number}.log")


def one_pass() -> list[Figure]:
    """Processor time of one pass over the most expensive specs that the CRDs admit."""
    most = max(min(_milliseconds(one.run) for _ in range(5)) for one in passes())
    name = "one pass over the most expensive spec that the CRD admits"
    return [Figure(name, most, "ms", at_most=5.0)]


def _milliseconds(run: Callable[[], object]) -> float:
    began = time.thread_time()
    run()
    return (time.thread_time() - began) * 1000


ROWS: Mapping[str, Row] = {
    "queue": Row(queue, "96.6 s"),
    "flapping": Row(flapping, "never; the process exits"),
    "pass": Row(one_pass, "80 ms"),
    "annotations": Row(lambda: [large_annotations()], "295 MiB"),
    "spaces": Row(lambda: [many_spaces()], "314 MiB"),
    "readers": Row(lambda: [readers()], "42.9 s"),
    "throttling": Row(throttling, "the floor"),
}


def main(argv: list[str] | None = None) -> int:
    """Measure and print; 1 when something did not converge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tenants", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    options = parser.parse_args(argv)
    progress = Console(stderr=True)
    measured: dict[str, list[Figure]] = {}
    for name in options.rows or ROWS:
        progress.print(f"… {name}", style="dim")
        try:
            measured[name] = ROWS[name].measure()
        except NotConvergedError as error:
            progress.print(str(error), style="red", markup=False)
            return 1
        for figure in measured[name]:  # the table comes at the end, which may be minutes away
            value = written(figure.value, figure.unit)
            progress.print(f"  {figure.name}: {value}", style="dim", markup=False)
    if options.json:
        data = {name: as_json(figures) for name, figures in measured.items()}
        sys.stdout.write(json.dumps(data, indent=2) + "\n")
    else:
        _print(measured)
    return 0


def _print(measured: Mapping[str, list[Figure]]) -> None:
    table = Table(title="tenants", title_justify="left")
    table.add_column("figure")
    for column in ("before", "measured", "target", ""):
        table.add_column(column, justify="right")
    for name, figures in measured.items():
        for number, figure in enumerate(figures):
            target = "" if figure.at_most is None else f"≤ {written(figure.at_most, figure.unit)}"
            style = "red" if figure.verdict == "missed" else None
            before = ROWS[name].before if number == 0 else ""
            value = written(figure.value, figure.unit)
            table.add_row(figure.name, before, value, target, figure.verdict, style=style)
    Console().print(table)


if __name__ == "__main__":
    raise SystemExit(main())
