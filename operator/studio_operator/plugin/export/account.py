"""Reading an account: boto3 under the person's own identity, in no hurry, with errors that help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from studio_operator.aws.errors import AwsError, classify
from studio_operator.plan.types import FailureKind
from studio_operator.plugin.errors import NotFoundError, PluginError, RefusedError

# Botocore's adaptive mode slows down to what AWS allows: the operator and people share the rate.
CONFIG = Config(retries={"mode": "adaptive", "total_max_attempts": 10})
# The most that AWS gives at once (botocore: MaxResults).
PAGE_SIZE = 100


Service = Literal["sagemaker", "resourcegroupstaggingapi"]


class NotInAwsError(Exception):
    """What was asked for is not there (any more)."""


class Account:
    """SageMaker in one account and region, read only."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @property
    def region(self) -> str:
        """The region, for example eu-central-1."""
        return str(self._client.meta.region_name)

    def read(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """The answer of a Describe or List call. Raises AbsentError and PluginError."""
        return ask(self._client, operation, **parameters)

    def pages(self, operation: str, member: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """The items of all pages of a listing."""
        token: Mapping[str, str] = {}
        while True:
            answer = self.read(operation, MaxResults=PAGE_SIZE, **parameters, **token)
            yield from answer.get(member, ())
            if not answer.get("NextToken"):
                return
            token = {"NextToken": answer["NextToken"]}

    def tags(self, arn: str) -> dict[str, str]:
        """The tags of one resource."""
        return {tag["Key"]: tag["Value"] for tag in self.pages("ListTags", "Tags", ResourceArn=arn)}


def open_account(profile: str | None, region: str | None) -> Account:
    """The account of boto3's standard chain. Raises PluginError."""
    return Account(open_client(profile, region, "sagemaker"))


def open_client(profile: str | None, region: str | None, service: Service) -> Any:
    """boto3's client of a service. Raises PluginError."""
    try:
        session = boto3.session.Session(profile_name=profile, region_name=region)
        return session.client(service, config=CONFIG)
    except (BotoCoreError, ValueError) as error:
        raise _explain(classify(service, error)) from error


def ask(client: Any, operation: str, **parameters: Any) -> dict[str, Any]:
    """The answer of a call. Raises AbsentError and PluginError."""
    try:
        answer: dict[str, Any] = getattr(client, xform_name(operation))(**parameters)
    except (ClientError, BotoCoreError, ValueError) as error:
        raise _explain(classify(operation, error)) from error
    answer.pop("ResponseMetadata", None)
    return answer


def _explain(error: AwsError) -> Exception:
    said = f"AWS says to {error.operation}: {error.code}: {error.message.rstrip('.')}."
    if error.kind is FailureKind.GONE:
        return NotInAwsError(said)
    if error.code == "NoRegionError":
        return PluginError("no AWS region is configured. Give --region, or set AWS_REGION.")
    if error.kind is FailureKind.CREDENTIALS:
        return RefusedError(
            f"{said} AWS does not take your credentials, or there are none: sign in to AWS again, "
            "or choose others with --profile or AWS_PROFILE."
        )
    if error.kind is FailureKind.ACCESS:
        return RefusedError(
            f"{said} Ask for the right to call sagemaker:{error.operation}, or choose another "
            "identity with --profile or AWS_PROFILE."
        )
    if error.is_throttling:
        return PluginError(f"{said} Try again when fewer others call it.")
    return PluginError(f"{said} Check --region and --profile.")


def absent_domain(domain_id: str, account: Account) -> NotFoundError:
    """The error for a domain that is not there, with those that are."""
    known = [one["DomainId"] for one in account.pages("ListDomains", "Domains")]
    there = f"There is: {', '.join(sorted(known)[:10])}." if known else "There is none at all."
    return NotFoundError(
        f"region {account.region} of this account has no domain {domain_id}. {there} "
        "Check --domain-id, --region and --profile."
    )
