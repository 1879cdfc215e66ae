"""Resources on a real API server, for the engine's tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from kubernetes.client import Configuration
from kubernetes.config import load_kube_config
from studio_operator.kube.client import KubeClient
from studio_operator.kube.resources import Key

from sandbox.access import Access

Run = Callable[[Callable[[KubeClient], Coroutine[Any, Any, None]]], None]


@asynccontextmanager
async def connected(access: Access, kubeconfig: Path | None = None) -> AsyncIterator[KubeClient]:
    """A client of the administrator, or of another kubeconfig."""
    configuration = Configuration()
    load_kube_config(  # type: ignore[no-untyped-call]
        config_file=str(kubeconfig or access.kubeconfig), client_configuration=configuration
    )
    client = KubeClient(configuration, threads=4, timeout_seconds=10, page_size=3)
    try:
        yield client
    finally:
        await client.close()


def alice(namespace: str, name: str = "alice") -> Key:
    """The key of a user profile."""
    return Key("UserProfile", namespace, name)


def apply_profile(access: Access, namespace: str, name: str = "alice", **spec: Any) -> Any:
    """Apply a user profile; the resource as the API server has it then."""
    manifest = {
        "apiVersion": "studio-operator.dev/v1alpha1",
        "kind": "UserProfile",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"domainRef": {"name": "research"}, **spec},
    }
    answer = access.kubectl("apply", "-o", "json", "-f", "-", text_input=json.dumps(manifest))
    return json.loads(answer)


def delete_profile(access: Access, namespace: str, name: str = "alice") -> None:
    """Delete a user profile that no finalizer holds."""
    access.kubectl("delete", "userprofile", name, "--namespace", namespace)


def read_profile(access: Access, namespace: str, name: str = "alice") -> Any:
    """A user profile as the API server has it."""
    show = ("get", "userprofile", name, "--namespace", namespace, "-o", "json")
    return json.loads(access.kubectl(*show, "--show-managed-fields"))


async def until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until something holds; AssertionError when it does not in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not condition():
        assert loop.time() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.02)
