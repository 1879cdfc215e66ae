"""Which tenants claim a namespace, without asking each of them."""

from __future__ import annotations

from collections import defaultdict

from studio_operator.kube.resources import Key
from studio_operator.plan.tenancy.globs import STAR, Globs
from studio_operator.plan.tenancy.policy import TenantRules


class Claims:
    """Tenants by the namespaces that they name.

    A name in full is looked up. A glob stands under what it has before its first star, and is
    tried only for names that begin so: of many tenants, those of other names cost nothing.

    `version` grows with each change of what any tenant says.
    """

    def __init__(self) -> None:
        self.version = 0
        self._rules: dict[Key, TenantRules] = {}
        self._named: dict[str, set[Key]] = defaultdict(set)
        self._globs: dict[str, dict[Key, Globs]] = defaultdict(dict)

    def put(self, key: Key, rules: TenantRules | None) -> None:
        """Have a tenant claim what its rules say; None for one that is gone."""
        before = self._rules.get(key)
        if before == rules:
            return
        self.version += 1
        if before is not None:
            self._forget(key, before)
        if rules is not None:
            self._note(key, rules)

    def keys_of(self, namespace: str) -> list[Key]:
        """Those that claim a namespace, by name."""
        if not namespace:
            return []
        found = set(self._named.get(namespace, ()))
        for end in range(len(namespace) + 1):
            tried = self._globs.get(namespace[:end], {})
            found.update(key for key, globs in tried.items() if globs.match(namespace))
        return sorted(found)

    def rules_of(self, namespace: str) -> list[TenantRules]:
        """What those say."""
        return [self._rules[key] for key in self.keys_of(namespace)]

    def _note(self, key: Key, rules: TenantRules) -> None:
        self._rules[key] = rules
        heads: dict[str, list[str]] = defaultdict(list)
        for name in rules.namespaces:
            head, star, _ = name.partition(STAR)
            if star:
                heads[head].append(name)
            else:
                self._named[name].add(key)
        for head, globs in heads.items():
            self._globs[head][key] = Globs(globs)

    def _forget(self, key: Key, rules: TenantRules) -> None:
        del self._rules[key]
        for name in rules.namespaces:
            head, star, _ = name.partition(STAR)
            if star:
                _take_out(self._globs, head, key)
            else:
                _take_out(self._named, name, key)


def _take_out(
    index: dict[str, set[Key]] | dict[str, dict[Key, Globs]], term: str, key: Key
) -> None:
    keys = index.get(term)
    if isinstance(keys, dict):
        keys.pop(key, None)
    elif keys is not None:
        keys.discard(key)
    if not keys:
        index.pop(term, None)
