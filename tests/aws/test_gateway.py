"""The gateway: calls, errors, pages, rates, and an end in time."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from typing import Any

import pytest
from studio_operator.aws.errors import AwsError
from studio_operator.aws.gateway import BucketKey, CallClass, Gateway, class_of
from studio_operator.metrics import Metrics
from studio_operator.plan.types import FailureKind
from studio_operator.settings import Settings
from studio_simulator.client import SimulatorClient

from tests.aws.live import REGION, Behind, app_request, domain_request, run, space_request


def gateway(**settings: Any) -> Gateway:
    return Gateway(Settings(**settings), Metrics())


async def failure_of(aws: Gateway, operation: str, **parameters: Any) -> AwsError:
    with pytest.raises(AwsError) as caught:
        await aws.call(REGION, operation, parameters)
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
        answer = await aws.call(REGION, "ListDomains", {})
        assert answer == {"Domains": []}
        await aws.call("eu-west-1", "ListDomains", {})
        assert {call["region"] for call in simulator.calls()} == {REGION, "eu-west-1"}
        assert await aws.close()

    run(scene())


def test_times_of_answers_are_in_utc(simulator: SimulatorClient) -> None:
    async def scene() -> None:
        aws = gateway()
        domain_id = Behind(simulator).domain()
        answer = await aws.call(REGION, "DescribeDomain", {"DomainId": domain_id})
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
        await aws.call(REGION, "DeleteApp", app_request(domain_id))
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


def test_without_credentials_access_is_what_is_missing(
    simulator: SimulatorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        aws = gateway()
        error = await failure_of(aws, "ListDomains")
        assert (error.kind, error.code) == (FailureKind.ACCESS, "NoCredentialsError")
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
        assert await aws.call(REGION, "ListDomains", {}) == {"Domains": []}
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
        assert len((await aws.call(REGION, "ListDomains", {}))["Domains"]) == 1
        await aws.close()

    run(scene())


def test_throttling_halves_the_rate_of_its_class_even_where_a_repetition_succeeds(
    simulator: SimulatorClient,
) -> None:
    async def scene() -> None:
        aws = gateway(rate_ceiling_read=40.0)
        reads = aws._limiter.bucket(BucketKey(REGION, CallClass.READ))
        writes = aws._limiter.bucket(BucketKey(REGION, CallClass.WRITE))
        simulator.add_fault("ListDomains", code="ThrottlingException", times=1)
        await aws.call(REGION, "ListDomains", {})
        assert reads.rate == 20.0
        assert writes.rate == Settings().rate_ceiling_write
        simulator.add_fault("ListDomains", code="ThrottlingException")
        error = await failure_of(aws, "ListDomains")
        assert error.is_throttling
        assert reads.rate < 11
        await aws.close()

    run(scene())


def test_under_a_hard_limit_calls_are_slowed_down_to_it_and_all_get_through(
    simulator: SimulatorClient,
) -> None:
    async def scene() -> None:
        aws = gateway(rate_ceiling_write=100.0, rate_recovery=1.0)
        domain_id = Behind(simulator).domain()
        simulator.set_throttling(mutating={"rate": 15, "burst": 5})
        simulator.clear_calls()

        async def create(number: int) -> bool:
            try:
                await aws.call(REGION, "CreateSpace", space_request(domain_id, f"s{number:03}"))
            except AwsError as error:
                return not error.is_throttling
            return True

        left = list(range(60))
        while left:  # as the engine does: what was throttled comes back later
            done = await asyncio.gather(*(create(number) for number in left))
            left = [number for number, is_done in zip(left, done, strict=True) if not is_done]
        assert simulator.count("CreateSpace", "OK") == 60
        assert simulator.count("CreateSpace", "ThrottlingException") < 60
        await aws.close()

    run(scene())


def test_pages_hold_a_hundred_and_all_are_read(simulator: SimulatorClient) -> None:
    async def scene() -> None:
        aws = gateway()
        domain_id = Behind(simulator).domain(spaces=205)
        simulator.clear_calls()
        items = await aws.paginate(REGION, "ListSpaces", {"DomainIdEquals": domain_id}, "Spaces")
        assert sorted(item["SpaceName"] for item in items) == [f"s{n:03}" for n in range(205)]
        assert simulator.count("ListSpaces") == 3
        tagged = await aws.paginate(
            REGION, "GetResources", {"ResourceTypeFilters": ["sagemaker"]}, "ResourceTagMappingList"
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
            aws.paginate(REGION, "ListSpaces", {"DomainIdEquals": domain_id}, "Spaces")
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
                aws.call(REGION, "CreateSpace", space_request(domain_id, f"s{number}"))
            )
            for number in range(5)
        ]
        await asyncio.sleep(0)
        await asyncio.wait_for(aws.call(REGION, "ListDomains", {}), 5)
        simulator.remove_faults(hang)
        await asyncio.gather(*creating, return_exceptions=True)
        assert simulator.count("CreateSpace") == 5
        await aws.close()

    run(scene())


def test_closing_waits_for_calls_under_way_but_not_for_ever(simulator: SimulatorClient) -> None:
    async def scene() -> None:
        aws = gateway(aws_close_timeout=0.3)
        simulator.add_fault("ListDomains", mode="hang")
        hanging = asyncio.create_task(aws.call(REGION, "ListDomains", {}))
        while not simulator.calls("ListDomains"):
            await asyncio.sleep(0.01)
        began = time.monotonic()
        assert not await aws.close()
        assert 0.2 < time.monotonic() - began < 2
        with pytest.raises(AwsError, match="stopping"):
            await aws.call(REGION, "ListDomains", {})
        hanging.cancel()

    run(scene())


SCRIPT = """
import asyncio
from studio_operator.aws.gateway import Gateway
from studio_operator.metrics import Metrics
from studio_operator.settings import Settings

async def main():
    aws = Gateway(Settings(aws_close_timeout=0.2), Metrics())
    hanging = asyncio.create_task(aws.call("us-east-1", "ListDomains", {}))
    await asyncio.sleep(1)
    await aws.close()
    hanging.cancel()

asyncio.run(main())
"""


def test_a_call_that_is_never_answered_does_not_keep_the_process(
    simulator: SimulatorClient,
) -> None:
    simulator.add_fault("ListDomains", mode="hang")
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, timeout=20)
    assert time.monotonic() - began < 8
