"""What the running state of a space is decided from: its app, and what else acts like `state`."""

from __future__ import annotations

from collections.abc import Mapping

from studio_operator.kinds.shared.running.situation import (
    NOT_RUNNING,
    ObservedRun,
    RunSituation,
    RunStatus,
)
from studio_operator.kinds.space.api.running import RUNNING_SPACE
from studio_operator.kinds.space.api.status import EffectiveState
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.planner_input.drift import policy_of
from studio_operator.kinds.space.planner_input.first_observation import (
    is_interrupted_creation,
    is_still_to_be_found,
)
from studio_operator.kinds.space.planner_input.situation import SpaceSituation

# botocore: AppStatus. An app that AWS lists as Deleted does not run.
_STATUS_OF_RUN: Mapping[str, RunStatus] = {
    "Pending": "Starting",
    "InService": "Running",
    "Deleting": "Stopping",
    "Failed": "Failed",
}


def run_situation(situation: SpaceSituation, *, is_ours: bool) -> RunSituation[EffectiveState]:
    """A space as what starts and stops.

    An edit of the instance type starts an app as one of `state` does. An app that a change stopped
    is away because of us.
    """
    spec, operation = situation.declared.spec, situation.status.operation
    return RunSituation(
        kind=RUNNING_SPACE,
        declared=situation.declared,
        status=situation.status,
        run=_run_of(situation.app),
        is_ours=is_ours,
        is_still_to_be_found=is_still_to_be_found(situation),
        is_there=situation.space is not None,
        is_interrupted_creation=is_interrupted_creation(situation),
        is_restarting=operation is not None and bool(operation.restart),
        is_enforced=policy_of(spec, "state") == "Enforce",
        trigger=f"{spec.state or 'unset'} {spec.instance_type or 'unset'}",
        now=situation.now,
    )


def _run_of(app: ObservedApp | None) -> ObservedRun:
    status = _STATUS_OF_RUN.get(app.status) if app is not None else None
    return ObservedRun(status, app.created_at) if app is not None and status else NOT_RUNNING
