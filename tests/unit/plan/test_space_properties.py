"""From any declared and any observed state, whatever people do and whatever fails.

`SpaceWorld` refuses what AWS might refuse: an update while an app exists, two apps, a growth in the
cool-down, a deletion nobody asked for. So every step of these tests checks those, too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.space.api.rules import TOO_SMALL_FOR_REMOTE_ACCESS
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.in_aws.observed import ImageRef, ObservedSpace, SpaceSettings
from studio_operator.plan.observed import FileSystem
from studio_operator.plan.types import FailureKind, IdleLimits

from tests.unit.plan.space_world import (
    ARN,
    CLUSTER,
    DOMAIN,
    OWNER,
    START,
    AppRecord,
    SpaceWorld,
)

LIFECYCLE = "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/x"
EFS = {"efs": {"fileSystemId": "fs-0123456789abcdef0"}}
AT_EFS = FileSystem("efs", "fs-0123456789abcdef0")
TYPES = ("ml.t3.medium", "ml.m5.large", "ml.g5.xlarge")
STALLED_FOR_A_REASON = {
    "VolumeCannotShrink",
    "OwnershipConflict",
    "ImmutableField",
    "RejectedByAWS",
    "AppFailed",
    "LifecycleConfigFailed",
    "DeletedOutsideOfGit",
    "CreationFailed",
    "UpdateFailed",
    "AccessDenied",
    "QuotaExceeded",
    "BackupStale",
    "InvalidSpec",
}
# Once nothing moves or is waited for, one pass differs from the next by the clock alone.
PASSES_AT_REST = 5
WAITS_FOR_A_PERSON = {"PendingRestart", "BackupStale"}

specs = st.fixed_dictionaries(
    {
        "domainRef": st.just({"name": "research"}),
        "ownerRef": st.just({"name": "alice"}),
        "app": st.sampled_from(["JupyterLab", "CodeEditor"]),
    },
    optional={
        "state": st.sampled_from(["Running", "Stopped"]),
        "instanceType": st.sampled_from(TYPES),
        "storage": st.builds(
            lambda gib, systems: {"sizeGiB": gib, **systems},
            st.integers(5, 60),
            st.sampled_from([{}, {"fileSystems": []}, {"fileSystems": [EFS]}]),
        ),
        "backup": st.sampled_from(
            [
                {"s3Uri": "s3://team-backups"},
                {"s3Uri": "s3://team-backups/studio", "before": ["Delete"]},
            ]
        ),
        "remoteAccess": st.sampled_from(["Enabled", "Disabled"]),
        "image": st.sampled_from([{"distribution": "4.2"}, {"distribution": "4"}]),
        "displayName": st.sampled_from(["Churn", "Growth"]),
        "idleShutdown": st.sampled_from([{"after": "60m"}, {"after": "1d"}]),
        "resizePolicy": st.sampled_from(["Immediate", "WhenStopped"]),
        "rollback": st.booleans(),
        "fallbackInstanceTypes": st.sampled_from(
            [["ml.g5.xlarge"], ["ml.m5.large", "ml.c5.large"]]
        ),
        "drift": st.sampled_from(
            [{"state": "Enforce"}, {"state": "Report"}, {"state": "Enforce", "instance": "Enforce"}]
        ),
        "deletionPolicy": st.sampled_from(["Retain", "Delete", "Orphan"]),
        "adopt": st.booleans(),
        "tags": st.sampled_from([{"team": "churn"}, {"team": "growth", "stage": "dev"}]),
    },
)

MARKS = (
    None,
    f"{CLUSTER}/ml-team/churn/uid-1",
    f"{CLUSTER}/ml-team/churn/released",
    f"{CLUSTER}/ml-team/other/uid-7",
)


@st.composite
def worlds(draw: st.DrawFn) -> SpaceWorld:
    """Any declared state over any observed one."""
    world = SpaceWorld(SpaceSpec.model_validate(draw(specs)))
    limits = draw(st.sampled_from([None, IdleLimits(60, 480)]))
    if limits is not None:
        world.domain = replace(
            DOMAIN, idle_limits=dict.fromkeys(("JupyterLab", "CodeEditor"), limits)
        )
    attached = draw(st.sampled_from([(), (AT_EFS,)]))
    world.domain = replace(world.domain or DOMAIN, file_systems=attached)
    world.owner = replace(OWNER, file_systems=draw(st.sampled_from([None, (), (AT_EFS,)])))
    world.owner_lists = draw(st.sampled_from([(), (AT_EFS,)]))
    if draw(st.booleans()):
        return world
    mark = draw(st.sampled_from(MARKS))
    world.space = ObservedSpace(
        domain_id="d-abc",
        name="churn",
        status=draw(st.sampled_from(["InService", "InService", "Updating", "Update_Failed"])),
        sharing="Private",
        owner="alice",
        app_type=draw(st.sampled_from(["JupyterLab", "CodeEditor"])),
        storage_gib=draw(st.integers(5, 60)),
        created_at=START,
        modified_at=START,
        arn=ARN,
        tags=draw(st.sampled_from([{OWNER_TAG: mark} if mark else {}, None])),
    )
    if world.space.status == "Updating":
        world.space_until = START
    arn = "arn:aws:sagemaker:eu-central-1:545423591354:image/sagemaker-distribution-cpu"
    present = draw(st.sampled_from(TYPES))
    world.settings = SpaceSettings(
        present,
        ImageRef(arn, "4.1"),
        file_systems=draw(st.sampled_from([(), (FileSystem("efs", "fs-01234567"),)])),
        # One that is too small for it AWS starts with neither.
        remote_access=draw(st.booleans()) and present not in TOO_SMALL_FOR_REMOTE_ACCESS,
    )
    status = draw(st.sampled_from([None, "Pending", "InService", "Deleting", "Deleted", "Failed"]))
    if status and world.space.status != "Updating":
        until = START if status in {"Pending", "Deleting"} else None
        size = draw(st.sampled_from(TYPES))
        world.app = AppRecord(status, size, ImageRef(arn, "4.1"), START, until)
    return world


def assert_waits_for_a_mount(world: SpaceWorld, message: str) -> None:
    """What is to be mounted, or is mounted already, has to be attached."""
    if "which is no longer attached" in message:
        assert any(not world.may_mount(one) for one in world.settings.file_systems)
        return
    assert "which nobody has attached" in message
    assert not world.may_mount(AT_EFS)


def assert_end_is_good(world: SpaceWorld) -> None:
    """The declared state, or a reason that a person can act on."""
    stalled = world.condition("Stalled")
    if stalled is not None:
        assert stalled in STALLED_FOR_A_REASON
        return
    ready = world.status.condition("Ready")
    assert ready is not None
    if ready.status != "True":
        if ready.reason == "DependencyNotReady":
            assert_waits_for_a_mount(world, ready.message)
        else:
            assert ready.reason in WAITS_FOR_A_PERSON
        return
    spec, space = world.spec, world.space
    assert space is not None
    assert space.tags is not None
    assert space.tags[OWNER_TAG] == f"{CLUSTER}/ml-team/churn/uid-1"
    assert space.storage_gib is not None
    running = world.app is not None and world.app.status == "InService"
    taken = world.status.substitute
    if spec.instance_type:
        assert (taken.instance_type if taken else spec.instance_type) == (
            world.app.instance_type if running and world.app else world.settings.instance_type
        )
    if spec.storage:
        assert space.storage_gib == spec.storage.size_gib
    if spec.remote_access:
        assert world.settings.remote_access is (spec.remote_access == "Enabled")
    if spec.storage and spec.storage.file_systems is not None:
        assert len(world.settings.file_systems) == len(spec.storage.file_systems)
    for key, value in (spec.tags or {}).items():
        assert space.tags[key] == value
    has_failed = spec.state is None and world.app is not None and world.app.status == "Failed"
    stopped = "Failed" if has_failed else "Stopped"
    assert world.status.phase == ("InService" if running else stopped)
    assert world.status.operation is None


@settings(max_examples=300)
@given(worlds())
def test_every_state_leads_to_the_declared_one_or_a_named_reason(world: SpaceWorld) -> None:
    world.run(80)
    assert_end_is_good(world)


@settings(max_examples=200)
@given(worlds(), st.lists(st.sampled_from(list(FailureKind)), max_size=3), st.data())
def test_failing_calls_delay_and_never_break(
    world: SpaceWorld, kinds: list[FailureKind], data: st.DataObject
) -> None:
    operations = ("CreateSpace", "CreateApp", "UpdateSpace", "DeleteApp", "AddTags")
    world.faults = [(data.draw(st.sampled_from(operations)), kind) for kind in kinds]
    if any(kind is FailureKind.COOLDOWN for _, kind in world.faults):
        world.faults = [
            (op, kind)
            for op, kind in world.faults
            if op == "UpdateSpace" or kind is not FailureKind.COOLDOWN
        ]
    world.run(200)
    assert_end_is_good(world)


@settings(max_examples=200)
@given(worlds())
def test_planning_twice_says_the_same(world: SpaceWorld) -> None:
    """No pass changes a status that says it all already: no write without a change."""
    at_rest = 0
    for _ in range(40):
        plan = world.step()
        if world.released or at_rest == PASSES_AT_REST:
            return
        at_rest = 0 if world.is_moving() or plan.call or plan.looks or plan.wake_at else at_rest + 1
        again = world.plan()
        if not plan.looks and not plan.call and not again.looks and again.call is None:
            world.status = again.status
            assert world.plan().status == again.status


@settings(max_examples=200)
@given(worlds(), st.integers(0, 30), st.integers(0, 30))
def test_a_crash_at_any_step_changes_nothing_at_the_end(
    world: SpaceWorld, first: int, second: int
) -> None:
    for steps in (first, second):
        for _ in range(steps):
            world.step()
        world.crash()
    world.run(120)
    assert_end_is_good(world)


def attach_what_the_backup_needs(world: SpaceWorld) -> None:
    """The app that would make the back-up may mount what nobody attaches."""
    if world.condition("Reconciling") == "DependencyNotReady":
        world.domain = replace(world.domain or DOMAIN, file_systems=world.settings.file_systems)
        world.owner = replace(OWNER, file_systems=())
        world.run(80)


@settings(max_examples=200)
@given(worlds(), st.integers(0, 25))
def test_deletion_always_ends_and_deletes_only_when_asked(world: SpaceWorld, steps: int) -> None:
    for _ in range(steps):
        world.step()
    before = world.space
    world.log.clear()
    world.deleting = True
    world.run(80)
    attach_what_the_backup_needs(world)
    if world.condition("Stalled") == "BackupStale":
        assert world.calls("DeleteApp") == world.calls("DeleteSpace") == []
        world.person_stops()
        world.run(80)
        if "set spec.state to running" in world.status.conditions[0].message.lower():
            world.edit(state="Running")
        else:
            world.request("start", world.now.isoformat())
        world.run(80)
        attach_what_the_backup_needs(world)
    assert world.released
    ours = before is not None and (before.tags or {}).get(OWNER_TAG, "").endswith("/uid-1")
    if world.spec.deletion_policy != "Delete" or not ours:
        assert (world.space is None) == (before is None)
        assert world.calls("DeleteSpace") == []
    else:
        assert world.space is None


@settings(max_examples=200)
@given(specs, st.integers(0, 3), st.booleans())
def test_what_a_person_stopped_is_never_started_again(
    spec: dict[str, Any], crashes: int, retagged: bool
) -> None:
    world = SpaceWorld(SpaceSpec.model_validate({**spec, "state": "Running", "drift": None}))
    world.run(80)
    world.person_stops()
    world.log.clear()
    for _ in range(crashes):
        world.run(40)
        world.crash()
    if retagged:
        world.edit(tags={"by": "hand"})
    world.run(80)
    assert "CreateApp" not in world.names_of_calls()


disruptions = st.sampled_from(
    [
        {"instanceType": "ml.m5.large"},
        {"storage": {"sizeGiB": 70}},
        {"image": {"distribution": "3.1"}},
        {"lifecycleConfigArn": LIFECYCLE},
    ]
)


@settings(max_examples=200)
@given(
    st.sampled_from(["Running", None]),
    disruptions,
    st.integers(0, 12),
    st.integers(0, 12),
    st.sampled_from([None, FailureKind.INVALID, FailureKind.TRANSIENT, FailureKind.COOLDOWN]),
)
def test_what_ran_before_a_change_runs_after_it(
    state: str | None, change: dict[str, Any], first: int, second: int, fault: FailureKind | None
) -> None:
    """Whenever the operator is killed, and also when AWS refuses the change."""
    spec = {"domainRef": {"name": "r"}, "ownerRef": {"name": "a"}, "app": "JupyterLab"}
    world = SpaceWorld(SpaceSpec.model_validate({**spec, "state": state}))
    world.run()
    if state is None:
        world.person_starts()
        world.run()
    world.edit(**change)
    if fault and not (fault is FailureKind.COOLDOWN and "storage" not in change):
        world.faults = [("UpdateSpace", fault)]
    for steps in (first, second):
        for _ in range(steps):
            world.step()
        world.crash()
    world.run(120)
    assert world.app is not None
    assert world.app.status == "InService"


edits = st.sampled_from(
    [
        {"instanceType": "ml.m5.large"},
        {"instanceType": "ml.g5.xlarge"},
        {"state": "Running"},
        {"state": "Stopped"},
        {"state": None},
        {"tags": {"team": "x"}},
        {"resizePolicy": "WhenStopped"},
        {"resizePolicy": "Immediate"},
        {"storage": {"sizeGiB": 70}},
        {"storage": {"sizeGiB": 90}},
    ]
)


PEOPLE = ("stop", "start", "resize", "crash", "fail", "forget")
REQUESTS = ("please start", "please stop", "please restart", "please apply-now")


@settings(max_examples=300)
@given(
    worlds(),
    st.lists(
        st.tuples(
            st.integers(0, 12),
            st.one_of(edits, st.sampled_from([*PEOPLE, *REQUESTS])),
        ),
        max_size=6,
    ),
)
def test_edits_people_and_crashes_in_any_order(
    world: SpaceWorld, acts: list[tuple[int, Any]]
) -> None:
    for steps, act in acts:
        for _ in range(steps):
            world.step()
        act_out(world, act)
    if world.spec.storage and world.space and world.spec.storage.size_gib < 70:
        world.edit(storage={"sizeGiB": 70})
    world.run(200)
    assert_end_is_good(world)


def act_out(world: SpaceWorld, act: Any) -> None:
    if isinstance(act, str) and act in REQUESTS:
        world.request(act.removeprefix("please "), world.now.isoformat())
        return
    if isinstance(act, dict):
        grown = act.get("storage", {}).get("sizeGiB") if "storage" in act else None
        if grown and world.spec.storage and grown < world.spec.storage.size_gib:
            return
        world.edit(**act)
    elif act == "stop":
        world.person_stops()
    elif act == "start":
        world.person_starts()
    elif act == "resize":
        world.person_resizes("ml.g5.xlarge")
    elif act == "crash":
        world.crash()
    elif act == "forget":
        world.annotations = {}
    elif world.app and world.app.status == "InService":
        world.app_fails("unhealthy")


def test_restart_of_the_operator_needs_no_describe() -> None:
    world = SpaceWorld(
        SpaceSpec.model_validate(
            {"domainRef": {"name": "r"}, "ownerRef": {"name": "a"}, "app": "JupyterLab"}
        )
    )
    world.run()
    world.status = type(world.status).model_validate(world.status.dump())
    world.stored, world.known_settings = world.status, None
    world.space = replace(world.space, details=None) if world.space else None
    assert not world.plan().looks
