"""What outlives a space's app, found in the simulator over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import boto3
import pytest
from studio_operator.kinds.space.features.lingering.observed import (
    AT_LINGERING,
    Lingering,
    LingeringQuestion,
)
from studio_simulator.client import SimulatorClient

from tests.aws.live import REGION, ROLE, WHERE, Behind, Live, app_request, live, run
from tests.aws_ids import scope_at, space_at

NEVER = 3600.0  # no periodic look while a test runs
LISTINGS = {"ListTrainingJobs", "ListProcessingJobs", "ListTransformJobs", "ListNotebookInstances"}


class Person:
    """Somebody who works in the space churn of a domain, by boto3."""

    def __init__(self, domain_id: str) -> None:
        self.domain_id = domain_id
        self.space = space_at(REGION, domain_id, "churn")
        arn = f"arn:aws:sagemaker:{REGION}:123456789012:space/{domain_id}/churn"
        self.tags: Any = [{"Key": "sagemaker:space-arn", "Value": arn}]
        self.sagemaker = boto3.client("sagemaker", region_name=REGION)

    def deploy(self) -> str:
        """Leave an endpoint; its ARN."""
        model = {"ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        variants: Any = [{"VariantName": "all", **model}]
        self.sagemaker.create_model(ModelName="churn", ExecutionRoleArn=ROLE)
        self.sagemaker.create_endpoint_config(
            EndpointConfigName="churn", ProductionVariants=variants
        )
        made = self.sagemaker.create_endpoint(
            EndpointName="churn", EndpointConfigName="churn", Tags=self.tags
        )
        return made["EndpointArn"]

    def train(self, name: str) -> str:
        """Run a training job, which in moto is over at once; its ARN."""
        made = self.sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
            OutputDataConfig={"S3OutputPath": "s3://bucket/model"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 9},
            StoppingCondition={"MaxRuntimeInSeconds": 3600},
            RoleArn=ROLE,
            Tags=self.tags,
        )
        return made["TrainingJobArn"]

    def take_a_notebook(self, name: str) -> str:
        """Leave a notebook instance; its ARN."""
        made = self.sagemaker.create_notebook_instance(
            NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE, Tags=self.tags
        )
        return made["NotebookInstanceArn"]


@pytest.fixture
def person(simulator: SimulatorClient) -> Person:
    behind = Behind(simulator)
    domain_id = behind.domain()
    behind.space(domain_id)
    simulator.advance(1)
    return Person(domain_id)


def known(scene: Live, person: Person) -> Lingering:
    found = scene.inventory.known(WHERE, LingeringQuestion(*person.space[1:]))
    assert found is not None
    return found


def counted(scene: Live) -> dict[tuple[str, ...], float]:
    (gauge,) = scene.inventory.feature_gauges()
    return dict(gauge.count())


def calls(simulator: SimulatorClient) -> dict[str, int]:
    """Successful calls of the operations that a look may take."""
    counts = simulator.counts()
    return {name: counts[name]["OK"] for name in sorted({"GetResources", *LISTINGS} & set(counts))}


def test_a_look_finds_what_costs_money_and_not_what_is_over(
    simulator: SimulatorClient, person: Person
) -> None:
    async def scene() -> None:
        async with live(lingering_interval=NEVER, lingering_shared=0.0) as scene_:
            await scene_.tracked(person.domain_id)
            await scene_.inventory.look(person.space, AT_LINGERING)
            assert known(scene_, person).arns == ()
            endpoint, running = person.deploy(), person.train("running")
            person.train("over")
            notebook, stopped = person.take_a_notebook("one"), person.take_a_notebook("two")
            simulator.set_status(running, "InProgress")
            simulator.set_status(stopped, "Stopped")
            scene_.changes.clear()
            await scene_.inventory.look(person.space, AT_LINGERING)
            found = known(scene_, person)
            assert found.arns == tuple(sorted([endpoint, running, notebook]))
            assert found.is_complete
            assert scene_.changes == [person.space]
            assert counted(scene_) == {
                (REGION, "sagemaker:endpoint"): 1,
                (REGION, "sagemaker:notebook-instance"): 1,
                (REGION, "sagemaker:training-job"): 1,
            }

    run(scene())


def test_five_hundred_stops_share_one_look(simulator: SimulatorClient, person: Person) -> None:
    async def scene() -> None:
        simulator.clear_calls()
        async with live(lingering_interval=NEVER) as scene_:
            await scene_.tracked(person.domain_id)
            look = scene_.inventory.look
            await asyncio.gather(*(look(person.space, AT_LINGERING) for _ in range(500)))
            jobs = LISTINGS - {"ListNotebookInstances"}
            # One more GetResources reads the ownership tags.
            assert calls(simulator) == {"GetResources": 2, **dict.fromkeys(jobs, 1)}

    run(scene())


def test_the_first_look_comes_with_the_domains_view(person: Person) -> None:
    async def scene() -> None:
        endpoint = person.deploy()
        async with live(lingering_interval=NEVER) as scene_:
            await scene_.tracked(person.domain_id)
            await scene_.until(lambda: person.space in scene_.changes)
            assert known(scene_, person).arns == (endpoint,)

    run(scene())


def test_an_emr_serverless_application_counts_while_it_is_started(
    simulator: SimulatorClient, person: Person
) -> None:
    async def scene() -> None:
        emr = boto3.client("emr-serverless", region_name=REGION)
        made = emr.create_application(type="SPARK", releaseLabel="emr-7.0.0", clientToken="one")
        # moto's tagging API does not know of it.
        tags = {tag["Key"]: tag["Value"] for tag in person.tags}
        simulator.add_foreign_resource(made["arn"], tags)
        async with live(lingering_interval=NEVER, lingering_shared=0.0) as scene_:
            await scene_.tracked(person.domain_id)
            emr.start_application(applicationId=made["applicationId"])
            await scene_.inventory.look(person.space, AT_LINGERING)
            assert known(scene_, person).arns == (made["arn"],)
            emr.stop_application(applicationId=made["applicationId"])
            await scene_.inventory.look(person.space, AT_LINGERING)
            found = known(scene_, person)
            assert (found.arns, found.is_complete) == ((), True)

    run(scene())


def test_at_rest_it_is_looked_at_again_and_a_change_is_told(person: Person) -> None:
    async def scene() -> None:
        endpoint = person.deploy()
        async with live(lingering_interval=0.2, lingering_shared=0.0) as scene_:
            await scene_.tracked(person.domain_id)
            await scene_.until(lambda: person.space in scene_.changes)
            assert known(scene_, person).arns == (endpoint,)
            scene_.changes.clear()
            person.sagemaker.delete_endpoint(EndpointName="churn")
            await scene_.until(lambda: person.space in scene_.changes)
            assert known(scene_, person).arns == ()
            assert counted(scene_) == {}

    run(scene())


def test_what_a_space_has_left_is_counted_while_its_app_does_not_run(
    simulator: SimulatorClient, person: Person
) -> None:
    async def scene() -> None:
        person.deploy()
        domain_id = person.domain_id
        Behind(simulator).app(domain_id)
        async with live(lingering_interval=NEVER) as scene_:
            await scene_.tracked(domain_id)
            await scene_.inventory.look(person.space, AT_LINGERING)
            assert len(known(scene_, person).arns) == 1
            assert counted(scene_) == {}
            await scene_.do("DeleteApp", **app_request(domain_id))
            view = scene_.inventory.view(scope_at(REGION, domain_id))
            assert view is not None
            await scene_.until(lambda: not view.apps["churn"].is_active)
            assert counted(scene_) == {(REGION, "sagemaker:endpoint"): 1}
            scene_.inventory.untrack(scope_at(REGION, domain_id))
            assert counted(scene_) == {}

    run(scene())


def test_a_role_that_may_not_look_leaves_it_unknown_and_fails_nothing(
    simulator: SimulatorClient, person: Person
) -> None:
    async def scene() -> None:
        async with live(lingering_interval=NEVER, lingering_shared=0.0) as scene_:
            await scene_.tracked(person.domain_id)
            await scene_.inventory.look(person.space, AT_LINGERING)
            person.deploy()
            denied = "AccessDeniedException"
            simulator.add_fault("GetResources", code=denied, message="not authorized")
            before = known(scene_, person).looked_at
            await scene_.inventory.look(person.space, AT_LINGERING)
            after = known(scene_, person)
            assert (after.arns, after.is_complete) == ((), False)
            assert after.looked_at > before

    run(scene())


def test_turned_off_nobody_looks_and_nobody_waits_for_a_look(
    simulator: SimulatorClient, person: Person
) -> None:
    async def scene() -> None:
        person.deploy()
        async with live(lingering_interval=0) as scene_:
            await scene_.tracked(person.domain_id)
            await scene_.inventory.look(person.space, AT_LINGERING)
            found = known(scene_, person)
            assert (found.arns, found.is_complete) == ((), False)
            assert not LISTINGS & set(simulator.counts())

    run(scene())
