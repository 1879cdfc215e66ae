"""Calls that are answered well and yet come to nothing: the transition ends in a failed status.

A creation ends in Failed, an update in Update_Failed with the settings as they were, a deletion in
Delete_Failed. An app has only Failed.
"""

from __future__ import annotations

from typing import Any

from studio_simulator.errors import ServiceError
from studio_simulator.operations.apps import fail
from studio_simulator.operations.tagging import find_resource
from studio_simulator.state.resources import App, Json, Resource
from studio_simulator.state.studio import Operation, Studio

FAILED = {"Create": "Failed", "Update": "Update_Failed", "Delete": "Delete_Failed"}


def failing(operation: Operation, name: str, reason: str) -> Operation:
    """Return an operation whose outcome fails later.

    Args:
        operation: what is carried out.
        name: the operation's name; its first word says which status it ends in.
        reason: the FailureReason.

    """

    def carry_out(studio: Studio, parameters: Json) -> Json:
        before = _settings(_found(studio, parameters, {}))
        result = operation(studio, parameters)
        resource = _found(studio, parameters, result)
        if resource is not None:
            _fail_later(studio, resource, name, reason, before)
        return result

    return carry_out


def _found(studio: Studio, parameters: Json, result: Json) -> Resource | None:
    """Return what a call is about: by the ARN it answered, or by its parameters."""
    for arn in result.values():
        if isinstance(arn, str) and arn.startswith("arn:"):
            return find_resource(studio, arn)
    domain_id: str = parameters.get("DomainId", "")
    try:
        if "SpaceName" in parameters:
            return studio.space(domain_id, parameters["SpaceName"])
        if "UserProfileName" in parameters:
            return studio.user_profile(domain_id, parameters["UserProfileName"])
        return studio.domain(domain_id)
    except ServiceError:
        return None


def _settings(resource: Resource | None) -> Any:
    return getattr(resource, "settings", None)


def _fail_later(studio: Studio, resource: Resource, name: str, reason: str, before: Any) -> None:
    status = FAILED[next(verb for verb in FAILED if name.startswith(verb))]

    def end(due: float) -> None:
        resource.modified = due
        if isinstance(resource, App):
            fail(studio, resource, reason, due)
            return
        resource.status, resource.failure_reason = status, reason
        if status == "Update_Failed" and hasattr(resource, "settings"):
            resource.settings = before

    studio.timeline.replace(resource, end)
