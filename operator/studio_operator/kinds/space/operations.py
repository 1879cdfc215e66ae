"""The operations of AWS on spaces and their apps."""

from __future__ import annotations

from studio_operator.plan.operations import AwsOperation, Does

OPERATIONS = (
    AwsOperation("DescribeSpace", Does.READ),
    AwsOperation("ListSpaces", Does.READ),
    AwsOperation("CreateSpace", Does.CREATE),
    AwsOperation("UpdateSpace", Does.UPDATE),
    AwsOperation("DeleteSpace", Does.DELETE),
    AwsOperation("DescribeApp", Does.READ),
    AwsOperation("ListApps", Does.READ),
    AwsOperation("CreateApp", Does.START),
    AwsOperation("DeleteApp", Does.STOP),
)
