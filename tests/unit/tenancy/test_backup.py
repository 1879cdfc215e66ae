"""The back-up before a deletion, where the tenant does not allow its place."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.api.common import START_REQUEST
from studio_operator.kinds.space.api.backup import BackupStatus
from studio_operator.kinds.space.features.backup.observed import ObservedBackup
from studio_operator.plan.tenancy.policy import UNRULED, NamespacePolicy, Standing
from studio_operator.plan.types import Look

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

ELSEWHERE = {"s3Uri": "s3://elsewhere/x"}
ALLOWED = {"s3Uri": "s3://churn-backups/studio"}
MAY: dict[str, Any] = {"deletionPolicies": ["Delete"], "s3Places": ["s3://churn-backups/*"]}
CONFLICT = policy(rules(enforcement="Block"), rules("forecast", enforcement="Block"))
MISSING = policy(is_required=True)
REFUSING = pytest.mark.parametrize(
    "holds",
    [ruled("Block", **MAY), ruled("Stop", **MAY), CONFLICT, MISSING],
    ids=["Block", "Stop", "two", "none"],
)
WHY = {
    Standing.RULED: "its tenant does not allow its place",
    Standing.CONFLICT: "several tenants claim its namespace",
    Standing.MISSING: "its namespace has no tenant",
}
OF_PLACE = {"CreateStudioLifecycleConfig", "PutObject"}


class Watched:
    """What is asked of AWS about the place of a back-up, reads as well."""

    def __init__(self, world: TenantSpaceWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.read: list[str] = []
        look = TenantSpaceWorld._look

        def looking(one: TenantSpaceWorld, looks: frozenset[Look]) -> None:
            self.read += [each.name for each in looks if each.name in {"script", "backup"}]
            look(one, looks)

        monkeypatch.setattr(TenantSpaceWorld, "_look", looking)

    def asked(self) -> list[str]:
        """All of it."""
        return [*self.read, *(one for one in self.world.names_of_calls() if one in OF_PLACE)]


def assert_held(world: TenantSpaceWorld, watched: Watched) -> None:
    """Nothing went to the place, nothing is deleted, and the message says what helps."""
    assert watched.asked() == []
    assert "DeleteSpace" not in world.names_of_calls()
    assert world.space is not None
    ready, stalled = world.status.condition("Ready"), world.status.condition("Stalled")
    assert ready is not None
    assert stalled is not None
    assert (ready.status, stalled.reason) == ("False", "BackupStale")
    assert WHY[world.policy.standing] in ready.message
    assert "Leave out spec.backup to delete without one" in ready.message


def assert_deleted_without(world: TenantSpaceWorld, watched: Watched) -> None:
    """The remedy works."""
    world.edit(backup=None)
    assert not world.run().finalizer
    assert "DeleteSpace" in world.names_of_calls()
    assert watched.asked() == []


@REFUSING
def test_a_place_that_comes_with_the_deletion_gets_nothing(
    holds: NamespacePolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = running(holds)
    watched = Watched(world, monkeypatch)
    world.edit(deletionPolicy="Delete", backup=ELSEWHERE)
    world.deleting = True
    world.live(world.now + 3 * HOUR)
    assert_held(world, watched)
    assert_deleted_without(world, watched)


@REFUSING
def test_a_place_that_was_allowed_once_gets_nothing_more(
    holds: NamespacePolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = space(deletionPolicy="Delete", backup=ELSEWHERE)
    world.run()
    assert world.is_running()
    world.log.clear()
    world.policy, world.deleting = holds, True
    watched = Watched(world, monkeypatch)
    world.live(world.now + 3 * HOUR)
    assert_held(world, watched)
    assert_deleted_without(world, watched)


@REFUSING
def test_a_status_that_tells_of_a_back_up_there_is_not_looked_up(
    holds: NamespacePolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = space(deletionPolicy="Delete", backup=ELSEWHERE)
    world.run()
    world.log.clear()
    asked = world.now.replace(microsecond=0)
    world.status = world.status.model_copy(
        update={
            "backup": (world.status.backup or BackupStatus()).model_copy(
                update={
                    "requested_at": asked,
                    "requested_for": "Delete",
                    "answers": asked,
                    "completed_at": asked,
                }
            )
        }
    )
    world.backup = ObservedBackup()
    world.policy, world.deleting = holds, True
    watched = Watched(world, monkeypatch)
    world.live(world.now + HOUR)
    assert_held(world, watched)


@REFUSING
def test_no_app_is_started_for_a_back_up_there(
    holds: NamespacePolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = space(deletionPolicy="Delete", backup=ELSEWHERE)
    world.run()
    world.edit(state="Stopped")
    world.run()
    world.log.clear()
    world.policy, world.deleting = holds, True
    world.annotations = {START_REQUEST: "now"}
    watched = Watched(world, monkeypatch)
    world.live(world.now + HOUR)
    assert_held(world, watched)
    assert "CreateApp" not in world.names_of_calls()


@pytest.mark.parametrize("holds", [CONFLICT, MISSING], ids=["two", "none"])
def test_where_no_tenant_counts_no_place_is_new_and_what_runs_goes_on(
    holds: NamespacePolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = space(backup=ALLOWED)
    world.run()
    world.log.clear()
    world.policy = holds
    world.live(world.now + HOUR)
    assert (world.names_of_calls(), said(world)[0]) == ([], "True")
    world.crash()
    world.live(world.now + HOUR)
    assert (world.names_of_calls(), said(world)[0]) == ([], "True")
    watched = Watched(world, monkeypatch)
    world.edit(backup=ELSEWHERE)
    world.live(world.now + HOUR)
    assert (watched.asked(), said(world)[0]) == ([], "False")


def test_a_deletion_under_retain_waits_for_nothing() -> None:
    world = running(ruled(**MAY))
    world.edit(backup=ELSEWHERE)
    world.deleting = True
    assert not world.run().finalizer
    assert not OF_PLACE & set(world.names_of_calls())


@pytest.mark.parametrize("holds", [UNRULED, ruled("Audit"), ruled("Block", **MAY)])
def test_where_the_place_is_allowed_or_only_told_of_a_back_up_is_asked_for(
    holds: NamespacePolicy,
) -> None:
    place = ALLOWED if holds.refuses else ELSEWHERE
    world = space(deletionPolicy="Delete", backup=place)
    world.run()
    world.log.clear()
    world.policy, world.deleting = holds, True
    assert not world.run().finalizer
    assert world.names_of_calls() == ["PutObject", "DeleteApp", "DeleteSpace"]
