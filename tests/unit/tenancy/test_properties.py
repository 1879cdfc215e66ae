"""What holds whatever a tenant allows and whatever people declare."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from studio_operator.plan.tenancy.policy import UNRULED, NamespacePolicy

from tests.unit.tenancy.judged import HOUR, TenantSpaceWorld, policy, ruled, rules, space

EFS = {"efs": {"fileSystemId": "fs-0123456789abcdef0"}}
IMAGE = {"imageArn": "arn:aws:sagemaker:eu-central-1:123456789012:image/churn"}
# What a tenant may have to allow, beside what none needs to.
FIELDS: dict[str, list[Any]] = {
    "instanceType": ["ml.t3.large", "ml.m5.large"],
    "storage": [{"sizeGiB": 20}, {"sizeGiB": 20, "fileSystems": [EFS]}],
    "image": [{"distribution": "4.2"}, IMAGE],
    "remoteAccess": ["Enabled", "Disabled"],
    "state": ["Running", "Stopped"],
    "resizePolicy": ["Immediate", "WhenStopped"],
    "deletionPolicy": ["Retain", "Delete", "Orphan"],
    "tags": [{"team": "churn"}, {"team": "forecast"}],
}
ALLOWED: dict[str, Any] = {
    "fileSystems": ["fs-*"],
    "images": ["*:image/churn"],
    "remoteAccess": "Enabled",
    "deletionPolicies": ["Delete", "Orphan"],
}
edits = st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in FIELDS.items()})
allows = st.fixed_dictionaries({}, optional={k: st.just(v) for k, v in ALLOWED.items()})
several_edits = st.lists(edits, min_size=1, max_size=3)


def policies(*enforcements: str) -> st.SearchStrategy[NamespacePolicy]:
    """Tenants, no tenant where one is needed, and two."""
    one = st.builds(lambda how, allow: ruled(how, **allow), st.sampled_from(enforcements), allows)
    if enforcements == ("Audit",):
        return one
    two = policy(rules(enforcement="Block"), rules("forecast", enforcement="Stop"))
    return st.one_of(one, st.sampled_from([policy(is_required=True), two]))


def live(holds: NamespacePolicy, first: Any, changes: Any, *, deleted: bool) -> TenantSpaceWorld:
    """A space that runs, then is ruled, edited, and perhaps deleted."""
    world = space(**first)
    world.run()
    world.log.clear()
    world.policy = holds
    for change in changes:
        world.edit(**change)
        world.run()
    if deleted:
        world.deleting = True
        world.run()
    else:
        world.live(world.now + 30 * HOUR)
    return world


@settings(max_examples=25, deadline=None)
@given(policies("Audit", "Block"), edits, several_edits)
def test_under_audit_and_block_nobody_is_stopped_whom_no_edit_stops(
    holds: NamespacePolicy, first: Any, changes: Any
) -> None:
    runs = {**first, "state": "Running"}
    with_ = live(holds, runs, changes, deleted=False)
    without = live(UNRULED, runs, changes, deleted=False)
    assert len(with_.calls("DeleteApp")) <= len(without.calls("DeleteApp"))
    if without.is_running() and not without.calls("DeleteApp"):
        assert with_.is_running()


@settings(max_examples=25, deadline=None)
@given(policies("Audit", "Block"), edits, edits, st.integers(0, 12))
def test_a_tenant_that_comes_in_the_middle_of_an_operation_leaves_nobody_stopped(
    holds: NamespacePolicy, first: Any, change: Any, steps: int
) -> None:
    worlds = []
    for one in (UNRULED, holds):
        world = space(**{**first, "state": "Running"})
        world.run()
        world.edit(**{**change, "state": "Running"})
        for _ in range(steps):
            world.step()
        world.policy = one
        world.live(world.now + 30 * HOUR)
        worlds.append(world)
    assert [world.is_running() for world in worlds] == [True, True]


@settings(max_examples=25, deadline=None)
@given(policies("Audit"), edits, several_edits, st.booleans())
def test_under_audit_all_is_done_as_without_a_tenant(
    holds: NamespacePolicy, first: Any, changes: Any, deleted: bool
) -> None:
    with_ = live(holds, first, changes, deleted=deleted)
    without = live(UNRULED, first, changes, deleted=deleted)
    assert with_.log == without.log


@settings(max_examples=25, deadline=None)
@given(policies("Audit", "Block", "Stop"), edits, several_edits)
def test_a_space_can_always_be_deleted(holds: NamespacePolicy, first: Any, changes: Any) -> None:
    world = live(holds, first, changes, deleted=True)
    assert world.released
    if world.spec.deletion_policy == "Delete":
        assert world.space is None


@settings(max_examples=25, deadline=None)
@given(policies("Block", "Stop"), edits, several_edits)
def test_nothing_that_is_not_allowed_reaches_aws(
    holds: NamespacePolicy, first: Any, changes: Any
) -> None:
    world = live(holds, first, changes, deleted=False)
    sent = str([world.calls("UpdateSpace")])
    if "fileSystems" not in holds.allow and not _had(first, "fileSystems"):
        assert "fs-0123456789abcdef0" not in sent
    if "images" not in holds.allow and not _had(first, "image/churn"):
        assert "image/churn" not in sent
    assert not world.calls("CreateSpace")


def _had(first: Any, text: str) -> bool:
    return text in str(first)
