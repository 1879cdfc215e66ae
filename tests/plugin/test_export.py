"""`kubectl studio export` there and back: what it writes takes an estate over without a change."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from studio_operator.api.common import OWNER_TAG
from studio_operator.plugin.main import group

from tests.e2e.cluster import Resource
from tests.e2e.product import Product
from tests.e2e.team import ACCOUNT, GROUP, ROLE, SHARED_ROLE, Team
from tests.e2e.waiting import wait_until
from tests.plugin.conftest import Answer, Studio

ARN = f"arn:aws:sagemaker:eu-central-1:{ACCOUNT}"
IMAGE = f"{ARN}:image/team-image"
EFS = "fs-0123456789abcdef0"
REPOSITORY = {"RepositoryUrl": "https://example.com/team/churn.git"}
TRAINING_PLAN = "arn:aws:sagemaker:eu-central-1:123456789012:training-plan/churn"
DISTRIBUTION = "arn:aws:sagemaker:eu-central-1:545423591354:image/sagemaker-distribution-cpu"


class Estate:
    """What people made in the console, with many settings: nothing of it by the operator."""

    def __init__(self, team: Team) -> None:
        self.team = team
        self.aws: Any = team.aws()
        self.script = self.aws.create_studio_lifecycle_config(
            StudioLifecycleConfigName=f"{team.namespace}-install",
            StudioLifecycleConfigContent="ZWNobyBoaQ==",
            StudioLifecycleConfigAppType="JupyterLab",
        )["StudioLifecycleConfigArn"]
        self.domain_id = self._domain()
        self.team._domain_id = self.domain_id
        self._profiles()
        self._spaces()

    def _domain(self) -> str:
        answer = self.aws.create_domain(
            DomainName=f"{self.team.namespace}-Research",
            AuthMode="IAM",
            VpcId="vpc-0a1b2c3d",
            SubnetIds=["subnet-0a1b2c3d", "subnet-0e4f5a6b"],
            AppNetworkAccessType="VpcOnly",
            KmsKeyId="1234abcd-12ab-34cd-56ef-1234567890ab",
            TagPropagation="ENABLED",
            DefaultUserSettings={
                "ExecutionRole": ROLE,
                "SecurityGroups": [GROUP],
                "StudioWebPortal": "ENABLED",
                "DefaultLandingUri": "studio::",
                "SharingSettings": {"NotebookOutputOption": "Disabled"},
                "SpaceStorageSettings": {
                    "DefaultEbsStorageSettings": {
                        "DefaultEbsVolumeSizeInGb": 10,
                        "MaximumEbsVolumeSizeInGb": 200,
                    }
                },
                "CustomFileSystemConfigs": [{"EFSFileSystemConfig": {"FileSystemId": EFS}}],
                "CustomPosixUserConfig": {"Uid": 200001, "Gid": 1001},
                "JupyterLabAppSettings": {
                    "CodeRepositories": [REPOSITORY],
                    "DefaultResourceSpec": {"InstanceType": "ml.t3.large"},
                    "LifecycleConfigArns": [self.script],
                    "AppLifecycleManagement": {
                        "IdleSettings": {
                            "LifecycleManagement": "ENABLED",
                            "IdleTimeoutInMinutes": 120,
                            "MinIdleTimeoutInMinutes": 60,
                            "MaxIdleTimeoutInMinutes": 480,
                        }
                    },
                },
            },
            DefaultSpaceSettings={
                "ExecutionRole": SHARED_ROLE,
                "SecurityGroups": [GROUP],
                "CustomFileSystemConfigs": [{"FSxLustreFileSystemConfig": {"FileSystemId": EFS}}],
            },
            DomainSettings={
                "SecurityGroupIds": [GROUP],
                "DockerSettings": {"EnableDockerAccess": "ENABLED"},
            },
            Tags=[{"Key": "Kosten Stelle", "Value": "4711"}, {"Key": "team", "Value": "churn"}],
        )
        self.domain_id = str(answer["DomainId"])
        self.wait_in_service("domain")
        return self.domain_id

    def _profiles(self) -> None:
        for name, settings in {
            "Alice-Doe": {
                "ExecutionRole": SHARED_ROLE,
                "CodeEditorAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.m5.large"}},
                "CanvasAppSettings": {"ModelRegisterSettings": {"Status": "DISABLED"}},
            },
            "bob": {},
        }.items():
            self.aws.create_user_profile(
                DomainId=self.domain_id,
                UserProfileName=name,
                UserSettings=settings,
                Tags=[{"Key": "person", "Value": name}],
            )
        self.wait_in_service("user_profile", "UserProfileName", "Alice-Doe", "bob")

    def _spaces(self) -> None:
        jupyter = {
            "DefaultResourceSpec": {
                "InstanceType": "ml.t3.medium",
                "SageMakerImageArn": DISTRIBUTION,
                "SageMakerImageVersionAlias": "2.1.0",
                "LifecycleConfigArn": self.script,
                "TrainingPlanArn": TRAINING_PLAN,
            },
            "AppLifecycleManagement": {"IdleSettings": {"IdleTimeoutInMinutes": 90}},
            "CodeRepositories": [REPOSITORY],
        }
        self.space("Churn-Notebooks", "Alice-Doe", "JupyterLab", jupyter, size=50)
        editor = {
            "DefaultResourceSpec": {"InstanceType": "ml.t3.large", "SageMakerImageArn": IMAGE}
        }
        self.space("editor", "bob", "CodeEditor", editor, sharing="Shared", display="Our editor")
        self.space("plain", "bob", "JupyterLab", {})
        # As many were made for Studio Classic: AWS shows neither an owner nor an app of it.
        self.aws.create_space(DomainId=self.domain_id, SpaceName="Team")
        self.wait_in_service("space", "SpaceName", "Churn-Notebooks", "editor", "plain", "Team")

    def space(
        self,
        name: str,
        owner: str,
        app: str,
        settings: dict[str, Any],
        *,
        sharing: str = "Private",
        size: int | None = None,
        display: str | None = None,
    ) -> None:
        storage = {"EbsStorageSettings": {"EbsVolumeSizeInGb": size}}
        self.aws.create_space(
            DomainId=self.domain_id,
            SpaceName=name,
            OwnershipSettings={"OwnerUserProfileName": owner},
            SpaceSharingSettings={"SharingType": sharing},
            SpaceSettings={
                "AppType": app,
                **({f"{app}AppSettings": settings} if settings else {}),
                **({"SpaceStorageSettings": storage} if size else {}),
            },
            **({"SpaceDisplayName": display} if display else {}),
            Tags=[{"Key": "space", "Value": name}],
        )

    def start(self, name: str, app: str = "JupyterLab", **resource: str) -> None:
        given = {"SageMakerImageArn": DISTRIBUTION, **resource}
        wait_until(partial(self._asks_to_start, name, app, given), f"{name} takes an app")
        named = {"DomainId": self.domain_id, "SpaceName": name, "AppName": "default"}
        wait_until(
            lambda: self.aws.describe_app(**named, AppType=app)["Status"] == "InService",
            f"the app of {name} in service",
        )

    def _asks_to_start(self, name: str, app: str, resource: dict[str, str]) -> bool:
        """As the Studio UI does: again, while the volume of the last app is being let go."""
        try:
            self.aws.create_app(
                DomainId=self.domain_id,
                SpaceName=name,
                AppType=app,
                AppName="default",
                ResourceSpec=resource,
            )
        except self.aws.exceptions.ResourceInUse:
            return False
        return True

    def pick(self, name: str, instance_type: str) -> None:
        """What Studio does for a person who picks another type."""
        named = {"DomainId": self.domain_id, "SpaceName": name}
        app = {**named, "AppType": "JupyterLab", "AppName": "default"}
        self.aws.delete_app(**app)
        wait_until(
            lambda: self.aws.describe_app(**app)["Status"] == "Deleted", f"the app of {name} gone"
        )
        shown = self.aws.describe_space(**named)["SpaceSettings"]["JupyterLabAppSettings"]
        resource = {**shown["DefaultResourceSpec"], "InstanceType": instance_type}
        self.aws.update_space(
            **named,
            SpaceSettings={"JupyterLabAppSettings": {**shown, "DefaultResourceSpec": resource}},
        )
        self.wait_in_service("space", "SpaceName", name)
        self.start(name, **resource)

    def wait_in_service(self, kind: str, member: str = "DomainId", *names: str) -> None:
        for name in names or (self.domain_id,):
            named = {"DomainId": self.domain_id, member: name}
            wait_until(partial(self._is_in_service, kind, named), f"{kind} {name} in service")

    def _is_in_service(self, kind: str, named: dict[str, str]) -> bool:
        answer = getattr(self.aws, f"describe_{kind}")(**named)
        return bool(answer["Status"] == "InService")

    def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that AWS has of it, but for the ownership tags."""
        state = self.team.simulator.state()
        return {
            kind: [self._unmarked(one) for one in things if one.get("domainId") == self.domain_id]
            for kind, things in state.items()
            if isinstance(things, list)
        }

    def _unmarked(self, thing: dict[str, Any]) -> dict[str, Any]:
        tags = {key: value for key, value in thing.get("tags", {}).items() if key != OWNER_TAG}
        return {**thing, "tags": tags}


