"""What becomes of a space whose tenant does not allow what it has, wants or inherits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from studio_operator.kinds.space.in_aws.observed import ImageRef
from studio_operator.plan.observed import FileSystem
from studio_operator.plan.tenancy.policy import UNRULED, NamespacePolicy

from tests.unit.plan.space_world import DOMAIN, OWNER, SpaceWorld
from tests.unit.tenancy.judged import (
    HOUR,
    TenantSpaceWorld,
    policy,
    ruled,
    rules,
    running,
    said,
    space,
)

ROLE = "arn:aws:iam::123456789012:role/churn"
ADMIN = "arn:aws:iam::123456789012:role/admin"
EFS = {"efs": {"fileSystemId": "fs-0123456789abcdef0"}}
MOUNTED: dict[str, Any] = {"storage": {"sizeGiB": 20, "fileSystems": [EFS]}}
REMOTE: dict[str, Any] = {"remoteAccess": "Enabled"}
ALL: dict[str, Any] = {"fileSystems": ["*"], "remoteAccess": "Enabled"}
CREATED = ["CreateSpace", "CreateApp"]


def violation(world: SpaceWorld) -> str | None:
    found = world.status.condition("PolicyViolation")
    return found.message if found else None


def count_of(world: SpaceWorld) -> tuple[datetime | None, datetime | None]:
    return world.status.policy_grace_since, world.status.policy_stops_at


# --- new spaces ---


@pytest.mark.parametrize(
    "spec",
    [
        MOUNTED,
        REMOTE,
        {"deletionPolicy": "Delete"},
        {"image": {"imageArn": "arn:aws:sagemaker:eu-central-1:123456789012:image/churn"}},
        {"backup": {"s3Uri": "s3://elsewhere/churn"}},
    ],
)
@pytest.mark.parametrize("enforcement", ["Block", "Stop"])
def test_a_new_space_is_not_made_with_what_is_not_allowed(
    spec: dict[str, Any], enforcement: str
) -> None:
    world = space(ruled(enforcement), **spec)
    world.run()
    assert world.log == []
    assert said(world) == ("False", "PolicyViolation")


def test_the_message_names_field_value_and_what_an_admin_does() -> None:
    world = space(ruled(), **MOUNTED)
    world.run()
    assert world.status.condition("Ready").message == (  # type: ignore[union-attr] # it is there
        "spec.storage.fileSystems is fs-0123456789abcdef0, which StudioTenant churn does not "
        "allow. Set spec.storage.fileSystems to what it allows, or add fs-0123456789abcdef0 to "
        "spec.allow.fileSystems of StudioTenant churn."
    )


def test_it_is_made_once_that_is_allowed() -> None:
    world = space(ruled(), **MOUNTED)
    world.run()
    world.policy = ruled(fileSystems=["fs-*"])
    world.run()
    assert world.names_of_calls() == CREATED
    assert said(world)[0] == "True"
    assert violation(world) is None


def test_a_plain_space_needs_no_permission() -> None:
    world = space(ruled())
    world.run()
    assert world.names_of_calls() == CREATED
    assert violation(world) is None


def test_audit_makes_it_and_tells() -> None:
    world = space(ruled("Audit"), **MOUNTED)
    world.run()
    assert world.names_of_calls() == CREATED
    assert said(world)[0] == "True"
    assert "fs-0123456789abcdef0" in (violation(world) or "")


# --- what is inherited ---


@pytest.mark.parametrize(
    ("spec", "domain", "owner", "where"),
    [
        ({}, {"user_role": ADMIN}, {}, "spec.defaultUserSettings.executionRole of StudioDomain"),
        (
            {},
            {"user_role": ROLE},
            {"execution_role": ADMIN},
            "spec.userSettings.executionRole of UserProfile alice",
        ),
        (
            {"sharing": "Shared"},
            {"user_role": ROLE, "shared_role": ADMIN},
            {"execution_role": ROLE},
            "spec.defaultSpaceSettings.executionRole of StudioDomain",
        ),
    ],
)
def test_the_role_is_judged_that_the_app_would_run_with(
    spec: dict[str, Any], domain: dict[str, Any], owner: dict[str, Any], where: str
) -> None:
    world = space(ruled(executionRoles=[ROLE]), **spec)
    world.domain, world.owner = replace(DOMAIN, **domain), replace(OWNER, **owner)
    world.run()
    assert world.log == []
    ready = world.status.condition("Ready")
    assert ready is not None
    assert where in ready.message
    world.domain = replace(DOMAIN, user_role=ROLE, shared_role=ROLE)
    world.owner = replace(OWNER, execution_role=ROLE)
    world.run()
    assert world.names_of_calls() == CREATED


def test_a_role_that_is_not_known_is_not_judged() -> None:
    world = space(ruled())
    world.run()
    assert world.names_of_calls() == CREATED


def of_alice(world: TenantSpaceWorld, role: str | None) -> TenantSpaceWorld:
    """After a restart of the operator: the domain's role is known, the owner's own is not."""
    world.domain = replace(DOMAIN, user_role=ADMIN)
    world.owner_role = role
    world.forget_owner()
    return world


@pytest.mark.parametrize("enforcement", ["Audit", "Block", "Stop"])
def test_the_role_of_the_domain_is_not_judged_for_an_owner_who_may_have_another(
    enforcement: str,
) -> None:
    world = of_alice(running(ruled(enforcement, executionRoles=[ROLE])), ROLE)
    world.run()
    assert world.log == []
    assert world.is_running()
    assert violation(world) is None
    assert said(world)[0] == "True"


def test_stop_looks_at_the_owner_of_what_runs() -> None:
    world = of_alice(running(ruled("Stop", executionRoles=[ROLE])), ADMIN)
    world.run()
    assert world.names_of_calls() == ["DeleteApp"]
    assert said(world) == ("False", "PolicyViolation")
    world = of_alice(running(ruled("Stop", executionRoles=[ROLE])), None)
    world.run()
    assert world.names_of_calls() == ["DeleteApp"]
    assert "of StudioDomain" in (violation(world) or "")


def test_an_owner_who_can_not_be_looked_at_is_not_judged() -> None:
    world = of_alice(running(ruled("Stop", executionRoles=[ROLE])), ADMIN)
    assert world.owner is not None
    world.owner = replace(world.owner, problem="it is being deleted")
    world.run()
    assert world.log == []
    assert world.is_running()


@pytest.mark.parametrize("enforcement", ["Block", "Stop"])
def test_the_owner_is_looked_at_before_a_start(enforcement: str) -> None:
    for role, begun in ((ROLE, ["CreateApp"]), (ADMIN, []), (None, [])):
        world = space(state="Stopped")
        world.run()
        world.log.clear()
        world.policy = ruled(enforcement, executionRoles=[ROLE])
        of_alice(world, role).edit(state="Running")
        world.run()
        assert world.names_of_calls() == begun
        assert world.owner_looks == 1


def test_the_owner_is_looked_at_before_a_space_is_made() -> None:
    for role, begun in ((ROLE, CREATED), (ADMIN, [])):
        world = of_alice(space(ruled(executionRoles=[ROLE])), role)
        world.run()
        assert world.names_of_calls() == begun


def test_nobody_looks_at_the_owner_for_a_role_that_does_not_matter() -> None:
    shared = running(ruled("Stop", executionRoles=[ROLE]), sharing="Shared")
    worlds = [running(ruled("Audit")), running(ruled("Block")), running(UNRULED), shared]
    for world in worlds:
        of_alice(world, ADMIN).run()
        assert world.owner_looks == 0


# --- what is there already ---


@pytest.mark.parametrize("holds", [ruled("Audit"), ruled("Block")], ids=["Audit", "Block"])
def test_what_runs_goes_on_and_is_told(holds: NamespacePolicy) -> None:
    world = running(holds, **MOUNTED)
    world.run()
    world.live(world.now + 100 * HOUR)
    assert world.log == []
    assert world.is_running()
    assert said(world)[0] == "True"
    assert violation(world) is not None


def test_a_change_to_what_is_not_allowed_is_not_made_and_stops_nobody() -> None:
    world = running(ruled())
    world.edit(**MOUNTED)
    world.run()
    assert world.log == []
    assert world.is_running()
    assert said(world) == ("False", "PolicyViolation")


def test_all_else_is_carried_out() -> None:
    world = running(ruled())
    world.edit(**MOUNTED, instanceType="ml.m5.large", tags={"team": "churn"})
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp", "AddTags"]
    assert world.space is not None
    assert "CustomFileSystems" not in world.calls("UpdateSpace")[0]["SpaceSettings"]
    assert said(world) == ("False", "PolicyViolation")


def test_a_value_that_is_taken_back_is_no_violation_any_more() -> None:
    world = running(ruled(), **MOUNTED)
    world.run()
    world.edit(storage={"sizeGiB": 20})
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert violation(world) is None
    assert said(world)[0] == "True"


def test_under_block_the_next_start_is_refused() -> None:
    world = running(ruled(), **MOUNTED)
    world.edit(state="Stopped")
    world.run()
    assert world.names_of_calls() == ["DeleteApp"]
    world.edit(state="Running")
    world.run()
    assert world.names_of_calls() == ["DeleteApp"]
    assert said(world) == ("False", "PolicyViolation")
    world.policy = ruled(**ALL)
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "CreateApp"]


def test_under_block_nobody_is_stopped_for_a_resize_that_would_not_come_back() -> None:
    world = running(ruled(), **MOUNTED)
    world.edit(instanceType="ml.m5.large")
    world.run()
    assert world.log == []
    assert world.is_running()


def test_what_people_set_in_aws_is_judged_as_well() -> None:
    world = running(ruled())
    mounted = (FileSystem("efs", "fs-0fedcba9876543210"),)
    world.settings = replace(world.settings, file_systems=mounted)
    world._touch()
    world.run()
    assert "fs-0fedcba9876543210" in (violation(world) or "")


# --- Stop ---


def test_stop_stops_at_once_where_a_resize_would() -> None:
    world = running(ruled("Stop"), **MOUNTED)
    world.run()
    assert world.names_of_calls() == ["DeleteApp"]
    assert said(world) == ("False", "PolicyViolation")


def test_stop_waits_for_the_hours_of_grace_where_the_spec_wants_to() -> None:
    holds = policy(rules(enforcement="Stop", graceHours=24))
    world = running(holds, **MOUNTED, resizePolicy="WhenStopped")
    begun = world.now
    world.run()
    assert world.log == []
    assert world.status.policy_stops_at == begun.replace(microsecond=0) + 24 * HOUR
    due = world.status.policy_stops_at
    world.live(due - HOUR)
    assert world.log == []
    world.crash()
    world.live(due + HOUR)
    assert world.names_of_calls() == ["DeleteApp"]
    assert world.status.policy_stops_at is None


@pytest.mark.parametrize("hours", [48, 12, 0])
def test_other_hours_of_grace_count_from_when_the_count_began(hours: int) -> None:
    world = running(ruled("Stop"), **MOUNTED, resizePolicy="WhenStopped")
    begun = world.now.replace(microsecond=0)
    world.live(begun + 2 * HOUR)
    assert count_of(world) == (begun, begun + 24 * HOUR)
    world.crash()
    world.policy = policy(rules(enforcement="Stop", graceHours=hours))
    world.live(begun + 3 * HOUR)
    if hours == 0:
        assert world.names_of_calls() == ["DeleteApp"]
        return
    assert world.status.policy_stops_at == begun + hours * HOUR
    world.live(begun + hours * HOUR - HOUR)
    assert world.log == []
    world.live(begun + hours * HOUR + HOUR)
    assert world.names_of_calls() == ["DeleteApp"]
    assert count_of(world) == (None, None)


def test_the_count_goes_on_while_the_role_is_not_known_and_nobody_is_stopped_then() -> None:
    world = running(ruled("Stop", executionRoles=[ROLE]), resizePolicy="WhenStopped")
    of_alice(world, ADMIN)
    begun = world.now.replace(microsecond=0)
    world.live(begun + HOUR)
    assert world.status.policy_stops_at == begun + 24 * HOUR
    known = world.owner
    assert known is not None
    world.forget_owner()
    assert world.owner is not None
    world.owner = replace(world.owner, problem="user profile alice is being updated")
    world.live(begun + 26 * HOUR)
    assert world.status.policy_grace_since == begun
    assert world.log == []
    world.owner = known
    world.live(begun + 27 * HOUR)
    assert world.names_of_calls() == ["DeleteApp"]


def test_a_count_ends_with_the_enforcement() -> None:
    world = running(ruled("Stop"), **MOUNTED, resizePolicy="WhenStopped")
    world.live(world.now + HOUR)
    world.policy = ruled("Block")
    world.live(world.now + HOUR)
    assert count_of(world) == (None, None)
    world.policy, begun = ruled("Stop"), world.now
    world.live(world.now + HOUR)
    assert world.status.policy_stops_at == begun.replace(microsecond=0) + 24 * HOUR


def test_what_is_allowed_again_is_not_stopped() -> None:
    world = running(ruled("Stop"), **MOUNTED, resizePolicy="WhenStopped")
    world.run()
    world.policy = ruled("Stop", **ALL)
    world.run()
    assert world.status.policy_stops_at is None
    world.live(world.now + 100 * HOUR)
    assert world.log == []


SCRIPT = "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/tools"
IMAGE = "arn:aws:sagemaker:eu-central-1:123456789012:image/churn"


def with_defaults(world: TenantSpaceWorld, **resource: str) -> TenantSpaceWorld:
    """The domain gives that to spaces which name none."""
    defaults = {"JupyterLab": {"DefaultResourceSpec": resource}}
    world.domain = replace(DOMAIN, defaults=defaults)
    return world


def test_stop_does_not_count_what_only_the_next_app_would_get() -> None:
    world = running(ruled("Stop"), resizePolicy="WhenStopped")
    with_defaults(world, LifecycleConfigArn=SCRIPT)
    world.lose_status()
    world.run()
    assert "defaultResourceSpec.lifecycleConfigArn" in (violation(world) or "")
    assert world.status.policy_stops_at is None
    world.live(world.now + 100 * HOUR)
    assert world.log == []
    assert world.is_running()


@pytest.mark.parametrize(
    "changes", [{"script": SCRIPT}, {"image": ImageRef(IMAGE)}], ids=["script", "image"]
)
def test_stop_counts_what_the_app_itself_was_started_with(changes: dict[str, Any]) -> None:
    for holds in (ruled("Audit"), ruled("Block"), ruled("Stop")):
        world = running(holds)
        assert world.app is not None
        world.app = replace(world.app, **changes)
        world.run()
        assert world.names_of_calls() == (["DeleteApp"] if holds.stops else [])
        assert (violation(world) is None) == holds.stops
        world.person_stops()
        world.run()
        world.request("start", "2026-03-02T10:00:00Z")
        world.run()
        assert world.is_running()  # the next one has nothing that is not allowed
        assert violation(world) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [(MOUNTED, {"storage": {"sizeGiB": 20}}), (REMOTE, {"remoteAccess": "Disabled"})],
    ids=["mount", "remote access"],
)
def test_declaring_what_is_allowed_does_not_keep_an_app_running_with_what_is_not(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    world = running(ruled("Stop"), **before, resizePolicy="WhenStopped")
    world.live(world.now + HOUR)
    due = world.status.policy_stops_at
    assert due is not None
    world.edit(**after)
    world.live(world.now + HOUR)
    assert world.status.policy_stops_at == due
    assert world.log == []
    world.live(due + HOUR)
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace"]
    assert world.status.policy_stops_at is None
    assert violation(world) is None


@pytest.mark.parametrize("grace", [0, 24])
def test_what_an_edit_mends_is_stopped_for_the_change_and_started_again(grace: int) -> None:
    world = space(**MOUNTED, state=None)
    world.run()
    world.person_starts()
    world.run()
    assert world.is_running()
    world.log.clear()
    world.policy = policy(rules(enforcement="Stop", graceHours=grace))
    world.edit(storage={"sizeGiB": 20})
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert world.is_running()


@pytest.mark.parametrize("enforcement", ["Block", "Stop"])
def test_no_update_brings_a_default_that_is_not_allowed(enforcement: str) -> None:
    world = space(state="Stopped")
    world.run()
    world.log.clear()
    world.policy = ruled(enforcement)
    with_defaults(world, LifecycleConfigArn=SCRIPT)
    world.lose_status()
    world.run()
    world.edit(instanceType="ml.m5.large")
    world.run()
    assert world.names_of_calls() == ["UpdateSpace"]
    assert SCRIPT not in str(world.log)
    world.edit(state="Running")
    world.run()
    assert "CreateApp" not in world.names_of_calls()
    assert said(world) == ("False", "PolicyViolation")


# --- back-ups ---

ELSEWHERE: dict[str, Any] = {"backup": {"s3Uri": "s3://elsewhere/churn"}}
ALLOWED_PLACE: dict[str, Any] = {"backup": {"s3Uri": "s3://churn-backups/churn"}}
PLACES = ["s3://churn-backups/*"]


def test_under_block_no_app_is_started_that_sends_back_ups_to_where_none_may_go() -> None:
    world = running(ruled(s3Places=PLACES), **ELSEWHERE)
    world.run()
    assert world.is_running()
    world.edit(state="Stopped")
    world.run()
    world.edit(state="Running")
    world.run()
    assert world.names_of_calls() == ["DeleteApp"]
    assert said(world) == ("False", "PolicyViolation")
    world.edit(**ALLOWED_PLACE)
    world.run()
    assert world.names_of_calls()[-2:] == ["UpdateSpace", "CreateApp"]


def test_stop_stops_what_sends_back_ups_to_where_none_may_go() -> None:
    world = running(ruled("Stop", s3Places=PLACES), **ELSEWHERE)
    world.run()
    assert world.names_of_calls() == ["DeleteApp"]
    assert said(world) == ("False", "PolicyViolation")
    waits = running(ruled("Stop", s3Places=PLACES), **ELSEWHERE, resizePolicy="WhenStopped")
    waits.live(waits.now + HOUR)
    assert waits.log == []
    assert waits.status.policy_stops_at is not None


@pytest.mark.parametrize("enforcement", ["Block", "Stop"])
def test_a_place_that_is_declared_and_not_taken_stops_nobody(enforcement: str) -> None:
    world = running(ruled(enforcement, s3Places=PLACES), **ALLOWED_PLACE)
    world.edit(**ELSEWHERE)
    world.run()
    world.live(world.now + 100 * HOUR)
    assert world.log == []
    assert world.is_running()
    assert said(world) == ("False", "PolicyViolation")


# --- whole namespaces ---


MISSING = policy(is_required=True)
CONFLICT = policy(rules(enforcement="Stop"), rules("forecast", enforcement="Stop"))


@pytest.mark.parametrize(
    ("holds", "reason"), [(MISSING, "TenantRequired"), (CONFLICT, "TenantConflict")]
)
def test_without_one_tenant_nothing_begins_and_nothing_ends(
    holds: NamespacePolicy, reason: str
) -> None:
    world = space(holds)
    world.run()
    assert world.log == []
    assert said(world) == ("False", reason)
    world = running(holds)
    world.edit(instanceType="ml.m5.large")
    world.run()
    assert world.log == []
    assert world.is_running()
    assert said(world) == ("False", reason)


# --- in the middle of an operation ---


def stopped_by_operation(**asked: Any) -> TenantSpaceWorld:
    """A space whose app an operation has just stopped, before any tenant was there."""
    world = running(UNRULED, **MOUNTED)
    if asked:
        world.edit(**asked)
    else:
        world.request("restart", "2026-03-02T10:00:00Z")
    while "DeleteApp" not in world.names_of_calls():
        world.step()
    return world


RESIZE: dict[str, Any] = {"instanceType": "ml.m5.large"}


@pytest.mark.parametrize("asked", [RESIZE, {}], ids=["resize", "restart"])
@pytest.mark.parametrize(
    ("holds", "takes_all"),
    [(ruled(), True), (MISSING, False), (CONFLICT, False)],
    ids=["Block", "none", "two"],
)
def test_whom_an_operation_stopped_is_started_again(
    asked: dict[str, Any], holds: NamespacePolicy, takes_all: bool
) -> None:
    world = stopped_by_operation(**asked)
    world.policy = holds
    world.run()
    updates = ["UpdateSpace"] if asked and takes_all else []
    assert world.names_of_calls() == ["DeleteApp", *updates, "CreateApp"]
    assert world.is_running()
    world.log.clear()
    world.person_stops()
    world.run()
    world.request("start", "2026-03-02T12:00:00Z")
    world.run()
    assert "CreateApp" not in world.names_of_calls()


def test_a_start_that_is_owed_is_none_under_stop() -> None:
    world = stopped_by_operation(**RESIZE)
    world.policy = ruled("Stop")
    world.run()
    assert "CreateApp" not in world.names_of_calls()


def test_a_start_that_is_owed_adds_nothing_that_is_not_allowed() -> None:
    world = stopped_by_operation(**RESIZE)
    world.policy = ruled()
    with_defaults(world, LifecycleConfigArn=SCRIPT)
    world.edit(image={"imageArn": IMAGE}, remoteAccess="Enabled")
    world.run()
    assert IMAGE not in str(world.log)
    assert SCRIPT not in str(world.log)
    assert not world.settings.remote_access


def test_no_start_that_is_owed_brings_a_default_that_is_not_allowed() -> None:
    world = stopped_by_operation()
    world.policy = ruled()
    with_defaults(world, LifecycleConfigArn=SCRIPT)
    assert world.status.effective is not None
    unrecorded = world.status.effective.model_copy(update={"settings": None})
    world.status = world.stored = world.status.model_copy(update={"effective": unrecorded})
    world.run()
    assert "CreateApp" not in world.names_of_calls()
    assert said(world) == ("False", "PolicyViolation")


def test_a_person_who_stops_it_meanwhile_is_owed_no_start() -> None:
    world = stopped_by_operation(**RESIZE)
    world.policy = ruled()
    world.request("stop", "2026-03-02T11:00:00Z")
    world.run()
    assert "CreateApp" not in world.names_of_calls()


# --- deletions ---


@pytest.mark.parametrize(
    "holds", [ruled(), ruled("Stop"), MISSING, CONFLICT], ids=["Block", "Stop", "none", "two"]
)
@pytest.mark.parametrize("deletion", ["Retain", "Delete", "Orphan"])
def test_a_deletion_is_never_refused(holds: NamespacePolicy, deletion: str) -> None:
    ways = []
    for one in (UNRULED, holds):
        world = running(one, **MOUNTED, deletionPolicy=deletion)
        world.deleting = True
        assert not world.run().finalizer
        ways.append(world.names_of_calls())
    assert ways[0] == ways[1]


# --- adoption ---


def test_what_exists_is_taken_over_only_where_that_is_allowed() -> None:
    world = running(ruled(), adopt=True)
    world.lose_status(uid="another")
    assert world.space is not None
    world.space = replace(world.space, tags={})
    world.run()
    assert world.log == []
    assert said(world) == ("False", "PolicyViolation")
    world.policy = ruled(adoption=["chu*"])
    world.run()
    assert world.names_of_calls() == ["AddTags"]
    assert violation(world) is None
