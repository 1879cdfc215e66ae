"""What is made of each thing in AWS, and what is left out of it and why."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.api.common import OWNER_TAG
from studio_operator.plugin.admission.api_server import find_objections
from studio_operator.plugin.export.estate import Described
from studio_operator.plugin.export.exporting import Choices
from studio_operator.plugin.export.names import fit_names

from tests.unit.plugin.export_stage import (
    ARN,
    DISTRIBUTION,
    GPU,
    NAMESPACE,
    ROLE,
    app,
    domain,
    export,
    left_out,
    profile,
    resource,
    space,
    spec_of,
)

SCRIPT = f"{ARN}:studio-lifecycle-config/install"
IMAGE = f"{ARN}:image/team-image"
VERSION = f"{ARN}:image-version/team-image/3"
MARK = "cluster-1/ml-team/{}/uid-1"
PLAIN = {
    "domainRef": {"name": "research"},
    "ownerRef": {"name": "alice"},
    "adopt": True,
    "sharing": "Private",
    "app": "JupyterLab",
    "resizePolicy": "WhenStopped",
    "drift": {"default": "Report"},
    "storage": {"sizeGiB": 20},
}


# --- spaces --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "members"),
    [
        (None, {}),
        (resource(), {"instanceType": "ml.t3.medium"}),
        (resource(LifecycleConfigArn=SCRIPT), {"lifecycleConfigArn": SCRIPT}),
        (resource(LifecycleConfigArn="None"), {"lifecycleConfigArn": None}),
        ({"AppLifecycleManagement": {"IdleSettings": {"IdleTimeoutInMinutes": 120}}},
         {"idleShutdown": {"after": "2h"}}),
        ({"AppLifecycleManagement": {"IdleSettings": {"IdleTimeoutInMinutes": 61}}},
         {"idleShutdown": {"after": "61m"}}),
        # A SageMaker Distribution that fits the instance is named by its version,
        (resource(SageMakerImageArn=DISTRIBUTION, SageMakerImageVersionAlias="2.1"),
         {"image": {"distribution": "2.1"}}),
        # without a version it follows the instance,
        (resource(SageMakerImageArn=DISTRIBUTION), {"image": None}),
        # and one that does not fit is named as it is.
        (resource(SageMakerImageArn=GPU, SageMakerImageVersionAlias="2.1"),
         {"image": {"imageArn": GPU, "versionAlias": "2.1"}}),
        (resource(SageMakerImageArn=DISTRIBUTION, SageMakerImageVersionAlias="2.1.0-beta"),
         {"image": {"imageArn": DISTRIBUTION, "versionAlias": "2.1.0-beta"}}),
        (resource(SageMakerImageArn=IMAGE), {"image": {"imageArn": IMAGE}}),
        (resource(SageMakerImageArn=IMAGE, SageMakerImageVersionArn=VERSION),
         {"image": {"imageArn": IMAGE, "versionArn": VERSION}}),
        (resource(SageMakerImageArn=IMAGE, SageMakerImageVersionAlias="1.0",
                  SageMakerImageVersionArn=VERSION),
         {"image": {"imageArn": IMAGE, "versionAlias": "1.0"}}),
    ],
)  # fmt: skip
def test_settings_of_a_space(settings: dict[str, Any] | None, members: dict[str, Any]) -> None:
    spec = spec_of(export(space(settings=settings)), "churn")
    for member, value in members.items():
        assert spec.get(member) == value
    assert spec == {**spec, **PLAIN}


def test_no_state_is_written_so_that_people_keep_control() -> None:
    running = export(space(settings=resource()), apps=(app("churn", "ml.t3.medium"),))
    assert "state" not in spec_of(running, "churn")
    assert spec_of(running, "churn")["instanceType"] == "ml.t3.medium"


def test_a_type_that_the_app_does_not_run_on_is_left_out() -> None:
    exported = export(space(settings=resource()), apps=(app("churn", "ml.m5.large"),))
    assert "instanceType" not in spec_of(exported, "churn")
    assert "the app runs on ml.m5.large, the space names ml.t3.medium" in left_out(exported)[0]


def test_an_app_that_ended_says_nothing_of_the_type() -> None:
    ended = app("churn", "ml.m5.large", Status="Deleted")
    exported = export(space(settings=resource()), apps=(ended,))
    assert spec_of(exported, "churn")["instanceType"] == "ml.t3.medium"


def test_studio_classic_has_no_owner_and_no_volume() -> None:
    classic = space(
        "old",
        owner=None,
        app=None,
        size=None,
        more={"JupyterServerAppSettings": resource("system")},
    )
    assert spec_of(export(classic), "old") == {
        "domainRef": {"name": "research"},
        "sharing": "Shared",
        "app": "JupyterServer",
        "instanceType": "system",
        "resizePolicy": "WhenStopped",
        "drift": {"default": "Report"},
        "adopt": True,
    }


BY_NAME = {
    "domainRef": {"name": "research"},
    "sharing": "Shared",
    "app": "JupyterServer",
    "resizePolicy": "WhenStopped",
    "drift": {"default": "Report"},
    "adopt": True,
}


def made_by_name(name: str = "team", **members: Any) -> Described:
    """A space as `create_space(DomainId, SpaceName)` makes it: AWS shows neither owner nor app."""
    described = space(name, owner=None, app=None, size=None)
    answer = {key: value for key, value in described.answer.items() if key != "SpaceSettings"}
    return Described({**answer, **members}, {})


EMPTY: dict[str, Any] = {"DefaultResourceSpec": {}}
SCRIPTED = {**resource("system", LifecycleConfigArn=SCRIPT), "LifecycleConfigArns": [SCRIPT]}
SERVER = app("team", "system", AppType="JupyterServer")
KERNEL = app("team", "ml.t3.medium", AppType="KernelGateway", AppName="kernel-1")


@pytest.mark.parametrize(
    ("described", "apps", "more", "members"),
    [
        (made_by_name(), (), {}, []),
        (made_by_name(SpaceSettings={}), (), {}, []),
        (made_by_name(SpaceSettings={"JupyterServerAppSettings": EMPTY}), (), {}, []),
        (made_by_name(SpaceSettings={"KernelGatewayAppSettings": EMPTY}), (), {}, []),
        (made_by_name(SpaceSettings={"KernelGatewayAppSettings": resource()}), (), {},
         ["SpaceSettings.KernelGatewayAppSettings"]),
        (made_by_name(SpaceSettings={"JupyterServerAppSettings": SCRIPTED}), (),
         {"instanceType": "system", "lifecycleConfigArn": SCRIPT},
         ["SpaceSettings.JupyterServerAppSettings.LifecycleConfigArns"]),
        (made_by_name(SpaceDisplayName="Team"), (), {"displayName": "Team"}, []),
        (made_by_name(), (SERVER,), {}, []),
        (made_by_name(), (SERVER, KERNEL), {}, ["app kernel-1 (KernelGateway)"]),
        (made_by_name(OwnershipSettings={}, SpaceSharingSettings={}), (), {}, []),
    ],
)  # fmt: skip
def test_a_space_that_was_made_by_its_name_alone_is_classics(
    described: Described, apps: tuple[Any, ...], more: dict[str, Any], members: list[str]
) -> None:
    exported = export(described, apps=apps)
    assert spec_of(exported, "team") == BY_NAME | more
    assert [one.member for one in exported.all_omissions] == members


@pytest.mark.parametrize(
    ("thing", "spec", "members"),
    [
        (space(settings=EMPTY), {}, []),
        (space(settings={"AppLifecycleManagement": {}, "CodeRepositories": []}), {}, []),
        (space(settings=resource(None, SageMakerImageArn=IMAGE)),
         {"image": {"imageArn": IMAGE}}, []),
        (space(settings=resource(SageMakerImageArn=IMAGE, SageMakerImageVersionArn="None")),
         {"instanceType": "ml.t3.medium", "image": {"imageArn": IMAGE}}, []),
        (space(settings=resource(SageMakerImageArn=DISTRIBUTION, SageMakerImageVersionArn="None")),
         {"instanceType": "ml.t3.medium"}, []),
        # What the CRD refuses only together: the space is taken over without the one value.
        (space(settings=resource("ml.t3.medium"), more={"RemoteAccess": "ENABLED"}),
         {"remoteAccess": "Enabled"}, ["spec.instanceType"]),
        (space(settings=resource("system")), {}, ["spec.instanceType"]),
        (space(app=None, more={"JupyterLabAppSettings": resource()}),
         {"instanceType": "ml.t3.medium"}, []),
        (space(SpaceDisplayName="Räume 'x'"), {"displayName": "Räume 'x'"}, []),
        # A volume and an idle time that the domain's limits of today would not allow.
        (space(size=500, settings={"AppLifecycleManagement":
                                   {"IdleSettings": {"IdleTimeoutInMinutes": 600}}}),
         {"storage": {"sizeGiB": 500}, "idleShutdown": {"after": "10h"}}, []),
    ],
)  # fmt: skip
def test_spaces_of_odd_shapes_are_taken_over(
    thing: Described, spec: dict[str, Any], members: list[str]
) -> None:
    limits = {
        "SpaceStorageSettings": {
            "DefaultEbsStorageSettings": {
                "DefaultEbsVolumeSizeInGb": 5,
                "MaximumEbsVolumeSizeInGb": 100,
            }
        },
        "JupyterLabAppSettings": {
            "AppLifecycleManagement": {"IdleSettings": {"MaxIdleTimeoutInMinutes": 300}}
        },
    }
    of = domain(DefaultUserSettings={"ExecutionRole": ROLE, **limits})
    exported = export(thing, of=of)
    assert spec_of(exported, "churn") == PLAIN | spec
    assert [one.member for one in exported.all_omissions] == members


def test_an_app_that_ran_and_failed_holds_nothing_up() -> None:
    failed = app("churn", "ml.m5.large", Status="Failed")
    assert export(space(settings=resource()), apps=(failed,)).all_omissions == ()


# --- what people change later ---------------------------------------------------------------------


@pytest.mark.parametrize("drift", ["Report", "Ignore", "Enforce"])
def test_the_admin_says_what_becomes_of_what_people_change(drift: Any) -> None:
    exported = export(space(settings=resource()), choices=Choices(drift))
    assert spec_of(exported, "churn")["drift"] == {"default": drift}
    assert spec_of(exported, "churn")["instanceType"] == "ml.t3.medium"


def test_what_people_may_change_can_be_left_out() -> None:
    settings = resource(SageMakerImageArn=IMAGE, LifecycleConfigArn=SCRIPT)
    thing = space("Churn", settings=settings, tags={"team": "churn"}, SpaceDisplayName="Churn")
    exported = export(
        thing,
        of=domain(DefaultUserSettings={"ExecutionRole": ROLE, "StudioWebPortal": "ENABLED"}),
        profiles=(profile("Alice", settings={"ExecutionRole": ROLE}),),
        choices=Choices(settings=False),
    )
    assert spec_of(exported, "churn") == {
        "domainRef": {"name": "research"},
        "ownerRef": {"name": "alice"},
        "spaceName": "Churn",
        "sharing": "Private",
        "app": "JupyterLab",
        "resizePolicy": "WhenStopped",
        "drift": {"default": "Report"},
        "adopt": True,
        "tags": {"team": "churn"},
    }
    assert spec_of(exported, "research").keys() == {"domainId", "domainName", "aws", "vpcId"}
    assert spec_of(exported, "alice").keys() == {"domainRef", "adopt", "userProfileName"}


@pytest.mark.parametrize(
    ("more", "member"),
    [
        (
            {"CustomFileSystems": [{"S3FileSystem": {"S3Uri": "s3://bucket/shared"}}]},
            "SpaceSettings.CustomFileSystems",
        ),
        ({"KernelGatewayAppSettings": resource()}, "SpaceSettings.KernelGatewayAppSettings"),
        ({"Brand": {"New": 1}}, "SpaceSettings.Brand"),
        (
            {"JupyterLabAppSettings": resource(TrainingPlanArn="arn:x")},
            "SpaceSettings.JupyterLabAppSettings.DefaultResourceSpec.TrainingPlanArn",
        ),
    ],
)
def test_what_a_space_has_no_field_for_is_named(more: dict[str, Any], member: str) -> None:
    assert [one.member for one in export(space(more=more)).all_omissions] == [member]


def test_what_is_mounted_offered_and_let_in_is_written() -> None:
    repository = "https://git.example.com/ml/churn"
    shown = {
        "CustomFileSystems": [
            {"EFSFileSystem": {"FileSystemId": "fs-12345678"}},
            {"FSxLustreFileSystem": {"FileSystemId": "fs-87654321"}},
        ],
        "RemoteAccess": "ENABLED",
        "JupyterLabAppSettings": {"CodeRepositories": [{"RepositoryUrl": repository}]},
    }
    exported = export(space(more=shown))
    spec = spec_of(exported, "churn")
    assert exported.all_omissions == ()
    assert spec["storage"]["fileSystems"] == [
        {"efs": {"fileSystemId": "fs-12345678"}},
        {"fsxLustre": {"fileSystemId": "fs-87654321"}},
    ]
    assert (spec["remoteAccess"], spec["codeRepositories"]) == ("Enabled", [repository])


def test_what_says_nothing_is_not_named() -> None:
    empty = {"CustomFileSystems": [], "KernelGatewayAppSettings": {"DefaultResourceSpec": {}}}
    assert export(space(more=empty)).all_omissions == ()


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (space(app="KernelGateway"), "it is for KernelGateway"),
        (space(app=None), "AWS does not show which app it is for"),
        (space(owner="nobody"), "user profile nobody, does not exist any more"),
        (space(owner=None), "ownerRef is required"),
        (space(Status="Deleting"), "it is Deleting"),
        (space(Status="Failed"), "it is Failed"),
        (space(Status="Update_Failed"), "UpdateSpace at once"),
        (space(tags={OWNER_TAG: MARK.format("churn")}), "ml-team/churn of cluster cluster-1"),
        (space(tags={OWNER_TAG: "somebody"}), "it belongs to others"),
        (space(tags={OWNER_TAG: "c/other/churn/released"}), "Space other/churn has let it go"),
        (space(tags={f"k{number}": "" for number in range(50)}), "it has 50 tags"),
    ],
)
def test_what_cannot_be_taken_over_is_left_out_with_the_reason(thing: Any, words: str) -> None:
    exported = export(thing)
    assert [one.key.kind for one in exported.resources] == ["StudioDomain", "UserProfile"]
    assert words in left_out(exported)[0]


def test_what_this_namespace_let_go_is_taken_back() -> None:
    let_go = space(tags={OWNER_TAG: f"c/{NAMESPACE}/old-name/released"})
    assert spec_of(export(let_go), "old-name")["spaceName"] == "churn"


def test_what_another_namespace_let_go_is_left_to_it() -> None:
    let_go = profile("Bob", tags={OWNER_TAG: "c/other/bob/released"})
    exported = export(space(), profiles=(profile(), let_go))
    assert "UserProfile other/bob has let it go: it alone may take it back" in left_out(exported)[0]


# --- names and tags ------------------------------------------------------------------------------


def test_names_with_capitals_keep_theirs_in_aws() -> None:
    exported = export(space("Churn-2", owner="Alice"), profiles=(profile("Alice"),))
    assert spec_of(exported, "alice")["userProfileName"] == "Alice"
    assert spec_of(exported, "churn-2") | PLAIN == spec_of(exported, "churn-2")
    assert spec_of(exported, "churn-2")["spaceName"] == "Churn-2"


def test_of_names_that_differ_in_capitals_only_one_is_taken_over() -> None:
    """Case does not count in a domain's names, says AWS; should it ever, nothing is guessed."""
    exported = export(space("Churn"), space("churn"))
    assert [one.key.name for one in exported.resources if one.key.kind == "Space"] == ["churn"]
    assert "claims space Churn too" in left_out(exported)[0]


