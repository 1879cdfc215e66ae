"""Settings that the spec leaves out: those of the owner's profile, else the domain's, else ours.

A private space takes them from its owner's profile and then from the domain's defaultUserSettings,
a shared one from defaultSpaceSettings. AWS does so only in the Studio UI, which copies a default
into the space when it makes it (Developer Guide, studio-lifecycle-configurations); spaces made by
the API need it said.

`status.effective.settings` remembers what was given and from where. So a default that becomes
another is a change like any other, and what people picked in AWS stays: it is not what was given.
What AWS has when the operator first looks at a space, or first since it honours a default, is not
changed for that default alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.api.status import EffectiveSetting, SettingSource
from studio_operator.kinds.space.in_aws.observed import NO_IMAGE, ImageRef
from studio_operator.kinds.space.in_aws.settings import APP_SETTINGS, SETTINGS
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.plan.lifecycle import domain_resource
from studio_operator.plan.remedies import Resource
from studio_operator.plan.settings.mapping import read_member
from studio_operator.plan.settings.table import CLEARED, Setting
from studio_operator.plan.types import DomainFacts, ProfileFacts

INHERITED = tuple(setting for setting in SETTINGS if setting.default)
# Others than the space itself, people and the operator.
FROM_OTHERS: frozenset[SettingSource] = frozenset({"UserProfile", "StudioDomain"})
_NOTHING: Mapping[str, Any] = {}
_FIELDS_OF_APPS = {"JupyterLab": "jupyterLab", "CodeEditor": "codeEditor"}


@dataclass(frozen=True, slots=True)
class Default:
    """What a space gets that leaves a setting out. `value`: None where the operator decides."""

    source: SettingSource
    value: Any = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A setting's value, and where it comes from.

    - `counts`: whether AWS's value is compared with it, as with one that the spec declares.
    - `is_given`: whether this is what the space has, or its next app gets, so that status is to
      remember it; else status keeps what was given before.
    - `is_urgent`: whether a change to it may be worth a stop.
    - `is_decided`: whether it is known what the space should have; else all stays as it is, and
      what AWS said of it before holds.
    """

    value: Any
    source: SettingSource
    counts: bool = False
    is_given: bool = True
    is_urgent: bool = True
    is_decided: bool = True


@dataclass(frozen=True, slots=True)
class DefaultsInput:
    """What the settings of one space are resolved from.

    `owner`: None for one that is not known. `recorded`: `status.effective.settings`.
    `is_first_observation`: whether the space is seen for the first time.
    """

    spec: SpaceSpec
    domain: DomainFacts
    owner: ProfileFacts | None = None
    recorded: Mapping[str, EffectiveSetting] | None = None
    is_first_observation: bool = False


def space_defaults(
    settings: Mapping[str, Any],
    allowing: Mapping[str, Any] = _NOTHING,
    *,
    lists_all: bool = False,
) -> dict[str, Mapping[str, Any]]:
    """What spaces take from settings of users, or of spaces, where they name nothing, by app.

    AWS wants a default lifecycle configuration to be in LifecycleConfigArns as well (Developer
    Guide, studio-lcc-defaults): an app that starts with another one fails (aws-cloudformation,
    coverage-roadmap #1568). So one that is in no list, here or in `allowing`, is none; `lists_all`
    takes it for listed.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for app, member in ((app, APP_SETTINGS[app]) for app in _FIELDS_OF_APPS):
        resource = dict(settings.get(member, _NOTHING).get("DefaultResourceSpec") or _NOTHING)
        listed = [
            arn
            for block in (settings, allowing)
            for arn in block.get(member, _NOTHING).get("LifecycleConfigArns") or ()
        ]
        if not lists_all and resource.get("LifecycleConfigArn") not in listed:
            resource.pop("LifecycleConfigArn", None)
        if resource:
            found[app] = {"DefaultResourceSpec": resource}
    return found


def default_of(setting: Setting, basis: DefaultsInput) -> Default | None:
    """The default that counts for a space; None while it is not known whether there is one."""
    sources: list[tuple[SettingSource, Mapping[str, Any] | None]] = []
    if not basis.spec.is_shared and basis.spec.owner_ref is not None:
        sources.append(("UserProfile", basis.owner.defaults if basis.owner else None))
    sources.append(("StudioDomain", basis.domain.defaults))
    for source, defaults in sources:
        if defaults is None:
            return None
        told = read_member(defaults, (basis.spec.app, *setting.default))
        value = setting.form.from_aws(told) if told else None
        if not _is_empty(value):
            return Default(source, value)
    return Default("Operator")


def resolve(
    setting: Setting, basis: DefaultsInput, declared: Any, live: Any, ours: Any
) -> Resolved:
    """The value of a setting. `ours`: what the operator gives where nobody declares any."""
    if declared is not None:
        is_given = not _is_empty(live) and matches(declared, live)
        return Resolved(declared, "Spec", counts=True, is_given=is_given)
    default = default_of(setting, basis)
    if default is None:
        return _unresolved(live, ours)
    return _inherit(setting, basis, default, live, ours)


def _inherit(
    setting: Setting, basis: DefaultsInput, default: Default, live: Any, ours: Any
) -> Resolved:
    recorded = (basis.recorded or {}).get(setting.field)
    aim = ours if default.value is None else default.value
    if _is_empty(live):
        # Given to the next app. Where it becomes another, the space itself is told.
        changed = recorded is not None and recorded.value != _text(setting, aim)
        counts = changed and default.source in FROM_OTHERS
        return Resolved(aim, default.source, counts=counts, is_given=not counts)
    if aim is not None and matches(aim, live):
        counts = default.source in FROM_OTHERS and _has_policy(setting, basis.spec)
        return Resolved(live, default.source, counts=counts)
    if aim is None and setting.clearable:
        aim = setting.empty
    if aim is not None and _follows(setting, basis, recorded, default, live):
        return Resolved(aim, default.source, counts=True, is_given=False)
    if _replaces_ours(basis, recorded, default, live, ours):
        return Resolved(aim, default.source, counts=True, is_given=False, is_urgent=False)
    return Resolved(live, "AWS")


def matches(given: Any, live: Any) -> bool:
    """Whether AWS shows what was given. AWS fills in an image's version where none was given."""
    if isinstance(given, ImageRef) and isinstance(live, ImageRef) and given.version_arn is None:
        return (given.image_arn, given.version_alias) == (live.image_arn, live.version_alias)
    return bool(given == live)


