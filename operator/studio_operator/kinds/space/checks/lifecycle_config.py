"""The lifecycle configuration that a space declares, before anything is stopped for it."""

from __future__ import annotations

from dataclasses import dataclass

from studio_operator.kinds.space.in_aws import settings
from studio_operator.kinds.space.planner_input.comparison import LIFECYCLE_CONFIG
from studio_operator.kinds.space.planner_input.findings import CheckInput, Finding, unfit, unready
from studio_operator.kinds.space.planner_input.inheritance import FROM_OTHERS, place_of_default
from studio_operator.kinds.space.planner_input.settings import WantedSettings
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.plan.lifecycle_configs import (
    find_problem,
    fresh_for,
    looks_again_at,
    must_look,
)
from studio_operator.plan.messages import tell
from studio_operator.plan.remedies import Resource, another, in_aws
from studio_operator.plan.settings.table import CLEARED


def must_look_for_space(situation: SpaceSituation, wanted: WantedSettings | None) -> bool:
    """Whether the list has to be read before the spec's configuration, or a default, is used."""
    named = _named(situation, wanted)
    if named is None:
        return False
    app, configs = situation.declared.spec.app, situation.lifecycle_configs
    return must_look(named.arn, app, configs, situation.now, fresh_for(situation))


def check_lifecycle_config(given: CheckInput) -> Finding | None:
    """The one to be. An app that runs goes on; one that is stopped is not started with it."""
    situation, spec = given.situation, given.spec
    named = _named(situation, given.wanted)
    if named is None or must_look_for_space(situation, given.wanted):
        return None  # an old list says nothing of a new one
    found = find_problem(named.path, named.arn, spec.app, situation.lifecycle_configs)
    is_changed = given.changes_field(LIFECYCLE_CONFIG)
    is_used = given.present.lifecycle_config_arn == named.arn
    if found is None or not (is_changed or is_used):
        return None
    members = {
        "fields": frozenset({LIFECYCLE_CONFIG} if is_changed else ()),
        "refuses_start": is_used,
        "is_told": is_changed,
    }
    edit = another(named.path, on=named.resource)
    if found.app_type is not None:
        return unfit(tell(found.words, edit), **members)
    message = tell(found.words, edit, in_aws("create it"))
    return unready(message, wake_at=looks_again_at(situation), **members)


@dataclass(frozen=True, slots=True)
class _Named:
    """A lifecycle configuration, and where it is declared: None for the Space itself."""

    arn: str
    path: str = LIFECYCLE_CONFIG
    resource: Resource | None = None


def _named(situation: SpaceSituation, wanted: WantedSettings | None) -> _Named | None:
    """What the spec declares, else the default that is to be set."""
    spec = situation.declared.spec
    if spec.lifecycle_config_arn is not None:
        return _Named(spec.lifecycle_config_arn)
    found = wanted.resolved.get(settings.LIFECYCLE_CONFIG) if wanted is not None else None
    if found is None or found.source not in FROM_OTHERS or found.value in {None, CLEARED}:
        return None
    path, resource = place_of_default(settings.LIFECYCLE_CONFIG, found.source, situation)
    return _Named(str(found.value), path, resource)
