"""ARNs name records."""

from __future__ import annotations

import pytest
from studio_operator.aws.keys import RecordKey, parse_arn

ARNS = "arn:aws:sagemaker:us-east-1:123456789012"


@pytest.mark.parametrize(
    ("arn", "key"),
    [
        (f"{ARNS}:domain/d-abc", RecordKey("domain", "us-east-1", "d-abc")),
        (f"{ARNS}:user-profile/d-abc/Alice", RecordKey("profile", "us-east-1", "d-abc", "alice")),
        (f"{ARNS}:space/d-abc/Churn", RecordKey("space", "us-east-1", "d-abc", "Churn")),
        (
            "arn:aws-cn:sagemaker:cn-north-1:123456789012:domain/d-abc",
            RecordKey("domain", "cn-north-1", "d-abc"),
        ),
        (f"{ARNS}:app/d-abc/churn/JupyterLab/default", None),
        (f"{ARNS}:endpoint/churn", None),
        (f"{ARNS}:space/d-abc", None),
        ("arn:aws:s3:::domain/d-abc", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_an_arn_names_a_record_or_none(arn: str, key: RecordKey | None) -> None:
    assert parse_arn(arn) == key
