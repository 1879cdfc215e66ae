"""What goes on costing money after a space's app is stopped, and how AWS tells that it does.

Studio tags what is created from a space with the space's ARN. AWS writes that down for EMR
Serverless applications only (Developer Guide, create-emr-serverless-application); of the other
taggable resources of SageMaker it says that what Studio's pages create carries
`sagemaker:domain-arn` (page domain-multiple-tag). So what is found is real, and what is not found
may still exist.

Not seen, and why:

- What carries no such tag, as may be the case with what a program in the space creates by boto3.
- Glue interactive sessions: they carry `sagemaker:user-profile-arn`, or for a shared space
  `sagemaker:shared-space-arn` (Developer Guide, studio-notebooks-glue). They end by themselves.
- Model packages, image versions and card exports, which are not tagged (domain-multiple-tag), and
  whatever costs by its storage or its use only: models, pipelines, experiments, S3 objects.
- Jobs of AutoML and of monitoring schedules, unless AWS gives their jobs the tag.
- Instances that a finished training job keeps warm, for up to an hour (Developer Guide,
  train-warm-pools), and jobs that are older than `OLDEST_JOB`.

Counted though they may cost little: an endpoint, feature group or HyperPod cluster in whatever
state it is, an EMR cluster for as long as the tagging API shows it, and what nobody may list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

# Developer Guide, create-emr-serverless-application.
SPACE_TAG = "sagemaker:space-arn"

# The longest that a training job may run (API reference, StoppingCondition: 28 days); processing
# jobs may run for nine days (ProcessingStoppingCondition).
OLDEST_JOB = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing of things by their state: what to ask, and where ARNs are in its answer."""

    operation: str
    items: str
    arn: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BilledType:
    """A type of resource that costs until somebody deletes it, as the tagging API filters by it.

    Where not all of them do, `running` lists those that do, or `stopped` those that cost next to
    nothing. It is asked only where any was made from a space.
    """

    type: str
    running: Listing | None = None
    stopped: Listing | None = None

    @property
    def listing(self) -> Listing | None:
        """What tells those that cost from the others."""
        return self.running or self.stopped


# A filter's words are those of the resource's ARN (API reference of the tagging API, GetResources).
BILLED_TYPES: tuple[BilledType, ...] = (
    BilledType("sagemaker:endpoint"),
    BilledType(
        "sagemaker:notebook-instance",
        stopped=Listing(
            "ListNotebookInstances",
            "NotebookInstances",
            "NotebookInstanceArn",
            {"StatusEquals": "Stopped"},
        ),
    ),
    BilledType("sagemaker:feature-group"),
    BilledType(
        "sagemaker:mlflow-tracking-server",
        stopped=Listing(
            "ListMlflowTrackingServers",
            "TrackingServerSummaries",
            "TrackingServerArn",
            {"TrackingServerStatus": "Stopped"},
        ),
    ),
    BilledType("sagemaker:cluster"),
    BilledType("elasticmapreduce:cluster"),
    # Its workers cost while it is started; idle for 15 minutes, it stops (API reference of EMR
    # Serverless, AutoStopConfig). Pages have 50 items there.
    BilledType(
        "emr-serverless:applications",
        running=Listing(
            "ListApplications",
            "applications",
            "arn",
            {"states": ["STARTING", "STARTED", "STOPPING"], "maxResults": 50},
        ),
    ),
)

_RUNNING: Mapping[str, Any] = {
    "StatusEquals": "InProgress",
    "SortBy": "CreationTime",
    "SortOrder": "Descending",
}
# Jobs cannot be deleted, so those that carry the tag become ever more: first those that run are
# listed, then their tags are read. ListTrainingJobs walks all jobs whatever their status, and
# leaves out what has another one (API reference): hence the time from which on it looks.
JOBS: tuple[Listing, ...] = (
    Listing("ListTrainingJobs", "TrainingJobSummaries", "TrainingJobArn", _RUNNING),
    Listing("ListProcessingJobs", "ProcessingJobSummaries", "ProcessingJobArn", _RUNNING),
    Listing("ListTransformJobs", "TransformJobSummaries", "TransformJobArn", _RUNNING),
)


def type_of(arn: str) -> str:
    """The type of a resource in the tagging API's words, by its ARN; empty if that is none."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return ""
    return f"{parts[2]}:{parts[5].lstrip('/').partition('/')[0]}"
