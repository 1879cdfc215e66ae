"""Cases for the constraints of single fields: forms, lengths, ranges, choices, required members."""

from __future__ import annotations

from typing import Any

from tests.unit.api.schema_cases import ROLE, WINDOW, Case

SECURITY_GROUP = "sg-0a1b2c3d"
IMAGE = "arn:aws:sagemaker:eu-central-1:123456789012:image/team-image"
IMAGE_VERSION = "arn:aws:sagemaker:eu-central-1:123456789012:image-version/team-image/3"
LIFECYCLE = "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/install"
WITH_IMAGE = {"imageArn": IMAGE}
FILE_SYSTEM = {"fileSystemId": "fs-0123456789abcdef0"}
POSIX_USER = {"uid": 200001, "gid": 1001}
# Neighbours that leave the whole range of a volume's size to a default and a maximum.
SMALLEST = {"defaultGiB": 5}
LARGEST = {"maximumGiB": 16384}
CONDITION = {
    "type": "Ready",
    "status": "True",
    "lastTransitionTime": "2026-01-02T03:04:05Z",
    "reason": "AsDeclared",
    "message": "AWS matches what is declared.",
}
COST = {"perHour": "0.05", "volumePerMonth": "unknown", "currency": "USD"}
SUBSTITUTE = {
    "basis": "ml.t3.medium rollback",
    "takenAt": "2026-01-02T03:04:05Z",
    "kind": "Fallback",
    "instanceType": "ml.m5.large",
    "reason": "QuotaExceeded",
    "message": "No quota.",
    "tried": ["ml.t3.medium"],
}
BACKUP = {"s3Uri": "s3://team-backups/studio"}
REFUSAL = {"fields": {"network": "0a1b2c"}, "reason": "AwsBusy", "message": "an app runs"}
REJECTION = {
    "reason": "InvalidRequest",
    "message": "No such image.",
    "generation": 1,
}


def filled(text: str, length: int) -> str:
    """The text, lengthened with its last character to that many characters."""
    return text + text[-1] * (length - len(text))


def longest(path: str, start: str, length: int, **beside: Any) -> Case:
    """A text of just that length is accepted, one more character is not."""
    return Case(path, "maxLength", filled(start, length), filled(start, length + 1), beside=beside)


def numbers(prefix: str, count: int) -> list[str]:
    """That many different texts."""
    return [f"{prefix}{number:03d}" for number in range(count)]


def most_items(path: str, prefix: str, count: int) -> list[Case]:
    """That many different items are accepted, one more or one twice is not."""
    items = numbers(prefix, count + 1)
    return [
        Case(path, "maxItems", items[:count], items),
        Case(path, "unique", items[:2], [items[0], items[0]]),
    ]


def within(path: str, low: int, high: int, **beside: Any) -> list[Case]:
    """Both bounds are accepted, what is beyond them is not."""
    return [
        Case(path, "minimum", low, low - 1, beside=beside),
        Case(path, "maximum", high, high + 1, beside=beside),
    ]


def required(path: str, value: Any, **beside: Any) -> Case:
    """The member is accepted and may not be left out."""
    return Case(path, "required", value, None, beside=beside)


def aws_name(path: str) -> list[Case]:
    """Names in AWS: letters, digits and hyphens, 63 at most, hyphens inside only."""
    return [Case(path, "pattern", "Team--A1", "team_a"), longest(path, "a", 63)]


def resource_name(path: str, other: str = "team.a", **beside: Any) -> list[Case]:
    """Names of Kubernetes resources and namespaces."""
    return [
        Case(path, "pattern", other, "Team A", beside=beside),
        longest(path, "a", 63, **beside),
    ]


COMMON = [
    required("spec", {}),
    required("domainRef", {"name": "research"}),
    required("domainRef.name", "research"),
    *resource_name("domainRef.name"),
    *resource_name("domainRef.namespace", "platform", name="research"),
    Case("deletionPolicy", "enum", "Orphan", "Keep"),
    Case(
        "tags",
        "maxProperties",
        dict.fromkeys(numbers("key-", 49), "x"),
        dict.fromkeys(numbers("key-", 50), "x"),
    ),
    Case("tags{}", "pattern", "Zürich: a+b=c @ 1_000.0/2-3", "a&b"),
    longest("tags{}", "x", 256),
]

