"""A space and its app as spec and recorded status tell of them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from studio_operator.kinds.assumed import Assumption, AssumptionInput
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.kinds.space.in_aws.apps import APP_NAME, ObservedApp
from studio_operator.kinds.space.in_aws.observe import DEFAULT_GIB, settings_from
from studio_operator.kinds.space.in_aws.observed import ObservedSpace, SpaceSettings
from studio_operator.kinds.space.in_aws.parameters import creation_members
from studio_operator.kinds.space.in_aws.settings import APP_SETTINGS, LIFECYCLE_CONFIG
from studio_operator.kinds.space.planner_input.inheritance import INHERITED, DefaultsInput
from studio_operator.kinds.space.planner_input.settings import want_settings
from studio_operator.kinds.space.planner_input.settings_record import recall_settings
from studio_operator.plan.observed import Observed
from studio_operator.plan.settings.mapping import read_member
from studio_operator.plan.settings.table import put_member
from studio_operator.plan.types import DomainFacts

# Phases of a space in which its app holds an instance, or is about to.
_RUNNING = frozenset({"InService", "Starting"})


def assume(given: AssumptionInput) -> Assumption:
    """As recorded, where it is; else as declared, and without an app."""
    status: SpaceStatus = given.status
    if status.arn is None:
        return Assumption(_as_declared(given, given.declared.spec))
    space = ObservedSpace(
        **given.members | {"created_at": status.created_at or given.created_at},
        sharing=status.sharing,
        owner=status.owner,
        app_type=status.app,
        storage_gib=status.storage_gib,
        display_name=given.declared.spec.display_name,
        details=_settings_of(status),
    )
    return Assumption(space, _app_of(status), partial(_with_defaults, given.declared.spec, status))


def _as_declared(given: AssumptionInput, spec: SpaceSpec) -> ObservedSpace:
    basis = DefaultsInput(spec, DomainFacts("", region=given.region))
    wanted = want_settings(basis, SpaceSettings(), ())
    size = spec.storage.size_gib if spec.storage else DEFAULT_GIB
    return ObservedSpace(
        **given.members,
        sharing=spec.sharing or "Private",
        owner=given.owner if spec.owner_ref else None,
        app_type=spec.app,
        storage_gib=None if spec.app == "JupyterServer" else size,
        display_name=spec.display_name,
        details=settings_from(creation_members(spec, wanted)["SpaceSettings"]),
    )


def _with_defaults(spec: SpaceSpec, status: SpaceStatus, domain: Observed) -> Observed:
    """The defaults of a domain that no spec declares: a space's status tells which it was given."""
    told = (status.effective.settings if status.effective else None) or {}
    if spec.app not in APP_SETTINGS:
        return domain
    block = "DefaultSpaceSettings" if spec.is_shared else "DefaultUserSettings"
    path = (block, APP_SETTINGS[spec.app])
    details = copy.deepcopy(dict(domain.details or {}))
    for setting in INHERITED:
        found = told.get(setting.field)
        if found is None or found.from_ != "StudioDomain" or found.value is None:
            continue
        value = setting.form.to_aws(setting.form.from_exact(found.value))
        members = value if isinstance(value, Mapping) else {setting.default[-1]: value}
        for name, one in members.items():
            if read_member(details, (*path, "DefaultResourceSpec", name)) is None:
                put_member(details, (*path, "DefaultResourceSpec", name), one)
        if setting is LIFECYCLE_CONFIG:
            listed = read_member(details, (*path, "LifecycleConfigArns")) or []
            put_member(details, (*path, "LifecycleConfigArns"), [*listed, value])
    return domain if details == domain.details else replace(domain, details=details)


def _settings_of(status: SpaceStatus) -> SpaceSettings:
    recorded = status.settings
    if recorded is None:
        return SpaceSettings(instance_type=status.instance_type)
    return recall_settings(recorded)


def _app_of(status: SpaceStatus) -> ObservedApp | None:
    """The app that runs by the recorded phase; one that a change has stopped is away.

    Why an app failed can't be looked up in memory: it counts as not told by AWS.
    """
    if status.phase not in _RUNNING:
        return None
    settings = _settings_of(status)
    type_ = status.instance_type or settings.instance_type
    app = status.app or ""
    return ObservedApp(app, APP_NAME, "InService", type_, settings.image, failure="")
