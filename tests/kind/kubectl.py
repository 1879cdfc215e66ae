"""kubectl, as a user types it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.access import KubectlError
from sandbox.control_plane import LOOPBACK, free_ports
from sandbox.processes import ManagedProcess, http_probe
from tests.kind.programs import SuiteError, run

LIMIT_SECONDS = 120


@dataclass(frozen=True)
class Kubectl:
    """The program and the cluster it speaks to."""

    program: str
    kubeconfig: str

    def __call__(
        self, *words: str | Path, text_input: str | None = None, seconds: float = LIMIT_SECONDS
    ) -> str:
        """Run it; its output. Raises KubectlError with what it said."""
        command = [self.program, "--kubeconfig", self.kubeconfig, *words]
        try:
            return run(command, text_input=text_input, seconds=seconds)
        except SuiteError as error:
            raise KubectlError(str(error)) from error

    def get(self, *words: str) -> Any:
        """Return what ``kubectl get`` shows: an object, or the list of items."""
        shown = json.loads(self("get", *words, "--output", "json"))
        return shown["items"] if shown["kind"] == "List" else shown

    def apply(self, manifest: str) -> None:
        """Apply YAML server-side."""
        self("apply", "--server-side", "--filename", "-", text_input=manifest)

    @contextmanager
    def proxy(self, log: Path) -> Iterator[str]:
        """Yield the URL of a way to the API server that needs no credentials."""
        (port,) = free_ports(1)
        url = f"http://{LOOPBACK}:{port}"
        command = (
            *(self.program, "--kubeconfig", self.kubeconfig, "proxy"),
            *("--address", LOOPBACK, "--port", str(port)),
        )
        with ManagedProcess("kubectl proxy", command, log=log, probe=http_probe(f"{url}/readyz")):
            yield url
