"""A change that waits for its turn is not made once this process leads no more."""

from __future__ import annotations

import asyncio

import pytest
from studio_operator.aws.errors import AwsError
from studio_operator.aws.gateway import Gateway
from studio_operator.aws.limiter import RateBounds, RateLimiter
from studio_operator.metrics import Metrics
from studio_operator.settings import Settings

from tests.aws_ids import region_at
from tests.unit.aws.test_limiter import ManualTime

REGION = "eu-central-1"
NOWHERE = "http://127.0.0.1:9"  # no server: a request fails at once


class NotLeadingError(Exception):
    """Somebody else leads."""


def requests(metrics: Metrics) -> float:
    (family,) = metrics.aws_calls.collect()
    return sum(one.value for one in family.samples if one.name.endswith("_total"))


@pytest.mark.parametrize(("operation", "is_sent"), [("DeleteApp", False), ("ListApps", True)])
def test_a_change_that_waited_while_the_lease_was_lost_is_not_sent(
    monkeypatch: pytest.MonkeyPatch, operation: str, is_sent: bool
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOWHERE)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "example")
    leads = True
    metrics = Metrics()

    def check() -> None:
        if not leads:
            raise NotLeadingError

    async def scene() -> None:
        nonlocal leads
        time = ManualTime()
        aws = Gateway(Settings(aws_attempts=1), metrics, check)
        # Tokens come while somebody waits for one, and not while a call takes long.
        aws._limiter = RateLimiter(lambda _: RateBounds(2.0, 0.5, 0.5), time, time.sleep)
        with pytest.raises(AwsError):
            await aws.call(region_at(REGION), operation, {})
        before = requests(metrics)
        waiting = asyncio.create_task(aws.call(region_at(REGION), operation, {}))
        await asyncio.sleep(0)
        leads = False
        with pytest.raises(AwsError if is_sent else NotLeadingError):
            await waiting
        assert requests(metrics) == before + is_sent
        await aws.close()

    asyncio.run(asyncio.wait_for(scene(), 60))