@pytest.mark.parametrize(
    ("names", "fitted"),
    [
        (["alice", "Bob"], {"alice": "alice", "Bob": "bob"}),
        (["CHURN", "Churn", "churn"], {"churn": "churn", "CHURN": "churn-2", "Churn": "churn-3"}),
        (["A" * 63, "a" * 63], {"a" * 63: "a" * 63, "A" * 63: "a" * 61 + "-2"}),
    ],
)
def test_names_in_kubernetes(names: list[str], fitted: dict[str, str]) -> None:
    assert fit_names(names) == fitted
    assert fit_names(reversed(names)) == fitted


def test_an_owner_is_found_whatever_the_case() -> None:
    exported = export(space(owner="ALICE"))
    assert spec_of(exported, "churn")["ownerRef"] == {"name": "alice"}


def test_tags_are_those_that_people_set() -> None:
    tags = {
        "team": "churn",
        "aws:cloudformation:stack": "x",
        "sagemaker:domain-arn": "x",
        "Kosten Stelle": "4711",
    }
    assert spec_of(export(space(tags=tags)), "churn")["tags"] == {
        "Kosten Stelle": "4711",
        "team": "churn",
    }


@pytest.mark.parametrize("count", [48, 49])
def test_all_tags_are_kept_that_leave_a_place_for_the_ownership_tag(count: int) -> None:
    """AWS allows 50 of a resource, and does not count its own."""
    of_aws = {f"aws:cloudformation:{number}": "x" for number in range(3)}
    tags = {f"k{number:02}": "" for number in range(count)}
    exported = export(space(tags={**tags, **of_aws}))
    assert spec_of(exported, "churn")["tags"] == tags
    assert exported.all_omissions == ()


