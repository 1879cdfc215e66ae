"""What the engine promises whatever is planned, on a real API server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from studio_operator.api.common import FINALIZER
from studio_operator.plan.types import FailureKind

from sandbox.access import Access
from tests.cluster.engine.resources import Run, until
from tests.cluster.engine.stage import Stage

Scenario = Callable[[Stage], Coroutine[Any, Any, None]]
OnStage = Callable[[Scenario], None]
NEW_DOMAIN = {
    "vpcId": "vpc-0a1b2c3d",
    "subnetIds": ["subnet-0a1b2c3d"],
    "defaultUserSettings": {"executionRole": "arn:aws:iam::123456789012:role/studio"},
}
ALICE = {"domainRef": {"name": "research"}}


@pytest.fixture
def on_stage(control_plane: Access, namespace: str, run_with_client: Run) -> OnStage:
    def run(scenario: Scenario) -> None:
        run_with_client(lambda client: scenario(Stage(client, control_plane, namespace)))

    return run


def test_finalizer_and_intent_are_stored_before_anything_is_made(on_stage: OnStage) -> None:
    async def scenario(stage: Stage) -> None:
        stored: list[Any] = []
        stage.aws.before_change = lambda _: stored.append(stage.read("StudioDomain", "research"))
        stage.apply("StudioDomain", "research", **NEW_DOMAIN)
        async with stage.at_work():
            await until(lambda: stage.aws.changes == ["CreateDomain"], "the domain is made")
        assert stored[0]["metadata"]["finalizers"] == [FINALIZER]
        assert stored[0]["status"]["operation"]["type"] == "Create"

    on_stage(scenario)


def test_nothing_is_made_when_the_intent_can_not_be_stored(on_stage: OnStage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.apply("StudioDomain", "research", **NEW_DOMAIN)
        await stage.resync.fill()
        entry = stage.store.get(stage.key("StudioDomain", "research"))
        assert entry is not None
        stage.delete("StudioDomain", "research")  # nobody tells the operator
        async with _without_a_fresh_list(stage):
            await until(lambda: len(stage.store) == 0, "it is noticed that the resource is gone")
        assert stage.aws.changes == []

    on_stage(scenario)


def _without_a_fresh_list(stage: Stage) -> Any:
    async def nothing() -> None:
        return None

    stage.resync.fill = nothing  # type: ignore[method-assign] # as between two lists
    return stage.at_work()


def test_a_profile_is_created_once_and_ready_when_aws_shows_it(on_stage: OnStage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.adopt_domain()
        stage.apply("UserProfile", "alice", **ALICE)
        async with stage.at_work():
            await until(
                lambda: stage.ready("UserProfile", "alice") == ("True", "InService"), "it is ready"
            )
        assert stage.aws.changes == ["CreateUserProfile"]
        shown = stage.read("UserProfile", "alice")
        assert shown is not None
        assert shown["status"]["phase"] == "InService"
        assert shown["status"]["observedGeneration"] == 1

    on_stage(scenario)


def test_at_rest_nothing_is_written_however_often_it_is_looked_at(on_stage: OnStage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.adopt_domain()
        stage.apply("UserProfile", "alice", **ALICE)
        async with stage.at_work():
            await until(lambda: stage.ready("UserProfile", "alice")[0] == "True", "it is ready")
            before = [stage.read("UserProfile", "alice"), stage.read("StudioDomain", "research")]
            for _ in range(20):
                stage.feed.everything()
                await asyncio.sleep(0.02)
            after = [stage.read("UserProfile", "alice"), stage.read("StudioDomain", "research")]
        assert after == before
        assert stage.aws.changes == ["CreateUserProfile"]

    on_stage(scenario)


def test_who_does_not_lead_does_nothing(on_stage: OnStage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.leads = False
        applied = stage.apply("StudioDomain", "research", **NEW_DOMAIN)
        async with stage.at_work():
            await until(lambda: "ListDomains" in stage.aws.calls, "AWS is looked at")
            for _ in range(10):
                stage.feed.everything()
                await asyncio.sleep(0.02)
        assert stage.aws.changes == []
        assert stage.read("StudioDomain", "research") == applied

    on_stage(scenario)


def test_a_refused_call_is_told_and_not_repeated_until_something_changes(
    on_stage: OnStage,
) -> None:
    async def scenario(stage: Stage) -> None:
        stage.aws.forbid("CreateUserProfile", FailureKind.INVALID)
        stage.adopt_domain()
        async with stage.at_work():
            ready = ("True", "InService")
            await until(lambda: stage.ready("StudioDomain", "research") == ready, "it is adopted")
            stage.apply("UserProfile", "alice", **ALICE)
            await stage.resync.fill()
            refused = ("False", "RejectedByAWS")
            await until(lambda: stage.ready("UserProfile", "alice") == refused, "it is told")
            for _ in range(10):
                stage.feed.everything()
                await asyncio.sleep(0.02)
            assert stage.aws.changes == ["CreateUserProfile"]
            stage.aws.failing.clear()
            stage.apply("UserProfile", "alice", tags={"team": "churn"}, **ALICE)
            await stage.resync.fill()
            await until(lambda: stage.ready("UserProfile", "alice")[0] == "True", "it is mended")

    on_stage(scenario)


def test_a_busy_aws_is_asked_again_until_it_does(on_stage: OnStage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.aws.forbid("CreateUserProfile", FailureKind.BUSY)
        stage.adopt_domain()
        stage.apply("UserProfile", "alice", **ALICE)
        async with stage.at_work():
            await until(lambda: len(stage.aws.changes) >= 3, "it is asked again")
            stage.aws.failing.clear()
            await until(lambda: stage.ready("UserProfile", "alice")[0] == "True", "it is done")

    on_stage(scenario)


def test_an_answer_that_it_is_gone_already_ends_a_deletion(on_stage: OnStage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.adopt_domain()
        stage.apply("UserProfile", "alice", deletionPolicy="Delete", **ALICE)
        async with stage.at_work():
            await until(lambda: stage.ready("UserProfile", "alice")[0] == "True", "it is ready")
            stage.aws.forbid("DeleteUserProfile", FailureKind.GONE)
            stage.aws.answers["ListUserProfiles"] = []
            stage.delete("UserProfile", "alice")
            await stage.resync.fill()
            await until(lambda: stage.read("UserProfile", "alice") is None, "it is gone")
        assert stage.store.get(stage.key("UserProfile", "alice")) is None

    on_stage(scenario)


def test_a_deleted_domain_goes_when_the_last_that_needs_it_is_gone(on_stage: OnStage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.adopt_domain()
        stage.apply("UserProfile", "alice", **ALICE)
        async with stage.at_work():
            await until(lambda: stage.ready("UserProfile", "alice")[0] == "True", "it is ready")
            stage.delete("StudioDomain", "research")
            await stage.resync.fill()
            blocked = ("False", "DeletionBlocked")
            await until(lambda: stage.ready("StudioDomain", "research") == blocked, "it waits")
            stage.delete("UserProfile", "alice")
            await stage.resync.fill()
            await until(lambda: stage.read("StudioDomain", "research") is None, "both are gone")
        assert stage.aws.changes == ["CreateUserProfile", "AddTags", "AddTags"]

    on_stage(scenario)


def test_a_look_that_is_forbidden_is_told_in_awss_words(on_stage: OnStage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.adopt_domain()
        stage.aws.has_profile("alice", owner=None)
        stage.aws.forbid("ListTags")
        stage.aws.forbid("GetResources")
        stage.apply("UserProfile", "alice", **ALICE)
        async with stage.at_work():
            denied = ("False", "AccessDenied")
            await until(lambda: stage.ready("StudioDomain", "research") == denied, "it is told")

    on_stage(scenario)


def test_a_domain_that_cannot_be_listed_says_why(on_stage: OnStage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.adopt_domain()
        stage.aws.forbid("ListSpaces")
        async with stage.at_work():
            denied = ("False", "AccessDenied")
            await until(lambda: stage.ready("StudioDomain", "research") == denied, "it is told")
            stage.aws.failing.clear()
            await until(lambda: stage.ready("StudioDomain", "research")[0] == "True", "it is seen")

    on_stage(scenario)


def test_credentials_that_aws_refuses_are_told_on_all_that_is_in_the_account(
    on_stage: OnStage,
) -> None:
    async def scenario(stage: Stage) -> None:
        stage.adopt_domain()
        stage.apply("UserProfile", "alice", **ALICE)
        async with stage.at_work():
            await until(lambda: stage.ready("UserProfile", "alice")[0] == "True", "it is made")
            stage.aws.forbid("ListSpaces", FailureKind.CREDENTIALS)

            def told() -> set[tuple[str, str]]:
                both = (("StudioDomain", "research"), ("UserProfile", "alice"))
                return {stage.ready(kind, name) for kind, name in both}

            await until(lambda: told() == {("False", "CredentialsInvalid")}, "both say so")
            stage.aws.failing.clear()
            await until(lambda: told() == {("True", "InService")}, "both go on")

    on_stage(scenario)


def test_what_failed_for_want_of_credentials_is_tried_as_soon_as_aws_takes_them(
    on_stage: OnStage,
) -> None:
    """Not after the pause of the failed call, which is five minutes here."""

    async def scenario(stage: Stage) -> None:
        stage.adopt_domain()
        stage.aws.forbid("CreateUserProfile", FailureKind.CREDENTIALS)
        stage.apply("UserProfile", "alice", **ALICE)
        async with stage.at_work():
            refused = ("False", "CredentialsInvalid")
            await until(lambda: stage.ready("UserProfile", "alice") == refused, "it is told")
            stage.aws.failing.clear()
            stage.core.reconciler.try_again_with_credentials()
            await until(lambda: stage.ready("UserProfile", "alice")[0] == "True", "it is made")

    on_stage(scenario)


def test_a_spec_that_cannot_be_read_stalls_its_resource_only(on_stage: OnStage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.adopt_domain()
        stage.apply("UserProfile", "alice", **ALICE)
        bob = stage.apply("UserProfile", "bob", **ALICE)
        # As after the CRDs of a later version, which admit what this one can't read.
        bob["spec"]["singleSignOn"] = {"identifier": "ShoeSize", "value": "44"}
        stage.store.apply(bob)
        async with stage.at_work():
            stalled = ("False", "InvalidSpec")
            await until(lambda: stage.ready("UserProfile", "bob") == stalled, "it is told")
            await until(lambda: stage.ready("UserProfile", "alice")[0] == "True", "the rest works")
        shown = stage.read("UserProfile", "bob")
        assert shown is not None
        assert "spec.singleSignOn.identifier" in shown["status"]["conditions"][0]["message"]

    on_stage(scenario)


def test_without_a_region_a_domain_says_what_is_missing(on_stage: OnStage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.store.default_region = ""
        stage.apply("StudioDomain", "research", **NEW_DOMAIN)
        async with stage.at_work():
            stalled = ("False", "InvalidSpec")
            await until(lambda: stage.ready("StudioDomain", "research") == stalled, "it is told")
        assert stage.aws.calls == []

    on_stage(scenario)
