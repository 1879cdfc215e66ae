"""What a space's settings should be, from the spec, what it inherits and what it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from studio_operator.kinds.space.api.status import EffectiveSetting
from studio_operator.kinds.space.in_aws.observed import NO_IMAGE, ImageRef, SpaceSettings
from studio_operator.kinds.space.in_aws.settings import (
    CLEARABLE,
    IMAGE,
    INSTANCE_TYPE,
    LIFECYCLE_CONFIG,
    OF_RESOURCE_SPEC,
    REMOTE_ACCESS,
    SETTINGS,
    live_value,
)
from studio_operator.kinds.space.planner_input.images import resolve_image
from studio_operator.kinds.space.planner_input.inheritance import (
    FROM_OTHERS,
    INHERITED,
    DefaultsInput,
    Resolved,
    resolve,
)
from studio_operator.plan.settings.table import Setting

# The Studio UI's own default for new spaces.
FALLBACK_INSTANCE_TYPE = "ml.t3.medium"
# The smallest of that family that takes remote access.
FALLBACK_FOR_REMOTE_ACCESS = "ml.t3.large"
# The only type a JupyterServer app takes (botocore: ResourceSpec.InstanceType).
CLASSIC_INSTANCE_TYPE = "system"


@dataclass(frozen=True, slots=True)
class WantedSettings:
    """What the space should have.

    - `values`: each setting's value; one that is not there is not declared, and AWS's is left
      alone. What was declared before and is no more is to be cleared: it is there as empty. No
      image is there when the region has no SageMaker Distribution and the spec names none.
    - `declared`: the settings that are compared with AWS: the spec's, and defaults that count.
    - `resolved`: where the values come from that a profile or a domain may declare.
    """

    values: Mapping[Setting, Any]
    declared: frozenset[Setting]
    resolved: Mapping[Setting, Resolved]

    def __getitem__(self, setting: Setting) -> Any:
        return self.values.get(setting)

    @property
    def undecided(self) -> frozenset[str]:
        """Fields of the settings of which it is not known now what the space should have."""
        return frozenset(one.field for one, it in self.resolved.items() if not it.is_decided)

    @property
    def instance_type(self) -> str:
        """The instance type: there always is one."""
        return str(self.values[INSTANCE_TYPE])

    @property
    def image(self) -> ImageRef | None:
        """The image, as far as there is one."""
        return self.values.get(IMAGE)

    def with_values(self, values: Mapping[Setting, Any]) -> WantedSettings:
        """The same with other values of some settings."""
        return replace(self, values={**self.values, **values}) if values else self

    def fall_back(self, present: SpaceSettings) -> WantedSettings:
        """The same on the machine that the space has, where AWS refused another."""
        shown = {one: live_value(one, None, present) for one in OF_RESOURCE_SPEC}
        return self.with_values(
            {**shown, INSTANCE_TYPE: present.instance_type or self.instance_type}
        )

    def with_image(self, region: str) -> WantedSettings:
        """The same with an image, without which no app starts, where the space is to keep none."""
        if self.image not in {None, ImageRef()}:
            return self
        known = self.resolved[IMAGE]
        is_default = known.source in FROM_OTHERS and not known.counts
        ours = resolve_image(None, region, self.instance_type, ImageRef())
        image = known.value if is_default else ours
        return self if image is None else self.with_values({IMAGE: image})


def want_settings(
    basis: DefaultsInput,
    present: SpaceSettings,
    managed: Iterable[str],
    *,
    backup_script: str | None = None,
    running_on: str | None = None,
) -> WantedSettings:
    """What the space should have, from the spec, what it inherits, and what it has.

    `managed`: settings that the spec declared once (`status.managedFields`). `backup_script`: ARN
    of the lifecycle configuration that makes the space's back-ups, where it has any. `running_on`:
    the instance type of the app that runs.
    """
    spec = basis.spec
    values = {one: one.read(spec) for one in SETTINGS if one.read is not None}
    left = [one for one in CLEARABLE if one.field in frozenset(managed) and values[one] is None]
    values |= {one: one.empty for one in left if one not in INHERITED}
    if spec.backup is not None:
        values[LIFECYCLE_CONFIG] = backup_script
    basis = _with_managed(basis, [one for one in left if one in INHERITED], present)
    resolved = {INSTANCE_TYPE: _instance_type(basis, present, values, running_on)}
    resolved[IMAGE] = _image(basis, present, str(resolved[INSTANCE_TYPE].value))
    resolved[LIFECYCLE_CONFIG] = _lifecycle(basis, present, values[LIFECYCLE_CONFIG])
    inherited = {one: resolved[one].value for one in INHERITED}
    known = {one: value for one, value in (values | inherited).items() if value is not None}
    compared = {one for one in known if one not in resolved or resolved[one].counts}
    return WantedSettings(known, frozenset(compared), resolved)


def _with_managed(
    basis: DefaultsInput, left: Sequence[Setting], present: SpaceSettings
) -> DefaultsInput:
    """What the spec declared once is the spec's, whatever others made of it since."""
    if not left:
        return basis
    recorded = dict(basis.recorded or {})
    for setting in left:
        known, live = recorded.get(setting.field), live_value(setting, None, present)
        if live and (known is None or known.from_ == "Spec"):
            value = setting.form.text(live)
            recorded[setting.field] = EffectiveSetting(from_="Spec", value=value)
    return replace(basis, recorded=recorded)


def _instance_type(
    basis: DefaultsInput,
    present: SpaceSettings,
    values: Mapping[Setting, Any],
    running_on: str | None,
) -> Resolved:
    """The type that a person started the app on is not taken from it for a default."""
    if basis.spec.app == "JupyterServer":
        counts = basis.spec.instance_type is not None
        return Resolved(CLASSIC_INSTANCE_TYPE, "Operator", counts=counts)
    remote = values[REMOTE_ACCESS]
    is_remote = present.remote_access if remote is None else remote
    ours = FALLBACK_FOR_REMOTE_ACCESS if is_remote else FALLBACK_INSTANCE_TYPE
    declared, live = basis.spec.instance_type, present.instance_type
    if declared is None and live and running_on not in {None, live}:
        return Resolved(live, "AWS", is_given=False, is_decided=False)
    return resolve(INSTANCE_TYPE, basis, declared, live, ours)


def _image(basis: DefaultsInput, present: SpaceSettings, instance_type: str) -> Resolved:
    """One that nobody declares stays, but for a Distribution that follows the instance type."""
    spec, region = basis.spec, basis.domain.region or ""
    if spec.app == "JupyterServer" and spec.image is None:
        return Resolved(present.image, "AWS")
    chosen = resolve_image(spec.image, region, instance_type, present.image)
    if spec.image is not None and chosen is None:
        return Resolved(None, "Spec", is_given=False)
    declared = chosen if spec.image is not None else None
    ours = resolve_image(None, region, instance_type, NO_IMAGE)
    found = resolve(IMAGE, basis, declared, present.image, ours)
    is_ours = found.source in {"AWS", "Operator"} and not found.counts
    return replace(found, value=chosen) if is_ours and found.value != chosen else found


def _lifecycle(basis: DefaultsInput, present: SpaceSettings, declared: str | None) -> Resolved:
    if basis.spec.backup is not None and declared is None:
        return Resolved(None, "Spec", is_given=False)
    return resolve(LIFECYCLE_CONFIG, basis, declared, present.lifecycle_config_arn, None)
