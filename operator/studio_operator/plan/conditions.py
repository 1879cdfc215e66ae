"""Conditions as kstatus, Argo CD and `kubectl wait` read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from studio_operator.api.common import Condition, ConditionType, TriState
from studio_operator.plan.messages import MESSAGE_LIMIT, fit
from studio_operator.plan.types import Health

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
    where its reason is explained, if there is room. `extra` gives (reason, message) of further
    abnormal-true conditions.
    """
    message = fit(message)
    ready: TriState = "True" if health is Health.READY else "False"
    wanted: list[tuple[ConditionType, TriState, str, str]] = [
        (ConditionType.READY, ready, reason, message)
    ]
    if health is Health.PROGRESSING:
        wanted.append((ConditionType.RECONCILING, "True", reason, message))
    if health is Health.STALLED:
        where = f"{message} (see {REASONS_PAGE}#{reason.lower()})"
        told = where if len(where) <= MESSAGE_LIMIT else message
        wanted.append((ConditionType.STALLED, "True", reason, told))
    wanted += [(kind, "True", why, fit(text)) for kind, (why, text) in (extra or {}).items()]
    before = {condition.type: condition for condition in previous}
    conditions = []
    for kind, status, why, text in wanted:
        known = before.get(kind)
        said = {
            "status": status,
            "observed_generation": generation,
            "reason": str(why),
            "message": str(text),
        }
        if known is not None and known.status == status:
            conditions.append(known.with_members(said))
        else:
            since = now.replace(microsecond=0)
            conditions.append(Condition(type=kind, last_transition_time=since, **said))
    return tuple(conditions)