@pytest.fixture(scope="module")
def by_hand(product: Product) -> Estate:
    """An estate that is only read; no operator knows of it."""
    return Estate(Team(product, "export"))


@pytest.fixture
def own(new_team: Team) -> Estate:
    """An estate that an operator is to take over."""
    return Estate(new_team)


def run(estate: Estate, *words: str, expect: int = 0, **variables: str | None) -> Answer:
    environment = {**Studio(estate.team).environment, **variables}
    ended = CliRunner().invoke(group, ["export", *words], env=environment)
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    answer = Answer(ended.exit_code, ended.stdout, ended.stderr)
    assert answer.code == expect, answer
    return answer


def export(estate: Estate, *words: str, expect: int = 0) -> Answer:
    team = estate.team
    place = ("--domain-id", estate.domain_id, "--region", team.region, "-n", team.namespace)
    return run(estate, *place, *words, expect=expect)


def take_over(estate: Estate, folder: Path) -> list[dict[str, Any]]:
    """Export, apply as GitOps tools do, wait until all is ready; the documents."""
    export(estate, "-o", str(folder))
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
    documents = [
        yaml.safe_load((folder / path).read_text("utf-8")) for path in kustomization["resources"]
    ]
    for document in documents:
        estate.team.apply(document)
    for document in documents:
        estate.team.wait_ready(document["kind"], document["metadata"]["name"])
    return documents


