"""What AWS refused of the settings: it is held back, and the rest is carried out without it.

As decision record 8 has it for spaces. A refusal is on status, with the fields that it is about. To
find those, AWS's words are read first, then what it documents to refuse as things are; else the
settings are sent in halves, which takes 2 n - 1 calls at most for n parts of a request. Nothing is
sent twice at once: what is refused is tried again when the spec is edited, when what it refers to
has changed, when a person asks, when what it waits for is gone, and, where time may help, after
growing pauses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from studio_operator.api.common import REQUESTED_AT, Operation, Refusal
from studio_operator.kinds.shared.holds import Blocker, Hold
from studio_operator.kinds.shared.refused_fields import (
    constrained,
    halves,
    named_in,
    parts,
    with_structure,
)
from studio_operator.plan.decisions import (
    FIELDS_SHOWN,
    Decision,
    asked_by,
    asks_anew,
    depends_on_another,
    failure_remedies,
    name_some,
    reason_of,
)
from studio_operator.plan.lifecycle import update_operation
from studio_operator.plan.messages import Message, recall, said_by_aws, tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import TRY_AGAIN, Steps, another, field, in_aws
from studio_operator.plan.settings.mapping import (
    Changes,
    hash_values,
    values_to_repeat,
)
from studio_operator.plan.types import Failure, FailureKind, Health, Tuning

if TYPE_CHECKING:
    from studio_operator.kinds.shared.view import SettingsView

# Failures by which AWS refuses what is asked for, rather than to answer just now.
_REFUSING = frozenset({FailureKind.INVALID, FailureKind.ACCESS, FailureKind.QUOTA})
# AWS says "in use" for a moment after any change. After so many tries it is no passing matter.
_BUSY_TRIES = 3
# Whoever may write status may write other words there.
_REASONS = frozenset(Reason)
# Beyond so many tries in a row, the longest pause holds whatever the settings say.
_DOUBLINGS = 20
# What time may mend; the others wait for somebody.
_MENDED_BY_TIME = frozenset({Reason.AWS_BUSY, Reason.ACCESS_DENIED, Reason.QUOTA_EXCEEDED})


@dataclass(frozen=True, slots=True)
class Update:
    """What is sent to AWS next, and what is not.

    - `refusals`: those that hold from now on.
    - `batch`: the changes to send, empty for none; `operation`: the operation that counts them,
      None where nothing is sent.
    - `retried`: the refusal that is tried again by it, None for what was not refused before;
      `tried`: the same once the call is made.
    - `holds`: what is not sent, and why.
    """

    refusals: tuple[Refusal, ...]
    batch: Changes
    operation: Operation | None = None
    retried: Refusal | None = None
    tried: Refusal | None = None
    holds: tuple[Hold, ...] = ()

    @property
    def sent(self) -> tuple[Refusal, ...]:
        """The refusals once the call is made."""
        tried = self.tried
        return tuple(tried if tried and one is self.retried else one for one in self.refusals)

    @property
    def held(self) -> frozenset[str]:
        """The fields that are not changed, as AWS has them."""
        return frozenset(name for hold in self.holds for name in hold.fields)


class Refusals:
    """The refusals of one resource, in one pass: all of it follows from the view."""

    def __init__(self, view: SettingsView) -> None:
        self._view = view
        self._situation = view.situation
        self._now: datetime = view.situation.now
        self._checked = tuple(hold for check in view.checks for hold in check(view))
        aside = {name for hold in self._checked for name in hold.fields}
        self._changes = (view.differing or Changes({})).without(aside)
        self._digests = _digests_of(self._changes)

    def plan(self) -> Update:
        """The next update: what was not refused first, then what is due to be tried again."""
        standing = self._with_failure(self._still_standing())
        while True:
            batch, retried = self._next(standing)
            repeats = not batch and self._must_repeat(standing)
            holds = self._holds(standing, retried)
            if repeats:
                batch = self._to_repeat(holds)
            operation = self._operation(batch, repeats=repeats) if batch or repeats else None
            if operation is not None or repeats or not batch.sets:
                tried = self._as_tried(retried) if retried else None
                return Update(standing, batch, operation, retried, tried, holds)
            standing = self._given_up(standing, batch)

    # --- what holds ------------------------------------------------------------------------------

    def _still_standing(self) -> tuple[Refusal, ...]:
        """Those on status whose settings are wanted as they were, and differ still."""
        declared, kept = self._situation.declared, []
        for one in self._situation.status.refusals or ():
            left = {name: one.fields[name] for name in one.fields if name in self._digests}
            is_same = all(self._digests[name] == value for name, value in left.items())
            is_asked = asks_anew(one.requested_at, declared, (REQUESTED_AT,))
            if left and is_same and not is_asked and one.reason in _REASONS:
                waits_for = self._waits_for(left, _kind_of(one)) or one.waits_for
                kept.append(one.model_copy(update={"fields": left, "waits_for": waits_for}))
        return tuple(kept)

    @property
    def failure(self) -> Failure | None:
        """The last failure, where it still holds calls back; a refusal does that by itself."""
        failure: Failure | None = self._situation.failure
        if failure is None or failure.operation != f"Update{self._view.noun}":
            return failure
        return None if failure.fields and self._is_refusal(failure) else failure

    def _is_refusal(self, failure: Failure) -> bool:
        if failure.kind in _REFUSING:
            return True
        if failure.kind is not FailureKind.BUSY:
            return False
        blocked = self._blocked(failure.fields, failure.kind)
        return failure.attempts >= _BUSY_TRIES or any(one.names for one in blocked.values())

    def _with_failure(self, standing: tuple[Refusal, ...]) -> tuple[Refusal, ...]:
        """The refusals, and what the last failure adds to them."""
        failure = self._situation.failure
        if failure is None or self.failure is not None:
            return standing
        asked = self._changes.only(failure.fields)
        exact = next((one for one in standing if set(one.fields) == set(asked.fields)), None)
        others = tuple(one for one in standing if one is not exact)
        if exact is not None and exact.tried_at and exact.reason == reason_of(failure):
            return standing
        known = {name for one in others for name in one.fields}
        if not asked or (exact is None and known >= set(asked.fields)):
            return standing  # nothing is left of it, or it was taken apart before
        found = self._find(asked, failure)
        if found is not None:
            if any(found == set(one.fields) and one.tried_at for one in standing):
                return standing  # told by this failure before
            others = tuple(one for one in others if not found & set(one.fields))
            return (*others, self._refuse(asked.only(found), failure))
        others = tuple(one for one in others if not set(one.fields) & set(asked.fields))
        return (*others, *(self._refuse(half, failure, untried=True) for half in halves(asked)))

    def _given_up(self, standing: tuple[Refusal, ...], batch: Changes) -> tuple[Refusal, ...]:
        """The refusals, and what AWS took as often as it is asked, and did not carry out."""
        view, sets, now = self._view, Changes(batch.sets), self._now
        others = tuple(one for one in standing if not set(one.fields) & set(batch.fields))
        if view.has_failed_update:
            sets = sets.only(named_in(view.failure_words, sets) or sets.fields)
            message = tell_failed_update(view)
            return (*others, self._refusal(sets, Reason.UPDATE_FAILED, message, now))
        named = name_some((field(name) for name in sets.fields), FIELDS_SHOWN)
        message = tell(
            f"AWS took the update of {view.title} several times and still shows another {named}",
            another(sets.fields[0]),
            TRY_AGAIN,
        )
        return (*others, self._refusal(sets, Reason.NOT_APPLIED, message, now))

    # --- what is sent ----------------------------------------------------------------------------

    def _next(self, standing: tuple[Refusal, ...]) -> tuple[Changes, Refusal | None]:
        """What is sent next, and the refusal that is tried again by it."""
        fresh = self._changes.without(name for one in standing for name in one.fields)
        if fresh:
            return fresh, None
        due = next((one for one in standing if self._is_due(one)), None)
        return (self._changes.only(due.fields), due) if due else (Changes({}), None)

    def _must_repeat(self, standing: tuple[Refusal, ...]) -> bool:
        """Whether AWS wants an update again that failed, and nothing else is to be sent."""
        generation = self._situation.declared.generation
        given_up = any(
            one.reason == Reason.UPDATE_FAILED and one.generation == generation for one in standing
        )
        return self._view.has_failed_update and self._view.differing is not None and not given_up

    def _to_repeat(self, holds: tuple[Hold, ...]) -> Changes:
        held = {name for hold in holds for name in hold.fields}
        return Changes(values_to_repeat(self._view.declared)).without(held)

    def _operation(self, batch: Changes, *, repeats: bool) -> Operation | None:
        situation = self._situation
        words = ", ".join(batch.fields) or "nothing"
        return update_operation(
            situation.declared,
            situation.status,
            situation.failure,
            situation.now,
            words,
            repeats=repeats,
        )

    def _as_tried(self, one: Refusal) -> Refusal:
        """The refusal once it is tried again. The time is kept to the hour, to spare writes.

        What it waits for is gone, as far as can be seen: if AWS refuses it all the same, the pauses
        hold.
        """
        if one.tried_at is None:
            return one
        declared = self._situation.declared
        longest = timedelta(seconds=self._situation.tuning.refused_retry_max_seconds)
        is_old = self._now - one.tried_at >= longest
        return one.model_copy(
            update={
                "tried_at": self._now.replace(microsecond=0) if is_old else one.tried_at,
                "generation": declared.generation,
                "depends_on": declared.depends_on or one.depends_on,
                "waits_for": None,
            }
        )

    # --- when it is tried again ------------------------------------------------------------------

    def _is_due(self, one: Refusal) -> bool:
        """By an edit, by what it waits for, by time; no edit helps while that is still there."""
        if one.tried_at is None:
            return True
        is_blocked = any(blocker.names for blocker in self._blockers_of(one).values())
        declared = self._situation.declared
        is_edited = one.generation != declared.generation
        is_news = depends_on_another(one.depends_on, declared)
        if not is_blocked and (is_edited or is_news or one.waits_for is not None):
            return True
        due_at = self._due_at(one)
        return due_at is not None and self._now >= due_at

    def _due_at(self, one: Refusal) -> datetime | None:
        """When it is tried again though nothing happens; None where time is no help."""
        failure: Failure | None = self._situation.failure
        tuning: Tuning = self._situation.tuning
        is_its_own = failure is not None and set(failure.fields) == set(one.fields)
        if one.tried_at is None:
            return None
        if one.reason not in _MENDED_BY_TIME and not self._blockers_of(one):
            return failure.retry_at if failure is not None and is_its_own else None
        longest = timedelta(seconds=tuning.refused_retry_max_seconds)
        if failure is None or not is_its_own:
            before = min(one.tried_at, self._now)
            return before + longest  # refused before other calls, or before a restart
        tries = min(failure.attempts, _DOUBLINGS)
        pause = timedelta(seconds=tuning.refused_retry_seconds) * (1 << (tries - 1))
        return max(failure.at + min(pause, longest), failure.retry_at or failure.at)

    # --- what was refused ------------------------------------------------------------------------

    def _find(self, asked: Changes, failure: Failure) -> frozenset[str] | None:
        """Which of the settings AWS refused; None where it does not tell, and they are many."""
        blocked = self._blocked(asked.fields, failure.kind)
        known = frozenset(name for name, blocker in blocked.items() if blocker.names)
        named = constrained(failure.message, asked)
        if known and not named:
            return known
        for names in (named, named_in(failure.message, asked), set(blocked)):
            found = with_structure(names, asked)
            if found and found != set(asked.fields):
                return found
        if len(parts(asked)) == 1 or failure.kind is not FailureKind.INVALID:
            return frozenset(asked.fields)
        return None

    def _refuse(self, asked: Changes, failure: Failure, *, untried: bool = False) -> Refusal:
        names = [field(name) for name in asked.fields]
        is_one = with_structure(asked.fields[:1], asked) == set(asked.fields)
        stay = "stays" if len(names) == 1 else "stay"
        message = tell(
            f"{failure.operation} failed. {name_some(names, FIELDS_SHOWN)} {stay} as AWS has it",
            *failure_remedies(failure, asked.fields[0] if is_one else None),
            aws=failure.message.strip() or failure.code,
        )
        refusal = self._refusal(asked, reason_of(failure), message, failure.at)
        waits_for = self._waits_for(asked.fields, failure.kind)
        tried_at = None if untried else refusal.tried_at
        told = {"waits_for": waits_for, "tried_at": tried_at, "depends_on": failure.depends_on}
        return refusal.model_copy(update=told)

    def _refusal(self, asked: Changes, reason: Reason, message: str, tried_at: datetime) -> Refusal:
        declared = self._situation.declared
        return Refusal(
            fields={name: self._digests[name] for name in asked.fields},
            reason=reason,
            message=message,
            tried_at=tried_at.replace(microsecond=0),
            generation=declared.generation,
            requested_at=asked_by(declared),
            depends_on=declared.depends_on,
        )

    def _blocked(self, fields: Iterable[str], kind: FailureKind) -> dict[str, Blocker]:
        """What AWS refuses with such a failure for a known reason, of these fields."""
        blockers = self._view.blockers(kind)
        return {name: blockers[name] for name in fields if name in blockers}

    def _blockers_of(self, one: Refusal) -> dict[str, Blocker]:
        return self._blocked(one.fields, _kind_of(one))

    def _waits_for(self, fields: Iterable[str], kind: FailureKind) -> str | None:
        blocked = self._blocked(fields, kind).values()
        return next((one.waits_for for one in blocked if one.names), None)

    # --- what is told ----------------------------------------------------------------------------

    def _holds(self, standing: tuple[Refusal, ...], retried: Refusal | None) -> tuple[Hold, ...]:
        told = (self.hold(one) for one in standing if one is not retried)
        return (*self._checked, *told)

    def hold(self, one: Refusal) -> Hold:
        """What is told of a refusal."""
        blockers = self._blockers_of(one)
        explained = next((b for b in blockers.values() if b.names), None)
        message: Message = recall(one.message, another(min(one.fields)), TRY_AGAIN)
        if explained is not None:
            message = explained.explain(tuple(sorted(one.fields)), said_by_aws(one.message))
        health = Health.PROGRESSING if one.reason == Reason.AWS_BUSY else Health.STALLED
        decision = Decision(health, Reason(one.reason), message, wake_at=self._due_at(one))
        return Hold(frozenset(one.fields), decision)


def _kind_of(one: Refusal) -> FailureKind:
    return FailureKind.BUSY if one.reason == Reason.AWS_BUSY else FailureKind.INVALID


def tell_failed_update(view: SettingsView) -> Message:
    """An update that AWS took and could not carry out."""
    return tell(
        f"AWS could not carry out the update of {view.title}",
        Steps((in_aws("mend what AWS says"), TRY_AGAIN)),
        another(""),
        aws=view.failure_words,
    )


def _digests_of(changes: Changes) -> dict[str, str]:
    """What is wanted of each setting, by its field: two that differ never read the same."""
    cleared = {setting.field: "" for setting in changes.clears}
    return cleared | {one.field: hash_values({one: value}) for one, value in changes.sets.items()}
