"""The rows of a space's settings: each has its field, its place in AWS and on status, and works."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.kinds.space.api.spec import Space
from studio_operator.kinds.space.api.status import SettingsStatus
from studio_operator.kinds.space.in_aws.observed import ObservedSpace, SpaceSettings
from studio_operator.kinds.space.in_aws.settings import DESCRIBED, SETTINGS, member_of
from studio_operator.kinds.space.planner_input.settings_record import (
    recall_settings,
    record_settings,
)
from studio_operator.plan.settings.mapping import read_member
from studio_operator.plan.settings.table import Setting

from tests.unit.plan.space_world import START
from tests.unit.plan.test_space_settings import ANOTHER, EFS, LUSTRE, REPOSITORY, running_world

SCRIPTS = "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config"


def test_each_setting_has_its_field_its_place_in_aws_and_its_place_on_status() -> None:
    """Whoever adds a row learns here what is still missing."""
    schema = Space.model_json_schema(by_alias=True)
    for setting in SETTINGS:
        assert _describes(schema, ("spec", *setting.path)), setting.field
        assert (setting in DESCRIBED) == (setting.attribute in SettingsStatus.model_fields)
        assert setting in DESCRIBED or setting.attribute in ObservedSpace.__dataclass_fields__
    assert {one.attribute for one in DESCRIBED} == set(SpaceSettings.__dataclass_fields__)


def _describes(schema: dict[str, Any], path: tuple[str, ...]) -> bool:
    part = schema
    for name in path:
        choices = part.get("anyOf") or part.get("allOf") or [part]
        refs = [one["$ref"].rpartition("/")[2] for one in choices if "$ref" in one]
        part = schema["$defs"][refs[0]] if refs else part
        if name not in part.get("properties", {}):
            return False
        part = part["properties"][name]
    return bool(part.get("description"))


# A value of each setting, as the spec has it, and another one.
VALUES: dict[str, tuple[Any, Any]] = {
    "instanceType": ("ml.m5.large", "ml.m5.xlarge"),
    "storage.sizeGiB": ({"sizeGiB": 30}, {"sizeGiB": 40}),
    "image": ({"distribution": "4.2"}, {"distribution": "4.3"}),
    "lifecycleConfigArn": (f"{SCRIPTS}/install", f"{SCRIPTS}/update"),
    "storage.fileSystems": (
        {"sizeGiB": 20, "fileSystems": [EFS]},
        {"sizeGiB": 20, "fileSystems": [LUSTRE]},
    ),
    "remoteAccess": ("Enabled", "Disabled"),
    "idleShutdown.after": ({"after": "2h"}, {"after": "3h"}),
    "codeRepositories": ([REPOSITORY], [ANOTHER]),
    "displayName": ("Churn", "Attrition"),
}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.field)
def test_each_setting_is_created_compared_changed_recorded_and_exported(setting: Setting) -> None:
    """One case is all that a new row needs here."""
    name, (first, second) = setting.path[0], VALUES[setting.field]
    world = running_world(**{name: first})
    assert not world.log
    world.edit(**{name: second})
    world.run()
    assert ("DeleteApp" in world.names_of_calls()) is setting.needs_stop
    world.person_stops()
    world.run()
    sent = world.calls("UpdateSpace")[0]
    assert read_member(sent, member_of(setting, "JupyterLab")) is not None
    assert world.status.applied is not None
    assert setting.field in world.status.applied
    if setting in DESCRIBED:
        seen = world.settings
        assert recall_settings(record_settings(seen, START)) == seen
        value = getattr(seen, setting.attribute)
        assert setting.form.from_aws(setting.form.to_aws(value)) == value
