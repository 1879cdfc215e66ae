"""What people do in the console, behind a client's back: not logged, not throttled, no faults.

Acts take effect at once unless ``instantly`` is false; then they go through the same states as a
client's calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field

from studio_simulator.errors import ServiceError, no_record, validation
from studio_simulator.moto.moto_held import SetStatus, set_status
from studio_simulator.operations import apps, spaces
from studio_simulator.operations.catalogue import OPERATIONS
from studio_simulator.operations.tagging import find_tags
from studio_simulator.requests.validation import check_input
from studio_simulator.rules.space_rules import SETTINGS_OF_APP, check_storage_change
from studio_simulator.settings import Settings
from studio_simulator.state.images import distribution_image
from studio_simulator.state.merging import merge
from studio_simulator.state.resources import App, Json, Space
from studio_simulator.state.studio import Studio
from studio_simulator.state.tags import merged_tags


class Act(Settings):
    """What every act says: on what, and whether it takes effect at once."""

    domain_id: str
    space_name: str
    instantly: bool = True


class StartApp(Act):
    """Start the space's app, on another instance type if one is named."""

    instance_type: str | None = None


class FailApp(Act):
    """Let the service find the app unhealthy."""

    reason: str = "The app became unhealthy and was stopped by the service."


class Resize(Act):
    """Change the space's instance type or volume; a running app comes back on the new size."""

    instance_type: str | None = None
    volume_size_in_gb: int | None = Field(None, ge=5, le=16384)
    idle_timeout_in_minutes: int | None = Field(None, ge=60, le=525_600)


class CreateSpace(Act):
    """Create a space as the console does, without the tags that a client would set."""

    owner: str
    sharing: str = "Private"
    app_type: str = "JupyterLab"
    instance_type: str = "ml.t3.medium"
    volume_size_in_gb: int = 5
    tags: dict[str, str] = Field(default_factory=dict)


class Retag(Settings):
    """Set and remove tags of anything, by ARN."""

    resource_arn: str
    tags: dict[str, str] = Field(default_factory=dict)
    remove: list[str] = Field(default_factory=list)


class AnyCall(Settings):
    """Any operation that the simulator has."""

    operation: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    account: str = "123456789012"
    region: str = "us-east-1"


def stop_app(studio: Studio, act: Act) -> Json:
    """Stop the space's app."""
    app = _active_app(studio, act)
    apps.begin_stop(studio, app)
    return _done(studio, act, app)


def start_app(studio: Studio, act: StartApp) -> Json:
    """Start the space's app with the space's own settings, as the console's button does."""
    space = studio.space(act.domain_id, act.space_name)
    member = space.settings.get(SETTINGS_OF_APP[space.app_type], {})
    spec = {"SageMakerImageArn": _image(studio), **member.get("DefaultResourceSpec", {})}
    if act.instance_type is not None:
        spec["InstanceType"] = act.instance_type
    parameters = {
        "DomainId": space.domain_id,
        "SpaceName": space.name,
        "AppType": space.app_type,
        "AppName": "default",
        "ResourceSpec": spec,
    }
    arn = apps.create_app(studio, parameters)["AppArn"]
    return _done(studio, act, studio.apps[arn])


def fail_app(studio: Studio, act: FailApp) -> Json:
    """Let the app be Failed."""
    app = _active_app(studio, act)
    apps.fail(studio, app, act.reason, studio.now)
    return {"AppArn": app.arn, "Status": app.status}


def maintain_app(studio: Studio, act: Act) -> Json:
    """Let the service restart the app: InService, Pending, InService."""
    app = _active_app(studio, act)
    apps.begin_start(studio, app)
    return {"AppArn": app.arn, "Status": app.status}


def resize(studio: Studio, act: Resize) -> Json:
    """Change what the space runs on, as if stopped, changed and started between two looks."""
    space = studio.space(act.domain_id, act.space_name)
    settings = merge(space.settings, _changes(space, act), replace_specs=False)
    if check_storage_change(space, settings):
        spaces.note_growth(studio, space)
    space.settings, space.modified = settings, studio.now
    app = studio.app_of_space(space)
    if app is not None and app.is_active and act.instance_type is not None:
        app.resource_spec = {**app.resource_spec, "InstanceType": act.instance_type}
        app.modified = studio.now
    return {"SpaceArn": space.arn, "SpaceSettings": space.settings}


