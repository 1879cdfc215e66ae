"""What is known to stand against a change, a stop or a start before AWS is asked.

A check takes a `CheckInput` and gives a `Finding` or None. The list of checks is in `stop_checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from studio_operator.api.common import ConditionType, Operation
from studio_operator.kinds.shared.running.requests import Requests
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.api.status import Substitute
from studio_operator.kinds.space.in_aws.observed import SpaceSettings
from studio_operator.kinds.space.planner_input.comparison import Change, Comparison
from studio_operator.kinds.space.planner_input.settings import WantedSettings
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.plan.decisions import KEEP, Decision, Keep
from studio_operator.plan.reasons import Reason
from studio_operator.plan.types import Health


@dataclass(frozen=True, slots=True)
class CheckInput:
    """What a check decides from.

    - `present`: the space's settings; empty for a space that does not exist, or is not known.
    - `wanted`: the settings to be; None while they can't be told.
    - `compared`: each setting next to what AWS shows; empty for a new space.
    - `changes`: the differences that are to be made, by field.
    """

    situation: SpaceSituation
    spec: SpaceSpec
    present: SpaceSettings
    wanted: WantedSettings | None
    compared: tuple[Comparison, ...]
    changes: Mapping[str, Change]
    app_is_active: bool
    requests: Requests
    substitute: Substitute | None

    @property
    def name(self) -> str:
        """The resource's name, for commands."""
        return self.situation.declared.name

    def changes_field(self, name: str) -> bool:
        """Whether that setting is to be changed; all of a new space is."""
        return self.situation.space is None or name in self.changes


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that stands against what is wanted, in words, with the remedy.

    - `fields`: the changes that are not made as things are; all else goes its own way.
    - `not_given`: the defaults that the space is not given along with other changes.
    - `refuses_update`: AWS would refuse any update of the space: no app is stopped for a change,
      and none is made.
    - `refuses_start`: AWS would refuse to start the app: it is not stopped for a change or a
      restart, and not started.
    - `refuses_owed_start`: nor by the operation that stopped it; else that start is carried out.
    - `refuses_creation`: a new space is not made, also where its app would stay stopped.
    - `is_told`: whether status tells it also where nothing is to be stopped or started.
    - `wake_at`: when to look again, where nothing else would tell that it has changed.
    - `conditions`: further conditions, (reason, message) by type, for as long as it holds.
    - `stops`: an app that runs with it is stopped, at the latest when its hours of grace are over.
    """

    health: Health
    reason: Reason
    message: str
    fields: frozenset[str] = frozenset()
    not_given: frozenset[str] = frozenset()
    refuses_update: bool = False
    refuses_start: bool = False
    refuses_owed_start: bool = True
    refuses_creation: bool = True
    is_told: bool = True
    wake_at: datetime | None = None
    conditions: Mapping[ConditionType, tuple[str, str]] = field(default_factory=dict)
    stops: bool = False

    def decide(
        self, operation: Operation | Keep | None = KEEP, phase: str | None = None
    ) -> Decision:
        """No call, since this stands against it."""
        return Decision(
            self.health,
            self.reason,
            self.message,
            phase=phase,
            operation=operation,
            wake_at=self.wake_at,
        )


def unready(message: str, **members: object) -> Finding:
    """Something that the spec refers to is not as it has to be, and may be soon."""
    return Finding(Health.PROGRESSING, Reason.DEPENDENCY_NOT_READY, message, **members)  # type: ignore[arg-type] # members of Finding


def unfit(message: str, **members: object) -> Finding:
    """What the spec says does not go with what it depends on: a person has to change one."""
    return Finding(Health.STALLED, Reason.INVALID_SPEC, message, **members)  # type: ignore[arg-type] # members of Finding
