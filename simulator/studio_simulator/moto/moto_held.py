"""Statuses of what moto holds: jobs, endpoints, notebook instances.

moto ends every job and starts every endpoint at once. So that a job can be found running, as one
that outlives its space, its status is set by hand.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from moto.sagemaker.models import sagemaker_backends

from studio_simulator.errors import no_record, validation
from studio_simulator.requests import service_model
from studio_simulator.settings import Settings
from studio_simulator.state.resources import Json
from studio_simulator.state.studio import Studio


class SetStatus(Settings):
    """Let a job, an endpoint or a notebook instance be in a status."""

    resource_arn: str
    status: str


class _Held(NamedTuple):
    """Where moto's backend keeps a kind, and its status; the model's enum of its statuses."""

    resources: str
    status: str
    enum: str


_KINDS = {
    "training-job": _Held("training_jobs", "training_job_status", "TrainingJobStatus"),
    "processing-job": _Held("processing_jobs", "processing_job_status", "ProcessingJobStatus"),
    "transform-job": _Held("transform_jobs", "transform_job_status", "TransformJobStatus"),
    "endpoint": _Held("endpoints", "endpoint_status", "EndpointStatus"),
    "notebook-instance": _Held("notebook_instances", "status", "NotebookInstanceStatus"),
}


def set_status(studio: Studio, act: SetStatus) -> Json:
    """Set the status that listings and descriptions show."""
    held = _KINDS.get(act.resource_arn.rpartition(":")[2].partition("/")[0])
    if held is None:
        raise validation(f"resourceArn must be of one of {', '.join(_KINDS)}.")
    known: list[str] = service_model.enum("sagemaker", held.enum)
    if act.status not in known:
        raise validation(f"status must be one of {', '.join(known)}.")
    backend = sagemaker_backends[studio.account][studio.region]
    resources = cast("dict[str, Any]", getattr(backend, held.resources)).values()
    found = next((one for one in resources if one.arn == act.resource_arn), None)
    if found is None:
        raise no_record(f"Resource [{act.resource_arn}]")
    setattr(found, held.status, act.status)
    return {"Arn": act.resource_arn, "Status": act.status}
