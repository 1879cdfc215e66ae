"""Settings of a profile that AWS refused are asked for again when what it refers to changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studio_operator.plan.types import FailureKind

from tests.unit.plan.engine_model import Engine
from tests.unit.plan.test_domain import ROLE
from tests.unit.plan.test_profile import running as running_profile
from tests.unit.plan.test_refused_settings import live, refused_by

WORDS = "The SecurityGroups are of another VPC."


def refused_profile() -> Engine[Any, Any]:
    """A profile whose security group AWS refuses each time, and all else of which it has."""
    made = running_profile({"userSettings": {"executionRole": ROLE}})
    refused_by(made, FailureKind.INVALID, WORDS, "sg-1")
    made.edit(userSettings={"executionRole": ROLE, "securityGroups": ["sg-1"]}, tags={"team": "x"})
    live(made)
    assert made.condition("Stalled") == "RejectedByAWS"
    made.aws.log.clear()
    return made


@pytest.mark.parametrize("crashes", [False, True])
def test_a_change_leads_to_one_more_try_and_rest_to_none(*, crashes: bool) -> None:
    made = refused_profile()
    live(made, timedelta(hours=1))
    assert made.aws.operations() == []
    for number in (1, 2):
        made.depends_on = None  # it is on its way
        live(made)
        made.depends_on = f"change {number}"
        live(made)
        if crashes:
            made.crash()
        live(made, timedelta(hours=1))
        assert made.aws.operations() == ["UpdateUserProfile"] * number
    assert made.condition("Stalled") == "RejectedByAWS"


def test_it_is_made_when_it_may_be() -> None:
    made = refused_profile()
    del made.aws.apply  # AWS takes it from here on
    live(made)
    assert made.aws.operations() == []
    made.depends_on = "the domain is in that VPC by now"
    live(made)
    assert made.condition("Ready") == "InService"
    assert made.status.refusals is None


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["change", "move", "crash", "rest", "tag"]), max_size=8))
def test_no_try_comes_without_a_change(acts: list[str]) -> None:
    made = refused_profile()
    changes = edits = 0
    for act in acts:
        if act == "change":
            changes += 1
            made.depends_on = f"change {changes}"
        elif act == "move":
            made.depends_on = None
        elif act == "crash":
            made.crash()
        elif act == "tag":
            edits += 1  # another edit of the spec tries once more, too
            made.edit(tags={"team": f"x{edits}"})
        live(made, timedelta(minutes=5))
        assert made.aws.operations().count("UpdateUserProfile") <= changes + edits
