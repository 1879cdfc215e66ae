"""What profiles and spaces are told of what they refer to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from studio_operator.aws.errors import AwsError
from studio_operator.engine.declared.facts import Facts
from studio_operator.engine.declared.store import Store
from studio_operator.kinds.resource_id import ResourceId
from studio_operator.kinds.views import DomainScopeView, RegionView
from studio_operator.kube.resources import Key
from studio_operator.plan.observed import FileSystem, Observed
from studio_operator.plan.scope import AccountRegion, Scope
from studio_operator.plan.types import (
    AnswerT,
    DomainFacts,
    FailureKind,
    IdleLimits,
    ProfileFacts,
    Question,
)

from tests.aws_ids import scope_at
from tests.unit.engine.test_store import ALICE, DOMAIN, NOTEBOOKS, body
from tests.unit.engine.views import View

REGION = "eu-central-1"
OWNER_TAG = "studio-operator.dev/owner"
OURS = {OWNER_TAG: "cluster/team/research/research-uid"}
ALICES = {OWNER_TAG: "cluster/team/alice/alice-uid"}
THEIRS = {OWNER_TAG: "cluster/other/research/another"}


class World:
    """A StudioDomain, a profile and a space, and what AWS shows."""

    def __init__(self, domain: Observed | None = None) -> None:
        self.seen: View | None = View(domain)
        self.blind: AwsError | None = None
        self.store = Store(REGION)
        self.facts = Facts(self.store, self, "cluster")
        for key in (DOMAIN, ALICE, NOTEBOOKS):
            self.store.apply(body(key, uid=f"{key.name}-uid"))

    def view(self, scope: Scope) -> DomainScopeView | None:
        return self.seen if scope == scope_at(REGION, "d-1") else None

    def region_view(self, where: AccountRegion) -> RegionView | None:
        return None

    def known(self, where: AccountRegion, question: Question[AnswerT]) -> AnswerT:
        raise NotImplementedError

    def carrying(self, kind: str, resource: str) -> Mapping[ResourceId, Any]:
        raise NotImplementedError

    def problem(self, scope: Scope) -> AwsError | None:
        return self.blind

    def has_profile(self, status: str = "InService", **more: Any) -> None:
        assert self.seen is not None
        self.seen.profiles["alice"] = Observed("d-1", "Alice", status, **more)

    def told(self, user: Key = NOTEBOOKS) -> DomainFacts:
        entry = self.store.get(user)
        assert entry is not None
        facts = self.facts.of_domain(entry)
        assert facts is not None
        return facts

    def told_of_alice(self) -> ProfileFacts:
        entry = self.store.get(ALICE)
        assert entry is not None
        return self.facts.about_profile(entry)


def domain(status: str = "InService", **more: Any) -> Observed:
    return Observed("d-1", "research", status, **{"tags": OURS, **more})


def defaults_of(instance_type: str) -> dict[str, Any]:
    """What spaces take from settings that have this type for JupyterLab."""
    return {"JupyterLab": {"DefaultResourceSpec": {"InstanceType": instance_type}}}


def test_all_users_are_told_the_same_until_something_of_the_domain_changes() -> None:
    world = World(domain())
    world.store.apply(body(DOMAIN, 2, uid="research-uid", status={"arn": "arn:domain"}))
    world.has_profile()
    told, told_of_alice = world.told(), world.told_of_alice()
    assert world.told(ALICE) is told
    assert world.told_of_alice() is told_of_alice
    world.seen = None
    assert world.told().problem == "AWS has not been seen yet"
    world.blind = AwsError("DescribeDomain", FailureKind.ACCESS, "AccessDenied", "no")
    assert world.told().problem == ("AWS has not been seen yet: DescribeDomain gives AccessDenied")
    world.seen, world.blind = View(domain("Updating")), None
    assert world.told().problem == "domain d-1 is being updated"
    deleted = body(DOMAIN, 3, uid="research-uid", status={"arn": "arn:domain"})
    deleted["metadata"]["deletionTimestamp"] = "2026-01-02T00:00:00Z"
    world.store.apply(deleted)
    assert world.told().problem == "it is being deleted"


def test_a_domain_in_service_is_told_with_its_settings() -> None:
    details = {
        "AuthMode": "IAM",
        "AppNetworkAccessType": "VpcOnly",
        "DefaultSpaceSettings": {"ExecutionRole": "arn:role", "SecurityGroups": ["sg-1"]},
        "DefaultUserSettings": {
            "SecurityGroups": ["sg-3", "sg-2"],
            "JupyterLabAppSettings": {
                "DefaultResourceSpec": {
                    "InstanceType": "ml.t3.large",
                    "LifecycleConfigArn": "arn:script",
                }
            },
            "CodeEditorAppSettings": {"DefaultResourceSpec": {"LifecycleConfigArn": "None"}},
        },
    }
    told = World(domain(details=details)).told()
    assert told == DomainFacts(
        name="research",
        domain_id="d-1",
        region=REGION,
        auth_mode="IAM",
        vpc_only=True,
        user_security_groups=("sg-2", "sg-3"),
        shared_role="arn:role",
        shared_security_groups=("sg-1",),
        defaults=defaults_of("ml.t3.large"),
        default_scripts={"JupyterLab": "arn:script"},
        file_systems=(),
    )


def test_the_role_of_shared_spaces_stays_known_while_an_update_waits_to_be_described() -> None:
    world = World(domain("Updating", details=None))
    shown = {"sharedSpaces": {"executionRole": "arn:role", "securityGroups": ["sg-1"]}}
    world.store.apply(body(DOMAIN, 2, uid="research-uid", status={"domainId": "d-1", **shown}))
    told = world.told()
    assert (told.shared_role, told.shared_security_groups) == ("arn:role", ("sg-1",))


def test_a_shared_space_is_told_the_defaults_of_shared_spaces() -> None:
    of_spaces = {"JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.m5.large"}}}
    world = World(domain(details={"DefaultSpaceSettings": of_spaces}))
    shared = Key("Space", "team", "shared")
    world.store.apply(body(shared, sharing="Shared"))
    assert world.told(shared).defaults == defaults_of("ml.m5.large")
    assert world.told().defaults == {}


def idle(**settings: Any) -> dict[str, Any]:
    """Settings of JupyterLab with these IdleSettings."""
    return {"JupyterLabAppSettings": {"AppLifecycleManagement": {"IdleSettings": settings}}}


@pytest.mark.parametrize(
    ("settings", "limits"),
    [
        ({"MinIdleTimeoutInMinutes": 90, "MaxIdleTimeoutInMinutes": 480}, IdleLimits(90, 480)),
        ({"MinIdleTimeoutInMinutes": 90}, IdleLimits(90, 525_600)),
        ({"MaxIdleTimeoutInMinutes": 480}, IdleLimits(60, 480)),
        ({"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 120}, None),
    ],
)
def test_the_idle_times_that_spaces_may_choose_are_told(
    settings: dict[str, Any], limits: IdleLimits | None
) -> None:
    told = {"JupyterLab": limits} if limits else {}
    world = World(domain(details={"DefaultUserSettings": idle(**settings)}))
    world.has_profile(tags=ALICES, details={"UserSettings": idle(**settings)})
    assert world.told().idle_limits == told
    assert world.told_of_alice().idle_limits == told


@pytest.mark.parametrize(
    ("settings", "enabled"),
    [
        ({"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 120}, {"JupyterLab": True}),
        (
            {"LifecycleManagement": "DISABLED", "MaxIdleTimeoutInMinutes": 480},
            {"JupyterLab": False},
        ),
        ({"MaxIdleTimeoutInMinutes": 480}, {}),
    ],
)
def test_whether_idle_shutdown_is_on_is_told_where_settings_say_so(
    settings: dict[str, Any], enabled: dict[str, bool]
) -> None:
    world = World(domain(details={"DefaultUserSettings": idle(**settings)}))
    world.has_profile(tags=ALICES, details={"UserSettings": idle(**settings)})
    assert world.told().idle_enabled == enabled
    assert world.told_of_alice().idle_enabled == enabled


def test_a_shared_space_is_told_the_switch_of_shared_spaces() -> None:
    off, on = idle(LifecycleManagement="DISABLED"), idle(LifecycleManagement="ENABLED")
    details = {"DefaultUserSettings": on, "DefaultSpaceSettings": off}
    world = World(domain(details=details))
    shared = Key("Space", "team", "shared")
    world.store.apply(body(shared, sharing="Shared"))
    assert world.told().idle_enabled == {"JupyterLab": True}
    assert world.told(shared).idle_enabled == {"JupyterLab": False}


@pytest.mark.parametrize("block", ["defaultUserSettings", "defaultSpaceSettings"])
def test_a_switch_that_a_domain_declares_off_is_told_where_aws_shows_none(block: str) -> None:
    """AWS is not asked to switch off what is not on, so it goes on showing nothing."""
    world = World(domain(details={}))
    declared: dict[str, Any] = {block: {"jupyterLab": {"idle": {"enabled": False}}}}
    edited = body(DOMAIN, 2, uid="research-uid", **declared)
    edited["metadata"]["generation"] = 2
    world.store.apply(edited)
    shared = Key("Space", "team", "shared")
    world.store.apply(body(shared, sharing="Shared"))
    user = NOTEBOOKS if block == "defaultUserSettings" else shared
    other = shared if user == NOTEBOOKS else NOTEBOOKS
    assert world.told(user).idle_enabled == {"JupyterLab": False}
    assert world.told(other).idle_enabled == {}


def test_a_switch_that_a_profile_declares_is_known_without_a_look() -> None:
    world = World(domain())
    world.has_profile(tags=ALICES)
    assert world.told_of_alice().idle_enabled == {}
    settings = {"jupyterLab": {"idle": {"enabled": False}}, "codeEditor": {"idle": {}}}
    edited = body(ALICE, 2, uid="alice-uid", userSettings=settings)
    edited["metadata"]["generation"] = 2
    world.store.apply(edited)
    assert world.told_of_alice().idle_enabled == {"JupyterLab": False}
    world.has_profile(tags=ALICES, details={"UserSettings": idle(LifecycleManagement="ENABLED")})
    assert world.told_of_alice().idle_enabled == {"JupyterLab": True}, "what AWS shows counts"


@pytest.mark.parametrize("block", ["DefaultUserSettings", "DefaultSpaceSettings"])
def test_users_hear_of_idle_shutdown_that_was_switched_off(block: str) -> None:
    told = []
    for switch in ("ENABLED", "DISABLED"):
        world = World(domain(details={block: idle(LifecycleManagement=switch)}))
        entry = world.store.get(DOMAIN)
        assert entry is not None
        told.append(world.facts.all_about_domain(entry))
    assert told[0] != told[1]


EFS = FileSystem("efs", "fs-0123456789abcdef0")
LUSTRE = FileSystem("fsxLustre", "fs-0fedcba9876543210")


def attach(*systems: FileSystem) -> dict[str, Any]:
    """Settings that attach these file systems."""
    members = {"efs": "EFSFileSystemConfig", "fsxLustre": "FSxLustreFileSystemConfig"}
    configs = [
        {members[one.kind]: {"FileSystemId": one.name, "FileSystemPath": "/"}} for one in systems
    ]
    return {"CustomFileSystemConfigs": configs}


def test_the_file_systems_that_may_be_mounted_are_told_by_how_a_space_is_shared() -> None:
    details = {"DefaultUserSettings": attach(EFS), "DefaultSpaceSettings": attach(EFS, LUSTRE)}
    world = World(domain(details=details))
    shared = Key("Space", "team", "shared")
    world.store.apply(body(shared, sharing="Shared"))
    assert world.told().file_systems == (EFS,)
    assert world.told(shared).file_systems == (EFS, LUSTRE)


def test_a_profile_is_told_with_the_file_systems_of_its_own() -> None:
    world = World(domain())
    world.has_profile(tags=ALICES)
    assert world.told_of_alice().file_systems is None, "nobody has looked"
    for details, told in (({}, ()), ({"UserSettings": attach(LUSTRE)}, (LUSTRE,))):
        world.has_profile(tags=ALICES, details=details)
        assert world.told_of_alice().file_systems == told


def test_a_profile_is_told_with_the_security_groups_of_its_own() -> None:
    world = World(domain())
    world.has_profile(tags=ALICES)
    assert world.told_of_alice().security_groups is None, "nobody has looked"
    for details, told in (({}, ()), ({"UserSettings": {"SecurityGroups": ["sg-1"]}}, ("sg-1",))):
        world.has_profile(tags=ALICES, details=details)
        assert world.told_of_alice().security_groups == told


def test_security_groups_that_a_profile_declares_are_known_without_a_look() -> None:
    world = World(domain())
    edited = body(ALICE, 2, uid="alice-uid", userSettings={"securityGroups": ["sg-1"]})
    edited["metadata"]["generation"] = 2
    world.store.apply(edited)
    world.has_profile(tags=ALICES)
    assert world.told_of_alice().security_groups == ("sg-1",)


@pytest.mark.parametrize("groups", [[1, "sg-1"], "sg-1", {"sg-1": "x"}, [["sg-1"]]], ids=str)
def test_security_groups_that_cannot_be_read_are_not_known(groups: object) -> None:
    world = World(domain())
    edited = body(ALICE, 2, uid="alice-uid", userSettings={"securityGroups": groups})
    edited["metadata"]["generation"] = 2
    world.store.apply(edited)
    world.has_profile(tags=ALICES)
    assert world.told_of_alice().security_groups is None


def test_what_is_attached_is_not_known_while_an_update_waits_to_be_described() -> None:
    """Not the same as nothing: a space waits for the update, and is not told to attach it."""
    assert World(domain("Updating", details=None)).told().file_systems is None


@pytest.mark.parametrize("block", ["DefaultUserSettings", "DefaultSpaceSettings"])
def test_users_hear_of_a_file_system_that_was_attached(block: str) -> None:
    told = []
    for settings in ({}, {block: attach(EFS)}):
        world = World(domain(details={"AuthMode": "IAM", **settings}))
        entry = world.store.get(DOMAIN)
        assert entry is not None
        told.append(world.facts.all_about_domain(entry))
    assert told[0] != told[1]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("Pending", "is being created"),
        ("Updating", "is being updated"),
        ("Deleting", "is being deleted"),
        ("Failed", "could not be created"),
        ("InService", None),
        ("Update_Failed", None),
    ],
)
def test_why_a_domain_cannot_be_used_is_told_in_words(status: str, words: str | None) -> None:
    problem = World(domain(status)).told().problem
    assert problem == (f"domain d-1 {words}" if words else None)


def test_a_domain_that_another_resource_owns_lets_nobody_in() -> None:
    """Else a StudioDomain in any namespace would be a way around allowedNamespaces."""
    told = World(domain(tags=THEIRS)).told()
    assert told.domain_id is None
    assert told.problem == "it does not own domain d-1"


def test_while_tags_are_unknown_what_was_found_out_before_counts() -> None:
    world = World(domain(tags=None))
    assert world.told().domain_id is None, "nothing is known of it"
    entry = world.store.get(DOMAIN)
    assert entry is not None
    entry.remember(entry.status.model_copy(update={"domain_id": "d-1", "arn": "arn:aws:..."}))
    assert world.told().domain_id == "d-1"


def test_a_domain_that_is_gone_in_aws_is_told_as_gone() -> None:
    world = World(None)
    entry = world.store.get(DOMAIN)
    assert entry is not None
    entry.remember(entry.status.model_copy(update={"domain_id": "d-1", "arn": "arn:aws:..."}))
    told = world.told()
    assert told.gone
    assert told.domain_id == "d-1"


def test_a_domain_that_cannot_be_looked_at_is_not_told_as_gone() -> None:
    world = World(domain())
    entry = world.store.get(DOMAIN)
    assert entry is not None
    entry.remember(entry.status.model_copy(update={"domain_id": "d-1", "arn": "arn:aws:..."}))
    world.seen = None
    world.blind = AwsError("ListSpaces", FailureKind.ACCESS, "AccessDenied", "no")
    told = world.told()
    assert not told.gone
    assert told.problem == "AWS has not been seen yet: ListSpaces gives AccessDenied"


def test_a_namespace_must_be_admitted() -> None:
    world = World(domain())
    reference = {"name": "research", "namespace": "team"}
    foreigner = Key("UserProfile", "elsewhere", "carol")
    world.store.apply(body(foreigner, domainRef=reference))
    assert not world.told(foreigner).admits
    for version, allowed in ((2, ["elsewhere"]), (3, ["*"])):
        opened = body(DOMAIN, version, uid="research-uid", allowedNamespaces=allowed)
        opened["metadata"]["generation"] = version
        world.store.apply(opened)
        assert world.told(foreigner).admits


def test_a_profile_in_service_is_told_by_its_name_in_aws() -> None:
    world = World(domain())
    world.has_profile(tags=ALICES)
    assert world.told_of_alice() == ProfileFacts("alice", "Alice")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"tags": THEIRS}, "it does not own user profile Alice"),
        ({"tags": ALICES, "status": "Pending"}, "user profile Alice is being created"),
    ],
    ids=["of others", "in the making"],
)
def test_why_a_profile_cannot_own_a_space(more: dict[str, Any], problem: str) -> None:
    world = World(domain())
    assert world.told_of_alice().problem == "it has no user profile in AWS yet"
    world.has_profile(**more)
    assert world.told_of_alice().problem == problem


# --- defaults that spaces take -------------------------------------------------------------------

SCRIPT = f"arn:aws:sagemaker:{REGION}:123456789012:studio-lifecycle-config/tools"
LISTS_IT = {"JupyterLabAppSettings": {"LifecycleConfigArns": [SCRIPT]}}


def declares(world: World, **lab: Any) -> None:
    known = world.store.get(ALICE)
    assert known is not None
    number = known.declared.generation + 1
    edited = body(ALICE, number, uid="alice-uid", userSettings={"jupyterLab": lab})
    edited["metadata"]["generation"] = number
    world.store.apply(edited)


def test_a_default_script_counts_only_if_it_is_listed() -> None:
    lab = {"DefaultResourceSpec": {"InstanceType": "ml.t3.large", "LifecycleConfigArn": SCRIPT}}
    unlisted = {"JupyterLabAppSettings": lab}
    listed = {"JupyterLabAppSettings": lab | LISTS_IT["JupyterLabAppSettings"]}
    told = World(domain(details={"DefaultUserSettings": unlisted})).told()
    assert told.defaults == defaults_of("ml.t3.large")
    told = World(domain(details={"DefaultUserSettings": listed})).told()
    assert told.defaults == {"JupyterLab": {"DefaultResourceSpec": lab["DefaultResourceSpec"]}}


def test_the_default_script_of_a_profile_may_be_in_its_own_list_or_in_the_domains() -> None:
    expected = {"JupyterLab": {"DefaultResourceSpec": {"LifecycleConfigArn": SCRIPT}}}
    default = {"lifecycleConfigArn": SCRIPT}
    world = World(domain(details={"DefaultUserSettings": LISTS_IT}))
    declares(world, defaultResourceSpec=default)
    assert world.told_of_alice().defaults == expected
    world = World(domain(details={}))
    declares(world, defaultResourceSpec=default)
    assert world.told_of_alice().defaults == {}
    declares(world, defaultResourceSpec=default, lifecycleConfigArns=[SCRIPT])
    assert world.told_of_alice().defaults == expected


def test_defaults_are_not_known_while_a_domain_is_not_described() -> None:
    world = World(domain(details=None))
    assert world.told().defaults is None
    declares(world, defaultResourceSpec={"instanceType": "ml.t3.large"})
    assert world.told_of_alice().defaults == defaults_of("ml.t3.large")
    declares(world, defaultResourceSpec={"lifecycleConfigArn": SCRIPT})
    assert world.told_of_alice().defaults is None


def test_a_profile_that_can_not_be_read_has_unknown_defaults() -> None:
    world = World(domain(details={}))
    declares(world, defaultResourceSpec={"instanceType": 7})
    assert world.told_of_alice().defaults is None


def test_the_role_of_a_profile_is_told_as_aws_shows_it_and_only_where_a_tenant_may_object() -> None:
    world, declared, shown = World(domain()), "arn:declared", "arn:shown"
    settings = {"executionRole": declared}
    world.store.apply(body(ALICE, 2, uid="alice-uid", userSettings=settings))
    world.has_profile(tags=ALICES, details={"UserSettings": {"ExecutionRole": shown}})
    assert world.told_of_alice().execution_role is None
    tenant = {**body(DOMAIN), "kind": "StudioTenant", "spec": {"namespaces": {"names": ["team"]}}}
    tenant["metadata"] = {**tenant["metadata"], "name": "churn", "namespace": ""}
    world.store.apply(tenant)
    assert world.told_of_alice().execution_role == shown
    world.has_profile(tags=ALICES)  # as after a restart: nobody has looked
    assert world.told_of_alice().execution_role is None
    world.has_profile(tags=ALICES, details={"UserSettings": {}})
    assert world.told_of_alice().execution_role is None
    assert world.told_of_alice().is_described
