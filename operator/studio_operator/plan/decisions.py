"""What all planners share: decisions, the rule of failed calls, and how a decision becomes a plan.

A planner is a list of rules, each `situation -> Decision | None`. The first rule that decides wins;
then the last failure is applied to the decision, and `finish` writes the complete status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import quote

from studio_operator.api.common import (
    REQUESTED_AT,
    SPACE_REQUESTS,
    CommonStatus,
    ConditionType,
    Operation,
)
from studio_operator.plan.conditions import build_conditions
from studio_operator.plan.credentials import explain_credentials
from studio_operator.plan.messages import fit, remedies_of, tell
from studio_operator.plan.reasons import Reason, reason_told
from studio_operator.plan.remedies import TRY_AGAIN, Remedy, another, in_aws, in_iam, wait
from studio_operator.plan.types import (
    Call,
    Declared,
    Failure,
    FailureKind,
    Health,
    Look,
    Note,
    Plan,
    SpecT,
    StatusT,
)

SituationT = TypeVar("SituationT")
# How many names a message lists before it only counts.
NAMES_SHOWN = 10
# The same of fields, whose paths are long.
FIELDS_SHOWN = 3
# Types of the operations by which something in AWS becomes this resource's. They are on status
# before AWS is asked: from then on the fields that name it can't be edited.
CREATE = "Create"
ADOPT = "Adopt"
# Failures after which AWS has made nothing.
_NOT_MADE = frozenset({FailureKind.INVALID, FailureKind.ACCESS, FailureKind.QUOTA})
# Failures that may be due to what the resource refers to: a limit, a role, a missing name.
_DEPENDENT = frozenset({FailureKind.INVALID, FailureKind.ACCESS})
# An update that AWS takes without effect is given up after this many tries.
UPDATES_AT_MOST = 3
# What the words of `asked_by` may hold beside letters and digits: all of a time, and no space.
_PLAIN = ":+-._/@,=#"


class Keep(Enum):
    """Stands for "as it was"."""

    KEEP = "keep"


KEEP = Keep.KEEP


@dataclass(frozen=True, slots=True)
class Decision:
    """What one rule decided.

    - `message`: what `messages.tell` makes of a problem and its remedies.
    - `phase`: None leaves it to what AWS shows.
    - `operation`: the operation to have on status from now on; KEEP leaves what is there.
    - `remember`: further members of the status, by their Python names.
    - `extra`: further conditions, (reason, message) by type.
    - The rest as in `Plan`.
    """

    health: Health
    reason: Reason
    message: str
    phase: str | None = None
    call: Call | None = None
    looks: frozenset[Look] = frozenset()
    notes: tuple[Note, ...] = ()
    record_first: bool = False
    finalizer: bool = True
    wake_at: datetime | None = None
    operation: Operation | Keep | None = KEEP
    remember: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[ConditionType, tuple[str, str]] = field(default_factory=dict)


Rule = Callable[[SituationT], Decision | None]


def first_decision(situation: SituationT, rules: Iterable[Rule[SituationT]]) -> Decision:
    """The decision of the first rule that makes one; the last rule of a list always decides."""
    for rule in rules:
        decision = rule(situation)
        if decision is not None:
            return decision
    raise AssertionError("no rule decided: the last rule must decide always")


def requested_at(declared: Declared[SpecT]) -> str | None:
    """The value of the annotation by which a person asks for a pass."""
    return declared.annotations.get(REQUESTED_AT)


def asked_by(declared: Declared[SpecT]) -> str | None:
    """All that people asked for so far, as one text: words, each an annotation's value."""
    return " ".join(_requests_of(declared, (REQUESTED_AT, *SPACE_REQUESTS))) or None


def asks_anew(
    before: str | None,
    declared: Declared[SpecT],
    names: Iterable[str] = (REQUESTED_AT, *SPACE_REQUESTS),
) -> bool:
    """Whether people ask for something by now that `asked_by` did not tell then.

    An annotation that is taken away asks for nothing. `names`: the annotations that count.
    """
    known = (before or "").split(" ")
    return any(word not in known for word in _requests_of(declared, names))


def answers_reconcile(before: CommonStatus, after: CommonStatus) -> bool:
    """Whether a status answers a request for a pass that the one before it did not.

    What a resource carries when it is first seen asks for nothing.
    """
    asked = before.last_handled_reconcile_at != after.last_handled_reconcile_at
    return bool(before.conditions) and asked


def _requests_of(declared: Declared[SpecT], names: Iterable[str]) -> Iterator[str]:
    """Each annotation with its value as a word: what is no letter, digit or mark is encoded."""
    for name in names:
        value = declared.annotations.get(name)
        if value:
            word = quote(value, safe=_PLAIN)
            yield word if name == REQUESTED_AT else f"{name.rpartition('/')[2]}={word}"


@dataclass(frozen=True, slots=True)
class _FailureRow:
    """What a kind of failure says on status."""

    health: Health
    reason: Reason
    remedies: tuple[Remedy, ...] = ()


