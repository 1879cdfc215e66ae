"""The operations of AWS that only a look at what lingers needs."""

from __future__ import annotations

from studio_operator.plan.operations import AwsOperation, Does

OPERATIONS = (
    AwsOperation("ListApplications", Does.READ, "emr-serverless"),
    AwsOperation("ListMlflowTrackingServers", Does.READ),
    AwsOperation("ListNotebookInstances", Does.READ),
    AwsOperation("ListProcessingJobs", Does.READ),
    AwsOperation("ListTrainingJobs", Does.READ),
    AwsOperation("ListTransformJobs", Does.READ),
)
