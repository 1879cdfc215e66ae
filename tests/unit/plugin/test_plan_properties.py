"""What holds for every plan: nothing for no change, and no words that the planners contradict."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from studio_operator.kube.resources import Key
from studio_operator.plugin.planning.report import Action

from tests.unit.plugin.plan_stage import documents, domain, plan, profile, record, space

FAST = settings(max_examples=30, suppress_health_check=[HealthCheck.data_too_large])

SPACES = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(["Running", "Stopped", None]),
        "instanceType": st.sampled_from(["ml.t3.medium", "ml.m5.large", "ml.g5.xlarge", None]),
        "storage": st.sampled_from([{"sizeGiB": 20}, {"sizeGiB": 50}, {"sizeGiB": 1}]),
        "app": st.sampled_from(["JupyterLab", "CodeEditor", "Emacs"]),
        "sharing": st.sampled_from(["Shared", "Private"]),
        "resizePolicy": st.sampled_from(["Immediate", "WhenStopped"]),
        "deletionPolicy": st.sampled_from(["Retain", "Delete", "Orphan"]),
        "displayName": st.sampled_from(["One", "Two"]),
        "idleShutdown": st.sampled_from([{"after": "60m"}, {"after": "2h"}]),
        "image": st.sampled_from([{"distribution": "2.1"}, {}]),
        "lifecycleConfigArn": st.sampled_from(
            ["arn:aws:sagemaker:eu-west-1:123456789012:studio-lifecycle-config/install", None]
        ),
        "adopt": st.just(True),
        "ownerRef": st.sampled_from([{"name": "alice"}, {"name": "nobody"}]),
        "tags": st.dictionaries(st.sampled_from(["a", "aws:b"]), st.sampled_from(["1", "2"])),
        "typo": st.just(1),
    },
)
DOMAINS = st.fixed_dictionaries(
    {},
    optional={
        "tagPropagation": st.sampled_from(["ENABLED", "DISABLED"]),
        "domainId": st.just("d-a1b2c3"),
        "deletionPolicy": st.sampled_from(["Retain", "Delete"]),
        "tags": st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["1", "2"])),
    },
)


@st.composite
def estates(draw: st.DrawFn) -> dict[Key, Any]:
    """Any subset of a domain, two profiles and two spaces, right or wrong."""
    parts = [
        domain(**draw(DOMAINS)),
        profile("alice"),
        profile("bob", adopt=draw(st.booleans())),
        space("one", **draw(SPACES)),
        space("two", **draw(SPACES)),
    ]
    kept = [part for part in parts if draw(st.booleans())]
    return documents(*kept)


@FAST
@given(estates())
def test_no_change_is_nothing_where_nothing_is_known(some: dict[Key, Any]) -> None:
    report = plan(some, copy.deepcopy(some))
    assert report.changed == ()
    assert all(one.cost is None for one in report.resources)


@FAST
@given(estates(), estates(), st.booleans())
def test_no_change_is_nothing_whatever_is_recorded(
    some: dict[Key, Any], other: dict[Key, Any], running: bool
) -> None:
    report = plan(some, copy.deepcopy(some), records=record(other, running=running))
    assert report.changed == ()


@FAST
@given(estates(), estates())
def test_data_is_lost_only_where_the_resource_goes_under_delete(
    before: dict[Key, Any], after: dict[Key, Any]
) -> None:
    for one in plan(before, after).changed:
        if one.has(Action.DELETE):
            assert one.key not in after
            assert before[one.key]["spec"]["deletionPolicy"] == "Delete"


@FAST
@given(estates(), estates(), st.booleans())
def test_a_change_is_planned_to_its_end_from_any_state(
    before: dict[Key, Any], after: dict[Key, Any], running: bool
) -> None:
    for records in (None, record(before, running=running)):
        report = plan(before, after, records=records)
        assert {one.key for one in report.resources} == {*before, *after}
