"""As an attacker: no name and no word of AWS's reaches a condition as anything but itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio_operator.api.common import ConditionType
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.kinds.space.features.backup.script import _plain
from studio_operator.plan.conditions import build_conditions
from studio_operator.plan.messages import MESSAGE_LIMIT, recall, tell
from studio_operator.plan.remedies import another, set_field
from studio_operator.plan.types import Health
from studio_operator.printable import is_printable

from tests.unit.plan.space_world import START
from tests.unit.plan.test_space import running_world

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
ANYTHING = st.text(alphabet=st.characters(codec="utf-8"), max_size=400)


@given(ANYTHING, ANYTHING, ANYTHING)
def test_a_message_is_printable_whatever_it_repeats(name: str, value: str, aws: str) -> None:
    said = tell(f"space {name} exists", set_field("spaceName", value), aws=aws)
    assert is_printable(said)
    assert "\n" not in said
    assert is_printable(recall(name))
    assert is_printable(_plain(aws))


@given(st.sampled_from(Health), ANYTHING, ANYTHING)
def test_a_condition_is_printable_whoever_wrote_its_message(
    health: Health, message: str, beside: str
) -> None:
    found = build_conditions(
        (),
        health=health,
        reason="AppFailed",
        message=message,
        generation=1,
        now=NOW,
        extra={ConditionType.DRIFTED: ("Drifted", beside)},
    )
    assert len(found) >= 2
    for one in found:
        assert is_printable(one.message)
        assert "\n" not in one.message
    assert len(found[0].message) <= MESSAGE_LIMIT


@pytest.mark.parametrize("code", ["\x1b[2J", "\x9b31m", "\u202e", "\u200b", "\x07"])
def test_aws_s_words_on_a_failed_app_are_shown(code: str) -> None:
    said = tell("JupyterLab failed", aws=f"FailureReason {code}all is well")
    assert code not in said
    assert "\\" in said
    assert said.endswith("all is well")


def test_a_message_that_status_kept_is_no_longer_than_others() -> None:
    assert len(recall("x" * 4096)) <= MESSAGE_LIMIT


@given(ANYTHING, st.lists(ANYTHING, min_size=1, max_size=4), ANYTHING)
def test_a_message_has_its_length_whatever_names_its_remedies_repeat(
    name: str, values: list[str], aws: str
) -> None:
    said = tell(f"space {name} exists", *(another("spaceName", one) for one in values), aws=aws)
    assert len(said) <= MESSAGE_LIMIT


def test_a_message_keeps_the_best_remedy_where_not_all_have_room() -> None:
    best, second = another("spaceName", "another name"), another("spaceName", "x" * 200)
    said = tell("space churn exists", best, second)
    assert said == "space churn exists. Set spec.spaceName to another name."
    assert said.remedies == (best,)


def test_every_event_has_the_length_of_a_message() -> None:
    world = running_world()
    long = "x" * 4096
    operation = {"type": "Resize", "startedAt": START.isoformat(), "from": long, "to": long}
    world.status = SpaceStatus.model_validate({**world.status.dump(), "operation": operation})
    notes = world.step().notes  # each is held to the style
    assert "Resized" in {note.reason for note in notes}
