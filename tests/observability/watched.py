"""A product whose operator logs JSON and sends traces, both for a test to read."""

from __future__ import annotations

import json
from typing import Any

from sandbox.stack import Operator
from tests.e2e.product import OPERATOR_SETTINGS, OPERATOR_USER, Product
from tests.observability.receiver import Receiver

Line = dict[str, Any]


class WatchedProduct:
    """One operator at a time, all of them under one eye."""

    def __init__(self, product: Product, receiver: Receiver) -> None:
        self.product = product
        self.receiver = receiver
        self.operator = self.start("operator")

    def start(self, name: str, *arguments: str, **variables: str) -> Operator:
        """Start an operator that is watched, with more arguments and environment."""
        watched = {
            "STUDIO_OPERATOR_TRACING": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.receiver.url,
            # Spans are sent at once: the tests wait for them.
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        stack = self.product.stack
        return stack.start_operator(
            name,
            kubeconfig=stack.access.user_kubeconfig(OPERATOR_USER, []),
            settings=OPERATOR_SETTINGS | watched | variables,
            arguments=("--log-format", "json", *arguments),
        )

    def lines(self) -> list[Line]:
        """What all operators have logged."""
        logs = [
            process.log
            for process in self.product.stack.processes
            if process.name.startswith("operator")
        ]
        unique = dict.fromkeys(logs)
        return [json.loads(line) for log in unique for line in log.read_text().splitlines()]

    def lines_about(self, kind: str, namespace: str, name: str) -> list[Line]:
        """Those about one resource."""
        about = {"kind": kind, "namespace": namespace, "name": name}
        return [line for line in self.lines() if line.get("object") == about]
