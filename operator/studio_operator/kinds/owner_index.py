"""Records by the resource that their ownership tag names, so that nobody has to look at each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from studio_operator.plan.ownership import owner_in


class OwnerIndex:
    """Names of records by `namespace/name` of their owner; whoever keeps them tells each change."""

    def __init__(self, records: Mapping[str, Any]) -> None:
        self._names: dict[str, set[str]] = {}
        for name, record in records.items():
            self.change(name, None, record)

    def of(self, resource: str) -> Collection[str]:
        """The names of the records whose tag names that resource."""
        return self._names.get(resource, ())

    def change(self, name: str, before: Any | None, after: Any | None) -> None:
        """A record came, changed or went."""
        if before is not None and after is not None and before.tags is after.tags:
            return
        old, new = _owner_of(before), _owner_of(after)
        if old == new:
            return
        if old is not None:
            names = self._names.get(old, set())
            names.discard(name)
            if not names:
                self._names.pop(old, None)
        if new is not None:
            self._names.setdefault(new, set()).add(name)


def _owner_of(record: Any | None) -> str | None:
    return owner_in(record.tags) if record is not None else None
