"""One declared resource as the operator holds it: its body in parts, parsed when first needed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from studio_operator.api.common import FINALIZER, CommonStatus, Model
from studio_operator.api.domain import StudioDomainSpec, StudioDomainStatus
from studio_operator.api.profile import UserProfileSpec, UserProfileStatus
from studio_operator.api.space import SpaceSpec
from studio_operator.api.space_status import SpaceStatus
from studio_operator.engine.context import about
from studio_operator.kube.resources import Key
from studio_operator.plan.types import Declared

log = logging.getLogger(__name__)

Raw = Mapping[str, Any]

MODELS: Mapping[str, tuple[type[Model], type[CommonStatus]]] = {
    "StudioDomain": (StudioDomainSpec, StudioDomainStatus),
    "UserProfile": (UserProfileSpec, UserProfileStatus),
    "Space": (SpaceSpec, SpaceStatus),
}


@dataclass(frozen=True, slots=True)
class InvalidSpec:
    """Why a spec can't be read: the API server admitted it by another version of the CRDs."""

    message: str


@dataclass(slots=True)
class Entry:
    """A resource as last seen.

    - `version`: its resourceVersion, by which older news are told from newer ones.
    - `shown`: status as the API server has it.
    - `memory`: status as planned last, which may not be written yet; the planners' memory.
    - `planned`: whether `memory` was planned by this process; else it follows `shown`.
    """

    key: Key
    uid: str
    version: int
    generation: int
    created_at: datetime
    deleting: bool
    finalizers: tuple[str, ...]
    annotations: Mapping[str, str]
    spec: Raw
    shown: Raw
    planned: bool = False
    _declared: Declared[Any] | InvalidSpec | None = field(default=None, repr=False)
    _memory: CommonStatus | None = field(default=None, repr=False)

    @classmethod
    def from_raw(cls, raw: Raw) -> Entry:
        """The entry of a resource's body."""
        metadata = raw["metadata"]
        return cls(
            key=Key(raw["kind"], metadata["namespace"], metadata["name"]),
            uid=metadata["uid"],
            version=version_of(raw),
            generation=metadata.get("generation", 1),
            created_at=datetime.fromisoformat(metadata["creationTimestamp"]),
            deleting="deletionTimestamp" in metadata,
            finalizers=tuple(metadata.get("finalizers", ())),
            annotations=metadata.get("annotations") or {},
            spec=raw.get("spec") or {},
            shown=raw.get("status") or {},
        )

    @property
    def has_finalizer(self) -> bool:
        """Whether it carries our finalizer."""
        return FINALIZER in self.finalizers

    @property
    def declared(self) -> Declared[Any] | InvalidSpec:
        """What is declared, parsed once for each version of metadata and spec."""
        if self._declared is None:
            self._declared = self._parse()
        return self._declared

    @property
    def memory(self) -> CommonStatus:
        """The status as planned last, else as the API server has it."""
        if self._memory is None:
            self._memory = parse_status(self.key, self.shown)
        return self._memory

    def remember(self, status: CommonStatus) -> None:
        """Take a planned status for the planners' memory."""
        self._memory = status
        self.planned = True

    def differs(self, newer: Entry) -> bool:
        """Whether a newer body holds anything a planner would look at."""
        return (
            self.generation != newer.generation
            or self.deleting != newer.deleting
            or self.finalizers != newer.finalizers
            or self.annotations != newer.annotations
            or self.shown != newer.shown
        )

    def update(self, newer: Entry) -> None:
        """Take over a newer body of the same resource.

        What was planned here stays the memory. A process that stands by plans nothing: it must
        know what the one that leads has written, when its own turn comes.
        """
        declaration = (newer.generation, newer.deleting, newer.finalizers, newer.annotations)
        if declaration != (self.generation, self.deleting, self.finalizers, self.annotations):
            self._declared = None
        if newer.generation != self.generation:
            self.spec = newer.spec
        self.generation, self.deleting, self.finalizers, self.annotations = declaration
        self.version = newer.version
        if newer.shown != self.shown:
            self.shown = newer.shown
            if not self.planned:
                self._memory = None

    def _parse(self) -> Declared[Any] | InvalidSpec:
        model, _ = MODELS[self.key.kind]
        try:
            spec = model.model_validate(self.spec)
        except ValidationError as error:
            return InvalidSpec(_explain(error))
        return Declared(
            name=self.key.name,
            namespace=self.key.namespace,
            uid=self.uid,
            generation=self.generation,
            created_at=self.created_at,
            spec=spec,
            deleting=self.deleting,
            finalizer=self.has_finalizer,
            annotations=self.annotations,
        )


def version_of(raw: Raw) -> int:
    """The resourceVersion: an integer that grows, so Kubernetes promises since 1.35 (KEP-5504)."""
    return int(raw["metadata"]["resourceVersion"])


def parse_status(key: Key, shown: Raw) -> CommonStatus:
    """The status as a model; members that another version of the operator wrote are left out."""
    _, model = MODELS[key.kind]
    try:
        return model.model_validate(shown)
    except ValidationError as error:
        unreadable = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
        with about(object=key):
            log.warning("Members of status can't be read and are ignored: %s", sorted(unreadable))
    return model.model_validate({k: v for k, v in shown.items() if k not in unreadable})


def _explain(error: ValidationError) -> str:
    """The fields that are wrong and what to do, in words."""
    said = "; ".join(
        f"spec.{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)[:3]
    )
    return (
        f"{said}. Correct it, or apply this operator's version of the CRDs, "
        "which would have refused it."
    )
