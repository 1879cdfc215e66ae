"""A small world to test in: clients, and short ways to make things."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError
from studio_simulator.client import SimulatorClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient
    from types_boto3_sagemaker import SageMakerClient

REGION = "us-east-1"
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/studio"
IMAGE = "arn:aws:sagemaker:us-east-1:885854791233:image/sagemaker-distribution-cpu"
LONG = 24 * 60 * 60.0
"""Longer than any transition; shorter than nothing that is remembered."""


def client(service: str, url: str, region: str = REGION, **config: Any) -> Any:
    """Return a boto3 client that neither retries nor checks what the service should check."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}, **config),
    )


class World:
    """Clients of one simulator whose clock stands still until it is told to move."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.control = SimulatorClient(url)
        self.sm: SageMakerClient = client("sagemaker", url)
        self.tagging: ResourceGroupsTaggingAPIClient = client("resourcegroupstaggingapi", url)

    def begin(self) -> None:
        """Empty the world and stop the clock."""
        self.control.reset()
        self.control.set_speed(0)

    def pass_time(self, seconds: float) -> None:
        """Let simulated time pass, at once."""
        self.control.advance(seconds)

    def raw(
        self, operation: str, body: Any, *, target: str = "SageMaker", signed: bool = True
    ) -> tuple[int, dict[str, Any]]:
        """Call without boto3, which would refuse to send some things; return status and answer."""
        headers = {"X-Amz-Target": f"{target}.{operation}"}
        if signed:
            scope = f"test/20260101/{REGION}/sagemaker/aws4_request"
            headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0"
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = urllib3.request("POST", self.url, body=content, headers=headers)
        return answer.status, json.loads(answer.data)

    def domain(self, name: str = "research", *, ready: bool = True, **changes: Any) -> str:
        """Create a domain, ready unless asked otherwise; return its id."""
        parameters: dict[str, Any] = {
            "DomainName": name,
            "AuthMode": "IAM",
            "DefaultUserSettings": {"ExecutionRole": ROLE},
            "DefaultSpaceSettings": {"ExecutionRole": ROLE},
            "VpcId": "vpc-1",
            "SubnetIds": ["subnet-1", "subnet-2"],
        }
        created = self.sm.create_domain(**given({**parameters, **changes}))
        if ready:
            self.pass_time(240)
        return created["DomainId"]

    def profile(self, domain_id: str, name: str = "alice", **changes: Any) -> str:
        """Create a user profile and wait for it; return its ARN."""
        created = self.sm.create_user_profile(DomainId=domain_id, UserProfileName=name, **changes)
        self.pass_time(10)
        return created["UserProfileArn"]

    def space(
        self, domain_id: str, name: str = "churn", *, ready: bool = True, **changes: Any
    ) -> str:
        """Create alice's private JupyterLab space of 20 GiB; return its ARN."""
        created = self.sm.create_space(**given({**space_parameters(domain_id, name), **changes}))
        if ready:
            self.pass_time(20)
        return created["SpaceArn"]

    def app(
        self, domain_id: str, space_name: str = "churn", *, ready: bool = True, **changes: Any
    ) -> str:
        """Start the space's JupyterLab app; return its ARN."""
        created = self.sm.create_app(**given({**app_parameters(domain_id, space_name), **changes}))
        if ready:
            self.pass_time(180)
        return created["AppArn"]

    def running_space(self, name: str = "churn") -> str:
        """Make a domain, alice, her space and its app, all InService; return the domain's id."""
        domain_id = self.domain()
        self.profile(domain_id)
        self.space(domain_id, name)
        self.app(domain_id, name)
        return domain_id

    def app_status(self, domain_id: str, space_name: str = "churn") -> str:
        """Return the app's status."""
        return self.sm.describe_app(**app_key(domain_id, space_name))["Status"]

    def space_status(self, domain_id: str, space_name: str = "churn") -> str:
        """Return the space's status."""
        return self.sm.describe_space(DomainId=domain_id, SpaceName=space_name)["Status"]

    def code_of(self, call: Callable[..., Any], /, **parameters: Any) -> str:
        """Return the code that a call is refused with."""
        return self.refusal(call, **parameters)[0]

    def refusal(self, call: Callable[..., Any], /, **parameters: Any) -> tuple[str, str]:
        """Return the code and the message that a call is refused with."""
        with pytest.raises(ClientError) as refused:
            call(**parameters)
        error = refused.value.response["Error"]
        return error["Code"], error["Message"]


def given(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return parameters without those that are None."""
    return {name: value for name, value in parameters.items() if value is not None}


def resource_spec(instance_type: str = "ml.t3.medium", image: str = IMAGE) -> Any:
    """Return a complete ResourceSpec."""
    return {
        "SageMakerImageArn": image,
        "SageMakerImageVersionAlias": "4.2.1",
        "InstanceType": instance_type,
    }


def space_settings(size: int = 20, instance_type: str = "ml.t3.medium") -> Any:
    """Return a JupyterLab space's settings."""
    return {
        "AppType": "JupyterLab",
        "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": size}},
        "JupyterLabAppSettings": {"DefaultResourceSpec": resource_spec(instance_type)},
    }


def volume(size: int) -> Any:
    """Return SpaceSettings that change nothing but the volume's size."""
    return {"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": size}}}


def space_parameters(domain_id: str, name: str = "churn", owner: str = "alice") -> Any:
    """Return CreateSpace's parameters for a private JupyterLab space."""
    return {
        "DomainId": domain_id,
        "SpaceName": name,
        "OwnershipSettings": {"OwnerUserProfileName": owner},
        "SpaceSharingSettings": {"SharingType": "Private"},
        "SpaceSettings": space_settings(),
    }


def app_key(domain_id: str, space_name: str = "churn", app_type: str = "JupyterLab") -> Any:
    """Return the parameters that name a space's app."""
    return {
        "DomainId": domain_id,
        "SpaceName": space_name,
        "AppType": app_type,
        "AppName": "default",
    }


def app_parameters(domain_id: str, space_name: str = "churn") -> Any:
    """Return CreateApp's parameters for a space's JupyterLab app."""
    return {**app_key(domain_id, space_name), "ResourceSpec": resource_spec()}