@pytest.mark.parametrize(("key", "value"), [("a&b", "x"), ("x", "a<b")])
def test_a_tag_that_no_spec_can_hold_is_named(key: str, value: str) -> None:
    exported = export(space(tags={"team": "churn", key: value}))
    assert spec_of(exported, "churn")["tags"] == {"team": "churn"}
    assert [one.member for one in exported.all_omissions] == [f"tag {key}"]


# --- domains and profiles ------------------------------------------------------------------------


def test_a_plain_domain_declares_little() -> None:
    assert spec_of(export(), "research") == {
        "domainName": "Research",
        "domainId": "d-a1b2c3",
        "aws": {"region": "eu-central-1"},
        "vpcId": "vpc-0a1b2c3d",
        "subnetIds": ["subnet-0a1b2c3d"],
        "defaultUserSettings": {"executionRole": ROLE},
    }


def test_settings_of_a_domain_and_what_it_has_no_field_for() -> None:
    rich = domain(
        AuthMode="SSO",
        KmsKeyId="1234abcd-12ab-34cd-56ef-1234567890ab",
        AppSecurityGroupManagement="Service",
        TagPropagation="ENABLED",
        DefaultUserSettings={
            "ExecutionRole": ROLE,
            "JupyterLabAppSettings": {
                **resource(SageMakerImageArn=IMAGE, SageMakerImageVersionArn=VERSION),
                "CustomImages": [{"ImageName": "team", "AppImageConfigName": "team"}],
            },
            "RStudioServerProAppSettings": {"AccessStatus": "ENABLED"},
        },
        DomainSettings={"DockerSettings": {"EnableDockerAccess": "DISABLED"}},
    )
    exported = export(of=rich, profiles=())
    spec = spec_of(exported, "research")
    assert (spec["authMode"], spec["tagPropagation"]) == ("SSO", "ENABLED")
    assert spec["kmsKeyId"] == "1234abcd-12ab-34cd-56ef-1234567890ab"
    assert spec["defaultUserSettings"]["jupyterLab"]["defaultResourceSpec"] == {
        "instanceType": "ml.t3.medium",
        "imageArn": IMAGE,
        "versionArn": VERSION,
    }
    assert "domainSettings" not in spec  # DISABLED is AWS's default
    assert [one.member for one in exported.all_omissions] == [
        "DefaultUserSettings.JupyterLabAppSettings.CustomImages",
        "DefaultUserSettings.RStudioServerProAppSettings",
        "AppSecurityGroupManagement",
    ]


