"""What the demo sees: the API server's answers, kubectl's tables, and AWS's own state."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import boto3
from kubernetes.client import CustomObjectsApi
from studio_simulator.client import SimulatorClient

from sandbox.demo_screen import Screen
from sandbox.demo_story import EMPTY, Json, Key, Line, Snapshot, columns_of, explain, new_lines
from sandbox.processes import ManagedProcess
from sandbox.stack import AWS_SETTINGS, Stack, local_environment

if TYPE_CHECKING:
    from types_boto3_sagemaker.type_defs import ProductionVariantTypeDef

GROUP, VERSION = "studio-operator.dev", "v1alpha1"
KINDS = {"StudioDomain": "studiodomains", "UserProfile": "userprofiles", "Space": "spaces"}
# Often enough for a person to see each step; a look is four small requests.
LOOK_INTERVAL_SECONDS = 0.2
REQUEST_LIMIT_SECONDS = 10
PLUG_IN_LIMIT_SECONDS = 60
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
        columns: Sequence[str] = (),
    ) -> Snapshot:
        """Show the spaces as they change until ``reached`` holds.

        ``columns`` are those of the wide table, which has more than fit beside each other.
        Raises DemoError, with where everything stands and the ends of the logs, when that takes
        too long or when a process ends.
        """
        command = [
            "get",
            "spaces",
            "--namespace",
            self.namespace,
            *(["-o", "wide"] * bool(columns)),
        ]
        deadline = time.monotonic() + within_seconds
        note = "   # some of its columns" if columns else ""
        with screen.view(f"kubectl {' '.join(command)}{note}") as view:
            while True:
                before, self.last = self.last, self.look()
                if self.last.resources != before.resources or self.last.events != before.events:
                    lines = new_lines(before, self.last)
                    self.story += lines
                    table = self._stack.access.kubectl(*command)
                    view.update(columns_of(table, columns) if columns else table, lines)
                if reached(self.last):
                    return self.last
                self._check_processes()
                if time.monotonic() > deadline:
                    raise self.failure(f"{what} took longer than {within_seconds:g} s")
                time.sleep(LOOK_INTERVAL_SECONDS)

    def studio(self, *words: str) -> str:
        """Run ``kubectl studio`` as the administrator and return what it says."""
        programs = (self._stack.access.kubectl_path.parent, Path(sys.executable).parent)
        variables = self._stack.client_variables()
        environment = local_environment(variables)
        environment["PATH"] = os.pathsep.join([*map(str, programs), environment["PATH"]])
        ended = subprocess.run(  # noqa: S603 - our own kubectl
            [self._stack.access.kubectl_path, "studio", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PLUG_IN_LIMIT_SECONDS,
        )
        if ended.returncode != 0:
            raise self.failure(f"kubectl studio {' '.join(words)}: {ended.stderr}")
        return ended.stdout.strip()

    def deploy(self, space: str, endpoint: str, role: str) -> None:
        """Do in AWS what a person does in a space: make an endpoint, which gets the space's tag."""
        status = self.resource("Space", space)["status"]
        variant: ProductionVariantTypeDef = {
            "VariantName": "all",
            "ModelName": endpoint,
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
        }
        aws = boto3.client(
            "sagemaker",
            region_name=status["region"],
            endpoint_url=self._stack.simulator.endpoint,
            aws_access_key_id=AWS_SETTINGS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=AWS_SETTINGS["AWS_SECRET_ACCESS_KEY"],
        )
        aws.create_model(ModelName=endpoint, ExecutionRoleArn=role)
        aws.create_endpoint_config(EndpointConfigName=endpoint, ProductionVariants=[variant])
        aws.create_endpoint(
            EndpointName=endpoint,
            EndpointConfigName=endpoint,
            Tags=[{"Key": "sagemaker:space-arn", "Value": status["arn"]}],
        )
        aws.close()

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
