"""The operations of AWS on query servers and on who may reach them."""

from __future__ import annotations

from studio_operator.plan.operations import AwsOperation, Does

OPERATIONS = (
    AwsOperation("DescribeQueryServer", Does.READ),
    AwsOperation("ListQueryServers", Does.READ),
    AwsOperation("CreateQueryServer", Does.CREATE, is_sent_once=True),
    AwsOperation("UpdateQueryServer", Does.UPDATE),
    AwsOperation("StartQueryServer", Does.START),
    AwsOperation("StopQueryServer", Does.STOP),
    AwsOperation("DeleteQueryServer", Does.DELETE),
    AwsOperation("DescribeAccessRule", Does.READ),
    AwsOperation("ListAccessRules", Does.READ),
    AwsOperation("CreateAccessRule", Does.CREATE),
    AwsOperation("DeleteAccessRule", Does.DELETE),
)
