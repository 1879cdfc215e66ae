"""What AWS has with a resource's mark, where its spec names something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from studio_operator.kinds.managed_kind import ManagedKind
from studio_operator.kinds.registry import HOLDER
from studio_operator.kinds.resource_id import ResourceId
from studio_operator.plan.observed import Observed
from studio_operator.plan.ownership import Elsewhere
from studio_operator.plan.remedies import Edit, another, set_field
from studio_operator.plan.scope import Scope


@dataclass(frozen=True, slots=True)
class Named:
    """What a spec names in AWS: `id` where AWS makes ids and it is known, else by `name`.

    `is_by_id`: whether the spec itself has the id.
    """

    kind: ManagedKind
    scope: Scope
    name: str
    id: str | None = None
    is_by_id: bool = False

    def none_of_this(self, found: Mapping[ResourceId, Observed]) -> Mapping[ResourceId, Observed]:
        """Those that are something else; what is being deleted in AWS is left to go."""
        return {
            about: one
            for about, one in found.items()
            if one.status != "Deleting" and not self._is(about, one)
        }

    def tell(self, others: Mapping[ResourceId, Observed]) -> tuple[Elsewhere, ...]:
        """How these are told, the nearest first."""
        nearest = sorted(others, key=lambda one: (one.scope != self.scope, str(one)))
        return tuple(
            Elsewhere(
                self._title(about, others[about]),
                others[about].arn,
                tuple(self._edits(about, others[about])),
                about.scope == self.scope,
            )
            for about in nearest
        )

    def _is(self, about: ResourceId, found: Observed) -> bool:
        if self.id is not None:
            return about.name == self.id
        name = self.kind.record_name(found.name)
        return about.scope == self.scope and name == self.kind.record_name(self.name)

    def _title(self, about: ResourceId, found: Observed) -> str:
        title = f"{self.kind.noun} {found.name}"
        if about.name != self.kind.record_name(found.name):
            title += f" ({about.name})"
        if about.scope == self.scope:
            return title
        return f"{title} in {about.scope}"

    def _edits(self, about: ResourceId, found: Observed) -> Iterator[Edit]:
        """By which the spec names that again."""
        there = about.scope
        if there.region != self.scope.region and there.domain_id is None:
            yield set_field("aws.region", there.region)
        if there != self.scope and there.domain_id is not None:
            field = next(one.field for one in self.kind.references if one.kind == HOLDER)
            yield another(f"{field}.name", f"the StudioDomain of {there.domain_id}")
        is_named_so = self.kind.record_name(found.name) == self.kind.record_name(self.name)
        if not is_named_so and not self.is_by_id:
            yield set_field(self.kind.name_field, found.name)
        elif self.id is not None and self.kind.id_field is not None:
            yield set_field(self.kind.id_field, about.name)
