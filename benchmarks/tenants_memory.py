"""What tenants can make the operator hold, and what a crowd of readers of its metrics costs others.

    python -m benchmarks.tenants_memory [annotations] [spaces] [readers]

Each function starts a stack of its own, and gives one figure.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from studio_simulator.client import SimulatorClient

from benchmarks.costs import memory_mib
from benchmarks.crowd import Crowd, is_ready
from benchmarks.figures import Figure, print_table
from benchmarks.spaces import OPERATOR_USER, domain_manifest, profile_manifest, space_manifest
from sandbox.processes import ManagedProcess
from sandbox.stack import Operator, Stack

ANNOTATED, ANNOTATION_BYTES, MANY = 300, 250_000, 5_000
READ_SPACES, CONNECTIONS = 400, 100
CROWD, NEIGHBOUR = "crowd", "neighbour"
PROFILES = 100
WITHIN_SECONDS = 1_800.0
# After a restart: until the watch has listed all once more, and what that took is given back.
SETTLE_SECONDS = 30.0
STARTS = 5

# Reads the page of metrics again and again, by as many connections as it is told.
READERS = """
import asyncio, sys
async def read(host, port):
    while True:
        try:
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"GET /metrics HTTP/1.1\\r\\nHost: metrics\\r\\n\\r\\n")
            await reader.read(-1)
            writer.close()
        except OSError:
            pass
        await asyncio.sleep(0)
async def main():
    await asyncio.gather(*(read(sys.argv[1], int(sys.argv[2])) for _ in range(int(sys.argv[3]))))
asyncio.run(main())
"""


class Scene:
    """The product with one domain for two namespaces."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.folder = stack.folder
        SimulatorClient(stack.start_simulator().endpoint).set_durations(profile="fast")
        self._kubeconfig = stack.access.user_kubeconfig(OPERATOR_USER, ["system:masters"])
        self._starts = 0
        self.operator = self._start()
        client = stack.access.api_client()
        for namespace in (CROWD, NEIGHBOUR):
            stack.access.create_namespace(namespace)
            domain = domain_manifest()
            domain["spec"]["domainName"] = namespace
            self._apply(Crowd(client, namespace, "studiodomains"), [domain])
            people = [profile_manifest(name) for name in _people(namespace)]
            self._apply(Crowd(client, namespace, "userprofiles"), people)
        self.spaces = {name: Crowd(client, name, "spaces") for name in (CROWD, NEIGHBOUR)}

    def create_spaces(self, count: int, **further: object) -> list[str]:
        """Create them in the crowd's namespace and wait until each is as declared."""
        names = [f"space-{number:04}" for number in range(count)]
        people = _people(CROWD)
        manifests = [
            space_manifest(name, people[number % len(people)], further)
            for number, name in enumerate(names)
        ]
        self._apply(self.spaces[CROWD], manifests)
        return names

    def restart(self) -> float:
        """Restart the operator; the memory that it holds after a while, in MiB."""
        self.operator.process.stop()
        self.operator = self._start()
        time.sleep(SETTLE_SECONDS)
        return memory_mib(self.operator.process.pid)[0]

    def start_time(self, name: str) -> float:
        """How long the neighbour's new space takes until status says that it runs."""
        spaces = self.spaces[NEIGHBOUR]
        with spaces.watched() as sightings:
            sightings.expect(is_ready)
            sent = spaces.create([space_manifest(name, _people(NEIGHBOUR)[0], {})])
            seen = sightings.wait([name], WITHIN_SECONDS)
        return seen[name] - sent[name]

    def _start(self) -> Operator:
        self._starts += 1
        settings = {"STUDIO_OPERATOR_LINGERING_INTERVAL": "0"}
        return self._stack.start_operator(
            f"operator-{self._starts}", kubeconfig=self._kubeconfig, settings=settings
        )

    def _apply(self, crowd: Crowd, manifests: list[dict[str, object]]) -> None:
        names = [str(one["metadata"]["name"]) for one in manifests]  # type: ignore[index] # JSON
        with crowd.watched() as sightings:
            sightings.expect(is_ready)
            crowd.create(manifests)
            sightings.wait(names, WITHIN_SECONDS)


def _people(namespace: str) -> list[str]:
    return [f"user-{number:03}" for number in range(PROFILES if namespace == CROWD else 1)]


@contextmanager
def scene() -> Iterator[Scene]:
    """A stack with the product at work."""
    with ExitStack() as cleanup:
        folder = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="studio-benchmark-"))
        yield Scene(cleanup.enter_context(Stack(Path(folder))))


def large_annotations() -> Figure:
    """How much more is held of spaces that somebody has annotated at length."""
    with scene() as at_work:
        names = at_work.create_spaces(ANNOTATED, state="Stopped")
        before = at_work.restart()
        note = {"metadata": {"annotations": {"example.com/note": "x" * ANNOTATION_BYTES}}}
        at_work.spaces[CROWD].patch(names, note)
        after = at_work.restart()
    name = "memory for 300 annotations of 250 kB, after a restart"
    return Figure(name, after - before, "MiB", at_most=10.0)


def many_spaces(spaces: int = MANY) -> Figure:
    """What is held of many spaces."""
    with scene() as at_work:
        at_work.create_spaces(spaces)
        held = at_work.restart()
    return Figure("memory with 5,000 spaces, after a restart", held, "MiB", at_most=220.0)


def readers() -> Figure:
    """The longest of some starts of a neighbour while a crowd reads the metrics."""
    with scene() as at_work:
        at_work.create_spaces(READ_SPACES)
        port = at_work.operator.metrics_url.rpartition(":")[2]
        command = [sys.executable, "-c", READERS, "127.0.0.1", port, str(CONNECTIONS)]
        with ManagedProcess("readers", command, log=at_work.folder / "readers.log"):
            time.sleep(5)
            taken = max(at_work.start_time(f"start-{number}") for number in range(STARTS))
    name = "a neighbour's start while 100 connections read /metrics with 400 spaces"
    return Figure(name, taken, "s", at_most=2.0)


FIGURES: Mapping[str, Callable[[], Figure]] = {
    "annotations": large_annotations,
    "spaces": many_spaces,
    "readers": readers,
}


def main(argv: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tenants_memory")
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=", ".join(FIGURES))
    chosen = parser.parse_args(argv).figures or list(FIGURES)
    print_table("memory", [FIGURES[name]() for name in chosen], Console())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
