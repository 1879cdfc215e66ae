"""A small AWS that domains and user profiles live in: pure, in memory, driven by a set clock.

One class per kind. It refuses what AWS refuses, takes time for what AWS takes time for, and merges
updates member by member. What nobody must ever ask for fails the test at once. Faults are injected
by the test, per operation and in order.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from studio_operator.plan.observed import Observed
from studio_operator.plan.types import Call, FailureKind

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
POSIX_USER = "CustomPosixUserConfig"
REGION = "eu-central-1"
ACCOUNT = "123456789012"
# Seconds that AWS takes, coarse but of the right order.
TAKES = {"Pending": 240, "Updating": 30, "Deleting": 60}

# refuse: nothing done. lose: done, but the answer never comes. fail: accepted, and it fails later.
# ignore: accepted, and without effect.
Fault = tuple[Literal["refuse", "lose", "fail", "ignore"], FailureKind]
Members = Mapping[str, Any]


class RefusalError(Exception):
    """AWS's error answer to a call."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = "ThrottlingException" if "Rate exceeded" in message else kind.name


@dataclass
class Record:
    """A domain or profile in AWS. `due` is when the transition under way ends, in `becomes`."""

    key: str
    name: str
    arn: str
    settings: dict[str, Any]
    tags: dict[str, str]
    created_at: datetime
    modified_at: datetime
    status: str = "InService"
    becomes: str = "InService"
    due: datetime | None = None
    failure: str | None = None


@dataclass
class Aws:
    """The clock, the log of calls, the faults to come, and the kinds.

    `refuses`: members whose change an update is refused for, in words that tell nothing.
    `listing_lag`: seconds after its creation at which listings begin to show a domain.
    """

    now: datetime = START
    listing_lag: float = 0.0
    log: list[Call] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)
    refuses: dict[str, FailureKind] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.domains = DomainModel(self)
        self.profiles = ProfileModel(self)
        self.kinds: tuple[KindModel, ...] = (self.domains, self.profiles)

    def apply(self, call: Call) -> None:
        """Carry out a call; raises RefusalError."""
        self.log.append(call)
        self.times.append(self.now)
        queue = self.faults.get(call.operation, [])
        fault = queue.pop(0) if queue else None
        if fault and fault[0] == "refuse":
            words = "Rate exceeded" if fault[1] is FailureKind.TRANSIENT else "AWS says no."
            raise RefusalError(fault[1], words)
        self._operations()[call.operation](call.parameters, fault)
        if fault and fault[0] == "lose":
            raise RefusalError(FailureKind.TRANSIENT, "Read timed out.")

    def _operations(self) -> dict[str, Callable[[Members, Fault | None], None]]:
        tagging = {"AddTags": self._add_tags, "DeleteTags": self._delete_tags}
        return tagging | {name: run for kind in self.kinds for name, run in kind.operations.items()}

    def tick(self, seconds: float) -> None:
        """Time passes; transitions that are due end."""
        self.now += timedelta(seconds=seconds)
        for kind in self.kinds:
            kind.settle()

    def next_due(self) -> datetime | None:
        """When the next transition ends."""
        records = [record for kind in self.kinds for record in kind.records.values()]
        return min((record.due for record in records if record.due), default=None)

    def operations(self) -> list[str]:
        """Names of the calls so far."""
        return [call.operation for call in self.log]

    def parameters(self, operation: str) -> list[Members]:
        """Parameters of the calls of one operation."""
        return [call.parameters for call in self.log if call.operation == operation]

    def _by_arn(self, arn: str) -> Record:
        for kind in self.kinds:
            for record in kind.records.values():
                if record.arn == arn:
                    return record
        raise AssertionError(f"tags for {arn!r}, which is not there")

    def _add_tags(self, p: Members, _: Fault | None) -> None:
        self._by_arn(p["ResourceArn"]).tags.update(tags_of(p))

    def _delete_tags(self, p: Members, _: Fault | None) -> None:
        tags = self._by_arn(p["ResourceArn"]).tags
        for key in p["TagKeys"]:
            del tags[key]


def told_failure(record: Record) -> str | None:
    """What a Describe call tells; the inventory has words for a failure that AWS leaves at that."""
    return record.failure or ("AWS gives no reason" if "Failed" in record.status else None)


