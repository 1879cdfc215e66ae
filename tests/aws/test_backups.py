"""What is made of the objects in S3: people in a space can write there whatever they like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from studio_operator.aws.backups import Backups
from studio_operator.aws.gateway import Gateway
from studio_operator.metrics import Metrics
from studio_operator.plan.backup_script import BackupPlace, render_request
from studio_operator.plan.backups import BackupQuestion
from studio_operator.plan.observed import ObservedBackup
from studio_operator.plan.types import Look
from studio_operator.settings import Settings
from studio_simulator.client import SimulatorClient

from tests.aws.live import REGION, run

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ASKED = NOW - timedelta(minutes=10)
PLACE = BackupPlace("team-backups", "studio/d-abc/churn/")
QUESTION = BackupQuestion("studio-operator-backup-jupyterlab-1-2", PLACE)
HOUR = timedelta(hours=1)


def text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def completion(completed_at: str, requested_at: str | None = None) -> bytes:
    asked = requested_at or text(ASKED)
    times = {"requestedAt": asked, "startedAt": asked, "completedAt": completed_at}
    return json.dumps({**times, "appType": "JupyterLab"}).encode()


def failure(message: object, failed_at: datetime = NOW, asked: datetime = ASKED) -> bytes:
    said = {"requestedAt": text(asked), "failedAt": text(failed_at), "message": message}
    return json.dumps(said).encode()


def look_at(objects: Mapping[str, bytes]) -> ObservedBackup:
    """What the operator sees, at `NOW`, of a place that holds these objects."""
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket=PLACE.bucket)
    for name, body in objects.items():
        s3.put_object(Bucket=PLACE.bucket, Key=f"{PLACE.prefix}{name}", Body=body)
    seen: list[ObservedBackup] = []

    async def scene() -> None:
        gateway = Gateway(Settings(), Metrics())
        backups = Backups(gateway, lambda: NOW)
        await backups.look(REGION, QUESTION, Look.BACKUP)
        seen.append(backups.of(REGION, QUESTION))
        await gateway.close()

    run(scene())
    return seen[0]


@pytest.mark.usefixtures("simulator")
def test_nothing_is_there() -> None:
    assert look_at({}) == ObservedBackup(looked_at=NOW)


@pytest.mark.usefixtures("simulator")
def test_what_operator_and_script_wrote_is_read() -> None:
    objects = {
        "request.json": render_request(ASKED),
        "completed.json": completion(text(NOW - timedelta(minutes=1))),
        "failed.json": failure("earlier", NOW - HOUR),
    }
    made_at = NOW - timedelta(minutes=1)
    wanted = ObservedBackup(looked_at=NOW, requested_at=ASKED, answers=ASKED, completed_at=made_at)
    assert look_at(objects) == wanted


@pytest.mark.usefixtures("simulator")
@pytest.mark.parametrize(
    ("completed_at", "counted_as"),
    [
        (text(NOW - HOUR), ASKED),
        (text(NOW + HOUR), NOW),
        ("2999-12-31T23:59:59Z", NOW),
    ],
    ids=["behind", "ahead", "forged"],
)
def test_a_clock_that_is_wrong_makes_no_back_up_older_than_its_request_nor_younger_than_now(
    completed_at: str, counted_as: datetime
) -> None:
    assert look_at({"completed.json": completion(completed_at)}).completed_at == counted_as


@pytest.mark.usefixtures("simulator")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"[" * 60000,
        b"\xff\xfe",
        completion("9999-12-31T23:59:59-12:00"),
        completion("0001-01-01T00:00:00+14:00"),
        completion(text(NOW), "1" * 5000),
        b" " * 10_000_000 + completion(text(NOW)),
    ],
    ids=["empty", "list", "nested", "binary", "late", "early", "long", "huge"],
)
def test_what_has_another_form_is_no_back_up(body: bytes) -> None:
    assert look_at({"completed.json": body}) == ObservedBackup(looked_at=NOW)


@pytest.mark.usefixtures("simulator")
@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("fatal error", "fatal error"),
        ("a\nb\x1b[31mc", "a b [31mc"),
        ("x" * 50_000, "x" * 400),
        ({"a": 1}, "{'a': 1}"),
        (None, ""),
    ],
)
def test_words_of_a_failure_are_told_on_one_short_line(message: object, told: str) -> None:
    seen = look_at({"failed.json": failure(message)})
    assert (seen.failure, seen.failed_for) == (told, ASKED)


def test_whether_the_script_is_there_is_looked_at_once(simulator: SimulatorClient) -> None:
    async def scene() -> None:
        gateway = Gateway(Settings(), Metrics())
        backups = Backups(gateway, lambda: NOW)
        assert backups.of(REGION, QUESTION).has_script is None
        await backups.look(REGION, QUESTION, Look.SCRIPT)
        assert backups.of(REGION, QUESTION).has_script is False
        await gateway.close()

    run(scene())
    assert len(simulator.calls(operation="DescribeStudioLifecycleConfig")) == 1
