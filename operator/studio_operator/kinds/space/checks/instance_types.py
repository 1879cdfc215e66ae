"""An instance type that the AWS SDK does not know: no running app is stopped for it.

AWS adds types more often than SDKs are released, so an unknown type is no error, and is tried where
nobody works: for a new space, a stopped one, or as a fallback. Most are slips of the pen, though,
and AWS's refusal would come only after the app was stopped.
"""

from __future__ import annotations

from difflib import get_close_matches

from studio_operator.api.common import ConditionType
from studio_operator.kinds.space.checks.remote_access import changes_with_type
from studio_operator.kinds.space.planner_input.comparison import INSTANCE_TYPE
from studio_operator.kinds.space.planner_input.findings import CheckInput, Finding
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.plan.messages import tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import another, command, field, set_field
from studio_operator.plan.types import Health

_RESTART = "Restart"


def check_instance_type(given: CheckInput) -> Finding | None:
    """An unknown type waits until the app is stopped for another reason, or a person forces it."""
    change = given.changes.get(INSTANCE_TYPE)
    if change is None or given.substitute is not None:
        return None
    wanted, is_declared = change.wanted, given.spec.instance_type is not None
    if not is_unknown(given.situation, wanted):
        return None
    if not _is_kept_running(given, wanted):
        return None
    name, near = given.name, nearest_known(given.situation, wanted)
    named = field(INSTANCE_TYPE) if is_declared else "the default instance type"
    message = tell(
        f"the AWS SDK does not know {named} {wanted}: the app stays on "
        f"{change.live} until it is stopped",
        set_field(INSTANCE_TYPE, near) if near else another(INSTANCE_TYPE, "another type"),
        command(f"force it with kubectl studio apply-now {name}"),
    )
    return Finding(
        Health.PROGRESSING,
        Reason.PENDING_RESTART,
        message,
        fields=changes_with_type(given),
        conditions={ConditionType.PENDING_RESTART: (Reason.PENDING_RESTART, message)},
    )


def is_unknown(situation: SpaceSituation, instance_type: str) -> bool:
    """Whether neither the AWS SDK knows the type, nor AWS has ever shown it for the space."""
    known, space = situation.known_instance_types, situation.space
    if not known or instance_type in known:
        return False
    status, settings = situation.status, space.settings if space else None
    shown = {
        (status.applied or {}).get(INSTANCE_TYPE),
        status.last_ran_on,
        settings.instance_type if settings else None,
    }
    return instance_type not in shown


def nearest_known(situation: SpaceSituation, instance_type: str) -> str | None:
    """The known type that is spelled most alike; None where none is."""
    known = sorted(situation.known_instance_types)
    return next(iter(get_close_matches(instance_type, known, n=1)), None)


def _is_kept_running(given: CheckInput, wanted: str) -> bool:
    """Whether an app runs that would be stopped for the type, or is away for another change."""
    operation = given.situation.status.operation
    if given.requests.apply_now or given.requests.restart:
        return False
    if operation is None:
        return given.app_is_active
    if operation.type == _RESTART or wanted in (operation.to or "").split(", "):
        return False  # stopped by a person, or forced
    return given.app_is_active or bool(operation.restart)