def record_origins(
    resolved: Mapping[Setting, Resolved], before: Mapping[str, EffectiveSetting] | None
) -> dict[str, EffectiveSetting] | None:
    """`status.effective.settings`: what was given, and where it comes from."""
    found: dict[str, EffectiveSetting] = {}
    for setting in INHERITED:
        one, known = resolved[setting], (before or {}).get(setting.field)
        if one.is_given:
            value = _text(setting, one.value)
            if known is None or (known.from_, known.value) != (one.source, value):
                known = EffectiveSetting(from_=one.source, value=value)
        if known is not None:
            found[setting.field] = known
    return found or None


def place_of_default(
    setting: Setting, source: SettingSource, situation: SpaceSituation
) -> tuple[str, Resource]:
    """Where a profile or a domain declares its default of a space's setting."""
    declared, owner = situation.declared, situation.owner
    names = {"image": "imageArn"}
    name = names.get(setting.field, setting.field)
    path = f"{_FIELDS_OF_APPS[declared.spec.app]}.defaultResourceSpec.{name}"
    if source == "UserProfile" and owner is not None:
        return f"userSettings.{path}", Resource("UserProfile", owner.name)
    block = "defaultSpaceSettings" if declared.spec.is_shared else "defaultUserSettings"
    return f"{block}.{path}", domain_resource(declared, declared.spec.domain_ref)


def _unresolved(live: Any, ours: Any) -> Resolved:
    """While nobody knows the default, all stays as it is.

    Where AWS has none, the next app gets ours: what status has was not set by an admin for sure.
    """
    if not _is_empty(live):
        return Resolved(live, "AWS", is_given=False, is_decided=False)
    return Resolved(ours, "Operator", is_given=False, is_decided=False)


def _follows(
    setting: Setting,
    basis: DefaultsInput,
    recorded: EffectiveSetting | None,
    default: Default,
    live: Any,
) -> bool:
    """Whether a space that has what was given before is to have the default instead.

    What the spec said once is kept where nobody has a default, unless AWS can clear it. What others
    changed in AWS is changed back only where `spec.drift` says what is to be done about it.
    """
    if recorded is None:
        return False
    given = _given(setting, recorded)
    if given is not None and matches(given, live):
        if default.source in FROM_OTHERS or recorded.from_ in FROM_OTHERS:
            return recorded.from_ != "AWS"
        return recorded.from_ == "Spec" and setting.clearable
    is_inherited = default.source in FROM_OTHERS and recorded.from_ in FROM_OTHERS
    return is_inherited and _has_policy(setting, basis.spec)


def _replaces_ours(
    basis: DefaultsInput,
    recorded: EffectiveSetting | None,
    default: Default,
    live: Any,
    ours: Any,
) -> bool:
    """Whether an image was given by an operator that knew no defaults, and not picked by people.

    Studio has people pick a version, so a Distribution without one was given by the operator. An
    instance type tells nobody who picked it.
    """
    if recorded is not None or basis.is_first_observation or default.source not in FROM_OTHERS:
        return False
    return isinstance(live, ImageRef) and isinstance(ours, ImageRef) and matches(ours, live)


def _has_policy(setting: Setting, spec: SpaceSpec) -> bool:
    """Whether the spec says itself what is to be done about drift of the setting."""
    drift = spec.drift
    own: Literal["Enforce", "Report", "Ignore"] | None = getattr(drift, setting.section, None)
    return (own or (drift.default if drift else None)) in {"Enforce", "Report"}


def _given(setting: Setting, recorded: EffectiveSetting | None) -> Any:
    if recorded is None or recorded.value is None:
        return None
    return setting.form.from_exact(recorded.value)


def _text(setting: Setting, value: Any) -> str | None:
    return None if _is_empty(value) else setting.form.text(value)


def _is_empty(value: Any) -> bool:
    if isinstance(value, ImageRef):
        return value == NO_IMAGE
    return value is None or value == CLEARED
