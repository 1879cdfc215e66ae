"""An app in the simulator, and what runs inside: the script that it was started with."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from studio_operator.kinds.space.features.backup.script import (
    backup_arn,
    backup_content,
    backup_name,
)
from studio_simulator.client import SimulatorClient
from types_boto3_sagemaker import SageMakerClient

from tests.aws.live import REGION, RESOURCE_SPEC, Behind, app_request, space_request
from tests.backup.conftest import Scene
from tests.backup.inside import ACCOUNT, CREDENTIALS, Identity, app_inside


@pytest.fixture
def sagemaker(endpoint: str) -> SageMakerClient:
    """A client of the simulated AWS."""
    return boto3.client(
        "sagemaker",
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def test_a_running_app_runs_the_script_as_it_was_uploaded(
    scene: Scene, sagemaker: SageMakerClient, endpoint: str, tmp_path: Path
) -> None:
    name = backup_name("JupyterLab", scene.s3_uri)
    created = sagemaker.create_studio_lifecycle_config(
        StudioLifecycleConfigName=name,
        StudioLifecycleConfigContent=backup_content("JupyterLab", scene.s3_uri),
        StudioLifecycleConfigAppType="JupyterLab",
    )
    arn = created["StudioLifecycleConfigArn"]
    assert arn == backup_arn("aws", REGION, ACCOUNT, name)
    simulator = SimulatorClient(endpoint)
    domain_id = Behind(simulator).domain()
    spec = {**RESOURCE_SPEC, "LifecycleConfigArn": arn}
    simulator.call("CreateSpace", space_request(domain_id))
    simulator.advance(60)
    simulator.call("CreateApp", {**app_request(domain_id), "ResourceSpec": spec})
    simulator.advance(600)
    simulator.close()
    scene.identity = Identity(domain_id, "churn")
    scene.write("kept.txt")
    with app_inside(sagemaker, domain_id, "churn", scene.home, tmp_path / "app") as inside:
        scene.wait_completion(inside)
    assert list(scene.copied()) == ["kept.txt"]
