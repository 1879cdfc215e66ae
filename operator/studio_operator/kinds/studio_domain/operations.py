"""The operations of AWS on domains."""

from __future__ import annotations

from studio_operator.plan.operations import AwsOperation, Does

OPERATIONS = (
    AwsOperation("DescribeDomain", Does.READ),
    AwsOperation("ListDomains", Does.READ),
    AwsOperation("CreateDomain", Does.CREATE, is_sent_once=True),
    AwsOperation("UpdateDomain", Does.UPDATE),
    AwsOperation("DeleteDomain", Does.DELETE),
)