EFS = {"EFSFileSystemConfig": {"FileSystemId": "fs-0123456789abcdef0", "FileSystemPath": "/"}}
LUSTRE = {"FSxLustreFileSystemConfig": {"FileSystemId": "fs-0fedcba9876543210"}}
S3 = {"S3FileSystemConfig": {"S3Uri": "s3://bucket/shared"}}
REPOSITORIES = {"CodeRepositories": [{"RepositoryUrl": "https://git.example.com/team.git"}]}


def test_file_systems_posix_users_and_repositories_are_declared() -> None:
    settings = {
        "CustomFileSystemConfigs": [EFS, LUSTRE],
        "CustomPosixUserConfig": {"Uid": 200001, "Gid": 1001},
        "JupyterLabAppSettings": REPOSITORIES,
        "JupyterServerAppSettings": REPOSITORIES,
    }
    shared = {"ExecutionRole": ROLE, **settings}
    exported = export(
        of=domain(DefaultUserSettings=shared, DefaultSpaceSettings=shared),
        profiles=(profile(settings=settings),),
    )
    declared = {
        "fileSystems": [
            {"efs": {"fileSystemId": "fs-0123456789abcdef0", "path": "/"}},
            {"fsxLustre": {"fileSystemId": "fs-0fedcba9876543210"}},
        ],
        "posixUser": {"uid": 200001, "gid": 1001},
        "jupyterLab": {"codeRepositories": ["https://git.example.com/team.git"]},
        "jupyterServer": {"codeRepositories": ["https://git.example.com/team.git"]},
    }
    assert exported.all_omissions == ()
    assert spec_of(exported, "alice")["userSettings"] == declared
    for member in ("defaultUserSettings", "defaultSpaceSettings"):
        assert spec_of(exported, "research")[member] == {"executionRole": ROLE, **declared}


