"""What Argo CD should make of the recorded objects, told without the Lua that is tested."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from studio_operator.api.common import (
    APPLY_NOW_REQUEST,
    RECREATE_REQUEST,
    REQUESTED_AT,
    RESTART_REQUEST,
    START_REQUEST,
    STOP_REQUEST,
)

from tests.gitops.scenes.scene import Scene

Raw = dict[str, Any]

NOT_SEEN = "Waiting for the operator to see it"
NOT_SEEN_SINCE = "Waiting for the operator to take up the change"
# What tests have in place of the time of a request, as Argo CD's own tests do.
SOME_TIME = "0001-01-01T00:00:00Z"

ANNOTATIONS = {
    "apply-now": APPLY_NOW_REQUEST,
    "reconcile": REQUESTED_AT,
    "recreate": RECREATE_REQUEST,
    "restart": RESTART_REQUEST,
    "start": START_REQUEST,
    "stop": STOP_REQUEST,
}
TITLES = {
    "apply-now": ("Apply now", "fa fa-fw fa-bolt"),
    "reconcile": ("Reconcile", "fa fa-fw fa-sync"),
    "recreate": ("Recreate with an empty volume", "fa fa-fw fa-plus"),
    "restart": ("Restart", "fa fa-fw fa-redo"),
    "start": ("Start", "fa fa-fw fa-play"),
    "stop": ("Stop", "fa fa-fw fa-stop"),
}
ACTIONS = {
    "Space": tuple(ANNOTATIONS),
    "UserProfile": ("reconcile",),
    "StudioDomain": ("reconcile",),
}
# What is offered in which scene, by kind; any other action is shown, and disabled.
ACTION_TESTS: dict[str, dict[str, tuple[str, ...]]] = {
    "Space": {
        "healthy_running": ("reconcile", "restart", "stop"),
        "healthy_running_enforced": ("reconcile", "restart"),
        "healthy_running_fallback": ("reconcile", "restart", "stop"),
        "healthy_running_snoozed": ("reconcile", "restart", "stop"),
        "healthy_stopped": ("reconcile", "start"),
        "healthy_stopped_enforced": ("reconcile",),
        "healthy_left_to_people": ("reconcile", "start"),
        "healthy_failed_left_to_people": ("reconcile", "start"),
        "healthy_stopped_outside": ("reconcile", "start"),
        "healthy_started_outside": ("reconcile", "restart", "stop"),
        "progressing_no_status": ("reconcile",),
        "progressing_starting": ("reconcile", "stop"),
        "progressing_stopping": ("reconcile", "start"),
        "progressing_pending_restart": ("apply-now", "reconcile", "restart", "stop"),
        "progressing_deleting": ("reconcile",),
        "degraded_app_failed": ("reconcile", "start"),
        "degraded_quota": ("reconcile", "start", "stop"),
        "degraded_rolled_back": ("reconcile", "restart", "start", "stop"),
        "degraded_ownership_conflict": ("reconcile",),
        "degraded_deleted_outside_of_git": ("reconcile", "recreate"),
    },
    "UserProfile": {"healthy_in_service": ("reconcile",)},
    "StudioDomain": {"healthy_in_service": ("reconcile",)},
}


def expected_message(scene: Scene, resource: Raw) -> str:
    """The condition that speaks of the health, or why there is none yet."""
    status = resource.get("status")
    if status is None:
        return NOT_SEEN
    if status["observedGeneration"] != resource["metadata"]["generation"]:
        return NOT_SEEN_SINCE
    type_ = "Stalled" if scene.health == "Degraded" else "Ready"
    return next(str(one["message"]) for one in status["conditions"] if one["type"] == type_)


def expected_kstatus(scene: Scene, resource: Raw) -> str:
    """What kstatus should say: the same as Argo CD, in its words.

    But for the moment before the first status: without conditions it takes a resource for done.
    """
    if "status" not in resource:
        return "Current"
    if "deletionTimestamp" in resource["metadata"]:
        return "Terminating"
    return {"Healthy": "Current", "Progressing": "InProgress", "Degraded": "Failed"}[scene.health]


def requested(resource: Raw, action: str) -> Raw:
    """The object with the request of an action on it, made at some time."""
    asked = deepcopy(resource)
    asked["metadata"].setdefault("annotations", {})[ANNOTATIONS[action]] = SOME_TIME
    return asked


def action_tests(kind: str) -> Raw:
    """The content of Argo CD's action_test.yaml."""
    discovery, actions = [], []
    for name, offered in ACTION_TESTS[kind].items():
        path = f"testdata/{name}.yaml"
        shown = [_shown(action, offered) for action in ACTIONS[kind]]
        discovery.append({"inputPath": path, "result": shown})
        actions += [
            {
                "action": action,
                "inputPath": path,
                "expectedOutputPath": f"testdata/{name}_{action}.yaml",
            }
            for action in offered
        ]
    return {"discoveryTests": discovery, "actionTests": actions}


def _shown(action: str, offered: tuple[str, ...]) -> Raw:
    title, icon = TITLES[action]
    return {
        "name": action,
        "disabled": action not in offered,
        "iconClass": icon,
        "displayName": title,
    }
