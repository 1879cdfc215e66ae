"""How what a resource refers to stands: by that a refusal of AWS is tried again.

AWS refuses a call also for what other resources say: a space's volume for the maximum that its
domain allows. Git promises no order, so that may be right a moment later. A refusal is remembered
together with a digest of all that the resource refers to, near and far, and holds until that
digest is another one.
"""

from __future__ import annotations

from hashlib import sha256

from studio_operator.api.common import ConditionType
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.facts import Facts
from studio_operator.engine.declared.index import is_in_aws
from studio_operator.engine.declared.store import Store
from studio_operator.kube.resources import Key
from studio_operator.plan.observed import MOVING
from studio_operator.plan.reasons import Reason

# While these are told of a resource it is on its way, or not known: another word follows by itself.
_UNSETTLED = frozenset(
    {
        Reason.AWS_NOT_OBSERVED,
        Reason.AWS_UNAVAILABLE,
        Reason.CREATING,
        Reason.CREDENTIALS_INVALID,
        Reason.DELETING,
        Reason.RETAKING,
        Reason.THROTTLED,
        Reason.UPDATING,
    }
)
_MISSING = "missing"
_LENGTH = 12  # hexadecimal digits: of 10,000 changes hardly two look the same


class Dependencies:
    """How each resource that others refer to stood when it was planned last."""

    def __init__(self, store: Store, facts: Facts) -> None:
        self._store = store
        self._facts = facts
        self._standing: dict[Key, str | None] = {}

    def note(self, entry: Entry) -> str | None:
        """Take note of how a resource stands, and say so; None while that is about to change.

        What counts: whether it is another one, which spec was carried out, whether it is ready, and
        when AWS changed it last.
        """
        self._standing[entry.key] = standing = self._describe(entry)
        return standing

    def of(self, entry: Entry) -> str | None:
        """A digest of how all that a resource refers to stands.

        None while something of it is on its way or was not planned yet. The same after a restart.
        """
        parts: dict[Key, str] = {}
        waiting = list(entry.refers_to)
        for key in waiting:  # the nearest first: it grows by what those refer to
            if key in parts or key == entry.key:
                continue
            found = self._store.get(key)
            standing = self._standing.get(key) if found is not None else _MISSING
            if standing is None:
                return None
            parts[key] = f"{key} {standing}"
            waiting += found.refers_to if found is not None else ()
        return sha256("\n".join(parts.values()).encode()).hexdigest()[:_LENGTH]

    def forget(self, key: Key) -> None:
        """The resource is gone."""
        self._standing.pop(key, None)

    def _describe(self, entry: Entry) -> str | None:
        ready, found = entry.status.condition(ConditionType.READY), self._facts.record_of(entry)
        generation = entry.status.observed_generation
        if ready is None or ready.reason in _UNSETTLED or generation != entry.generation:
            return None
        if entry.deleting or (found is not None and found.status in MOVING):
            return None
        if ready.status == "True" and found is None and is_in_aws(entry.key):
            return None  # what was ready stays so until AWS was seen
        shown = (found.status, found.modified_at) if found is not None else ("", None)
        return " ".join(map(str, (entry.uid, generation, ready.status, *shown)))