STATUS = [
    Case("conditions", "unique", [CONDITION], [CONDITION, CONDITION]),
    *(required(f"conditions[].{name}", value, **CONDITION) for name, value in CONDITION.items()),
    Case("conditions[].status", "enum", "Unknown", "Maybe", beside=CONDITION),
    *(required(f"substitute.{name}", value, **SUBSTITUTE) for name, value in SUBSTITUTE.items()),
    Case("substitute.kind", "enum", "Rollback", "Upgrade", beside=SUBSTITUTE),
    *(required(f"cost.{name}", value, **COST) for name, value in COST.items()),
    required("lingeringResources.count", 1, arns=[ROLE]),
    required("lingeringResources.arns", [ROLE], count=1),
    required("operation.type", "Resize", startedAt="2026-01-02T03:04:05Z"),
    required("operation.startedAt", "2026-01-02T03:04:05Z", type="Resize"),
    Case("status.phase", "enum", "InService", "Fine"),
    Case("status.backup.requestedFor", "enum", "Delete", "Fun"),
    required("status.settings.modifiedAt", "2026-01-02T03:04:05Z"),
    *(required(f"rejection.{name}", value, **REJECTION) for name, value in REJECTION.items()),
    *(required(f"refusals[].{name}", value, **REFUSAL) for name, value in REFUSAL.items()),
    Case("refusals[].waitsFor", "enum", "Apps", "Weather", beside=REFUSAL),
    required("effective.by", "Spec", trigger="Running ml.t3.medium"),
    required("effective.trigger", "Running ml.t3.medium", by="Spec"),
    Case(
        "effective.window", "enum", "Snoozed", "Ajar", beside={"trigger": "Running", "by": "Spec"}
    ),
    Case("effective.by", "enum", "People", "Weather", beside={"trigger": "Running"}),
    required("effective.settings{}.from", "StudioDomain"),
    Case("effective.settings{}.from", "enum", "UserProfile", "Neighbour"),
    Case(
        "effective.state", "enum", "Stopped", "Asleep", beside={"trigger": "Running", "by": "Spec"}
    ),
]


def file_systems(count: int) -> list[Any]:
    """That many different file systems."""
    return [{"efs": {"fileSystemId": f"fs-{number:08x}"}} for number in range(count)]


def of_file_systems(service: str) -> list[Case]:
    """A file system is named by its id, and may be given with a directory."""
    return [
        required(f"{service}.fileSystemId", "fs-0123456789abcdef0"),
        Case(f"{service}.fileSystemId", "pattern", "fs-01234567", "fs-0123456"),
        longest(f"{service}.fileSystemId", "fs-a", 21),
        Case(f"{service}.path", "pattern", "/data/ünder_score", "data", beside=FILE_SYSTEM),
        Case(f"{service}.path", "pattern", "/", "/a b", beside=FILE_SYSTEM),
        longest(f"{service}.path", "/data", 256, **FILE_SYSTEM),
    ]


FILE_SYSTEMS = [
    *of_file_systems("efs"),
    *of_file_systems("fsxLustre"),
    *(
        Case("fileSystems", "maxItems", file_systems(10), file_systems(11), kind=kind)
        for kind in ("StudioDomain", "UserProfile")
    ),
    Case("fileSystems", "maxItems", file_systems(5), file_systems(6), kind="Space"),
    *(required(f"posixUser.{name}", value, **POSIX_USER) for name, value in POSIX_USER.items()),
    *within("posixUser.uid", 10000, 4000000, gid=1001),
    *within("posixUser.gid", 1001, 4000000, uid=200001),
    *most_items("codeRepositories", "https://git.example.com/team/", 10),
    Case("codeRepositories[]", "pattern", "https://git.example.com/a_b/c-d.git", "https://a@b.c"),
    Case("codeRepositories[]", "pattern", "https://abc/", "git@git.example.com:a/b"),
    longest("codeRepositories[]", "https://git.example.com", 1024),
]

