"""ARNs name records."""

from __future__ import annotations

import pytest
from studio_operator.aws.inventory.scheduler import RegionTask
from studio_operator.kinds.resource_id import ResourceId, parse_arn
from studio_operator.plan.scope import OWN_ACCOUNT, Scope

from tests.aws_ids import domain_at, profile_at, region_at, scope_at, space_at

ARNS = "arn:aws:sagemaker:us-east-1:123456789012"


@pytest.mark.parametrize(
    ("arn", "key"),
    [
        (f"{ARNS}:domain/d-abc", domain_at("us-east-1", "d-abc")),
        (f"{ARNS}:user-profile/d-abc/Alice", profile_at("us-east-1", "d-abc", "alice")),
        (f"{ARNS}:space/d-abc/Churn", space_at("us-east-1", "d-abc", "Churn")),
        (
            "arn:aws-cn:sagemaker:cn-north-1:123456789012:domain/d-abc",
            domain_at("cn-north-1", "d-abc"),
        ),
        (f"{ARNS}:app/d-abc/churn/JupyterLab/default", None),
        (f"{ARNS}:endpoint/churn", None),
        (f"{ARNS}:space/d-abc", None),
        ("arn:aws:s3:::domain/d-abc", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_an_arn_names_a_record_or_none(arn: str, key: ResourceId | None) -> None:
    assert parse_arn(arn, OWN_ACCOUNT) == key


def test_an_arn_of_another_account_names_nothing_in_this_one() -> None:
    arn = f"{ARNS}:space/d-abc/Churn"
    assert parse_arn(arn, "210987654321") is None
    found = parse_arn(arn, "123456789012")
    assert found is not None
    assert found.scope == Scope("123456789012", "us-east-1", "d-abc")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (domain_at("us-east-1", "d-abc"), "domain d-abc in us-east-1"),
        (scope_at("us-east-1"), "us-east-1"),
        (RegionTask("the domains of", region_at("us-east-1")), "the domains of us-east-1"),
        (scope_at("us-east-1", "d-abc"), "domain d-abc in us-east-1"),
        (
            profile_at("us-east-1", "d-abc", "alice"),
            "user profile alice of domain d-abc in us-east-1",
        ),
        (
            space_at("us-east-1", "d-abc", "Churn"),
            "space Churn of domain d-abc in us-east-1",
        ),
        (RegionTask("tags in", region_at("us-east-1")), "tags in us-east-1"),
    ],
)
def test_logs_name_a_record_in_words(key: ResourceId | Scope | RegionTask, words: str) -> None:
    assert str(key) == words
