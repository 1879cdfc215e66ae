"""What is made of the objects in S3: people in a space can write there whatever they like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT_ID
from studio_operator.aws.errors import AwsError
from studio_operator.aws.features.backup_scripts import BackupScripts
from studio_operator.aws.features.backups import Backups
from studio_operator.aws.gateway import Gateway
from studio_operator.kinds.space.features.backup.observed import (
    BackupPlace,
    ObservedBackup,
    ScriptQuestion,
)
from studio_operator.kinds.space.features.backup.script import render_request
from studio_operator.metrics import Metrics
from studio_operator.plan.types import FailureKind
from studio_operator.settings import Settings
from studio_simulator.client import SimulatorClient

from tests.aws.live import REGION, WHERE, run
from tests.readers import reader_context

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ASKED = NOW - timedelta(minutes=10)
PLACE = BackupPlace("team-backups", "studio/d-abc/churn/")
QUESTION = ScriptQuestion("studio-operator-backup-jupyterlab-1-2", content="IyE=")
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
        backups = Backups(reader_context(gateway, Settings(), lambda: NOW))
        await backups.look(WHERE, PLACE)
        seen.append(backups.of(WHERE, PLACE))
        await gateway.close()

    run(scene())
    return seen[0]


@pytest.mark.usefixtures("simulator")
def test_nothing_is_there() -> None:
    assert look_at({}) == ObservedBackup(looked_at=NOW)


@pytest.mark.usefixtures("simulator")
def test_a_bucket_of_another_account_is_not_looked_at() -> None:
    boto3.client("s3", region_name=REGION).create_bucket(Bucket=PLACE.bucket)
    ours, strangers = (replace(PLACE, owner=account) for account in (ACCOUNT_ID, "444455556666"))

    async def scene() -> None:
        gateway = Gateway(Settings(), Metrics())
        backups = Backups(reader_context(gateway, Settings(), lambda: NOW))
        await backups.look(WHERE, ours)
        with pytest.raises(AwsError) as raised:
            await backups.look(WHERE, strangers)
        assert raised.value.kind is FailureKind.ACCESS
        await gateway.close()

    run(scene())


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
        ("a\nb\x1b[31mc", r"a b\x1b[31mc"),
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
        scripts = BackupScripts(reader_context(gateway, Settings(), lambda: NOW))
        assert scripts.of(WHERE, QUESTION).exists is None
        await scripts.look(WHERE, QUESTION)
        seen = scripts.of(WHERE, QUESTION)
        assert seen.exists is False
        assert seen.full is None
        await gateway.close()

    run(scene())
    assert len(simulator.calls(operation="DescribeStudioLifecycleConfig")) == 1


@pytest.mark.usefixtures("simulator")
def test_a_script_that_others_made_under_the_name_is_not_taken_for_ours() -> None:
    """Anybody can work out the name that a script for another's place will have."""
    make_script(QUESTION)
    moment = [NOW]

    async def scene() -> None:
        gateway = Gateway(Settings(), Metrics())
        scripts = BackupScripts(reader_context(gateway, Settings(), lambda: moment[0]))
        await scripts.look(WHERE, QUESTION)
        seen = scripts.of(WHERE, QUESTION)
        assert (seen.exists, seen.is_foreign) == (False, True)
        boto3.client("sagemaker", region_name=REGION).delete_studio_lifecycle_config(
            StudioLifecycleConfigName=QUESTION.name
        )
        moment[0] += HOUR
        assert scripts.of(WHERE, QUESTION).exists is None
        await scripts.look(WHERE, QUESTION)
        seen = scripts.of(WHERE, QUESTION)
        assert (seen.exists, seen.is_foreign) == (False, False)
        make_script(QUESTION, QUESTION.content)
        again = BackupScripts(reader_context(gateway, Settings(), lambda: NOW))
        await again.look(WHERE, QUESTION)
        assert again.of(WHERE, QUESTION).exists is True
        await gateway.close()

    run(scene())


def question_of(number: int, made_for: str) -> ScriptQuestion:
    return ScriptQuestion(f"studio-operator-backup-jupyterlab-{number}-1", made_for)


@pytest.mark.usefixtures("simulator")
def test_scripts_that_aws_has_count_after_a_restart() -> None:
    """With a limit of two; and what is refused to one namespace counts against no other."""
    settings = Settings(backup_scripts_per_namespace=2, backup_scripts=3)
    gateway = Gateway(settings, Metrics())

    async def ask(scripts: BackupScripts, number: int, made_for: str) -> str | None:
        question = question_of(number, made_for)
        await scripts.look(WHERE, question)
        full = scripts.of(WHERE, question).full
        if full is None:
            make_script(question)
        return full

    async def scene() -> None:
        evil, victim = "cluster-1/evil", "cluster-1/victim"
        first, second = (
            BackupScripts(reader_context(gateway, settings, lambda: NOW)) for _ in range(2)
        )
        assert [await ask(first, number, evil) for number in range(3)] == [None, None, "namespace"]
        assert [await ask(second, number, evil) for number in range(9, 12)] == ["namespace"] * 3
        assert await ask(second, 20, victim) is None
        assert await ask(second, 21, victim) == "all"
        assert await ask(second, 0, victim) is None  # a place that has one
        await gateway.close()

    run(scene())


def make_script(question: ScriptQuestion, content: str = "ZXZpbA==") -> None:
    sagemaker = boto3.client("sagemaker", region_name=REGION)
    known = sagemaker.list_studio_lifecycle_configs()["StudioLifecycleConfigs"]
    if question.name not in {one["StudioLifecycleConfigName"] for one in known}:
        sagemaker.create_studio_lifecycle_config(
            StudioLifecycleConfigName=question.name,
            StudioLifecycleConfigContent=content,
            StudioLifecycleConfigAppType="JupyterLab",
            Tags=[{"Key": "studio-operator.dev/made-for", "Value": question.made_for}],
        )
