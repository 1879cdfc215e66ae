"""S3 is moto's, and yet its calls are logged, and struck by faults and barriers like all others."""

from __future__ import annotations

import uuid
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT_ID

from tests.simulator.world import REGION, World

KEY = "team/d-1/a space/request.json"


class Bucket:
    """A bucket of its own, and a client that does not try again."""

    def __init__(self, world: World) -> None:
        make: Any = boto3.client
        self.s3 = make(
            "s3",
            region_name=REGION,
            endpoint_url=world.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        self.name = f"bucket-{uuid.uuid4().hex[:12]}"
        self.s3.create_bucket(Bucket=self.name)
        world.control.clear_calls()

    def put(self, body: bytes = b"{}") -> Any:
        return self.s3.put_object(Bucket=self.name, Key=KEY, Body=body)

    def get(self) -> bytes:
        return bytes(self.s3.get_object(Bucket=self.name, Key=KEY)["Body"].read())


@pytest.fixture
def bucket(world: World) -> Bucket:
    return Bucket(world)


def code_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_calls_are_logged_with_bucket_and_key(world: World, bucket: Bucket) -> None:
    with pytest.raises(ClientError) as error:
        bucket.get()
    assert code_of(error) == ("NoSuchKey", 404)
    bucket.put()
    bucket.get()
    bucket.s3.list_objects_v2(Bucket=bucket.name, Prefix="team/")
    logged = [(one["operation"], one["code"], one["identifiers"]) for one in world.control.calls()]
    place = {"Bucket": bucket.name, "Key": KEY}
    assert logged == [
        ("GetObject", "NoSuchKey", place),
        ("PutObject", "OK", place),
        ("GetObject", "OK", place),
        ("ListObjectsV2", "OK", {"Bucket": bucket.name, "Prefix": "team/"}),
    ]


def test_a_file_in_parts_is_several_calls(world: World, bucket: Bucket) -> None:
    begun = bucket.s3.create_multipart_upload(Bucket=bucket.name, Key=KEY)["UploadId"]
    part: Any = {"Bucket": bucket.name, "Key": KEY, "UploadId": begun}
    tag = bucket.s3.upload_part(**part, PartNumber=1, Body=b"text")["ETag"]
    bucket.s3.complete_multipart_upload(
        **part, MultipartUpload={"Parts": [{"ETag": tag, "PartNumber": 1}]}
    )
    assert bucket.get() == b"text"
    assert [one["operation"] for one in world.control.calls()] == [
        "CreateMultipartUpload",
        "UploadPart",
        "CompleteMultipartUpload",
        "GetObject",
    ]


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("SlowDown", 503)])
def test_a_fault_is_answered_as_s3_puts_it(
    world: World, bucket: Bucket, code: str, status: int
) -> None:
    world.control.add_fault("PutObject", code=code, message="no & no", parameters={"Key": KEY})
    with pytest.raises(ClientError) as error:
        bucket.put()
    assert code_of(error) == (code, status)
    assert error.value.response["Error"]["Message"] == "no & no"
    bucket.s3.put_object(Bucket=bucket.name, Key="another", Body=b"")


def test_a_lost_answer_was_carried_out(world: World, bucket: Bucket) -> None:
    world.control.add_fault("PutObject", mode="lost-answer", code="InternalError", status=500)
    with pytest.raises(ClientError):
        bucket.put(b"kept")
    assert bucket.get() == b"kept"


def test_sagemakers_rates_are_not_those_of_s3(world: World, bucket: Bucket) -> None:
    world.control.set_throttling(reading={"rate": 0.001, "burst": 1})
    bucket.put()
    assert [bucket.get() for _ in range(3)] == [b"{}"] * 3


def test_a_bucket_of_another_account_than_is_expected_is_refused(bucket: Bucket) -> None:
    bucket.put()
    place = {"Bucket": bucket.name, "Key": KEY}
    bucket.s3.get_object(**place, ExpectedBucketOwner=ACCOUNT_ID)
    for call in (bucket.s3.get_object, bucket.s3.put_object):
        with pytest.raises(ClientError) as error:
            call(**place, ExpectedBucketOwner="444455556666")
        assert code_of(error) == ("AccessDenied", 403)
