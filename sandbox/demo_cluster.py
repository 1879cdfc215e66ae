"""What the demo sees: the API server's answers, kubectl's tables, and AWS's own state."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from kubernetes.client import CustomObjectsApi
from studio_simulator.client import SimulatorClient

from sandbox.demo_screen import Screen
from sandbox.demo_story import EMPTY, Json, Key, Line, Snapshot, explain, new_lines
from sandbox.processes import ManagedProcess
from sandbox.stack import Stack

GROUP, VERSION = "studio-operator.dev", "v1alpha1"
KINDS = {"StudioDomain": "studiodomains", "UserProfile": "userprofiles", "Space": "spaces"}
# Often enough for a person to see each step; a look is four small requests.
LOOK_INTERVAL_SECONDS = 0.2
REQUEST_LIMIT_SECONDS = 10
OPERATOR_LOG_LINES = 30
SIMULATOR_LOG_LINES = 10


class DemoError(RuntimeError):
    """The demo did not show what it is to show; the message says what was seen instead."""


class Team:
    """The namespace of the demo's team, seen from outside: a context manager."""

    def __init__(self, stack: Stack, namespace: str) -> None:
        self.namespace = namespace
        self._stack = stack
        self._cleanup = ExitStack()
        self._api: Any = None
        self.aws = SimulatorClient(stack.simulator.endpoint)
        self.last = EMPTY
        self.story: list[Line] = []

    def __enter__(self) -> Self:
        client = self._cleanup.enter_context(self._stack.access.api_client())
        self._api = CustomObjectsApi(client)
        self._cleanup.callback(self.aws.close)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cleanup.close()

    def resource(self, kind: str, name: str) -> Json:
        """Return a resource as it was last seen. Raises KeyError for one that was not."""
        return self.last.resources[kind, name]

    def look(self) -> Snapshot:
        """Ask the API server for everything in the namespace."""
        found: dict[Key, Json] = {}
        for kind, plural in KINDS.items():
            for item in self._list(GROUP, VERSION, plural):
                found[kind, item["metadata"]["name"]] = item
        return Snapshot(found, tuple(self._list("events.k8s.io", "v1", "events")))

    def watch(
        self,
        screen: Screen,
        reached: Callable[[Snapshot], bool],
        *,
        what: str,
        within_seconds: float,
    ) -> Snapshot:
        """Show the spaces as they change until ``reached`` holds.

        Raises DemoError, with where everything stands and the ends of the logs, when that takes
        too long or when a process ends.
        """
        command = ("get", "spaces", "--namespace", self.namespace)
        deadline = time.monotonic() + within_seconds
        with screen.view(f"kubectl {' '.join(command)}") as view:
            while True:
                before, self.last = self.last, self.look()
                if self.last.resources != before.resources or self.last.events != before.events:
                    lines = new_lines(before, self.last)
                    self.story += lines
                    view.update(self._stack.access.kubectl(*command), lines)
                if reached(self.last):
                    return self.last
                self._check_processes()
                if time.monotonic() > deadline:
                    raise self.failure(f"{what} took longer than {within_seconds:g} s")
                time.sleep(LOOK_INTERVAL_SECONDS)

    def failure(self, what: str) -> DemoError:
        """Return the error that says what went wrong and what helps to find out why."""
        stands = [explain(resource) for resource in self.last.resources.values()]
        return DemoError("\n".join([what, *stands, *self._log_tails()]))

    def _list(self, group: str, version: str, plural: str) -> list[Json]:
        answer = self._api.list_namespaced_custom_object(
            group, version, self.namespace, plural, _request_timeout=REQUEST_LIMIT_SECONDS
        )
        items: list[Json] = answer["items"]
        return items

    def _check_processes(self) -> None:
        ended = [process.name for process in self._stack.processes if not process.is_running]
        if ended:
            raise self.failure(f"{', '.join(ended)} ended")

    def _log_tails(self) -> Iterable[str]:
        lines = {"operator": OPERATOR_LOG_LINES, "simulator": SIMULATOR_LOG_LINES}
        for process in self._stack.processes:
            count = lines.get(process.name)
            if count is not None or not process.is_running:
                yield _tail(process, count or SIMULATOR_LOG_LINES)


def _tail(process: ManagedProcess, lines: int) -> str:
    return f"--- the end of {process.log}:\n{process.log_tail(lines).rstrip()}"