def test_a_list_with_a_file_system_that_no_spec_knows_is_left_out_and_named() -> None:
    exported = export(profiles=(profile(settings={"CustomFileSystemConfigs": [EFS, S3]}),))
    assert "userSettings" not in spec_of(exported, "alice")
    assert [one.member for one in exported.all_omissions] == [
        "UserSettings.CustomFileSystemConfigs"
    ]


@pytest.mark.parametrize(
    ("settings", "member"),
    [
        ({"ExecutionRole": "role-without-arn"}, "spec.userSettings.executionRole"),
        ({"SecurityGroups": ["sg-1", "SG 2"]}, "spec.userSettings.securityGroups"),
        ({"CustomFileSystemConfigs": [EFS, EFS]}, "spec.userSettings.fileSystems"),
        (
            {
                "SpaceStorageSettings": {
                    "DefaultEbsStorageSettings": {"DefaultEbsVolumeSizeInGb": 9}
                }
            },
            "spec.userSettings.spaceStorage",
        ),
        (
            {
                "JupyterLabAppSettings": {
                    "AppLifecycleManagement": {
                        "IdleSettings": {
                            "MinIdleTimeoutInMinutes": 120,
                            "MaxIdleTimeoutInMinutes": 60,
                        }
                    }
                }
            },
            "spec.userSettings.jupyterLab.idle",
        ),
    ],
)
def test_a_value_that_the_crd_refuses_is_left_out_and_named(
    settings: dict[str, Any], member: str
) -> None:
    exported = export(profiles=(profile(settings={**settings, "StudioWebPortal": "DISABLED"}),))
    assert spec_of(exported, "alice")["userSettings"] == {"studioWebPortal": "DISABLED"}
    assert [one.member for one in exported.all_omissions] == [member]


