"""What a tenant has in the cluster, for its status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Governed:
    """What is a tenant's.

    - `namespaces`: those that count as its own, in alphabetical order.
    - `resources`: how many there are in them, by kind.
    - `conflicts`: namespaces that others claim as well, each with the names of these.
    """

    namespaces: tuple[str, ...] = ()
    resources: Mapping[str, int] = field(default_factory=dict)
    conflicts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