def test_an_exported_estate_is_taken_over_without_any_change(own: Estate, tmp_path: Path) -> None:
    own.start("Churn-Notebooks", InstanceType="ml.t3.medium")
    own.start("plain", InstanceType="ml.m5.large")  # not what the space itself names
    team, before, calls = own.team, own.snapshot(), own.team.last_call()
    documents = take_over(own, tmp_path / "studio")
    kinds = [one["kind"] for one in documents]
    assert kinds == ["StudioDomain", *["UserProfile"] * 2, *["Space"] * 4]
    team.wait_looks()
    assert team.changes(since=calls) == ["AddTags"] * 7
    assert own.snapshot() == before

    # What is made later is exported alone, and refers to what is owned by then.
    own.space("late", "Alice-Doe", "JupyterLab", {})
    own.wait_in_service("space", "SpaceName", "late")
    calls = team.last_call()
    documents = take_over(own, tmp_path / "later")
    assert [one["metadata"]["name"] for one in documents] == ["late"]
    assert team.changes(since=calls) == ["AddTags"]


def test_what_a_person_picks_in_studio_afterwards_stays(own: Estate, tmp_path: Path) -> None:
    """Studio stops the app, updates the space and starts the app on what was picked."""
    own.start("Churn-Notebooks", InstanceType="ml.t3.medium")
    take_over(own, tmp_path / "studio")
    own.pick("Churn-Notebooks", "ml.m5.large")
    team, calls = own.team, own.team.last_call()
    picked = "instanceType: declared ml.t3.medium, live ml.m5.large"

    def is_told(space: Resource) -> bool:
        """While the picked app still starts, the space is told of, but not yet ready."""
        return space.is_ready and picked in space.condition("Drifted").get("message", "")

    team.wait_for("Space", "churn-notebooks", is_told, "is ready and tells what was picked")
    team.wait_looks(2)
    assert team.changes(since=calls) == []


def test_settings_can_be_left_out(by_hand: Estate) -> None:
    written = yaml.safe_load_all(export(by_hand, "--settings", "omit", "--drift", "enforce").out)
    documents = {(one["kind"], one["metadata"]["name"]): one["spec"] for one in written}
    assert documents["Space", "churn-notebooks"] == {
        "domainRef": {"name": f"{by_hand.team.namespace}-research"},
        "ownerRef": {"name": "alice-doe"},
        "spaceName": "Churn-Notebooks",
        "sharing": "Private",
        "app": "JupyterLab",
        "resizePolicy": "WhenStopped",
        "drift": {"default": "Enforce"},
        "adopt": True,
        "tags": {"space": "Churn-Notebooks"},
    }


def test_what_has_no_field_is_named_and_stays(by_hand: Estate, tmp_path: Path) -> None:
    folder = tmp_path / "studio"
    told = export(by_hand, "-o", str(folder)).err
    assert (
        "left out: space Churn-Notebooks: "
        "SpaceSettings.JupyterLabAppSettings.DefaultResourceSpec.TrainingPlanArn" in told
    )
    assert "left out: user profile Alice-Doe: UserSettings.CanvasAppSettings" in told
    assert "DefaultUserSettings.SharingSettings" in told
    commented = (folder / "spaces" / "churn-notebooks.yaml").read_text("utf-8")
    assert commented.startswith("# In AWS and not in this file")
    assert "TrainingPlanArn" in commented


