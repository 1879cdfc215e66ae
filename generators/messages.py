"""Every message of the examples of reasons: conditions and Events. `make messages` prints them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from studio_operator.api.common import ConditionType
from studio_operator.plan.messages import remedies_of
from studio_operator.plan.remedies import Remedy

from generators.reason_examples import DOMAINS, PROFILES, SPACES, Situation, planned


@dataclass(frozen=True)
class Said:
    """A message: what it stands on (a condition's type, or Event), its text and its remedies."""

    kind: str
    standing: str
    reason: str
    text: str
    remedies: tuple[Remedy, ...]


def all_said() -> Iterator[Said]:
    """What conditions and Events say in all situations of the page of reasons."""
    situations: tuple[Situation, ...] = (*SPACES, *PROFILES, *DOMAINS)
    for situation in situations:
        kind, plan = planned(situation)
        conditions = {one.type: one for one in plan.status.conditions}
        ready = conditions.pop(ConditionType.READY)
        stalled = conditions.pop(ConditionType.STALLED, None)
        conditions.pop(ConditionType.RECONCILING, None)
        standing = "Stalled" if stalled else "Ready"
        yield Said(kind, standing, ready.reason, ready.message, plan.remedies)
        for type_, one in conditions.items():
            yield Said(kind, type_, one.reason, one.message, ())
        for note in plan.notes:
            yield Said(kind, "Event", note.reason, note.message, remedies_of(note.message))


@dataclass(frozen=True)
class Phase:
    """The phase of a resource in an example; `shown`: the phases that what AWS shows would give."""

    kind: str
    reason: str
    is_stalled: bool
    phase: str | None
    shown: tuple[str, ...]


# What the states of an app and of a domain, profile or space read as; Updating and the like are
# the same word.
_AS_PHASES = {"Pending": "Starting", "Deleted": "Stopped", "Update_Failed": "Failed"}


def all_phases() -> Iterator[Phase]:
    """The phases in all situations of the page of reasons."""
    situations: tuple[Situation, ...] = (*SPACES, *PROFILES, *DOMAINS)
    for situation in situations:
        kind, plan = planned(situation)
        ready = plan.status.condition(ConditionType.READY)
        is_stalled = plan.status.condition(ConditionType.STALLED) is not None
        parts = (getattr(situation, name, None) for name in ("app", kind_member(kind)))
        states = [part.status for part in parts if part is not None] or ["Stopped"]
        states += ["Deleting"] if situation.declared.deleting else []
        shown = tuple(_AS_PHASES.get(state, state) for state in states)
        yield Phase(kind, ready.reason if ready else "", is_stalled, plan.status.phase, shown)


def kind_member(kind: str) -> str:
    """The member of a situation that AWS shows of the kind itself."""
    return {"Space": "space", "UserProfile": "profile", "StudioDomain": "domain"}[kind]


def main() -> None:
    """Print all of them, each once, by kind and reason, with its length."""
    found = {(one.kind, one.reason, one.standing, one.text) for one in all_said()}
    for kind, reason, standing, text in sorted(found):
        print(f"{kind:12} {reason:24} {standing:14} {len(text):3}  {text}")  # noqa: T201


if __name__ == "__main__":
    main()
