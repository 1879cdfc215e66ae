"""The API server's audit log: who asked for what, to count writes in tests and benchmarks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

WRITE_VERBS = frozenset({"create", "update", "patch", "delete", "deletecollection"})

# One record per request for a resource, when its answer is complete. The API server's requests to
# itself and those for no resource (health, discovery) would only be noise.
POLICY: dict[str, Any] = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived", "ResponseStarted"],
    "rules": [
        {"level": "None", "users": ["system:apiserver"]},
        {"level": "None", "nonResourceURLs": ["*"]},
        {"level": "Metadata"},
    ],
}


@dataclass(frozen=True)
class AuditEvent:
    """One answered request for a resource; texts that don't apply are empty."""

    verb: str
    user: str
    user_agent: str
    group: str
    resource: str
    subresource: str
    namespace: str
    name: str
    code: int

    @property
    def is_write(self) -> bool:
        """Whether the request asked for a change (and, with code below 300, got it)."""
        return self.verb in WRITE_VERBS


def write_policy(path: Path) -> None:
    """Write the audit policy where the API server can read it."""
    path.write_text(yaml.safe_dump(POLICY))


def read_audit_log(path: Path, user: str = "") -> Iterator[AuditEvent]:
    """Yield the events logged so far, of all users or one, oldest first.

    The API server writes an event before it sends the answer, so a request that was answered is
    there. A last line that is still being written is left out.
    """
    with path.open() as log:
        for line in log:
            if user in line and line.endswith("\n"):  # most lines are of others: not parsed
                event = _parse(json.loads(line))
                if user in {"", event.user}:
                    yield event


def _parse(record: dict[str, Any]) -> AuditEvent:
    target = record.get("objectRef", {})
    return AuditEvent(
        verb=record["verb"],
        user=record["user"].get("username", ""),
        user_agent=record.get("userAgent", ""),
        group=target.get("apiGroup", ""),
        resource=target.get("resource", ""),
        subresource=target.get("subresource", ""),
        namespace=target.get("namespace", ""),
        name=target.get("name", ""),
        code=record.get("responseStatus", {}).get("code", 0),
    )