STUDIO_SETTINGS = [
    required("defaultUserSettings.executionRole", ROLE),
    required("defaultSpaceSettings.executionRole", ROLE),
    Case("executionRole", "pattern", ROLE, "arn:aws:iam::123456789012:user/alice"),
    longest("executionRole", ROLE, 2048),
    *(
        case
        for block in ("userSettings", "defaultUserSettings", "defaultSpaceSettings")
        for case in (
            *most_items(f"{block}.securityGroups", "sg-", 5),
            Case(f"{block}.securityGroups[]", "pattern", SECURITY_GROUP, "default"),
            longest(f"{block}.securityGroups[]", SECURITY_GROUP, 32),
        )
    ),
    Case("defaultResourceSpec.instanceType", "pattern", "ml.t3.medium", "t3.medium"),
    longest("defaultResourceSpec.instanceType", "ml.t3.m", 64),
    Case("defaultResourceSpec.imageArn", "pattern", IMAGE, "team-image"),
    longest("defaultResourceSpec.imageArn", IMAGE, 256),
    Case("defaultResourceSpec.versionAlias", "pattern", "1.0", "v1", beside=WITH_IMAGE),
    longest("defaultResourceSpec.versionAlias", "1.0.0-rc", 128, **WITH_IMAGE),
    Case("defaultResourceSpec.versionArn", "pattern", IMAGE_VERSION, IMAGE, beside=WITH_IMAGE),
    longest("defaultResourceSpec.versionArn", IMAGE_VERSION, 256, **WITH_IMAGE),
    Case("defaultResourceSpec.lifecycleConfigArn", "pattern", LIFECYCLE, "install"),
    longest("defaultResourceSpec.lifecycleConfigArn", LIFECYCLE, 256),
    *most_items("lifecycleConfigArns", LIFECYCLE, 50),
    Case("lifecycleConfigArns[]", "pattern", LIFECYCLE, "install"),
    longest("lifecycleConfigArns[]", LIFECYCLE, 256),
    *within("idle.timeoutMinutes", 60, 525600),
    *within("idle.minTimeoutMinutes", 60, 525600),
    *within("idle.maxTimeoutMinutes", 60, 525600),
    required("spaceStorage.defaultGiB", 5, **LARGEST),
    required("spaceStorage.maximumGiB", 16384, **SMALLEST),
    *within("spaceStorage.defaultGiB", 5, 16384, **LARGEST),
    *within("spaceStorage.maximumGiB", 5, 16384, **SMALLEST),
    longest("defaultLandingUri", "studio::", 1023),
    Case("studioWebPortal", "enum", "DISABLED", "Disabled"),
]

DOMAIN = [
    *aws_name("domainName"),
    Case("domainId", "pattern", "d-a1b2c3", "research", kind="StudioDomain"),
    longest("spec.domainId", "d-a1b2c3", 63),
    Case("aws.region", "pattern", "us-gov-east-1", "Frankfurt"),
    longest("aws.region", "eu-central-1", 32),
    Case("authMode", "enum", "SSO", "LDAP"),
    Case("vpcId", "pattern", "vpc-0a1b2c3d", "my-vpc"),
    longest("vpcId", "vpc-0", 32),
    Case("subnetIds", "minItems", ["subnet-0"], []),
    *most_items("subnetIds", "subnet-", 16),
    Case("subnetIds[]", "pattern", "subnet-0a1b2c3d", "vpc-0a1b2c3d"),
    longest("subnetIds[]", "subnet-0", 32),
    Case("spec.network", "enum", "PublicInternetOnly", "Private"),
    Case("kmsKeyId", "pattern", "alias/studio", "my key"),
    longest("kmsKeyId", "alias/studio", 2048),
    *most_items("domainSettings.securityGroupIds", "sg-", 3),
    Case("securityGroupIds[]", "pattern", SECURITY_GROUP, "default"),
    longest("securityGroupIds[]", SECURITY_GROUP, 32),
    Case("executionRoleIdentity", "enum", "USER_PROFILE_NAME", "UserName"),
    *most_items("docker.trustedAccounts", "123456789", 20),
    Case("trustedAccounts[]", "pattern", "123456789012", "12345678901"),
    longest("trustedAccounts[]", "123456789012", 12),
    Case("ipAddressType", "enum", "dualstack", "ipv6"),
    Case("tagPropagation", "enum", "ENABLED", "true"),
    *most_items("allowedNamespaces", "team-", 256),
    Case("allowedNamespaces[]", "pattern", "*", "team-*"),
    longest("allowedNamespaces[]", "a", 63),
    Case("homeEfsRetention", "enum", "Delete", "Snapshot"),
]

PROFILE = [
    *aws_name("userProfileName"),
    required("singleSignOn.value", "alice@example.com"),
    Case("singleSignOn.identifier", "enum", "UserName", "Email", beside={"value": "alice"}),
    Case("singleSignOn.value", "minLength", "a", ""),
    longest("singleSignOn.value", "a", 256),
]

ZONE = {"timezone": "Europe/Berlin"}
RESIZE_WINDOW = {**WINDOW, **ZONE}
WINDOWS = {"windows": [WINDOW]}
SCHEDULE = {**ZONE, **WINDOWS}
DATES = [f"2026-{month:02d}-{day:02d}" for month in range(1, 5) for day in range(1, 27)][:101]


