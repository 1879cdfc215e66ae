"""What only a node can do to a Pod, or tell of it; kind's nodes are containers of Docker's."""

from __future__ import annotations

import json

from tests.kind.programs import run
from tests.kind.release import Pod
from tests.kind.suite import Suite

LIMIT_SECONDS = 30


def send_signal(suite: Suite, pod: Pod, name: str) -> None:
    """Signal the operator's process from outside of its Pod: it can't do anything about it."""
    inspect = ("crictl", "inspect", "--output", "go-template", "--template", "{{.info.pid}}")
    on_node(suite, pod, "kill", f"-{name}", on_node(suite, pod, *inspect, pod.container).strip())


def working_set_bytes(suite: Suite, pod: Pod) -> int:
    """Return the memory that counts against the container's limit, as the runtime measures it."""
    told = on_node(suite, pod, "crictl", "stats", "--output", "json", "--id", pod.container)
    (stats,) = json.loads(told)["stats"]
    return int(stats["memory"]["workingSetBytes"]["value"])


def on_node(suite: Suite, pod: Pod, *words: str) -> str:
    """Run a command on the Pod's node."""
    return run([suite.docker, "exec", pod.node, *words], seconds=LIMIT_SECONDS)
