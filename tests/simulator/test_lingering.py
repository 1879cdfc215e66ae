"""What outlives a space: endpoints, jobs and the like, which are moto's, found by its tag."""

from __future__ import annotations

from typing import Any

import pytest
from studio_simulator.client import ControlError

from tests.simulator.world import ROLE, World

SPACE = "arn:aws:sagemaker:us-east-1:123456789012:space/d-abc/churn"
TAGS: Any = [{"Key": "sagemaker:space-arn", "Value": SPACE}]
CLUSTER: Any = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}


def endpoint(world: World) -> str:
    world.sm.create_model(
        ModelName="churn", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"}
    )
    variant: Any = {
        "VariantName": "all",
        "ModelName": "churn",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    world.sm.create_endpoint_config(EndpointConfigName="churn", ProductionVariants=[variant])
    made = world.sm.create_endpoint(EndpointName="churn", EndpointConfigName="churn", Tags=TAGS)
    return made["EndpointArn"]


def feature_group(world: World) -> str:
    return world.sm.create_feature_group(
        FeatureGroupName="churn",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="at",
        FeatureDefinitions=[{"FeatureName": "id", "FeatureType": "String"}],
        OfflineStoreConfig={"S3StorageConfig": {"S3Uri": "s3://bucket/features"}},
        RoleArn=ROLE,
        Tags=TAGS,
    )["FeatureGroupArn"]


def notebook_instance(world: World) -> str:
    return world.sm.create_notebook_instance(
        NotebookInstanceName="churn", InstanceType="ml.t3.medium", RoleArn=ROLE, Tags=TAGS
    )["NotebookInstanceArn"]


def training_job(world: World, name: str = "churn") -> str:
    return world.sm.create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
        OutputDataConfig={"S3OutputPath": "s3://bucket/model"},
        ResourceConfig=CLUSTER,
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
        RoleArn=ROLE,
        Tags=TAGS,
    )["TrainingJobArn"]


def processing_job(world: World) -> str:
    return world.sm.create_processing_job(
        ProcessingJobName="churn",
        AppSpecification={"ImageUri": "image"},
        ProcessingResources={"ClusterConfig": CLUSTER},
        RoleArn=ROLE,
        Tags=TAGS,
    )["ProcessingJobArn"]


def transform_job(world: World) -> str:
    source: Any = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in"}}
    return world.sm.create_transform_job(
        TransformJobName="churn",
        ModelName="churn",
        TransformInput={"DataSource": source},
        TransformOutput={"S3OutputPath": "s3://bucket/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        Tags=TAGS,
    )["TransformJobArn"]


def found(world: World, **query: Any) -> list[str]:
    """ARNs of all pages of one resource."""
    pages = world.tagging.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": "sagemaker:space-arn"}], PaginationConfig={"PageSize": 1}, **query
    )
    return [one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]]


@pytest.mark.parametrize(
    ("type_", "create"),
    [
        ("sagemaker:endpoint", endpoint),
        ("sagemaker:feature-group", feature_group),
        ("sagemaker:notebook-instance", notebook_instance),
        ("sagemaker:training-job", training_job),
        ("sagemaker:processing-job", processing_job),
        ("sagemaker:transform-job", transform_job),
    ],
)
def test_the_tagging_api_finds_each_kind_by_key_and_type(
    world: World, type_: str, create: Any
) -> None:
    arn = create(world)
    assert found(world, ResourceTypeFilters=[type_]) == [arn]
    assert found(world, ResourceTypeFilters=["sagemaker:space", "s3"]) == []
    asked = world.tagging.get_resources(ResourceARNList=[arn, arn + "-gone"])
    assert asked["ResourceTagMappingList"] == [{"ResourceARN": arn, "Tags": TAGS}]


def test_pages_go_over_all_kinds_that_are_asked_for(world: World) -> None:
    made = [endpoint(world), notebook_instance(world)]
    training_job(world)
    types = ["sagemaker:endpoint", "sagemaker:notebook-instance"]
    assert found(world, ResourceTypeFilters=types) == made


def test_an_endpoint_that_somebody_deletes_is_not_found_any_more(world: World) -> None:
    endpoint(world)
    world.sm.delete_endpoint(EndpointName="churn")
    assert found(world) == []


@pytest.mark.parametrize(
    ("create", "list_", "items"),
    [
        (training_job, "list_training_jobs", "TrainingJobSummaries"),
        (processing_job, "list_processing_jobs", "ProcessingJobSummaries"),
        (transform_job, "list_transform_jobs", "TransformJobSummaries"),
    ],
)
def test_a_job_is_over_at_once_until_it_is_made_to_run(
    world: World, create: Any, list_: str, items: str
) -> None:
    def running() -> int:
        return len(getattr(world.sm, list_)(StatusEquals="InProgress", MaxResults=100)[items])

    arn = create(world)
    assert running() == 0
    world.control.set_status(arn, "InProgress")
    assert running() == 1
    world.control.set_status(arn, "Completed")
    assert running() == 0


def test_a_notebook_instance_and_an_endpoint_have_statuses_to_be_set(world: World) -> None:
    world.control.set_status(notebook_instance(world), "Stopped")
    listed = world.sm.list_notebook_instances(StatusEquals="Stopped")["NotebookInstances"]
    assert [one["NotebookInstanceName"] for one in listed] == ["churn"]
    world.control.set_status(endpoint(world), "Failed")
    assert world.sm.describe_endpoint(EndpointName="churn")["EndpointStatus"] == "Failed"


@pytest.mark.parametrize(
    ("arn", "status", "why"),
    [
        (SPACE, "Failed", "must be of one of training-job"),
        (SPACE.replace("space/d-abc", "training-job"), "InProgress", "does not exist"),
        (SPACE.replace("space/d-abc", "training-job"), "Running", "status must be one of"),
    ],
)
def test_a_status_is_set_of_what_there_is(world: World, arn: str, status: str, why: str) -> None:
    world.domain()
    with pytest.raises(ControlError, match=why):
        world.control.set_status(arn, status)
