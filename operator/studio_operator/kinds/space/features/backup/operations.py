"""The operations of AWS that only back-ups need."""

from __future__ import annotations

from studio_operator.plan.operations import AwsOperation, Does

OPERATIONS = (
    AwsOperation("DescribeStudioLifecycleConfig", Does.READ),
    AwsOperation("CreateStudioLifecycleConfig", Does.PREPARE, is_named_by_content=True),
    AwsOperation("GetObject", Does.READ, "s3"),
    AwsOperation("PutObject", Does.PREPARE, "s3"),
)
