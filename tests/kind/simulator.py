"""The simulated AWS as a Pod: deployed, and steered through the API server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio_simulator.client import SimulatorClient

from tests.e2e.product import DURATIONS
from tests.kind.kubectl import Kubectl

NAMESPACE = "studio-simulator"
MANIFEST = Path(__file__).with_name("simulator.yaml")
# How Pods reach it.
ENDPOINT = f"http://simulator.{NAMESPACE}.svc:5000"
# How the API server leads to it.
PROXIED = f"api/v1/namespaces/{NAMESPACE}/services/simulator:5000/proxy"


@contextmanager
def deployed_simulator(kubectl: Kubectl, image: str, log: Path) -> Iterator[SimulatorClient]:
    """Yield a client of a simulator that knows nothing yet, with the durations of the tests."""
    kubectl.apply(MANIFEST.read_text().replace("IMAGE", image))
    kubectl(
        *("--namespace", NAMESPACE, "rollout", "status", "deployment/simulator"),
        "--timeout=60s",
    )
    with kubectl.proxy(log) as url:
        client = SimulatorClient(f"{url}/{PROXIED}")
        try:
            client.reset()
            client.set_durations(profile="fast", **DURATIONS)
            yield client
        finally:
            client.close()
