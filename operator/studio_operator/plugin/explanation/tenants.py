"""What tenants have, and what they would refuse of what is declared: from resources alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio_operator.api.common import ConditionType
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.store import Store
from studio_operator.engine.declared.tenancy import Tenancy, rules_of
from studio_operator.kinds.registry import BY_NAME
from studio_operator.plan.reasons import Reason
from studio_operator.plan.tenancy.check import Violation, check

Raw = Mapping[str, Any]
COLUMNS = ("TENANT", "ENFORCEMENT", "NAMESPACES", "RESOURCES", "CONFLICTS")
REPORT_COLUMNS = ("RESOURCE", "TENANT", "ENFORCEMENT", "WHAT IS NOT ALLOWED")
_NOBODY = "-"


@dataclass(frozen=True, slots=True)
class TenantLine:
    """A tenant, and what it has."""

    name: str
    enforcement: str
    namespaces: tuple[str, ...]
    resources: int
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportLine:
    """Something that is not allowed. `told`: in words; `is_inherited`: by what the operator saw."""

    resource: str
    tenant: str
    enforcement: str
    told: str
    is_inherited: bool = False


class Estate:
    """Tenants and what is declared in their namespaces."""

    def __init__(self, resources: Iterable[Raw]) -> None:
        self._store = Store("")
        for number, raw in enumerate(resources, start=1):
            self._store.apply(_numbered(raw, number))
        self._tenancy = Tenancy(self._store, is_required=any(map(_lacks_tenant, self._store)))

    def tenants(self) -> list[TenantLine]:
        """All tenants, by name."""
        found = []
        for key in sorted(self._store.governing):
            entry = self._store.governing[key]
            rules, governed = rules_of(entry), self._tenancy.governed_by(entry)
            if rules is not None:
                found.append(
                    TenantLine(
                        key.name,
                        rules.enforcement.value,
                        governed.namespaces,
                        sum(governed.resources.values()),
                        tuple(governed.conflicts),
                    )
                )
        return found

    def report(self) -> list[ReportLine]:
        """What is not allowed, of all resources in the namespaces of tenants."""
        entries = sorted(self._store, key=lambda one: one.key)
        return [line for entry in entries for line in self._of(entry)]

    def _of(self, entry: Entry) -> Iterator[ReportLine]:
        policy = self._tenancy.policy_of(entry.key.namespace)
        rows = BY_NAME[entry.key.kind].names
        named = check(rows, entry.spec, entry.aws_name, policy)
        tenants = " and ".join(one.name for one in policy.tenants) or _NOBODY
        for problem in dict.fromkeys(one.problem for one in named):
            yield ReportLine(str(entry.key), tenants, policy.enforcement.value, problem)
        inherited = _seen_by_operator(entry, named)
        if policy.judges and inherited is not None:
            yield ReportLine(str(entry.key), tenants, policy.enforcement.value, inherited, True)


def _seen_by_operator(entry: Entry, named: Sequence[Violation]) -> str | None:
    """What the operator tells on status and the spec alone does not: a role of a profile's."""
    condition = entry.status.condition(ConditionType.POLICY_VIOLATION)
    if condition is None or any(condition.message.startswith(one.problem) for one in named):
        return None
    if _lacks_tenant(entry):  # a tenant of a file has the namespace now
        return None
    return condition.message


def _lacks_tenant(entry: Entry) -> bool:
    """Whether the operator says that each namespace needs a tenant; its settings are not known."""
    condition = entry.status.condition(ConditionType.POLICY_VIOLATION)
    return condition is not None and condition.reason == Reason.TENANT_REQUIRED


def _numbered(raw: Raw, number: int) -> Raw:
    """The resource as an API server would have it: one from a file has no identity yet."""
    given = raw.get("metadata") or {}
    metadata = {
        "uid": f"file-{number}",
        "creationTimestamp": "2000-01-01T00:00:00Z",
        **given,
        "resourceVersion": str(number),
    }
    return {**raw, "metadata": metadata}
