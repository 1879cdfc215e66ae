"""The operations of AWS that only a look at what lingers needs, and what is granted for them."""

from __future__ import annotations

from studio_operator.kinds.permissions import Statement, actions_of
from studio_operator.plan.operations import AwsOperation, Does

OPERATIONS = (
    AwsOperation("ListApplications", Does.READ, "emr-serverless"),
    AwsOperation("ListMlflowTrackingServers", Does.READ),
    AwsOperation("ListNotebookInstances", Does.READ),
    AwsOperation("ListProcessingJobs", Does.READ),
    AwsOperation("ListTrainingJobs", Does.READ),
    AwsOperation("ListTransformJobs", Does.READ),
)
STATEMENTS = (Statement("FindLingeringResources", actions_of(OPERATIONS), ("*",)),)
