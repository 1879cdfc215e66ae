"""The operations of AWS on user profiles."""

from __future__ import annotations

from studio_operator.plan.operations import AwsOperation, Does

OPERATIONS = (
    AwsOperation("DescribeUserProfile", Does.READ),
    AwsOperation("ListUserProfiles", Does.READ),
    AwsOperation("CreateUserProfile", Does.CREATE),
    AwsOperation("UpdateUserProfile", Does.UPDATE),
    AwsOperation("DeleteUserProfile", Does.DELETE),
)