# The account itself may not use the service: no permission of a role helps.
_ACCOUNT_CODES = frozenset({"OptInRequired", "SubscriptionRequiredException"})
# AWS names what stands against it: a role's own policies can't change that (IAM User Guide,
# "Troubleshoot access denied error messages").
_BEYOND_THE_ROLE = (
    "explicit deny",
    "service control policy",
    "resource control policy",
    "permissions boundary",
    "session policy",
    "endpoint policy",
)

_AGAIN = (wait("it is tried again"),)
_FAILURES: Mapping[FailureKind, _FailureRow] = {
    FailureKind.TRANSIENT: _FailureRow(Health.PROGRESSING, Reason.AWS_UNAVAILABLE, _AGAIN),
    FailureKind.BUSY: _FailureRow(Health.PROGRESSING, Reason.AWS_BUSY, _AGAIN),
    FailureKind.GONE: _FailureRow(Health.PROGRESSING, Reason.AWS_BUSY, _AGAIN),
    FailureKind.CAPACITY: _FailureRow(Health.PROGRESSING, Reason.INSUFFICIENT_CAPACITY, _AGAIN),
    FailureKind.COOLDOWN: _FailureRow(Health.PROGRESSING, Reason.STORAGE_COOLDOWN, _AGAIN),
    FailureKind.QUOTA: _FailureRow(
        Health.STALLED,
        Reason.QUOTA_EXCEEDED,
        (
            in_aws("ask for a higher quota in Service Quotas"),
            in_aws("delete what is no longer needed"),
        ),
    ),
    FailureKind.ACCESS: _FailureRow(Health.STALLED, Reason.ACCESS_DENIED),
    FailureKind.CREDENTIALS: _FailureRow(Health.STALLED, Reason.CREDENTIALS_INVALID),
    FailureKind.INVALID: _FailureRow(Health.STALLED, Reason.REJECTED_BY_AWS),
}


def reason_of(failure: Failure) -> Reason:
    """The reason that conditions show for a failure."""
    return _row_of(failure).reason


def _row_of(failure: Failure) -> _FailureRow:
    row = _FAILURES[failure.kind]
    if failure.kind is FailureKind.TRANSIENT and "throttl" in failure.code.lower():
        return replace(row, reason=Reason.THROTTLED)
    return row


def failure_remedies(failure: Failure, field_path: str | None) -> tuple[Remedy, ...]:
    """What helps against a failure; `field_path`: the field that it is about, if that is known."""
    if failure.kind is FailureKind.ACCESS:
        return (_way_to_access(failure),)
    if failure.kind is not FailureKind.INVALID:
        return _row_of(failure).remedies
    if field_path is None:
        return (another(""), TRY_AGAIN)
    return (another(field_path),)


def _way_to_access(failure: Failure) -> Remedy:
    if failure.code in _ACCOUNT_CODES:
        return in_aws("sign the AWS account up for this service in this region")
    if any(words in failure.message for words in _BEYOND_THE_ROLE):
        return in_iam("have the policy that AWS names allow the operator's IAM role that action")
    return in_iam("grant the operator's IAM role that action")


def applies(failure: Failure | None, declared: Declared[SpecT]) -> bool:
    """Whether a failure still speaks of the resource as it is.

    It does not with a new spec, when somebody asks anew, and where what it depends on has changed.
    """
    return (
        failure is not None
        and failure.generation == declared.generation
        and not asks_anew(failure.requested_at, declared)
        and not (failure.kind in _DEPENDENT and depends_on_another(failure.depends_on, declared))
    )


def depends_on_another(before: str | None, declared: Declared[SpecT]) -> bool:
    """Whether what a resource refers to stands otherwise than `before`, and is not on its way."""
    return declared.depends_on not in {None, before}


def decide_failure(
    failure: Failure | None,
    declared: Declared[SpecT],
    now: datetime,
    field_path: str | None = None,
) -> Decision | None:
    """No call for now, in AWS's words; None when the failure no longer holds anything back.

    `field_path` is the field of the spec that AWS's words are about, where it can be told, such as
    `defaultUserSettings.securityGroups`.
    """
    if failure is None or not applies(failure, declared):
        return None
    if failure.retry_at is not None and now >= failure.retry_at:
        return None
    return _as_decision(failure, field_path)


def _as_decision(failure: Failure, field_path: str | None) -> Decision:
    row = _row_of(failure)
    if failure.kind is FailureKind.CREDENTIALS:
        message = explain_credentials(failure.code, was_answered=failure.was_answered)
    else:
        message = tell(
            f"{failure.operation} failed",
            *failure_remedies(failure, field_path),
            aws=failure.message.strip() or failure.code,
        )
    return Decision(row.health, row.reason, message, wake_at=failure.retry_at)