class KindModel:
    """What the kinds have in common: records and their transitions."""

    operations: dict[str, Callable[[Members, Fault | None], None]]

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.records: dict[str, Record] = {}

    def start(self, record: Record, status: str, fault: Fault | None) -> None:
        """Begin a transition; a `fail` fault lets it end badly."""
        failing = {"Pending": "Failed", "Updating": "Update_Failed", "Deleting": "Delete_Failed"}
        fails = fault is not None and fault[0] == "fail"
        record.status, record.modified_at, record.failure = status, self.aws.now, None
        record.becomes = failing[status] if fails else "InService"
        record.due = self.aws.now + timedelta(seconds=TAKES[status])

    def settle(self) -> None:
        """End the transitions that are due."""
        for record in list(self.records.values()):
            if record.due is None or self.aws.now < record.due:
                continue
            if record.status == "Deleting" and record.becomes == "InService":
                del self.records[record.key]
                continue
            record.status, record.due, record.modified_at = record.becomes, None, self.aws.now
            record.failure = "AWS's own reason." if "Failed" in record.status else None

    def get(self, key: str) -> Record:
        """The record, or AWS's answer that there is none."""
        if key not in self.records:
            raise RefusalError(FailureKind.GONE, "RecordNotFound")
        return self.records[key]

    def require(self, record: Record, *statuses: str) -> None:
        """AWS refuses what does not fit the status."""
        if record.status not in statuses:
            raise RefusalError(FailureKind.BUSY, f"{record.key} is {record.status}.")

    def update(self, record: Record, members: Members, fault: Fault | None) -> None:
        """Merge an update and start the transition."""
        self.require(record, "InService", "Update_Failed")
        for name, kind in self.aws.refuses.items():
            if _find(members, name) not in {None, _find(record.settings, name)}:
                raise RefusalError(kind, "AWS says no.")
        if fault is None or fault[0] != "ignore":
            record.settings = merged(record.settings, members)
        self.start(record, "Updating", fault)


class DomainModel(KindModel):
    """Domains. `running_apps` makes AWS refuse changes of the network and removed subnets."""

    def __init__(self, aws: Aws) -> None:
        super().__init__(aws)
        self.running_apps = False
        self.count = 0
        self.operations = {
            "CreateDomain": self.create,
            "UpdateDomain": self.change,
            "DeleteDomain": self.delete,
        }

    def add(self, name: str, settings: Members, tags: Members, status: str = "InService") -> Record:
        """A domain that is simply there."""
        self.count += 1
        key = f"d-{self.count:012d}"
        defaults = {
            "AuthMode": "IAM",
            "AppNetworkAccessType": "PublicInternetOnly",
            "TagPropagation": "DISABLED",
            "HomeEfsFileSystemId": f"fs-{self.count:017d}",
        }
        record = Record(
            key=key,
            name=name,
            arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:domain/{key}",
            settings={**defaults, **copy.deepcopy(dict(settings))},
            tags=dict(tags),
            created_at=self.aws.now,
            modified_at=self.aws.now,
        )
        self.records[key] = record
        if status in TAKES:
            self.start(record, status, None)
        record.status = status
        return record

    def create(self, p: Members, fault: Fault | None) -> None:
        """Names need not be unique here: AWS's answer to a second one is not documented."""
        assert p["SubnetIds"]
        assert p["VpcId"]
        assert p["DefaultUserSettings"]["ExecutionRole"]
        settings = {name: p[name] for name in p if name not in {"DomainName", "Tags"}}
        record = self.add(p["DomainName"], settings, tags_of(p))
        self.start(record, "Pending", fault)

    def change(self, p: Members, fault: Fault | None) -> None:
        """UpdateDomain."""
        record = self.get(p["DomainId"])
        self.require(record, "InService", "Update_Failed")
        members = {name: p[name] for name in p if name != "DomainId"}
        if "DomainSettingsForUpdate" in members:
            members["DomainSettings"] = members.pop("DomainSettingsForUpdate")
        removed = set(record.settings["SubnetIds"]) - set(members.get("SubnetIds", ())) or None
        identity = "ExecutionRoleIdentityConfig" in members.get("DomainSettings", {})
        network = "AppNetworkAccessType" in members
        if self.running_apps and (network or identity or ("SubnetIds" in members and removed)):
            raise RefusalError(FailureKind.BUSY, "because App(s) are associated with it.")
        self._check_network(record.settings, members)
        for block in ("DefaultUserSettings", "DefaultSpaceSettings"):
            if POSIX_USER in members.get(block, {}) and self.aws.profiles.of_domain(record.key):
                words = f"{POSIX_USER} cannot be updated in {block} while the domain has profiles."
                raise RefusalError(FailureKind.INVALID, words)
        self.update(record, members, fault)

    def _check_network(self, settings: Members, members: Members) -> None:
        """A VPC may be added where there is none; VpcOnly takes VPC and subnets along."""
        if members.get("AppNetworkAccessType") == "VpcOnly":
            assert {"VpcId", "SubnetIds"} <= members.keys(), "VpcOnly alone"
        if "VpcId" in members:
            assert settings.get("VpcId") in {None, members["VpcId"]}, "another VPC"

    def delete(self, p: Members, fault: Fault | None) -> None:
        """DeleteDomain."""
        record = self.get(p["DomainId"])
        assert record.status not in TAKES, f"DeleteDomain while {record.status}"
        assert p["RetentionPolicy"]["HomeEfsFileSystem"] in {"Retain", "Delete"}
        if self.aws.profiles.of_domain(record.key):
            raise RefusalError(FailureKind.BUSY, "because UserProfile(s) are associated with it.")
        self.start(record, "Deleting", fault)

    def listed(self, name: str) -> list[str]:
        """Ids of the domains of that name, as far as ListDomains shows them by now."""
        seen_since = self.aws.now - timedelta(seconds=self.aws.listing_lag)
        records = self.records.values()
        return [r.key for r in records if r.name == name and r.created_at <= seen_since]

    def show(self, key: str, *, tags: bool, details: bool) -> Observed | None:
        """A domain as ListDomains and, with details, DescribeDomain show it."""
        record = self.records.get(key)
        if record is None:
            return None
        return Observed(
            domain_id=record.key,
            name=record.name,
            status=record.status,
            created_at=record.created_at,
            modified_at=record.modified_at,
            arn=record.arn,
            url=f"https://{record.key}.studio.{REGION}.sagemaker.aws",
            failure=told_failure(record) if details else None,
            details=copy.deepcopy(record.settings) if details else None,
            tags=dict(record.tags) if tags else None,
        )


