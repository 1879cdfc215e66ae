"""A space's settings as AWS's requests carry them: CreateSpace, UpdateSpace and CreateApp."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.in_aws.observed import SpaceSettings
from studio_operator.kinds.space.in_aws.settings import (
    BY_FIELD,
    IMAGE,
    LIFECYCLE_CONFIG,
    OF_RESOURCE_SPEC,
    SETTINGS,
    live_value,
    member_of,
)
from studio_operator.kinds.space.planner_input.comparison import Change
from studio_operator.kinds.space.planner_input.settings import WantedSettings
from studio_operator.plan.settings.table import CLEARED, put_member


def resource_spec(wanted: WantedSettings, present: SpaceSettings) -> dict[str, str]:
    """The full ResourceSpec, as CreateApp wants it.

    An omitted image gives "SageMaker Image ARN is required for App with type [JupyterLab]".
    """
    spec: dict[str, str] = {}
    for setting in OF_RESOURCE_SPEC:
        value = wanted[setting] or live_value(setting, None, present)
        if value and value != CLEARED:
            told = setting.form.to_aws(value)
            spec |= told if setting is IMAGE else {setting.member[-1]: told}
    return spec


def creation_members(spec: SpaceSpec, wanted: WantedSettings) -> dict[str, Any]:
    """Members of CreateSpace that carry the settings: without any a private space is refused."""
    members: dict[str, Any] = {"SpaceSettings": {"AppType": spec.app}}
    for setting in SETTINGS:
        value = wanted[setting]
        if setting not in OF_RESOURCE_SPEC and value not in {None, ()}:
            put_member(members, member_of(setting, spec.app), setting.form.to_aws(value))
    put_member(members, _resource_spec_of(spec), resource_spec(wanted, SpaceSettings()))
    return members


def whole_settings(
    spec: SpaceSpec, wanted: WantedSettings, present: SpaceSettings
) -> dict[str, Any]:
    """Members of an UpdateSpace that says again what the space has."""
    members: dict[str, Any] = {}
    put_member(members, _resource_spec_of(spec), resource_spec(wanted, present))
    return members


def update_members(
    spec: SpaceSpec, wanted: WantedSettings, present: SpaceSettings, changes: Iterable[Change]
) -> dict[str, Any]:
    """Members of UpdateSpace that carry the changes, and no others: UpdateSpace merges.

    AppType is never sent: AWS refuses it in an update even when it is unchanged.
    """
    members: dict[str, Any] = {}
    for setting in (BY_FIELD[change.field] for change in changes):
        if setting in OF_RESOURCE_SPEC:
            put_member(members, _resource_spec_of(spec), _updated_resource_spec(wanted, present))
        else:
            value = setting.empty if wanted[setting] is None else wanted[setting]
            put_member(members, member_of(setting, spec.app), setting.form.to_aws(value))
    return members


def _updated_resource_spec(wanted: WantedSettings, present: SpaceSettings) -> dict[str, str]:
    spec = resource_spec(wanted, present)
    if wanted[LIFECYCLE_CONFIG] == CLEARED:
        spec["LifecycleConfigArn"] = CLEARED
    image = wanted.image
    if present.image.version_arn and image and image.version_arn is None:
        spec["SageMakerImageVersionArn"] = CLEARED
    return spec


def _resource_spec_of(spec: SpaceSpec) -> tuple[str, ...]:
    return member_of(IMAGE, spec.app)
