"""What a plan says: plain data, which text, JSON, YAML and Markdown are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from studio_operator.kube.resources import Key
from studio_operator.plan.prices import HOURS_PER_MONTH


class Action(StrEnum):
    """What happens to a resource in AWS, the gravest first."""

    DELETE = "delete"  # the resource in AWS is deleted, a space with its volume
    REFUSE = "refuse"  # the API server or the operator says no
    RESTART = "restart"  # a running app is stopped, changed and started again
    STOP = "stop"
    CREATE = "create"
    WAIT = "wait"  # carried out later: when the app is stopped, or after a cool-down
    BLOCKED = "blocked"  # something else has to be ready first
    START = "start"
    RELEASE = "release"  # the resource goes from Kubernetes, what is in AWS stays
    ADOPT = "adopt"  # only the ownership tag is set
    UPDATE = "update"  # nobody is interrupted
    SCHEDULE = "schedule"  # nothing at once: a schedule or a limit acts at another time
    NOTE = "note"  # carried out, but a part of the spec has no effect
    NONE = "none"


GRAVITY = {action: number for number, action in enumerate(Action)}


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that happens.

    - `text`: it in words. `before`, `after`: what changes, where that can be told in two words.
    - `data_loss`: files are lost for good.
    """

    action: Action
    text: str
    before: str | None = None
    after: str | None = None
    data_loss: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What a space costs: its app an hour while it runs, its volume a month. None: not known."""

    hour: Decimal | None = Decimal(0)
    volume_month: Decimal | None = Decimal(0)


@dataclass(frozen=True, slots=True)
class CostChange:
    """What a space costs before and after, while its app runs."""

    before: Cost
    after: Cost

    @property
    def hour(self) -> Decimal | None:
        """The difference an hour; None when a price is not known."""
        return _difference(self.before.hour, self.after.hour)

    @property
    def volume_month(self) -> Decimal | None:
        """The difference of the volume a month; None when a price is not known."""
        return _difference(self.before.volume_month, self.after.volume_month)


@dataclass(frozen=True, slots=True)
class ResourceReport:
    """What happens to one resource; nothing where there are no effects.

    - `calls`: the AWS operations at once, in order. `people`: whom a stop interrupts.
    """

    key: Key
    effects: tuple[Effect, ...] = ()
    calls: tuple[str, ...] = ()
    people: str | None = None
    cost: CostChange | None = None

    @property
    def action(self) -> Action:
        """The gravest of what happens."""
        return min(
            (one.action for one in self.effects), key=GRAVITY.__getitem__, default=Action.NONE
        )

    def has(self, *actions: Action) -> bool:
        """Whether one of these happens."""
        return any(one.action in actions for one in self.effects)

    @property
    def loses_data(self) -> bool:
        """Whether files are lost for good."""
        return any(one.data_loss for one in self.effects)


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of differences, and how many of them are not known."""

    amount: Decimal = Decimal(0)
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What a change would do in AWS.

    - `resources`: every resource of the change, by key, those without effects too.
    - `basis`: what the plan knows AWS from, in words.
    - `assumptions`: what is taken for granted, one sentence each.
    - `sources`: where the prices come from.
    """

    resources: tuple[ResourceReport, ...]
    basis: str
    assumptions: tuple[str, ...] = ()
    currency: str = "USD"
    sources: tuple[str, ...] = field(default=())

    @property
    def changed(self) -> tuple[ResourceReport, ...]:
        """The resources to which something happens, the gravest first."""
        found = (one for one in self.resources if one.effects)
        return tuple(sorted(found, key=lambda one: (GRAVITY[one.action], one.key)))

    def count(self, action: Action) -> int:
        """How many resources have that as the gravest effect."""
        return sum(one.action is action for one in self.resources)

    @property
    def hour(self) -> Total:
        """The difference an hour, while the apps run."""
        return _total(one.cost.hour for one in self.resources if one.cost)

    @property
    def volume_month(self) -> Total:
        """The difference of all volumes a month."""
        return _total(one.cost.volume_month for one in self.resources if one.cost)

    @property
    def month_at_most(self) -> Total:
        """The difference a month, if the apps ran all the time."""
        hour, volume = self.hour, self.volume_month
        return Total(hour.amount * HOURS_PER_MONTH + volume.amount, hour.unknown + volume.unknown)


def _difference(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    return None if before is None or after is None else after - before


def _total(differences: Iterable[Decimal | None]) -> Total:
    listed = list(differences)
    known = [one for one in listed if one is not None]
    return Total(sum(known, Decimal(0)), len(listed) - len(known))
