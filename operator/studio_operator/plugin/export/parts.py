"""What an export consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio_operator.api.common import API_VERSION
from studio_operator.kube.resources import OF_THE_CLUSTER, Key


@dataclass(frozen=True, slots=True, order=True)
class Omission:
    """What was left out: of which thing in AWS, which member (empty: all of it), and why."""

    thing: str
    member: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.thing}: {self.member}" if self.member else self.thing
        return f"{where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Exported:
    """One resource that takes over one thing in AWS; `omissions` are what it has no field for."""

    key: Key
    spec: Mapping[str, Any]
    omissions: tuple[Omission, ...] = ()

    def document(self, namespace: str | None) -> dict[str, Any]:
        """The resource as YAML holds it; without a namespace where none was asked for."""
        is_in_one = namespace and self.key.kind not in OF_THE_CLUSTER
        place = {"namespace": namespace} if is_in_one else {}
        return {
            "apiVersion": API_VERSION,
            "kind": self.key.kind,
            "metadata": {"name": self.key.name, **place},
            "spec": dict(self.spec),
        }


@dataclass(frozen=True, slots=True)
class Export:
    """All that was made of an estate; `omissions` are things that no resource stands for."""

    resources: tuple[Exported, ...]
    omissions: tuple[Omission, ...] = ()

    @property
    def all_omissions(self) -> tuple[Omission, ...]:
        """Those of the resources too, in their order."""
        of_resources = (left for one in self.resources for left in one.omissions)
        return (*of_resources, *self.omissions)
