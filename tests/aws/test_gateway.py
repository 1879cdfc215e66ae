"""The gateway: calls, errors, pages, rates, and an end in time."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from asyncio import Task
from collections.abc import Iterable
from typing import Any

import pytest
from studio_operator.aws.errors import AwsError
from studio_operator.aws.gateway import BucketKey, CallClass, Gateway, class_of
from studio_operator.fairness import Flow, working_for
from studio_operator.metrics import Metrics
from studio_operator.plan.types import FailureKind
from studio_operator.settings import Settings
from studio_simulator.client import SimulatorClient

from tests.aws.live import (
    PATIENCE,
    REGION,
    WHERE,
    Behind,
    app_request,
    domain_request,
    run,
    space_request,
)
from tests.aws_ids import region_at


def gateway(**settings: Any) -> Gateway:
    return Gateway(Settings(**settings), Metrics())


async def failure_of(aws: Gateway, operation: str, **parameters: Any) -> AwsError:
    with pytest.raises(AwsError) as caught:
        await aws.call(WHERE, operation, parameters)
    return caught.value


@pytest.mark.parametrize(
    ("operation", "call_class"),
    [
        ("DescribeSpace", CallClass.READ),
        ("ListApps", CallClass.READ),
        ("GetResources", CallClass.READ),
        ("CreateApp", CallClass.START),
        ("DeleteApp", CallClass.START),
        ("CreateSpace", CallClass.WRITE),
        ("AddTags", CallClass.WRITE),
    ],
)
def test_operations_have_classes(operation: str, call_class: CallClass) -> None:
    assert class_of(operation) is call_class


def test_region_and_endpoint_come_from_boto3s_standard_chain(simulator: SimulatorClient) -> None:
    async def scene() -> None:
        aws = gateway()
        assert aws.default_region == REGION
        answer = await aws.call(WHERE, "ListDomains", {})
        assert answer == {"Domains": []}
        await aws.call(region_at("eu-west-1"), "ListDomains", {})
        assert {call["region"] for call in simulator.calls()} == {REGION, "eu-west-1"}
        assert await aws.close()

    run(scene())


def test_times_of_answers_are_in_utc(simulator: SimulatorClient) -> None:
    async def scene() -> None:
        aws = gateway()
        domain_id = Behind(simulator).domain()
        answer = await aws.call(WHERE, "DescribeDomain", {"DomainId": domain_id})
        assert str(answer["CreationTime"]).endswith("+00:00")
        await aws.close()

    run(scene())


def test_errors_of_real_calls_are_sorted(simulator: SimulatorClient) -> None:
    async def scene() -> None:
        behind, aws = Behind(simulator), gateway()
        domain_id = behind.domain()
        behind.space(domain_id)
        churn = {"DomainId": domain_id, "SpaceName": "churn"}

        gone = await failure_of(aws, "DescribeSpace", DomainId=domain_id, SpaceName="none")
        assert (gone.kind, gone.code) == (FailureKind.GONE, "ResourceNotFound")
        assert gone.request_id

        early = await failure_of(aws, "UpdateSpace", **churn, SpaceDisplayName="Churn")
        assert early.kind is FailureKind.BUSY  # it is Pending still
        simulator.advance(1)
        twice = await failure_of(aws, "CreateSpace", **space_request(domain_id))
        assert twice.kind is FailureKind.BUSY
        taken = await failure_of(aws, "CreateSpace", **space_request(domain_id, "Alice"))
        assert taken.kind is FailureKind.INVALID  # the name is a profile's
        assert "unique" in taken.message

        wrong = await failure_of(aws, "UpdateSpace", **churn, SpaceSettings={"AppType": "Canvas"})
        assert wrong.kind is FailureKind.INVALID
        unfit = await failure_of(aws, "DescribeSpace", DomainId="d-!", SpaceName="none")
        assert unfit.kind is FailureKind.INVALID
        malformed = await failure_of(aws, "DescribeSpace", DomainId=domain_id)
        assert (malformed.kind, malformed.code) == (FailureKind.INVALID, "ParamValidationError")

        behind.app(domain_id)
        running = await failure_of(aws, "UpdateSpace", **churn, SpaceDisplayName="Churn")
        assert running.kind is FailureKind.BUSY
        await aws.call(WHERE, "DeleteApp", app_request(domain_id))
        simulator.advance(1)
        deleted = await failure_of(aws, "DeleteApp", **app_request(domain_id))
        assert (deleted.kind, deleted.code) == (FailureKind.GONE, "ValidationException")
        simulator.set_quotas(spaces=1)
        full = await failure_of(aws, "CreateSpace", **space_request(domain_id, "second"))
        assert full.kind is FailureKind.QUOTA
        untagged = await failure_of(
            aws, "ListTags", ResourceArn=f"arn:aws:sagemaker:{REGION}:123456789012:space/d-x/none"
        )
        assert untagged.kind is FailureKind.GONE
        await aws.close()

    run(scene())


def test_without_credentials_no_permission_is_asked_for(
    simulator: SimulatorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        aws = gateway()
        error = await failure_of(aws, "ListDomains")
        assert (error.kind, error.code) == (FailureKind.CREDENTIALS, "NoCredentialsError")
        assert counted(aws, "ListDomains") == {"NoCredentialsError": 1}
        assert simulator.count() == 0
        await aws.close()

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    run(scene())


def test_an_endpoint_that_does_not_answer_is_a_passing_error(
    simulator: SimulatorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        aws = gateway(aws_attempts=1)
        error = await failure_of(aws, "ListDomains")
        assert (error.kind, error.code) == (FailureKind.TRANSIENT, "EndpointConnectionError")
        assert counted(aws, "ListDomains") == {"EndpointConnectionError": 1}
        await aws.close()

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    run(scene())


def counted(aws: Gateway, operation: str) -> dict[str, float]:
    """Requests by code, as the metrics count them."""
    return {
        sample.labels["code"]: sample.value
        for metric in aws._metrics.registry.collect()
        for sample in metric.samples
        if sample.name == "studio_operator_aws_calls_total"
        and sample.labels["operation"] == operation
    }


def test_a_request_that_fails_once_is_repeated_and_each_is_counted(
    simulator: SimulatorClient,
) -> None:
    async def scene() -> None:
        aws = gateway(aws_attempts=2)
        simulator.add_fault("ListDomains", code="InternalFailure", times=1)
        assert await aws.call(WHERE, "ListDomains", {}) == {"Domains": []}
        assert counted(aws, "ListDomains") == {"InternalFailure": 1, "OK": 1}
        assert simulator.count("ListDomains") == 2
        await aws.close()

    run(scene())


@pytest.mark.parametrize("fault", ["lost-connection", "lost-answer"])
def test_a_domain_is_asked_for_once_even_where_the_answer_gets_lost(
    simulator: SimulatorClient, fault: str
) -> None:
    async def scene() -> None:
        aws = gateway(aws_attempts=2)
        simulator.set_options(duplicate_domain_names="allow")
        simulator.add_fault("CreateDomain", mode=fault, times=1)
        error = await failure_of(aws, "CreateDomain", **domain_request())
        assert error.kind is FailureKind.TRANSIENT
        assert simulator.count("CreateDomain") == 1
        assert len((await aws.call(WHERE, "ListDomains", {}))["Domains"]) == 1
        await aws.close()

    run(scene())


def test_throttling_slows_its_class_alone(simulator: SimulatorClient) -> None:
    async def scene() -> None:
        aws = gateway(rate_ceiling_read=40.0)
        reads = aws._limiter.bucket(BucketKey(WHERE, CallClass.READ))
        writes = aws._limiter.bucket(BucketKey(WHERE, CallClass.WRITE))
        simulator.add_fault("ListDomains", code="ThrottlingException")
        errors = [await failure_of(aws, "ListDomains") for _ in range(12)]
        assert all(error.is_throttling for error in errors)
        assert reads.rate < 20
        assert writes.rate == Settings().rate_ceiling_write
        await aws.close()

    run(scene())


def test_under_a_hard_limit_calls_are_slowed_down_to_it_and_all_get_through(
    simulator: SimulatorClient,
) -> None:
    async def scene() -> None:
        aws = gateway(rate_ceiling_write=100.0)
        writes = aws._limiter.bucket(BucketKey(WHERE, CallClass.WRITE))
        domain_id = Behind(simulator).domain()
        simulator.set_throttling(mutating={"rate": 15, "burst": 5})

        async def create(number: int) -> bool:
            try:
                await aws.call(WHERE, "CreateSpace", space_request(domain_id, f"s{number:03}"))
            except AwsError as error:
                return not error.is_throttling
            return True

        async def create_all(numbers: Iterable[int]) -> tuple[int, int]:
            """Throttled calls come back later, as in the engine; how many passed, how many not."""
            simulator.clear_calls()
            left = list(numbers)
            while left:
                done = await asyncio.gather(*(create(number) for number in left))
                left = [number for number, is_done in zip(left, done, strict=True) if not is_done]
            return (
                simulator.count("CreateSpace", "OK"),
                simulator.count("CreateSpace", "ThrottlingException"),
            )

        passed, refused = await create_all(range(60))  # the limit is found
        assert passed == 60
        assert refused > 0
        # A span of a second holds 15 calls, and a burst of 5 at most.
        assert writes.rate <= 20
        passed, refused = await create_all(range(60, 90))  # and kept to
        assert passed == 30
        assert refused < 30
        await aws.close()

    run(scene())


def test_pages_hold_a_hundred_and_all_are_read(simulator: SimulatorClient) -> None:
    async def scene() -> None:
        aws = gateway()
        domain_id = Behind(simulator).domain(spaces=205)
        simulator.clear_calls()
        items = await aws.paginate(WHERE, "ListSpaces", {"DomainIdEquals": domain_id}, "Spaces")
        assert sorted(item["SpaceName"] for item in items) == [f"s{n:03}" for n in range(205)]
        assert simulator.count("ListSpaces") == 3
        tagged = await aws.paginate(
            WHERE,
            "GetResources",
            {"ResourceTypeFilters": ["sagemaker"]},
            "ResourceTagMappingList",
        )
        assert len(tagged) == 205
        assert simulator.count("GetResources") == 3
        await aws.close()

    run(scene())


def test_a_listing_of_which_a_later_page_fails_is_no_listing(simulator: SimulatorClient) -> None:
    async def scene() -> None:
        aws = gateway(aws_attempts=1)
        domain_id = Behind(simulator).domain(spaces=150)
        simulator.clear_calls()
        simulator.add_barrier("ListSpaces", "after")
        listing = asyncio.create_task(
            aws.paginate(WHERE, "ListSpaces", {"DomainIdEquals": domain_id}, "Spaces")
        )
        await asyncio.to_thread(simulator.wait_for_barrier)
        simulator.add_fault("ListSpaces", code="InternalFailure")
        simulator.release_barriers()
        with pytest.raises(AwsError):
            await listing
        assert simulator.count("ListSpaces", "OK") == 1
        await aws.close()

    run(scene())


def test_changing_calls_leave_threads_for_reading(simulator: SimulatorClient) -> None:
    async def scene() -> None:
        aws = gateway(aws_threads=3, aws_threads_for_reads=1, aws_attempts=1)
        domain_id = Behind(simulator).domain()
        hang = simulator.add_fault("CreateSpace", mode="hang")
        creating = [
            asyncio.create_task(
                aws.call(WHERE, "CreateSpace", space_request(domain_id, f"s{number}"))
            )
            for number in range(5)
        ]
        await asyncio.sleep(0)
        await asyncio.wait_for(aws.call(WHERE, "ListDomains", {}), PATIENCE)
        simulator.remove_faults(hang)
        await asyncio.gather(*creating, return_exceptions=True)
        assert simulator.count("CreateSpace") == 5
        await aws.close()

    run(scene())


async def hold_up(
    simulator: SimulatorClient, aws: Gateway, domain_id: str, calls: int = 100
) -> list[Task[Any]]:
    """A crowd of one namespace describes spaces, and AWS answers none of it."""
    space = {"DomainId": domain_id, "SpaceName": "churn"}
    with working_for(Flow("crowd")):
        hanging = [
            asyncio.create_task(aws.call(WHERE, "DescribeSpace", space)) for _ in range(calls)
        ]
    while not simulator.calls("DescribeSpace"):
        await asyncio.sleep(0.01)
    return hanging


@pytest.mark.parametrize("gives_up", [False, True], ids=["waits", "gives up and asks again"])
def test_a_crowd_whose_reads_hang_holds_up_no_other_namespace(
    simulator: SimulatorClient, *, gives_up: bool
) -> None:
    async def scene() -> None:
        aws = gateway(aws_threads=8, aws_attempts=1, rate_ceiling_read=1000)
        behind = Behind(simulator)
        domain_id = behind.domain()
        hang = simulator.add_fault("DescribeSpace", mode="hang")
        hanging = await hold_up(simulator, aws, domain_id)
        for _ in range(3 * gives_up):
            for task in hanging:
                task.cancel()
            hanging += await hold_up(simulator, aws, domain_id)
        with working_for(Flow("quiet")):
            for operation in ("ListDomains", "ListSpaces"):
                await asyncio.wait_for(aws.call(WHERE, operation, {}), PATIENCE)
            await asyncio.wait_for(
                aws.call(WHERE, "CreateSpace", space_request(domain_id)), PATIENCE
            )
        await asyncio.wait_for(aws.call(WHERE, "ListApps", {}), PATIENCE)  # as our own listings do
        for task in hanging:
            task.cancel()
        simulator.remove_faults(hang)
        await asyncio.gather(*hanging, return_exceptions=True)
        await aws.close()

    run(scene())


def test_who_gives_up_while_it_waits_for_a_thread_gives_its_token_back(
    simulator: SimulatorClient,
) -> None:
    async def scene() -> None:
        settings = Settings(
            aws_threads=2,
            aws_threads_for_reads=1,
            aws_attempts=1,
            # Two tokens at once, and no third one for as long as the test may take.
            rate_ceiling_read=0.01,
            rate_burst_seconds=200.0,
        )
        aws = Gateway(settings, Metrics())
        reads = aws._limiter.bucket(BucketKey(WHERE, CallClass.READ))
        domain_id = Behind(simulator).domain()
        hang = simulator.add_fault("DescribeSpace", mode="hang")
        hanging = await hold_up(simulator, aws, domain_id, calls=2)
        assert reads.wait(time.monotonic()) > PATIENCE / 2  # the second one has its, and no thread
        assert len(simulator.calls("DescribeSpace")) == 1
        hanging[1].cancel()
        with working_for(Flow("quiet")):
            await asyncio.wait_for(aws.call(WHERE, "ListDomains", {}), PATIENCE / 2)
        simulator.remove_faults(hang)
        await asyncio.gather(*hanging, return_exceptions=True)
        await aws.close()

    run(scene())


def test_closing_waits_for_calls_under_way_but_not_for_ever(simulator: SimulatorClient) -> None:
    async def scene() -> None:
        aws = gateway(aws_close_timeout=0.3, aws_read_timeout=2 * PATIENCE)
        simulator.add_fault("ListDomains", mode="hang")
        hanging = asyncio.create_task(aws.call(WHERE, "ListDomains", {}))
        while not simulator.calls("ListDomains"):
            await asyncio.sleep(0.01)
        began = time.monotonic()
        assert not await asyncio.wait_for(aws.close(), PATIENCE)  # the call never ends
        assert time.monotonic() - began > 0.2
        with pytest.raises(AwsError, match="stopping"):
            await aws.call(WHERE, "ListDomains", {})
        hanging.cancel()

    run(scene())


SCRIPT = """
import asyncio
import sys
from studio_operator.aws.gateway import Gateway
from studio_operator.metrics import Metrics
from studio_operator.plan.scope import AccountRegion
from studio_operator.settings import Settings