TYPES = [f"ml.m5.{size}xlarge" for size in range(1, 7)]
WITH_TYPE = {"instanceType": "ml.t3.medium"}


def window(parent: str, beside: dict[str, str]) -> list[Case]:
    """The members of a window."""
    return [
        *(
            Case(f"{parent}.{member}", "required", beside[member], None, beside=beside)
            for member in ("days", "from", "to")
        ),
        Case(f"{parent}.days", "pattern", "Mon,Wed-Fri", "weekdays", beside=beside),
        Case(
            f"{parent}.days", "maxLength", "Mon" + ",Tue" * 15, "Mon" + ",Tue" * 16, beside=beside
        ),
        Case(f"{parent}.from", "pattern", "00:00", "8:00", beside=beside),
        Case(f"{parent}.to", "pattern", "24:00", "24:30", beside=beside),
    ]


SPACE = [
    Case("remoteAccess", "enum", "Enabled", "ENABLED"),
    required("app", "CodeEditor"),
    required("ownerRef.name", "alice"),
    *resource_name("ownerRef.name"),
    *aws_name("spaceName"),
    Case("displayName", "pattern", " Churn (Q3), Zürich ", "   "),
    longest("displayName", "Churn", 64),
    Case("spec.sharing", "enum", "Private", "Public"),
    Case("spec.app", "enum", "CodeEditor", "RStudio"),
    Case("spec.state", "enum", "Stopped", "Paused"),
    Case("spec.instanceType", "pattern", "ml.p4d-ultra.24xlarge", "ml.t3"),
    longest("spec.instanceType", "ml.t3.m", 64),
    required("storage.sizeGiB", 5),
    *within("storage.sizeGiB", 5, 16384),
    Case("image.distribution", "pattern", "4.2", "latest"),
    longest("image.distribution", "4.2.1", 32),
    Case("image.imageArn", "pattern", IMAGE, "team-image"),
    longest("image.imageArn", IMAGE, 256),
    Case("image.versionAlias", "pattern", "1.2", "latest", beside=WITH_IMAGE),
    longest("image.versionAlias", "1.0.0+build", 128, **WITH_IMAGE),
    Case("image.versionArn", "pattern", IMAGE_VERSION, IMAGE, beside=WITH_IMAGE),
    longest("image.versionArn", IMAGE_VERSION, 256, **WITH_IMAGE),
    Case("spec.lifecycleConfigArn", "pattern", LIFECYCLE, "None"),
    longest("spec.lifecycleConfigArn", LIFECYCLE, 256),
    required("idleShutdown.after", "2h"),
    Case("idleShutdown.after", "pattern", "1d12h30m", "2 hours"),
    Case("idleShutdown.after", "minLength", "2h", "h"),
    Case("idleShutdown.after", "maxLength", "2h".zfill(16), "2h".zfill(17)),
    Case("resizePolicy", "enum", "WhenStopped", "Never", beside={"resizeWindow": None}),
    *(
        case
        for parent, beside in (("windows[]", WINDOW), ("resizeWindow", RESIZE_WINDOW))
        for case in window(parent, beside)
    ),
    required("resizeWindow.timezone", "Europe/Berlin"),
    Case("resizeWindow.timezone", "pattern", "UTC", "+01:00", beside=RESIZE_WINDOW),
    required("schedule.timezone", "Europe/Berlin"),
    required("schedule.windows", [WINDOW]),
    Case("schedule.timezone", "pattern", "America/New_York", "GMT 1", beside=WINDOWS),
    Case("schedule.windows", "minItems", [WINDOW], [], beside=ZONE),
    Case("schedule.windows", "maxItems", [WINDOW] * 20, [WINDOW] * 21, beside=ZONE),
    Case("schedule.holidays", "maxItems", DATES[:100], DATES, beside=SCHEDULE),
    Case("schedule.holidays", "unique", DATES[:2], DATES[:1] * 2, beside=SCHEDULE),
    Case("holidays[]", "pattern", "2026-12-25", "25 December"),
    Case("holidays[]", "pattern", "1000-01-01", "0999-01-01"),
    Case("holidays[]", "format", "2028-02-29", "2026-02-30"),
    Case("holidays[]", "format", "2000-02-29", "2100-02-29"),
    Case("snoozeUntil", "pattern", "2026-12-24T22:00:00.5+01:30", "2026-12-24T22:00:00+99:00"),
    Case("snoozeUntil", "pattern", "1999-12-24T22:00:00Z", "0000-12-24T22:00:00Z"),
    Case("maxRunTime", "pattern", "1d12h30m", "2 hours"),
    Case("maxRunTime", "minLength", "2h", "h"),
    Case("maxRunTime", "maxLength", "2h".zfill(16), "2h".zfill(17)),
    Case("startTimeout", "pattern", "1h30m", "half an hour"),
    Case("startTimeout", "minLength", "9m", "h"),
    Case("startTimeout", "maxLength", "9m".zfill(16), "9m".zfill(17)),
    Case("fallbackInstanceTypes", "maxItems", TYPES[:5], TYPES, beside=WITH_TYPE),
    Case("fallbackInstanceTypes[]", "pattern", "ml.g5.xlarge", "g5.xlarge", beside=WITH_TYPE),
    Case(
        "fallbackInstanceTypes[]",
        "maxLength",
        filled("ml.t3.m", 64),
        filled("ml.t3.m", 65),
        beside=WITH_TYPE,
    ),
    Case("stopPolicy", "enum", "Block", "Ask"),
    required("backup.s3Uri", "s3://team-backups"),
    Case("backup.s3Uri", "pattern", "s3://team-backups/a/b_c.d=e/", "s3://team-backups/a b"),
    Case("backup.s3Uri", "pattern", "s3://team-backups", "https://team-backups.s3.amazonaws.com"),
    longest("backup.s3Uri", "s3://team-backups/a", 512),
    Case("backup.before", "minItems", ["Delete"], [], beside=BACKUP),
    Case("backup.before", "unique", ["Resize", "Delete"], ["Delete", "Delete"], beside=BACKUP),
    Case("backup.before[]", "enum", "Resize", "Stop", beside=BACKUP),
    *(
        Case(f"drift.{section}", "enum", "Ignore", "Revert")
        for section in ("default", "instance", "storage", "image", "state", "tags")
    ),
]

