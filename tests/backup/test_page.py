"""The page on back-ups: its commands work, its policies allow what is needed and no more."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from botocore.exceptions import ClientError
from studio_operator.kinds.space.features.backup.script import (
    backup_content,
    backup_place,
    render_request,
)
from studio_simulator.process import SimulatorProcess

from tests.backup.conftest import wait_inside
from tests.backup.inside import CREDENTIALS, Identity, Inside, script_inside
from tests.docs.pages import Block, page, tables

PAGE = page("how-to/back-ups.md")
BUCKET, S3_URI, REGION = "studio-backups", "s3://studio-backups/ml-team", "eu-central-1"
IDENTITY = Identity("d-a1b2c3d4e5f6", "churn-notebooks", region=REGION)
PLACE = backup_place(S3_URI, IDENTITY.domain_id, IDENTITY.space_name)
SCRIPT = base64.b64decode(backup_content("JupyterLab", S3_URI))


def test_the_page_names_all_that_is_left_out() -> None:
    said = re.search(rb"LEFT_OUT=\(([^)]*)\)", SCRIPT)
    assert said
    rows = {row[0]: row[1] for table in tables(PAGE.text) for row in table}
    named = [text for row, text in rows.items() if row.startswith("Not copied: ")]
    assert set(said[1].decode().split()) <= set(re.findall(r"`([^`]+)`", " ".join(named)))


def blocks(language: str, word: str) -> list[Block]:
    """The page's blocks in a language that hold a word."""
    return [one for one in PAGE.blocks if one.language == language and word in one.text]


@pytest.fixture
def aws() -> Iterator[str]:
    """The address of an AWS of the test's own, since the page names its bucket."""
    with SimulatorProcess() as process:
        yield process.url


def client(endpoint: str, service: str, credentials: dict[str, str] = CREDENTIALS) -> Any:
    """A client of that AWS as whoever has the credentials."""
    keys = {name.lower(): value for name, value in credentials.items()}
    make: Any = boto3.client
    return make(service, region_name=REGION, endpoint_url=endpoint, **keys)


def run(block: Block, endpoint: str, home: Path) -> None:
    """Run a block as a person would, with the AWS CLI."""
    variables = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": REGION,
        **CREDENTIALS,
    }
    subprocess.run(["bash", "-eu", "-c", block.text], env=variables, check=True, timeout=60)


def wait_completions(inside: Inside, times: int) -> None:
    """Wait until that many back-ups are complete."""
    wait_inside(inside, lambda: inside.log.count("is complete") == times, f"back-up {times}")


def test_the_bucket_keeps_old_versions_and_a_space_is_restored_from_it(
    aws: str, tmp_path: Path
) -> None:
    lost, new = tmp_path / "lost", tmp_path / "new"
    for home in (lost, new):
        home.mkdir()
    (lost / "notebooks").mkdir()
    (lost / "notebooks" / "churn.ipynb").write_text("{}")
    (bucket,) = blocks("sh", "create-bucket")
    run(bucket, aws, lost)
    s3 = client(aws, "s3")
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert "Expiration" not in rule  # nothing that is current ever ends
    with script_inside(IDENTITY, SCRIPT, aws, lost, tmp_path / "container") as inside:
        wait_completions(inside, 1)
    (restore,) = blocks("sh", "s3 sync")
    run(restore, aws, new)
    assert (new / "restored" / "notebooks" / "churn.ipynb").read_text() == "{}"


def grant(iam: Any, name: str, policy: str) -> dict[str, str]:
    """Somebody with one policy; their credentials."""
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="back-ups", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }


def enforce_policies(endpoint: str) -> None:
    """From now on this AWS asks IAM; moto heeds actions and resources, and no conditions."""
    answer = urllib3.request("POST", f"{endpoint}/moto-api/reset-auth", body="0")
    assert answer.status == 200


def refused(call: Any, **parameters: Any) -> bool:
    """Whether IAM denies it."""
    try:
        call(Bucket=BUCKET, **parameters)
    except ClientError as error:
        return error.response["Error"]["Code"] == "AccessDenied"
    return False


def test_the_policies_are_all_that_app_and_operator_need(aws: str, tmp_path: Path) -> None:
    client(aws, "s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    iam = client(aws, "iam")
    roles = {
        name: grant(iam, name, block.text)
        for name, word in (("app", "WriteBackups"), ("operator", "AskForBackups"))
        for block in blocks("json", word)
    }
    enforce_policies(aws)
    app, operator = (client(aws, "s3", roles[name]) for name in ("app", "operator"))
    home = tmp_path / "home"
    home.mkdir()
    (home / "secret.txt").write_text("37")
    with script_inside(IDENTITY, SCRIPT, aws, home, tmp_path / "container", roles["app"]) as inside:
        for times in (1, 2):  # at the start, and on request
            wait_completions(inside, times)
            request = render_request(datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC))
            operator.put_object(Bucket=BUCKET, Key=PLACE.request_key, Body=request)
    said = operator.get_object(Bucket=BUCKET, Key=PLACE.completed_key)["Body"].read()
    assert json.loads(said)["requestedAt"] == "2026-02-03T04:05:06Z"
    with pytest.raises(operator.exceptions.NoSuchKey):
        operator.get_object(Bucket=BUCKET, Key=PLACE.failed_key)
    file = f"{PLACE.prefix}home/secret.txt"
    assert refused(operator.get_object, Key=file)
    assert refused(operator.put_object, Key=file, Body=b"")
    assert refused(operator.put_object, Key=PLACE.completed_key, Body=b"")
    assert refused(app.get_object, Key=file)
    assert refused(app.delete_object, Key=file)
    assert refused(app.put_object, Key="other-team/file", Body=b"")
