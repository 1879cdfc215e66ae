"""For how many places scripts of back-ups may be made, for each namespace and for all together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain

from studio_operator.kinds.space.features.backup.observed import FullScripts
from studio_operator.kinds.space.features.backup.script import place_of_script
from studio_operator.plan.scope import AccountRegion


class ScriptSlots:
    """Which places have a script in AWS, or may have one made, and for whom; by region.

    A place counts once, however many versions its script has. What AWS shows is counted, so a
    restart begins nothing anew, and what was taken here since, which AWS may not show yet. A place
    for which no slot was left counts for nothing: nobody fills the limit of all by asking.
    """

    def __init__(self, per_namespace: int, of_all: int) -> None:
        self._per_namespace = per_namespace
        self._of_all = of_all
        # Places of scripts, and whom each was made for.
        self._in_aws: dict[AccountRegion, set[tuple[str, str]]] = {}
        self._taken: defaultdict[AccountRegion, set[tuple[str, str]]] = defaultdict(set)

    def found(self, where: AccountRegion, scripts: Iterable[tuple[str, str]]) -> None:
        """What AWS shows now: names of scripts, and whom they were made for."""
        self._in_aws[where] = {(place_of_script(name), whom) for name, whom in scripts}

    def take(self, where: AccountRegion, name: str, whom: str) -> None:
        """Let that script be made, if its place has a slot or one is left."""
        if self.full(where, name, whom) is None:
            self._taken[where].add((place_of_script(name), whom))

    def full(self, where: AccountRegion, name: str, whom: str) -> FullScripts | None:
        """Which limit stands against a script for a new place; None for a place that has one."""
        place = place_of_script(name)
        known = set(chain(self._in_aws.get(where, ()), self._taken[where]))
        places = {one for one, _ in known}
        if place in places:
            return None
        if sum(owner == whom for _, owner in known) >= self._per_namespace:
            return "namespace"
        return "all" if len(places) >= self._of_all else None
