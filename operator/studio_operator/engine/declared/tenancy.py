"""Which tenant rules a namespace, by the tenants that are declared, and what each of them has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

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


def tenants_of(store: Store, namespace: str) -> Iterator[Key]:
    """Those that claim a namespace."""
    for entry in _tenants(store):
        rules = rules_of(entry)
        if rules is not None and rules.claims(namespace):
            yield entry.key


def keys_under(store: Store, rules: Iterable[TenantRules | None]) -> set[Key]:
    """The resources in the namespaces that any of these rules claim, and their other tenants."""
    given = [one for one in rules if one is not None]
    if not given:
        return set()
    found = {entry.key for entry in store if any(r.claims(entry.key.namespace) for r in given)}
    return found | {entry.key for entry in _tenants(store)}


def _tenants(store: Store) -> Iterator[Entry]:
    yield from store.governing.values()


class Tenancy:
    """What holds in each namespace. The same object as long as no tenant changes."""

    def __init__(self, store: Store, *, is_required: bool = False) -> None:
        """`is_required`: whether a namespace without a tenant is refused."""
        self._store = store
        self._is_required = is_required
        self._as_of: tuple[tuple[str, int], ...] = ()
        self._tenants: tuple[TenantRules, ...] = ()
        self._policies: dict[str, NamespacePolicy] = {}

    def policy_of(self, namespace: str) -> NamespacePolicy:
        """What holds in a namespace; nothing for what is in none."""
        if not namespace:
            return UNRULED
        self._refresh()
        known = self._policies.get(namespace)
        if known is None:
            known = policy_for(
                namespace, GOVERNING[0], self._tenants, is_required=self._is_required
            )
            self._policies[namespace] = known
        return known

    def governed_by(self, entry: Entry) -> Governed:
        """What a tenant has; nothing for what is none."""
        rules = rules_of(entry)
        if rules is None:
            return Governed()
        self._refresh()
        counts: dict[str, Counter[str]] = {name: Counter() for name in rules.exact_namespaces}
        for other in self._store:
            key = other.key
            if key.namespace in counts or rules.claims(key.namespace):
                counts.setdefault(key.namespace, Counter())[key.kind] += 1
        rivals = {name: self._rivals(rules, name) for name in sorted(counts)}
        # Two that name no namespace in full may claim the same: that shows where it is used.
        own = tuple(name for name, others in rivals.items() if not others)
        total: Counter[str] = Counter()
        for name in own:
            total.update(counts[name])
        conflicts = {name: others for name, others in rivals.items() if others}
        return Governed(own, dict(sorted(total.items())), conflicts)

    def _rivals(self, rules: TenantRules, namespace: str) -> tuple[str, ...]:
        claiming = (one.tenant for one in self._tenants if one.claims(namespace))
        return tuple(sorted(str(one) for one in claiming if one != rules.tenant))

    def _refresh(self) -> None:
        as_of = tuple((entry.uid, entry.generation) for entry in _tenants(self._store))
        if as_of == self._as_of:
            return
        found = (rules_of(entry) for entry in _tenants(self._store))
        self._as_of, self._policies = as_of, {}
        self._tenants = tuple(one for one in found if one is not None)
