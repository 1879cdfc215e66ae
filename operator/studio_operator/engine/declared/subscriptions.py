"""Which domains AWS has to be looked at for: those that any resource lives in."""

from __future__ import annotations

from collections import Counter

from studio_operator.engine.declared.index import is_in_domain
from studio_operator.engine.ports import AwsInventory
from studio_operator.kube.resources import Key
from studio_operator.plan.scope import Scope


class Subscriptions:
    """Keeps in view what resources need, and lets go of it with the last of them.

    A StudioDomain without an id needs the list of its region's domains.
    """

    def __init__(self, inventory: AwsInventory) -> None:
        self._inventory = inventory
        self._scopes: dict[Key, Scope] = {}
        self._users: Counter[Scope] = Counter()

    def follow(self, key: Key, scope: Scope) -> None:
        """The resource lives there now."""
        before = self._scopes.get(key)
        if before == scope:
            return
        if scope.region and (scope.domain_id or not is_in_domain(key)):
            self._scopes[key] = scope
            self._users[scope] += 1
            if self._users[scope] == 1:
                self._inventory.track(scope)
        else:
            self._scopes.pop(key, None)
        if before is not None:
            self._leave(before)

    def forget(self, key: Key) -> None:
        """The resource is gone."""
        scope = self._scopes.pop(key, None)
        if scope is not None:
            self._leave(scope)

    def _leave(self, scope: Scope) -> None:
        self._users[scope] -= 1
        if not self._users[scope]:
            del self._users[scope]
            self._inventory.untrack(scope)