GLOBS = (
    "executionRoles",
    "subnets",
    "securityGroups",
    "kmsKeys",
    "fileSystems",
    "lifecycleConfigs",
    "images",
    "imageOwners",
    "adoption",
)
RANGE = {"from": 200000, "to": 200099}

TENANT = [
    required("spec.namespaces", {"names": ["churn"]}),
    required("namespaces.names", ["churn"]),
    Case("namespaces.names", "minItems", ["churn"], []),
    *most_items("namespaces.names", "churn-", 64),
    Case("namespaces.names[]", "pattern", "churn-*", "Churn"),
    Case("namespaces.names[]", "pattern", "*", "-churn"),
    longest("namespaces.names[]", "churn", 63),
    *(
        case
        for name in GLOBS
        for case in (
            *most_items(f"allow.{name}", "churn-", 64),
            Case(f"allow.{name}[]", "pattern", "arn:aws:iam::123456789012:role/churn-*", "a b"),
            longest(f"allow.{name}[]", "churn", 256),
        )
    ),
    *most_items("allow.s3Places", "s3://churn-", 64),
    Case("allow.s3Places[]", "pattern", "s3://churn-*/studio", "churn-backups"),
    longest("allow.s3Places[]", "s3://churn", 256),
    Case("allow.deletionPolicies", "maxItems", ["Delete", "Orphan"], ["Delete"] * 3),
    Case("allow.deletionPolicies", "unique", ["Delete", "Orphan"], ["Delete", "Delete"]),
    Case("allow.deletionPolicies[]", "enum", "Orphan", "Retain"),
    Case("allow.remoteAccess", "enum", "Enabled", "Disabled"),
    *(
        case
        for name in ("uids", "gids")
        for case in (
            Case(f"posixIds.{name}", "maxItems", [RANGE] * 16, [RANGE] * 17),
            required(f"posixIds.{name}[].from", 200000, to=200099),
            required(f"posixIds.{name}[].to", 200099, **{"from": 200000}),
            *within(f"posixIds.{name}[].from", 1001, 4000000, to=4000000),
            *within(f"posixIds.{name}[].to", 1001, 4000000, **{"from": 1001}),
        )
    ),
    Case("spec.enforcement", "enum", "Audit", "Deny"),
    *within("graceHours", 0, 720, enforcement="Stop"),
]

FIELD_CASES = [
    *TENANT,
    *COMMON,
    *STATUS,
    *FILE_SYSTEMS,
    *STUDIO_SETTINGS,
    *DOMAIN,
    *PROFILE,
    *SPACE,
]