def _changes(space: Space, act: Resize) -> Json:
    changes: Json = {}
    member: Json = {}
    if act.instance_type is not None:
        member["DefaultResourceSpec"] = {"InstanceType": act.instance_type}
    if act.idle_timeout_in_minutes is not None:
        idle = {"IdleTimeoutInMinutes": act.idle_timeout_in_minutes}
        member["AppLifecycleManagement"] = {"IdleSettings": idle}
    if member:
        changes[SETTINGS_OF_APP[space.app_type]] = member
    if act.volume_size_in_gb is not None:
        size = {"EbsVolumeSizeInGb": act.volume_size_in_gb}
        changes["SpaceStorageSettings"] = {"EbsStorageSettings": size}
    return changes


def create_space(studio: Studio, act: CreateSpace) -> Json:
    """Create a space."""
    spec = {"SageMakerImageArn": _image(studio), "InstanceType": act.instance_type}
    parameters = {
        "DomainId": act.domain_id,
        "SpaceName": act.space_name,
        "OwnershipSettings": {"OwnerUserProfileName": act.owner},
        "SpaceSharingSettings": {"SharingType": act.sharing},
        "SpaceSettings": {
            "AppType": act.app_type,
            "SpaceStorageSettings": {
                "EbsStorageSettings": {"EbsVolumeSizeInGb": act.volume_size_in_gb}
            },
            SETTINGS_OF_APP[act.app_type]: {"DefaultResourceSpec": spec},
        },
        "Tags": [{"Key": key, "Value": value} for key, value in act.tags.items()],
    }
    check_input("sagemaker", "CreateSpace", parameters)
    spaces.create_space(studio, parameters)
    return _done(studio, act, studio.space(act.domain_id, act.space_name))


def delete_space(studio: Studio, act: Act) -> Json:
    """Delete a space; at once means its app too, and in whatever state it is."""
    space = studio.space(act.domain_id, act.space_name)
    if not act.instantly:
        return spaces.delete_space(studio, {"DomainId": act.domain_id, "SpaceName": act.space_name})
    app = studio.app_of_space(space)
    if app is not None and app.is_active:
        apps.begin_stop(studio, app)
        studio.timeline.hurry(app, studio.now)
    studio.timeline.cancel(space)
    spaces.remove_space(studio, space)
    return {"SpaceArn": space.arn}


def retag(studio: Studio, act: Retag) -> Json:
    """Set and remove tags."""
    tags = find_tags(studio, act.resource_arn)
    if tags is None:
        raise no_record(f"Resource [{act.resource_arn}]")
    for key in act.remove:
        tags.pop(key, None)
    tags.update(merged_tags(tags, act.tags))
    return {"Tags": dict(tags)}


def any_call(studio: Studio, act: AnyCall) -> Json:
    """Carry out an operation, checked as any client's."""
    operation = OPERATIONS.get(act.operation)
    if operation is None:
        raise ServiceError("UnknownOperationException", f"No operation {act.operation}.")
    check_input("sagemaker", act.operation, act.parameters)
    return operation(studio, act.parameters)


def _active_app(studio: Studio, act: Act) -> App:
    space = studio.space(act.domain_id, act.space_name)
    app = studio.app_of_space(space)
    if app is None or not app.is_active:
        raise validation(f"Space [{space.arn}] has no app that runs.")
    return app


def _image(studio: Studio) -> str:
    known = distribution_image(studio.partition, studio.region)
    return known or studio.arn("image/sagemaker-distribution-cpu")


def _done(studio: Studio, act: Act, resource: App | Space) -> Json:
    if act.instantly:
        studio.timeline.hurry(resource, studio.now)
    return {"Arn": resource.arn, "Status": resource.status}


ACTS: dict[str, tuple[type[Settings], Callable[[Studio, Any], Json]]] = {
    "stop-app": (Act, stop_app),
    "start-app": (StartApp, start_app),
    "fail-app": (FailApp, fail_app),
    "maintain-app": (Act, maintain_app),
    "resize": (Resize, resize),
    "create-space": (CreateSpace, create_space),
    "delete-space": (Act, delete_space),
    "retag": (Retag, retag),
    "set-status": (SetStatus, set_status),
    "call": (AnyCall, any_call),
}
