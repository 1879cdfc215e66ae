"""Which tenant rules a namespace, by the tenants that are declared, and what each of them has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.store import Store
from studio_operator.kinds.registry import GOVERNING
from studio_operator.kube.resources import Key
from studio_operator.plan.tenancy.governed import Governed
from studio_operator.plan.tenancy.policy import (
    UNRULED,
    NamespacePolicy,
    TenantRules,
    policy_for,
)


def rules_of(entry: Entry) -> TenantRules | None:
    """The rules that a resource makes for namespaces; None for one of a kind that makes none."""
    return entry.rules


def tenants_of(store: Store, namespace: str) -> Collection[Key]:
    """Those that claim a namespace."""
    return store.claims.keys_of(namespace)


def keys_under(store: Store, rules: Iterable[TenantRules | None]) -> set[Key]:
    """The resources in the namespaces that any of these rules claim, and their other tenants."""
    given = [one for one in rules if one is not None]
    if not given:
        return set()
    namespaces = {entry.key.namespace for entry in store}
    claimed = {name for name in namespaces if any(one.claims(name) for one in given)}
    return {entry.key for entry in store if entry.key.namespace in claimed} | set(store.governing)


class Tenancy:
    """What holds in each namespace. The same object as long as no tenant changes."""

    def __init__(self, store: Store, *, is_required: bool = False) -> None:
        """`is_required`: whether a namespace without a tenant is refused."""
        self._store = store
        self._is_required = is_required
        self._as_of = 0
        self._policies: dict[str, NamespacePolicy] = {}

    def policy_of(self, namespace: str) -> NamespacePolicy:
        """What holds in a namespace; nothing for what is in none."""
        if not namespace:
            return UNRULED
        claims = self._store.claims
        if self._as_of != claims.version:
            self._as_of, self._policies = claims.version, {}
        known = self._policies.get(namespace)
        if known is None:
            known = policy_for(
                namespace, GOVERNING[0], claims.rules_of(namespace), is_required=self._is_required
            )
            self._policies[namespace] = known
        return known

    def governed_by(self, entry: Entry) -> Governed:
        """What a tenant has; nothing for what is none."""
        rules = rules_of(entry)
        if rules is None:
            return Governed()
        everywhere: dict[str, Counter[str]] = {name: Counter() for name in rules.exact_namespaces}
        for other in self._store:
            key = other.key
            everywhere.setdefault(key.namespace, Counter())[key.kind] += 1
        counts = {name: found for name, found in everywhere.items() if rules.claims(name)}
        rivals = {name: self._rivals(rules, name) for name in sorted(counts)}
        # Two that name no namespace in full may claim the same: that shows where it is used.
        own = tuple(name for name, others in rivals.items() if not others)
        total: Counter[str] = Counter()
        for name in own:
            total.update(counts[name])
        conflicts = {name: others for name, others in rivals.items() if others}
        return Governed(own, dict(sorted(total.items())), conflicts)

    def _rivals(self, rules: TenantRules, namespace: str) -> tuple[str, ...]:
        claiming = (one.tenant for one in self._store.claims.rules_of(namespace))
        return tuple(sorted(str(one) for one in claiming if one != rules.tenant))