class ProfileModel(KindModel):
    """User profiles, by (domain, lower-cased name)."""

    def __init__(self, aws: Aws) -> None:
        super().__init__(aws)
        self.operations = {
            "CreateUserProfile": self.create,
            "UpdateUserProfile": self.change,
            "DeleteUserProfile": self.delete,
        }

    @staticmethod
    def key_of(p: Members) -> str:
        return f"{p['DomainId']}/{p['UserProfileName'].lower()}"

    def of_domain(self, domain_id: str) -> list[Record]:
        """Profiles of a domain."""
        return [r for r in self.records.values() if r.key.startswith(f"{domain_id}/")]

    def add(self, p: Members, status: str = "InService") -> Record:
        """A profile that is simply there."""
        key = self.key_of(p)
        left = {"DomainId", "UserProfileName", "Tags"}
        record = Record(
            key=key,
            name=p["UserProfileName"],
            arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/{key}",
            settings=copy.deepcopy({name: p[name] for name in p if name not in left}),
            tags=tags_of(p),
            created_at=self.aws.now,
            modified_at=self.aws.now,
        )
        self.records[key] = record
        if status in TAKES:
            self.start(record, status, None)
        record.status = status
        return record

    def create(self, p: Members, fault: Fault | None) -> None:
        """CreateUserProfile."""
        if self.key_of(p) in self.records:
            raise RefusalError(FailureKind.BUSY, "already exists with the same name.")
        self.start(self.add(p), "Pending", fault)

    def change(self, p: Members, fault: Fault | None) -> None:
        """UpdateUserProfile."""
        record = self.get(self.key_of(p))
        assert POSIX_USER not in p.get("UserSettings", {}), "AWS takes it at creation only"
        self.update(record, {"UserSettings": p.get("UserSettings", {})}, fault)

    def delete(self, p: Members, fault: Fault | None) -> None:
        """DeleteUserProfile."""
        record = self.get(self.key_of(p))
        assert record.status not in TAKES, f"DeleteUserProfile while {record.status}"
        self.start(record, "Deleting", fault)

    def show(self, key: str, *, tags: bool, details: bool) -> Observed | None:
        """A profile as ListUserProfiles and, with details, DescribeUserProfile show it."""
        record = self.records.get(key)
        if record is None:
            return None
        return Observed(
            domain_id=key.partition("/")[0],
            name=record.name,
            status=record.status,
            created_at=record.created_at,
            modified_at=record.modified_at,
            arn=record.arn if details or tags else None,
            failure=told_failure(record) if details else None,
            details=copy.deepcopy(record.settings) if details else None,
            tags=dict(record.tags) if tags else None,
        )


def _find(settings: Members, name: str) -> str | None:
    """The value of a member, wherever it is, as text."""
    for key, value in settings.items():
        found = str(value) if key == name else None
        found = found or (_find(value, name) if isinstance(value, Mapping) else None)
        if found is not None:
            return found
    return None


def tags_of(p: Members) -> dict[str, str]:
    """Tags of a request."""
    return {tag["Key"]: tag["Value"] for tag in p.get("Tags", ())}


def merged(old: Members, new: Members) -> dict[str, Any]:
    """How AWS merges an update, strict where it is undocumented: a ResourceSpec is replaced."""
    result = dict(old)
    for name, value in new.items():
        before = old.get(name)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            replaced = name == "DefaultResourceSpec"
            result[name] = merged({} if replaced else before, value)
        elif isinstance(value, Mapping):
            result[name] = merged({}, value)
        elif value == "None":
            result.pop(name, None)
        else:
            result[name] = copy.deepcopy(value)
    return result
