"""What AWS gives ids to: it is known by its name until its id is, and is created only once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from studio_operator.api.common import CommonStatus, Operation
from studio_operator.kinds.shared.view import SettingsView
from studio_operator.plan.decisions import CREATE, Decision
from studio_operator.plan.lifecycle import calling, is_begun, waiting
from studio_operator.plan.ownership import Claim, classify
from studio_operator.plan.reasons import Reason
from studio_operator.plan.settings.mapping import managed_fields
from studio_operator.plan.types import Call, FailureKind

_MINE = frozenset({Claim.OURS, Claim.FREE_TO_RETAKE})


def known_id(status: CommonStatus, recorded: str | None, declared: str | None) -> str | None:
    """An id: as declared until the thing is this resource's, then as recorded on status.

    A thing may be found by its name and turn out to be another than is wanted: until it was taken,
    the spec's id can be edited, and counts.
    """
    if is_begun(status, None):
        return recorded or declared
    return declared or recorded


@dataclass(frozen=True)
class MadeIdView(SettingsView):
    """What AWS gives an id to; its situation has `candidates`, what is listed of that name."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The name in AWS, as declared."""

    @property
    @abstractmethod
    def known_id(self) -> str | None:
        """The id that AWS made, or that the spec names; None while there is none."""

    @property
    def namesakes(self) -> tuple[Any, ...]:
        """Things of the wanted name, oldest first, while no id is known."""
        named = (one for one in self.situation.candidates if one.name == self.name)
        return tuple(sorted(named, key=_age))

    @property
    def mine_among_namesakes(self) -> Any | None:
        """The namesake with this resource's mark: created or let go before."""
        for one in self.namesakes:
            if one.tags is not None and classify(one.tags, self.mark) in _MINE:
                return one
        return None

    @property
    def settles_at(self) -> datetime | None:
        """Until when a creation that was begun may still show up, None when none may.

        After a crash, or an answer that never came, nobody knows whether AWS has the request. What
        AWS refused in so many words it has not done.
        """
        operation, failure = self.situation.status.operation, self.situation.failure
        if operation is None or operation.type != "Create":
            return None
        since: datetime = operation.started_at
        if failure is not None and failure.operation == f"Create{self.noun}":
            if failure.kind is not FailureKind.TRANSIENT or "throttl" in failure.code.lower():
                return None
            since = max(since, failure.at)
        return since + timedelta(seconds=self.situation.tuning.create_settle_seconds)


def create_once(view: MadeIdView, words: str, parameters: Mapping[str, Any]) -> Decision:
    """Create it. AWS makes the id, so the intent is recorded before the call.

    `words` are what it is, and where, for people.
    """
    now, settles_at = view.situation.now, view.settles_at
    if settles_at is not None and now < settles_at:
        asked = f"AWS was asked for {view.title}: waiting for it to show up"
        return waiting(Reason.CREATING, asked, wake_at=settles_at)
    call = Call(f"Create{view.noun}", parameters)
    begun = Operation(type=CREATE, started_at=now.replace(microsecond=0))
    return replace(
        calling(Reason.CREATING, "Creating", f"creating {words}", call, begun, record_first=True),
        remember={"managed_fields": managed_fields(view.declared)},
    )


def _age(thing: Any) -> tuple[bool, str, str]:
    created, id_ = thing.created_at, thing.arn or thing.domain_id
    return created is None, created.isoformat() if created else "", id_
