"""As somebody who edits `s3Uri`: back-ups go where the operator lets them, in few scripts."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from studio_operator.kinds.space.features.backup.limits import is_allowed_place
from studio_operator.kinds.space.features.backup.tuning import BackupTuning
from studio_operator.plan.types import FailureKind

from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.test_backups import BACKUP, LARGE, make_world, message, reason, running_world

OTHER_ACCOUNT = "444455556666"
ELSEWHERE = {"s3Uri": "s3://evil/studio"}


@pytest.mark.parametrize(
    ("patterns", "place", "allowed"),
    [
        ((), "s3://anywhere/at-all", True),
        (("s3://team-backups",), "s3://team-backups", True),
        (("s3://team-backups",), "s3://team-backups/studio/", True),
        (("s3://team-backups/",), "s3://team-backups/studio", True),
        (("s3://team-backups",), "s3://team-backups-evil", False),
        (("s3://team-backups/studio",), "s3://team-backups", False),
        (("s3://team-backups/studio",), "s3://team-backups/studio-2", False),
        (("s3://backups/*/spaces",), "s3://backups/ml-team/spaces/x", True),
        (("s3://backups/*/spaces",), "s3://backups/ml/team/spaces", False),
        (("s3://a", "s3://b/x"), "s3://b/x", True),
        (("s3://a.b",), "s3://acb", False),
    ],
)
def test_places_are_known_by_their_patterns(
    patterns: tuple[str, ...], place: str, allowed: bool
) -> None:
    assert is_allowed_place(place, patterns) is allowed


def limit(world: SpaceWorld, **limits: Any) -> SpaceWorld:
    known = replace(world.tuning.of(BackupTuning), **limits)
    world.tuning, world.slots = replace(world.tuning, features=(known,)), None
    return world


def operations(world: SpaceWorld) -> list[str]:
    return [one.operation for one in world.log]


def test_a_new_space_whose_back_ups_may_go_nowhere_is_not_made() -> None:
    world = limit(make_world(backup=ELSEWHERE), places=("s3://team-backups",))
    world.run()
    assert operations(world) == []
    assert reason(world) == "InvalidSpec"
    assert "lets no back-ups go" in message(world)
    world.edit(backup=BACKUP)
    world.run()
    assert world.is_running()


def test_an_edit_to_a_forbidden_place_makes_no_script_and_writes_nothing_there() -> None:
    world = limit(running_world(), places=("s3://team-backups",))
    world.edit(backup=ELSEWHERE, instanceType=LARGE)
    world.run()
    assert operations(world) == []
    assert world.is_running()
    assert "lets none go to its place" in message(world)


def test_a_deletion_waits_rather_than_go_without_a_back_up() -> None:
    world = limit(running_world(), places=("s3://team-backups",))
    world.edit(backup=ELSEWHERE)
    world.run()
    world.deleting = True
    world.run()
    assert "DeleteSpace" not in operations(world)
    assert "PutObject" not in operations(world)


def test_forty_edits_of_a_place_make_no_more_scripts_than_the_limit() -> None:
    world = limit(running_world(), scripts_per_namespace=5)
    edit_forty_times(world, restart_after=40)
    assert len(world.scripts) == 5
    assert reason(world) == "InvalidSpec"
    assert "which is the limit" in message(world)
    assert world.is_running()
    world.edit(backup=BACKUP)
    world.run()
    assert reason(world) != "InvalidSpec"


@pytest.mark.parametrize("restart_after", [1, 3, 7])
def test_restarts_of_the_operator_make_the_limit_no_higher(restart_after: int) -> None:
    world = limit(running_world(), scripts_per_namespace=5)
    edit_forty_times(world, restart_after)
    assert len(world.scripts) == 5
    assert "this namespace has scripts for 5 in AWS, which is the limit" in message(world)


def edit_forty_times(world: SpaceWorld, restart_after: int) -> None:
    for number in range(40):
        if number % restart_after == 0:
            world.crash()
        world.edit(backup={"s3Uri": f"s3://team-backups/{number}"})
        world.run()
        world.now += timedelta(seconds=60)


@pytest.mark.parametrize("is_stopped", [False, True])
def test_what_waits_for_a_refused_script_is_told_what_helps(is_stopped: bool) -> None:
    world = limit(running_world(), scripts_per_namespace=1)
    if is_stopped:
        world.person_stops()
    world.edit(backup=ELSEWHERE, instanceType=LARGE)
    world.live(world.now + timedelta(minutes=5))
    assert world.status.phase in {"InService", "Stopped"}
    assert "waits for a back-up, and no script may be made for its place" in message(world)
    assert "Set spec.backup.s3Uri to a place that was used before, or" in message(world)


def test_a_deletion_waits_where_others_hold_the_scripts_name() -> None:
    world = running_world(deletionPolicy="Delete")
    world.edit(backup=ELSEWHERE)
    world.foreign_scripts = True
    world.deleting = True
    world.live(world.now + timedelta(minutes=5))
    assert "DeleteSpace" not in operations(world)
    assert "and others hold its script's name" in message(world)
    assert "Delete it, or set spec.deletionPolicy to Retain" in message(world)


def test_all_namespaces_together_have_a_limit_too() -> None:
    world = limit(running_world(), scripts=3)
    for number in range(10):
        world.edit(backup={"s3Uri": f"s3://team-backups/{number}"})
        world.run()
    assert len(world.scripts) == 3
    assert "all namespaces together" in message(world)


def test_a_new_version_of_the_script_is_no_new_place() -> None:
    world = limit(running_world(), scripts_per_namespace=1)
    for number in range(3):  # enough others
        world.edit(backup={"s3Uri": f"s3://team-backups/{number}"})
        world.run()
    assert reason(world) == "InvalidSpec"
    world.edit(backup=BACKUP)
    world.run()
    limit(world, bucket_owners=(("team-backups", OTHER_ACCOUNT),))
    world.run()
    assert reason(world) != "InvalidSpec"


def test_a_script_that_others_made_under_its_name_never_runs_in_the_space() -> None:
    world = make_world(backup=BACKUP)
    world.foreign_scripts = True
    world.live(world.now + timedelta(hours=1))
    assert operations(world) == []
    assert reason(world) == "InvalidSpec"
    assert "was made by others: its script is not this operator's, and is not run. Delete it" in (
        message(world)
    )
    world.foreign_scripts = False
    world.live(world.now + timedelta(hours=1))
    assert world.is_running()


def test_a_script_that_was_replaced_while_no_app_ran_does_not_run_with_the_next_start() -> None:
    world = running_world()
    world.person_stops()
    world.live(world.now + timedelta(hours=1))
    world.foreign_scripts = True
    world.request("start", "now")
    world.live(world.now + timedelta(minutes=10))
    assert "CreateApp" not in operations(world)
    assert reason(world) == "InvalidSpec"
    assert "its script is not this operator's, and is not run. Delete it" in message(world)
    world.foreign_scripts = False
    world.scripts.clear()  # as the message says
    world.live(world.now + timedelta(hours=1))
    assert operations(world) == ["CreateStudioLifecycleConfig", "CreateApp"]
    assert world.is_running()


def test_a_resize_whose_script_was_replaced_starts_when_that_is_mended() -> None:
    world = running_world(backup={**BACKUP, "before": ["Delete"]})
    world.now += timedelta(hours=1)
    world.foreign_scripts = True
    world.edit(instanceType=LARGE)
    world.live(world.now + timedelta(minutes=10))
    assert "CreateApp" not in operations(world)
    world.foreign_scripts = False
    world.scripts.clear()
    world.live(world.now + timedelta(hours=1))
    assert world.is_running()


def test_a_start_whose_script_can_not_be_looked_at_waits() -> None:
    world = running_world()
    world.person_stops()
    world.live(world.now + timedelta(hours=1))
    world.look_faults = {"script": FailureKind.ACCESS}
    world.request("start", "now")
    world.live(world.now + timedelta(minutes=10))
    assert operations(world) == []
    assert reason(world) == "AccessDenied"
    world.look_faults = {}
    world.live(world.now + timedelta(hours=2))
    assert operations(world) == ["CreateApp"]


# --- whose the bucket is ---


def test_requests_go_to_a_bucket_of_the_domains_account_alone() -> None:
    world = running_world()
    world.edit(instanceType=LARGE)
    world.run()
    (asked,) = world.calls("PutObject")
    assert asked["ExpectedBucketOwner"] == "123456789012"


def test_a_bucket_of_another_account_is_named_by_the_operators_settings() -> None:
    owners = (("team-backups", OTHER_ACCOUNT), ("evil", "000000000000"))
    world = limit(make_world(backup=BACKUP), bucket_owners=owners)
    world.run()
    world.edit(instanceType=LARGE)
    world.run()
    (asked,) = world.calls("PutObject")
    assert asked["ExpectedBucketOwner"] == OTHER_ACCOUNT
    (script,) = world.calls("CreateStudioLifecycleConfig")
    content = base64.b64decode(script["StudioLifecycleConfigContent"]).decode()
    assert f"\nOWNER='{OTHER_ACCOUNT}' " in content
