"""Reasons on status that are none of ours stop no planning.

Whoever may write status may write any word there, and another version of the operator may know
more of them.
"""

from __future__ import annotations

import pytest
from studio_operator.api.common import Condition, ConditionType
from studio_operator.plan.types import FailureKind

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_domain import running as running_domain
from tests.unit.plan.test_profile import running as running_profile
from tests.unit.plan.test_rejections import refused_world
from tests.unit.plan.test_space import running_world

STRANGE = ("", "Nonsense", "rejectedbyaws")
each_word = pytest.mark.parametrize("word", STRANGE)


def with_reason(conditions: tuple[Condition, ...], type_: str, word: str) -> tuple[Condition, ...]:
    assert any(one.type == type_ for one in conditions)
    return tuple(
        one.model_copy(update={"reason": word}) if one.type == type_ else one for one in conditions
    )


def remember(world: SpaceWorld, **members: object) -> None:
    world.status = world.stored = world.status.model_copy(update=members)


@each_word
def test_a_refusal_with_a_strange_reason_is_held_and_told(word: str) -> None:
    world = refused_world()
    assert world.status.rejection is not None
    remember(world, rejection=world.status.rejection.model_copy(update={"reason": word}))
    world.faults = [("UpdateSpace", FailureKind.INVALID)]
    world.run()
    assert world.log == []
    assert world.condition("Stalled") == "RejectedByAWS"


@each_word
@pytest.mark.parametrize("running", [running_domain, running_profile])
def test_a_domain_or_profile_that_is_not_seen_stays_ready(running: object, word: str) -> None:
    made = running()  # type: ignore[operator]
    conditions = with_reason(made.status.conditions, ConditionType.READY, word)
    made.status = made.stored = made.status.model_copy(update={"conditions": conditions})
    made.is_observed = False
    made.step()
    assert made.condition("Ready") == "InService"


@each_word
def test_a_space_that_is_not_seen_stays_ready(word: str) -> None:
    world = running_world()
    remember(world, conditions=with_reason(world.status.conditions, ConditionType.READY, word))
    world.is_observed = False
    world.step()
    assert world.condition("Ready") == "InService"
