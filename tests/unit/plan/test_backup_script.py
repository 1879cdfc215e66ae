"""The back-up's script as AWS is given it, and what operator and script tell each other."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio_operator.kinds.space.api.backup import S3_URI_LENGTH
from studio_operator.kinds.space.features.backup.observed import BackupPlace
from studio_operator.kinds.space.features.backup.script import (
    APPS,
    CONTENT_LENGTH,
    Completion,
    FailedBackup,
    backup_arn,
    backup_content,
    backup_name,
    backup_place,
    parse_completion,
    parse_failure,
    render_request,
)

URI = "s3://studio-backups/team"
LONGEST = URI + "/" + "x" * (S3_URI_LENGTH - len(URI) - 1)
# botocore: StudioLifecycleConfigName.
NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
STARTED, COMPLETED = "2026-02-03T04:05:06Z", "2026-02-03T04:06:00Z"
STARTED_AT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
COMPLETED_AT = STARTED_AT + timedelta(seconds=54)


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("s3_uri", ["s3://abc", URI, LONGEST])
def test_name_and_content_are_within_the_limits_of_aws(app: str, s3_uri: str) -> None:
    name = backup_name(app, s3_uri)
    assert re.fullmatch(NAME, name)
    assert len(name) <= 63
    assert name == name.lower()  # as it is in the ARN
    assert len(backup_content(app, s3_uri)) <= CONTENT_LENGTH


def test_the_content_is_a_script_that_knows_where_to_copy() -> None:
    script = base64.b64decode(backup_content("CodeEditor", URI)).decode()
    assert script.startswith("#!/bin/bash\n")
    assert f"\nS3_URI='{URI}'\nAPP_TYPE='CodeEditor'\n" in script
    assert re.findall(r"@[A-Z_0-9]+@", script) == []


def test_another_place_or_app_has_another_name() -> None:
    names = {backup_name(app, uri) for app in APPS for uri in ("s3://abc", URI, "s3://abc/team")}
    assert len(names) == 6


def test_a_slash_at_the_end_makes_no_difference() -> None:
    assert backup_name("JupyterLab", f"{URI}/") == backup_name("JupyterLab", URI)
    assert backup_place(f"{URI}/", "d-1", "churn") == backup_place(URI, "d-1", "churn")


@pytest.mark.parametrize(
    "s3_uri",
    [
        *("", "studio-backups/team", "https://studio-backups/team", "s3://", "s3://ab"),
        *("s3://Studio/team", "s3://studio//team", "s3://studio/../team", "s3://studio/.hidden"),
        *("s3://studio/a b", "s3://studio/a'; rm -rf ~; '", "s3://studio/$(id)", "s3://studio/a\n"),
        f"{LONGEST}x",
    ],
)
def test_a_place_that_is_none_is_refused_by_its_field(s3_uri: str) -> None:
    with pytest.raises(ValueError, match=r"^s3Uri: "):
        backup_content("JupyterLab", s3_uri)
    with pytest.raises(ValueError, match=r"^s3Uri: "):
        backup_place(s3_uri, "d-1", "churn")


def test_an_app_without_a_volume_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^app: JupyterServer keeps no files"):
        backup_name("JupyterServer", URI)


def test_the_arn_is_the_one_that_aws_gives() -> None:
    assert backup_arn("aws-cn", "cn-north-1", "123456789012", "Backup-1") == (
        "arn:aws-cn:sagemaker:cn-north-1:123456789012:studio-lifecycle-config/backup-1"
    )


@pytest.mark.parametrize(
    ("s3_uri", "prefix"),
    [
        ("s3://studio-backups", "d-1/churn/"),
        ("s3://studio-backups/", "d-1/churn/"),
        ("s3://studio-backups/a/b", "a/b/d-1/churn/"),
    ],
)
def test_each_space_has_a_place_of_its_own(s3_uri: str, prefix: str) -> None:
    place = backup_place(s3_uri, "d-1", "churn")
    assert place == BackupPlace("studio-backups", prefix)
    assert place.request_key == f"{prefix}request.json"
    assert place.completed_key == f"{prefix}completed.json"
    assert place.failed_key == f"{prefix}failed.json"
    assert place.home_uri == f"s3://studio-backups/{prefix}home/"


def test_a_request_is_in_utc_and_whole_seconds() -> None:
    there = timezone(timedelta(hours=2))
    moment = datetime(2026, 2, 3, 6, 5, 6, 789, tzinfo=there)
    assert json.loads(render_request(moment)) == {"requestedAt": STARTED}


@pytest.mark.parametrize(("requested", "requested_at"), [(None, None), (STARTED, STARTED_AT)])
def test_a_completion_is_read(requested: str | None, requested_at: datetime | None) -> None:
    said = {
        "requestedAt": requested,
        "startedAt": STARTED,
        "completedAt": COMPLETED,
        "appType": "JupyterLab",
    }
    expected = Completion(requested_at, STARTED_AT, COMPLETED_AT, "JupyterLab")
    assert parse_completion(json.dumps(said)) == expected
    assert parse_completion(json.dumps(said).encode()) == expected


@pytest.mark.parametrize(
    ("answered", "asked", "expected"),
    [
        (STARTED_AT, STARTED_AT, True),
        (STARTED_AT, STARTED_AT + timedelta(milliseconds=900), True),  # written in whole seconds
        (STARTED_AT + timedelta(hours=1), STARTED_AT, True),
        (STARTED_AT - timedelta(seconds=1), STARTED_AT, False),
        (None, STARTED_AT, False),  # made at a start, whatever the space's clock says
    ],
)
def test_a_back_up_answers_requests_up_to_its_own(
    answered: datetime | None, asked: datetime, expected: bool
) -> None:
    assert Completion(answered, STARTED_AT, COMPLETED_AT, "JupyterLab").answers(asked) is expected


@pytest.mark.parametrize("message", ["fatal error: Unable to locate credentials", None])
def test_a_failure_is_read(message: str | None) -> None:
    said = {"requestedAt": STARTED, "failedAt": COMPLETED, "message": message}
    assert parse_failure(json.dumps(said)) == FailedBackup(STARTED_AT, COMPLETED_AT, message or "")


@pytest.mark.parametrize(
    "text",
    [
        *("", "no JSON", "[]", "{}", '"text"', "null", b"\xff\xfe", "[" * 100_000),
        '{"requestedAt": null, "startedAt": "today", "completedAt": "now", "appType": "x"}',
        '{"requestedAt": 1, "startedAt": 2, "completedAt": 3, "appType": "x"}',
        '{"requestedAt": null, "failedAt": "2026-02-03T04:05:06", "message": "no offset"}',
    ],
)
def test_what_nobody_of_ours_wrote_is_nothing(text: str | bytes) -> None:
    assert parse_completion(text) is None
    assert parse_failure(text) is None


@given(st.binary() | st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_nothing_in_s3_can_make_the_operator_fail(text: str | bytes) -> None:
    assert parse_completion(text) is None
    assert parse_failure(text) is None