def apply_failure(
    decision: Decision,
    failure: Failure | None,
    declared: Declared[SpecT],
    now: datetime,
    field_path: str | None = None,
) -> Decision:
    """Hold the decision's call back while the last failure asks for it.

    A decision without a call, or with another one, is not held back by an old failure. When the
    time to try again has come the call goes out, but status keeps saying what failed until a
    success is seen: a condition that flips at each attempt would be of no use to anybody. The
    call's Events go along with each attempt, since they are posted when it has succeeded.
    """
    if decision.call is None or failure is None or not applies(failure, declared):
        return decision
    if failure.operation != decision.call.operation:
        return decision
    said = _as_decision(failure, field_path)
    held = decide_failure(failure, declared, now, field_path) is not None
    return replace(
        decision,
        health=said.health,
        reason=said.reason,
        message=said.message,
        call=None if held else decision.call,
        notes=() if held else decision.notes,
        record_first=decision.record_first and not held,
        operation=_operation_of_held(decision, failure) if held else decision.operation,
        remember={} if held else decision.remember,
        wake_at=failure.retry_at if held else decision.wake_at,
    )


def _operation_of_held(decision: Decision, failure: Failure) -> Keep | None:
    """Nothing was begun where AWS refused to: what names the thing may be edited again."""
    wanted = decision.operation
    begins = isinstance(wanted, Operation) and wanted.type in {CREATE, ADOPT}
    return None if begins and failure.kind in _NOT_MADE else KEEP


def decide_unobserved(
    declared: Declared[SpecT],
    status: CommonStatus,
    message: str = "AWS has not been seen completely yet",
) -> Decision:
    """AWS was not seen: nothing is decided. What was Ready for this very spec stays so."""
    ready = status.condition(ConditionType.READY)
    unanswered = {"last_handled_reconcile_at": status.last_handled_reconcile_at}
    if (
        ready is not None
        and ready.status == "True"
        and ready.observed_generation == declared.generation
    ):
        reason = reason_told(ready.reason, Reason.IN_SERVICE)
        return Decision(
            Health.READY, reason, ready.message, phase=status.phase, remember=unanswered
        )
    return Decision(
        Health.PROGRESSING,
        Reason.AWS_NOT_OBSERVED,
        message,
        phase=status.phase,
        remember=unanswered,
    )


def common_status(
    declared: Declared[SpecT],
    status: CommonStatus,
    decision: Decision,
    now: datetime,
    further: Mapping[ConditionType, tuple[str, str]] | None = None,
) -> dict[str, Any]:
    """The members that the status of each kind has, as `with_members` takes them.

    `further`: conditions beside those of the decision.
    """
    operation = status.operation if isinstance(decision.operation, Keep) else decision.operation
    return {
        "observed_generation": declared.generation,
        "resource_uid": declared.uid,
        "conditions": build_conditions(
            status.conditions,
            health=decision.health,
            reason=decision.reason,
            message=decision.message,
            generation=declared.generation,
            now=now,
            extra={**decision.extra, **(further or {})},
        ),
        "operation": operation,
        "last_handled_reconcile_at": requested_at(declared) or status.last_handled_reconcile_at,
        **decision.remember,
    }


def as_plan(
    decision: Decision,
    old: StatusT,
    status: StatusT,
    *,
    notes: tuple[Note, ...] = (),
    must_record: bool = False,
    due: Iterable[datetime | None] = (),
) -> Plan[StatusT]:
    """The plan that carries out a decision; an Event tells when it becomes ready or stalls.

    `notes` go before those of the decision. `must_record`: whether its call relies on the status.
    `due`: when to plan again, whatever was decided.
    """
    said = (*notes, *decision.notes, *_turning_point(decision, old))
    moments = [moment for moment in (decision.wake_at, *due) if moment is not None]
    return Plan(
        status=status,
        call=decision.call,
        looks=decision.looks,
        notes=tuple(map(_fit_note, said)),
        record_first=decision.record_first or must_record,
        finalizer=decision.finalizer,
        wake_at=min(moments, default=None),
        remedies=remedies_of(decision.message),
    )


def _fit_note(note: Note) -> Note:
    return replace(note, message=fit(note.message))


def _turning_point(decision: Decision, status: CommonStatus) -> tuple[Note, ...]:
    """The Event of becoming ready or stalled, once: when the condition's reason was another."""
    before = status.condition(ConditionType.READY)
    if before is not None and before.reason == decision.reason:
        return ()
    if decision.health is Health.STALLED:
        return (Note(decision.reason, "Stall", decision.message, "Warning"),)
    if decision.health is Health.READY:
        return (Note(decision.reason, "BecomeReady", decision.message),)
    return ()


def name_some(names: Iterable[str], at_most: int = NAMES_SHOWN) -> str:
    """The first names of a list and how many more there are, for a message."""
    listed = sorted(names)
    shown = ", ".join(listed[:at_most])
    left = len(listed) - at_most
    return f"{shown} and {left} more" if left > 0 else shown


def counted(count: int, noun: str) -> str:
    """A number with its noun, such as 1 space or 2 spaces."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def delete_first(count: int) -> str:
    """What to do with so many things that stand against a deletion."""
    return f"delete {'it' if count == 1 else 'them'} first"


def started(
    status: CommonStatus, type_: str, now: datetime, *, step: str | None = None
) -> Operation:
    """An operation of that type: the one under way with its start time, or one that starts now."""
    before = status.operation
    if before is not None and before.type == type_:
        return before.model_copy(update={"step": step})
    return Operation(type=type_, step=step, started_at=now.replace(microsecond=0))
