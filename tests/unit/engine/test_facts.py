"""What profiles and spaces are told of what they refer to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from studio_operator.aws.errors import AwsError
from studio_operator.aws.keys import RecordKey
from studio_operator.aws.views import DomainView, RegionView
from studio_operator.engine.facts import Facts
from studio_operator.engine.store import Store
from studio_operator.kube.resources import Key
from studio_operator.plan.backups import BackupQuestion
from studio_operator.plan.observed import (
    FileSystem,
    Lingering,
    ObservedApp,
    ObservedBackup,
    ObservedDomain,
    ObservedProfile,
    ObservedSpace,
)
from studio_operator.plan.types import DomainFacts, FailureKind, IdleLimits, ProfileFacts

from tests.unit.engine.test_store import ALICE, DOMAIN, NOTEBOOKS, body

REGION = "eu-central-1"
OWNER_TAG = "studio-operator.dev/owner"
OURS = {OWNER_TAG: "cluster/team/research/research-uid"}
ALICES = {OWNER_TAG: "cluster/team/alice/alice-uid"}
THEIRS = {OWNER_TAG: "cluster/other/research/another"}


@dataclass
class View:
    """A domain as AWS shows it."""

    domain: ObservedDomain | None
    profiles: dict[str, ObservedProfile] = field(default_factory=dict)
    spaces: dict[str, ObservedSpace] = field(default_factory=dict)
    apps: dict[str, ObservedApp] = field(default_factory=dict)
    swept_at: float = 0.0
    stale: bool = False


class World:
    """A StudioDomain, a profile and a space, and what AWS shows."""

    def __init__(self, domain: ObservedDomain | None = None) -> None:
        self.seen: View | None = View(domain)
        self.blind: AwsError | None = None
        self.store = Store(REGION)
        self.facts = Facts(self.store, self, "cluster")
        for key in (DOMAIN, ALICE, NOTEBOOKS):
            self.store.apply(body(key, uid=f"{key.name}-uid"))

    def view(self, region: str, domain_id: str) -> DomainView | None:
        return self.seen if (region, domain_id) == (REGION, "d-1") else None

    def region_view(self, region: str) -> RegionView | None:
        return None

    def lingering(self, space: RecordKey) -> Lingering | None:
        return None

    def backup(self, region: str, question: BackupQuestion) -> ObservedBackup:
        return ObservedBackup()

    def problem(self, region: str, domain_id: str) -> AwsError | None:
        return self.blind

    def has_profile(self, status: str = "InService", **more: Any) -> None:
        assert self.seen is not None
        self.seen.profiles["alice"] = ObservedProfile("d-1", "Alice", status, **more)

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


def domain(status: str = "InService", **more: Any) -> ObservedDomain:
    return ObservedDomain("d-1", "research", status, **{"tags": OURS, **more})


def test_a_domain_in_service_is_told_with_its_settings() -> None:
    details = {
        "AuthMode": "IAM",
        "AppNetworkAccessType": "VpcOnly",
        "DefaultSpaceSettings": {"ExecutionRole": "arn:role", "SecurityGroups": ["sg-1"]},
        "DefaultUserSettings": {
            "JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.t3.large"}}
        },
    }
    told = World(domain(details=details)).told()
    assert told == DomainFacts(
        name="research",
        domain_id="d-1",
        region=REGION,
        auth_mode="IAM",
        vpc_only=True,
        shared_role="arn:role",
        shared_security_groups=("sg-1",),
        default_instance_types={"JupyterLab": "ml.t3.large"},
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
    assert world.told(shared).default_instance_types == {"JupyterLab": "ml.m5.large"}
    assert world.told().default_instance_types == {}


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
    entry.remember(entry.memory.model_copy(update={"domain_id": "d-1", "arn": "arn:aws:..."}))
    assert world.told().domain_id == "d-1"


def test_a_domain_that_is_gone_in_aws_is_told_as_gone() -> None:
    world = World(None)
    entry = world.store.get(DOMAIN)
    assert entry is not None
    entry.remember(entry.memory.model_copy(update={"domain_id": "d-1", "arn": "arn:aws:..."}))
    told = world.told()
    assert told.gone
    assert told.domain_id == "d-1"


def test_a_domain_that_cannot_be_looked_at_is_not_told_as_gone() -> None:
    world = World(domain())
    entry = world.store.get(DOMAIN)
    assert entry is not None
    entry.remember(entry.memory.model_copy(update={"domain_id": "d-1", "arn": "arn:aws:..."}))
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