def test_names_and_settings_are_those_of_aws(by_hand: Estate) -> None:
    documents = {
        (one["kind"], one["metadata"]["name"]): one["spec"]
        for one in yaml.safe_load_all(export(by_hand).out)
    }
    domain = f"{by_hand.team.namespace}-research"
    churn = documents["Space", "churn-notebooks"]
    assert churn == {
        "domainRef": {"name": domain},
        "ownerRef": {"name": "alice-doe"},
        "spaceName": "Churn-Notebooks",
        "sharing": "Private",
        "app": "JupyterLab",
        "instanceType": "ml.t3.medium",
        "storage": {"sizeGiB": 50},
        "image": {"distribution": "2.1.0"},
        "lifecycleConfigArn": by_hand.script,
        "idleShutdown": {"after": "90m"},
        "codeRepositories": ["https://example.com/team/churn.git"],
        "resizePolicy": "WhenStopped",
        "drift": {"default": "Report"},
        "adopt": True,
        "tags": {"space": "Churn-Notebooks"},
    }
    assert documents["Space", "team"] == {
        "domainRef": {"name": domain},
        "spaceName": "Team",
        "sharing": "Shared",
        "app": "JupyterServer",
        "resizePolicy": "WhenStopped",
        "drift": {"default": "Report"},
        "adopt": True,
    }
    assert documents["UserProfile", "alice-doe"]["userProfileName"] == "Alice-Doe"
    research = documents["StudioDomain", domain]
    assert research["domainId"] == by_hand.domain_id
    user_settings, shared = research["defaultUserSettings"], research["defaultSpaceSettings"]
    assert user_settings["fileSystems"] == [{"efs": {"fileSystemId": EFS}}]
    assert user_settings["posixUser"] == {"uid": 200001, "gid": 1001}
    assert shared["fileSystems"] == [{"fsxLustre": {"fileSystemId": EFS}}]
    assert user_settings["jupyterLab"]["codeRepositories"] == [REPOSITORY["RepositoryUrl"]]
    assert user_settings["jupyterLab"]["idle"] == {
        "enabled": True,
        "timeoutMinutes": 120,
        "minTimeoutMinutes": 60,
        "maxTimeoutMinutes": 480,
    }


def test_files_that_are_there_are_not_written_over(by_hand: Estate, tmp_path: Path) -> None:
    export(by_hand, "-o", str(tmp_path))
    assert "--force" in export(by_hand, "-o", str(tmp_path), expect=4).err
    export(by_hand, "-o", str(tmp_path), "--force")


def test_a_domain_that_does_not_exist_is_named_with_those_that_do(by_hand: Estate) -> None:
    words = ("--domain-id", "d-doesnotexist", "--region", by_hand.team.region)
    refused = run(by_hand, *words, expect=3)
    assert "has no domain d-doesnotexist" in refused.err
    known = by_hand.aws.list_domains(MaxResults=100)["Domains"]  # ten at most are named
    named = set(re.findall(r"d-[a-z0-9]+", refused.err)) - {"d-doesnotexist"}
    assert named
    assert named <= {domain["DomainId"] for domain in known}
    assert by_hand.domain_id in named or len(named) == 10
    assert refused.out == ""


def test_missing_rights_name_the_action(by_hand: Estate) -> None:
    simulator = by_hand.team.simulator
    fault = simulator.add_fault("DescribeSpace", code="AccessDeniedException", message="no")
    try:
        refused = export(by_hand, expect=4)
    finally:
        simulator.remove_faults(fault)
    assert "sagemaker:DescribeSpace" in refused.err


def test_throttling_is_waited_out(by_hand: Estate) -> None:
    by_hand.team.simulator.add_fault(
        "DescribeSpace", code="ThrottlingException", message="Rate exceeded", times=1
    )
    assert "exported 1 StudioDomain, 2 UserProfile, 4 Space" in export(by_hand).err


def test_a_profile_that_is_not_configured_is_named(by_hand: Estate) -> None:
    refused = run(by_hand, "--domain-id", by_hand.domain_id, "--profile", "nobody", expect=1)
    assert "nobody" in refused.err
    assert "--profile" in refused.err


def test_missing_credentials_are_told(by_hand: Estate) -> None:
    nobody = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    words = ("--domain-id", by_hand.domain_id, "--region", by_hand.team.region)
    assert "credentials" in run(by_hand, *words, expect=4, **nobody).err


def test_without_a_region_the_option_is_named(by_hand: Estate) -> None:
    nowhere = {"AWS_DEFAULT_REGION": None, "AWS_REGION": None}
    refused = run(by_hand, "--domain-id", by_hand.domain_id, expect=1, **nowhere)
    assert "--region" in refused.err
