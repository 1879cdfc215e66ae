"""Conditions as kstatus, Argo CD and `kubectl wait` read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from studio_operator.api.common import Condition, ConditionType, TriState
from studio_operator.plan.types import Health

# The API server takes at most 32,768 characters; people read far fewer.
MESSAGE_LIMIT = 1024
# The page of reasons, in the project's repository; each reason is a heading there.
REASONS_PAGE = "docs/reasons.md"


def build_conditions(
    previous: tuple[Condition, ...],
    *,
    health: Health,
    reason: str,
    message: str,
    generation: int,
    now: datetime,
    extra: Mapping[ConditionType, tuple[str, str]] | None = None,
) -> tuple[Condition, ...]:
    """The conditions of a resource.

    Ready is always there. Reconciling and Stalled are abnormal-true: present only while true. A
    condition keeps its transition time as long as its status stays. Stalled ends with the place
    where its reason is explained. `extra` gives (reason, message) of further abnormal-true
    conditions.
    """
    ready: TriState = "True" if health is Health.READY else "False"
    wanted: list[tuple[ConditionType, TriState, str, str]] = [
        (ConditionType.READY, ready, reason, message)
    ]
    if health is Health.PROGRESSING:
        wanted.append((ConditionType.RECONCILING, "True", reason, message))
    if health is Health.STALLED:
        where = f"{message[: MESSAGE_LIMIT - 80]} (see {REASONS_PAGE}#{reason.lower()})"
        wanted.append((ConditionType.STALLED, "True", reason, where))
    wanted += [(kind, "True", *said) for kind, said in (extra or {}).items()]
    before = {condition.type: condition for condition in previous}
    return tuple(
        Condition(
            type=kind,
            status=status,
            observed_generation=generation,
            last_transition_time=_transition_time(before.get(kind), status, now),
            reason=why,
            message=text[:MESSAGE_LIMIT],
        )
        for kind, status, why, text in wanted
    )


def _transition_time(previous: Condition | None, status: TriState, now: datetime) -> datetime:
    if previous is not None and previous.status == status:
        return previous.last_transition_time
    return now.replace(microsecond=0)
