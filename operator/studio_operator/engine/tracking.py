"""Which domains AWS has to be looked at for: those that any resource lives in."""

from __future__ import annotations

from collections import Counter

from studio_operator.engine.gather import Place
from studio_operator.engine.ports import AwsInventory
from studio_operator.kube.resources import Key


class Tracker:
    """Keeps in view what resources need, and lets go of it with the last of them.

    A StudioDomain without an id needs the list of its region's domains.
    """

    def __init__(self, inventory: AwsInventory) -> None:
        self._inventory = inventory
        self._places: dict[Key, Place] = {}
        self._users: Counter[Place] = Counter()

    def follow(self, key: Key, place: Place) -> None:
        """The resource lives there now."""
        before = self._places.get(key)
        if before == place:
            return
        if place.region and (place.domain_id or key.kind == "StudioDomain"):
            self._places[key] = place
            self._users[place] += 1
            if self._users[place] == 1:
                self._track(place)
        else:
            self._places.pop(key, None)
        if before is not None:
            self._leave(before)

    def forget(self, key: Key) -> None:
        """The resource is gone."""
        place = self._places.pop(key, None)
        if place is not None:
            self._leave(place)

    def _leave(self, place: Place) -> None:
        self._users[place] -= 1
        if self._users[place]:
            return
        del self._users[place]
        if place.domain_id:
            self._inventory.untrack(place.region, place.domain_id)
        else:
            self._inventory.untrack_region(place.region)

    def _track(self, place: Place) -> None:
        if place.domain_id:
            self._inventory.track(place.region, place.domain_id)
        else:
            self._inventory.track_region(place.region)