async def main():
    aws = Gateway(Settings(aws_close_timeout=0.2, aws_read_timeout=600.0), Metrics())
    hanging = asyncio.create_task(aws.call(AccountRegion("own", "us-east-1"), "ListDomains", {}))
    await asyncio.to_thread(sys.stdin.readline)
    await aws.close()
    hanging.cancel()

asyncio.run(main())
"""


def test_a_call_that_is_never_answered_does_not_keep_the_process(
    simulator: SimulatorClient,
) -> None:
    simulator.add_fault("ListDomains", mode="hang")
    with subprocess.Popen([sys.executable, "-c", SCRIPT], stdin=subprocess.PIPE) as process:
        try:
            while not simulator.calls("ListDomains"):
                assert process.poll() is None
                time.sleep(0.01)
            process.communicate(b"\n", timeout=PATIENCE)
        finally:
            process.kill()  # if it has not ended
    assert process.returncode == 0


def test_the_first_answer_after_refused_credentials_is_told_once(
    simulator: SimulatorClient,
) -> None:
    async def scene() -> None:
        aws, told = gateway(aws_attempts=1), list[str]()
        aws.when_trusted_again(lambda: told.append("trusted"))
        await aws.call(WHERE, "ListDomains", {})
        simulator.refuse_credentials()
        for operation in ("ListDomains", "ListApps"):
            refused = await failure_of(aws, operation)
            assert (refused.kind, refused.code) == (
                FailureKind.CREDENTIALS,
                "ExpiredTokenException",
            )
        assert told == []
        simulator.remove_faults()
        for _ in range(2):
            await aws.call(WHERE, "ListDomains", {})
        assert told == ["trusted"]
        await aws.close()

    run(scene())


def test_credentials_that_appear_later_are_found_without_a_restart(
    simulator: SimulatorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client of boto3 that found none never looks again."""

    async def scene() -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        aws = gateway(credentials_retry=0.001)
        lacking = await failure_of(aws, "ListDomains")
        assert (lacking.kind, lacking.code) == (FailureKind.CREDENTIALS, "NoCredentialsError")
        await failure_of(aws, "ListDomains")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        with contextlib.suppress(AwsError):
            await aws.call(WHERE, "ListDomains", {})  # by the client that found none
        assert await aws.call(WHERE, "ListDomains", {}) == {"Domains": []}
        await aws.close()

    run(scene())