def test_a_person_of_identity_center_is_named() -> None:
    person = profile(SingleSignOnUserIdentifier="UserName", SingleSignOnUserValue="alice@x.example")
    exported = export(of=domain(AuthMode="SSO"), profiles=(person,))
    assert spec_of(exported, "alice")["singleSignOn"] == {"value": "alice@x.example"}


# --- what others have already --------------------------------------------------------------------


def test_what_is_owned_already_is_referred_to_by_its_resource() -> None:
    owned = domain(tags={OWNER_TAG: "c1/platform/studio/uid-1"})
    alice = profile("Alice", tags={OWNER_TAG: "c1/ml-team/alice-d/uid-2"})
    exported = export(space(owner="Alice"), of=owned, profiles=(alice,))
    assert [one.key.name for one in exported.resources] == ["churn"]
    spec = spec_of(exported, "churn")
    assert spec["domainRef"] == {"name": "studio", "namespace": "platform"}
    assert spec["ownerRef"] == {"name": "alice-d"}


def test_a_space_whose_owner_is_another_namespaces_is_left_to_it() -> None:
    alice = profile(tags={OWNER_TAG: "c1/people/alice/uid-2"})
    exported = export(
        space(), of=domain(tags={OWNER_TAG: "c1/people/studio/uid-1"}), profiles=(alice,)
    )
    assert exported.resources == ()
    assert "export for namespace people" in left_out(exported)[-1]


