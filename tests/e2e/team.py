"""A team with a namespace of its own: what it applies, what it sees, what AWS has of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
from kubernetes.client import ApiClient
from studio_simulator.client import SimulatorClient
from types_boto3_sagemaker import SageMakerClient

from sandbox.stack import AWS_SETTINGS
from tests.e2e.cluster import Cluster, Raw, Resource
from tests.e2e.product import REGION, Product
from tests.e2e.waiting import PATIENCE_SECONDS, wait_until, within

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/studio"
SHARED_ROLE = f"arn:aws:iam::{ACCOUNT}:role/studio-shared"
GROUP = "sg-0a1b2c3d4e5f60718"
READING = ("List", "Describe", "Get")


def manifest(kind: str, name: str, spec: Raw) -> Raw:
    """A resource as a team commits it; members that are None are left out."""
    return {
        "apiVersion": "studio-operator.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {key: value for key, value in spec.items() if value is not None},
    }


class Tenant(Cluster):
    """A namespace, a domain called research, and people in it, wherever the operator runs.

    ``operator_logs`` tells what the operator said, for a test that failed.
    """

    def __init__(
        self,
        client: ApiClient,
        simulator: SimulatorClient,
        namespace: str,
        operator_logs: Callable[[], str],
    ) -> None:
        super().__init__(client, namespace)
        self.simulator = simulator
        self.region = REGION
        self._operator_logs = operator_logs
        # Calls of other teams, who had the same simulator before, don't count.
        self._calls_before = self._newest_call()
        self._domain_id = ""

    # --- what it commits ---

    def domain(self, name: str = "research", **spec: Any) -> Raw:
        """A domain whose name in AWS is nobody else's."""
        base = {
            "domainName": f"{self.namespace}-{name}",
            "aws": {"region": self.region},
            "vpcId": "vpc-0a1b2c3d4e5f60718",
            "subnetIds": ["subnet-0a1b2c3d4e5f60718"],
            "defaultUserSettings": {"executionRole": ROLE},
            "defaultSpaceSettings": {"executionRole": SHARED_ROLE},
        }
        return manifest("StudioDomain", name, base | spec)

    def profile(self, name: str = "alice", **spec: Any) -> Raw:
        return manifest("UserProfile", name, {"domainRef": {"name": "research"}} | spec)

    def space(self, name: str = "churn", **spec: Any) -> Raw:
        """Alice's JupyterLab on a small instance, running."""
        base = {
            "domainRef": {"name": "research"},
            "ownerRef": {"name": "alice"},
            "app": "JupyterLab",
            "state": "Running",
            "instanceType": "ml.t3.medium",
            "storage": {"sizeGiB": 20},
        }
        return manifest("Space", name, base | spec)

    def settle_in(self) -> None:
        """Have the domain and alice ready."""
        self.apply(self.domain())
        self.apply(self.profile())
        self._domain_id = self.wait_ready("StudioDomain", "research").status["domainId"]
        self.wait_ready("UserProfile", "alice")

    def run_space(self, name: str = "churn", **spec: Any) -> Resource:
        """Have a space ready."""
        self.apply(self.space(name, **spec))
        return self.wait_ready("Space", name)

    # --- what it waits for ---

    def wait_for(
        self,
        kind: str,
        name: str,
        expected: Callable[[Resource], object],
        what: str,
        *,
        seconds: float = PATIENCE_SECONDS,
    ) -> Resource:
        """Wait until the resource is as expected."""
        looks = within(
            self.follow(kind, name),
            f"{kind} {name} {what}",
            seconds=seconds,
            story=lambda: self.story(kind, name),
        )
        return next(found for found in looks if found is not None and expected(found))

    def wait_ready(self, kind: str, name: str, **options: Any) -> Resource:
        """Wait until AWS shows what the spec says now."""
        return self.wait_for(kind, name, lambda it: it.is_ready, "is Ready", **options)

    def wait_reason(self, kind: str, name: str, reason: str, **options: Any) -> Resource:
        """Wait until the Ready condition speaks of the spec as it is now, and gives the reason."""
        return self.wait_for(
            kind,
            name,
            lambda it: it.is_current and it.reason == reason,
            f"gives the reason {reason}",
            **options,
        )

    def wait_phase(self, name: str, phase: str, **options: Any) -> Resource:
        """Wait until the space has the phase and nothing is left to do."""
        return self.wait_for(
            "Space",
            name,
            lambda it: it.phase == phase and it.is_at_rest,
            f"is at rest in phase {phase}",
            **options,
        )

    def wait_gone(self, kind: str, name: str, *, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until the resource is not in Kubernetes any more."""
        looks = within(
            self.follow(kind, name),
            f"{kind} {name} is gone",
            seconds=seconds,
            story=lambda: self.story(kind, name),
        )
        next(True for found in looks if found is None)

    def wait_event(self, name: str, reason: str) -> Raw:
        """Wait for an Event: they are posted beside the work."""

        def look() -> Raw | None:
            return next((one for one in self.events(name) if one["reason"] == reason), None)

        found = wait_until(
            look, f"an Event {reason} about {name}", story=lambda: self.story("Space", name)
        )
        assert found is not None
        return found

    def remove(self, kind: str, name: str) -> None:
        """Delete the resource and wait until it is gone."""
        self.delete(kind, name)
        self.wait_gone(kind, name)

    def wait_looks(self, looks: int = 2) -> None:
        """Wait until the operator has looked at all of the domain that many times more.

        So that what it would do, it has done.
        """
        domain_id, before = self.domain_id, self._newest_call()
        wait_until(
            lambda: len(self._calls_about(domain_id, "ListSpaces", before)) >= looks,
            f"{looks} looks at domain {domain_id}",
            story=lambda: self.story("StudioDomain", "research"),
        )

    def story(self, kind: str, name: str) -> str:
        """What is known of a resource, for a test that failed."""
        events = "\n".join(f"{one['reason']}: {one['note']}" for one in self.events(name))
        calls = "\n".join(
            f"{call['operation']} {call['code']} {call['message'] or ''} {call['identifiers']}"
            for call in self.calls()
            if not call["operation"].startswith("List") or call["code"] != "OK"
        )
        told = (str(self.get(kind, name)), "--- events", events, "--- calls", calls)
        return "\n".join((*told, self._operator_logs()))

    # --- AWS ---

    @property
    def domain_id(self) -> str:
        """Id of the domain called research, the last one it had; empty before the first."""
        found = self.get("StudioDomain", "research")
        if found is not None:
            self._domain_id = found.status.get("domainId", self._domain_id)
        return self._domain_id

    def aws_space(self, name: str = "churn") -> Raw | None:
        """The space in AWS with all that the simulator knows of it, or None."""
        domain_id = self.domain_id
        return next(
            (
                one
                for one in self.simulator.state()["spaces"]
                if (one["domainId"], one["name"]) == (domain_id, name)
            ),
            None,
        )

    def aws_app(self, space: str = "churn") -> Raw | None:
        """The app of a space that runs, starts or stops, or None."""
        domain_id, active = self.domain_id, {"Pending", "InService", "Deleting"}
        apps = [
            one
            for one in self.simulator.state()["apps"]
            if (one["domainId"], one["spaceName"]) == (domain_id, space) and one["status"] in active
        ]
        assert len(apps) <= 1, f"a space has one app at most: {apps}"
        return apps[0] if apps else None

    def instance_type(self, space: str = "churn") -> str | None:
        """What the app of a space runs on, None when it does not run."""
        app = self.aws_app(space)
        return app["resourceSpec"]["InstanceType"] if app else None

    def calls(self, operation: str | None = None) -> list[Raw]:
        """Calls about the team's domain since the test began, oldest first."""
        return self._calls_about(self.domain_id, operation, self._calls_before)

    def _calls_about(self, domain_id: str, operation: str | None, after: int) -> list[Raw]:
        calls = self.simulator.calls(operation, after=after, limit=100_000)
        ours = (self.namespace, domain_id or self.namespace)
        return [call for call in calls if any(mark in str(call["identifiers"]) for mark in ours)]

    def _newest_call(self) -> int:
        """Number of the latest call of all."""
        return max((call["number"] for call in self.simulator.calls(limit=1)), default=0)

    def changes(self, *, since: int = 0) -> list[str]:
        """The operations that changed something in AWS, in order."""
        return [
            call["operation"]
            for call in self.calls()
            if call["carriedOut"]
            and call["number"] > since
            and not call["operation"].startswith(READING)
        ]

    def last_call(self) -> int:
        """Number of the latest call."""
        return max((call["number"] for call in self.calls()), default=0)


class Team(Tenant):
    """A tenant of the product that runs in processes of its own."""

    def __init__(self, product: Product, namespace: str) -> None:
        super().__init__(product.api_client, product.simulator, namespace, product.operator_logs)
        self.product = product

    def aws(self, region: str | None = None) -> SageMakerClient:
        """A plain client of the simulated AWS."""
        return boto3.client(
            "sagemaker",
            region_name=region or self.region,
            endpoint_url=self.product.endpoint,
            aws_access_key_id=AWS_SETTINGS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=AWS_SETTINGS["AWS_SECRET_ACCESS_KEY"],
        )
