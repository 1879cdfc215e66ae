"""Whose lifecycle configuration failed at a start, and what to edit.

AWS runs the one that the space names, else the default of its owner's profile or of its domain; and
before it the built-in one of profile or domain (Developer Guide, studio-lifecycle-configurations).
ResourceSpec.LifecycleConfigArn of an app is what it was started with, and DescribeApp has the
built-in one, where AWS says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from studio_operator.kinds.space.api.status import SettingSource
from studio_operator.kinds.space.checks.start_causes import cause_of
from studio_operator.kinds.space.in_aws.settings import LIFECYCLE_CONFIG
from studio_operator.kinds.space.planner_input.inheritance import FROM_OTHERS, place_of_default
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import (
    Remedy,
    Resource,
    Steps,
    another,
    command,
    in_aws,
    leave_out,
)
from studio_operator.plan.settings.table import CLEARED

# Where AWS writes what scripts print (Developer Guide, jl-lcc-debug).
LOG_GROUP = "/aws/sagemaker/studio"


@dataclass(frozen=True, slots=True)
class _Default:
    """A lifecycle configuration that spaces without one of their own start with."""

    arn: str
    path: str
    resource: Resource


def has_failed_script(view: SpaceView) -> bool:
    """Whether the app failed by its lifecycle configuration."""
    app = view.situation.app
    failure = app.failure if app is not None and app.status == "Failed" else None
    return cause_of(failure or "") is Reason.LIFECYCLE_CONFIG_FAILED


def names_own_script(view: SpaceView) -> bool:
    """Whether the space names a lifecycle configuration itself, in the spec or in AWS."""
    if view.spec.lifecycle_config_arn or view.spec.backup:
        return True
    live = view.present.lifecycle_config_arn if view.present else None
    found = view.wanted.resolved.get(LIFECYCLE_CONFIG) if view.wanted else None
    is_default = found is not None and found.source in FROM_OTHERS
    return live not in {None, CLEARED} and not is_default


def would_run_another(view: SpaceView) -> bool:
    """Whether the next start has another default than the one that failed: it may succeed."""
    app, domain, owner = view.situation.app, view.situation.domain, view.situation.owner
    ran = app.lifecycle_config_arn if app is not None else None
    if ran is None or names_own_script(view) or domain is None or not domain.is_described:
        return False
    if owner is not None and not view.spec.is_shared and not owner.is_described:
        return False
    default = _default_of(view)
    return ran != (default.arn if default is not None else None)


def explain_script_failure(view: SpaceView) -> tuple[str, tuple[Remedy, ...]]:
    """The problem, and what to edit: of the resource whose lifecycle configuration it is."""
    problem = f"{view.spec.app} failed to start (log: {LOG_GROUP})"
    app = view.situation.app
    built_in = _name_of(app.built_in_config_arn if app is not None else None)
    others = (in_aws(f"mend the built-in script {built_in}"),) if built_in else ()
    if view.spec.backup and not view.spec.lifecycle_config_arn:
        return problem, (*others, leave_out("backup"))
    if names_own_script(view):
        return problem, (another("lifecycleConfigArn"), *others)
    start = command(f"run kubectl studio start {view.situation.declared.name}")
    ran = app.lifecycle_config_arn if app is not None else None
    default = _default_of(view)
    if default is not None and ran in {None, default.arn}:
        edit = another(default.path, on=default.resource)
        return problem, (edit if ran else Steps((edit, start)), *others)
    if built_in and ran is None:
        return problem, (Steps((*others, start)),)
    whose = f"script {_name_of(ran)}" if ran else "the script"
    unknown = f"{problem}: nobody can tell whose script it was"
    return unknown, (Steps((in_aws(f"mend {whose} in the domain or profile"), start)),)


def _default_of(view: SpaceView) -> _Default | None:
    """The default that a space without one of its own starts with: the profile's goes first."""
    app = view.spec.app
    owner, domain = view.situation.owner, view.situation.domain
    of_owner = owner.default_scripts.get(app) if owner and not view.spec.is_shared else None
    of_domain = domain.default_scripts.get(app) if domain else None
    found = view.wanted.resolved.get(LIFECYCLE_CONFIG) if view.wanted else None
    if of_owner is None and found is not None and found.source == "UserProfile":
        of_owner = found.value
    arn = of_owner or of_domain
    if arn is None:
        return None
    source: SettingSource = "UserProfile" if of_owner else "StudioDomain"
    return _Default(arn, *place_of_default(LIFECYCLE_CONFIG, source, view.situation))


def _name_of(arn: str | None) -> str:
    return (arn or "").rpartition("/")[2]