def test_apps_that_no_resource_stands_for_are_named() -> None:
    exported = export(
        space(),
        apps=(
            app(None, "ml.t3.medium", AppType="Canvas"),
            app("churn", "ml.t3.medium", AppType="KernelGateway", AppName="kernel-1"),
            app(None, "system", AppType="JupyterServer", Status="Deleted"),
        ),
    )
    assert left_out(exported) == [
        "space churn: app kernel-1 (KernelGateway): it is beside the one app that a Space stands "
        "for; it is left alone",
        "user profile alice: app default (Canvas): it is in no space, and a Space stands for apps "
        "in spaces only; it is left alone",
    ]


def test_the_rstudio_server_of_a_domain_is_nobodys() -> None:
    """ListApps shows it under `domain-shared`, which is no user profile."""
    server = app(None, "system", AppType="RStudioServerPro", UserProfileName="domain-shared")
    (said,) = left_out(export(apps=(server,)))
    assert said.startswith("the domain itself: app default (RStudioServerPro)")
    assert "user profile" not in said


def test_what_is_said_of_a_persons_app_is_true_of_every_type() -> None:
    """A Space knows JupyterServer, and yet the one of a person is none of its."""
    for type_ in ("JupyterServer", "KernelGateway", "JupyterLab", "RStudioServerPro"):
        (said,) = left_out(export(apps=(app(None, "system", AppType=type_),)))
        assert said.startswith(f"user profile alice: app default ({type_}): it is in no space")


# --- by construction -----------------------------------------------------------------------------


def test_whatever_is_exported_is_taken_by_the_crds() -> None:
    exported = export(
        space("A", settings=resource(SageMakerImageArn=IMAGE)), space("b", sharing="Shared")
    )
    for one in exported.resources:
        assert find_objections(one.document(NAMESPACE)) == ()
    assert all(find_objections(one.document(None)) == () for one in exported.resources)
