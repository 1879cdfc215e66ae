"""Cases for CEL rules: what goes together, what AWS fixes at creation, what only grows."""

from __future__ import annotations

from typing import Any

from studio_operator.api.common import fixed_at_creation

from tests.unit.api.field_cases import (
    FILE_SYSTEM,
    IMAGE,
    IMAGE_VERSION,
    LIFECYCLE,
    POSIX_USER,
)
from tests.unit.api.schema_cases import WINDOW, Case, merge, patch_at

TWO_LABELS = {"metadata": {"name": "churn.notebooks"}}
NAME_HINT = (
    "metadata.name has a dot, which no name in AWS may have: give the name in AWS as spec.{}"
)


BEGUN = {"operation": {"type": "Create", "startedAt": "2026-03-02T09:00:00Z"}}
MADE = {"arn": "arn:aws:sagemaker:eu-central-1:123456789012:space/d-a/churn"}


def fixed(
    kind: str,
    path: str,
    value: Any,
    other: Any,
    status: dict[str, Any] = MADE,
    *,
    default: str | None = None,
) -> Case:
    """Before a creation was begun all is accepted; after it, another value is refused.

    `None` is a value too: a field that is left out can't be added, one that is there not dropped.
    """
    message = fixed_at_creation(path, default)[1]
    before, same, changed = (
        patch_at("spec", patch_at(path, one, {}), {}) for one in (value, value, other)
    )
    edited = merge(same, {"spec": {"tags": {"edited": "yes"}}})
    return Case("", message, edited, changed, before={**before, "status": status}, kind=kind)


def name_in_aws(kind: str, field: str) -> Case:
    """A name with a dot needs another one for AWS."""
    with_name = {**TWO_LABELS, "spec": {field: "churn-notebooks"}}
    return Case("", NAME_HINT.format(field), with_name, TWO_LABELS, kind=kind)


TOO_SMALL = (
    "remoteAccess takes an instance with 8 GiB of memory or more: set instanceType to ml.t3.large "
    "or a larger type, or remoteAccess to Disabled"
)
REMOTE_ON_GPU = {"instanceType": "ml.g5.xlarge", "remoteAccess": "Enabled"}

NAMES = [
    Case(
        "",
        "metadata.name may have 63 characters at most: others refer to it by that name",
        {"metadata": {"name": "a" * 63}},
        {"metadata": {"name": "a" * 64}},
    ),
    name_in_aws("StudioDomain", "domainName"),
    Case(
        "",
        NAME_HINT.format("domainName"),
        {**TWO_LABELS, "spec": {"domainId": "d-a1b2c3"}},
        TWO_LABELS,
        kind="StudioDomain",
    ),
    name_in_aws("UserProfile", "userProfileName"),
    name_in_aws("Space", "spaceName"),
]

RESERVED_TAG = (
    "tag keys must not begin with aws:, sagemaker: or studio-operator.dev/: those are reserved"
)
TAGS = [
    Case("tags", RESERVED_TAG, {"laws:": "x"}, {"AWS:createdBy": "x"}),
    Case("tags", RESERVED_TAG, {"sagemaker": "x"}, {"sagemaker:domain-arn": "x"}),
    Case("tags", RESERVED_TAG, {"team/owner": "x"}, {"studio-operator.dev/owner": "x"}),
    Case("tags", "tag keys have 1 to 128 characters", {"k" * 128: "x"}, {"k" * 129: "x"}),
    Case("tags", "tag keys have 1 to 128 characters", {"k": "x"}, {"": "x"}),
    Case(
        "tags",
        "tag keys may hold letters, digits, spaces and _ . : / = + - @ only",
        {"Zürich: a+b=c @ 1_000.0/2-3": "x"},
        {"a&b": "x"},
    ),
]

ONE_SERVICE = "give exactly one of efs and fsxLustre"
LISTED_TWICE = "a file system is listed twice: name each fileSystemId once"
EFS, LUSTRE = {"efs": FILE_SYSTEM}, {"fsxLustre": FILE_SYSTEM}
FILE_SYSTEMS = [
    Case("fileSystems[]", ONE_SERVICE, EFS, {**EFS, **LUSTRE}),
    Case("fileSystems[]", ONE_SERVICE, LUSTRE, {}),
    Case("fileSystems", LISTED_TWICE, [EFS, LUSTRE], [EFS, EFS]),
    Case("fileSystems", LISTED_TWICE, [], [LUSTRE, EFS, LUSTRE]),
]

STUDIO_SETTINGS = [
    Case(
        "defaultResourceSpec",
        "versionAlias and versionArn go with imageArn",
        {"imageArn": IMAGE, "versionAlias": "1.0"},
        {"versionAlias": "1.0"},
    ),
    Case(
        "defaultResourceSpec",
        "give versionAlias or versionArn, not both",
        {"imageArn": IMAGE, "versionArn": IMAGE_VERSION},
        {"imageArn": IMAGE, "versionArn": IMAGE_VERSION, "versionAlias": "1.0"},
    ),
    Case(
        "idle",
        "minTimeoutMinutes must not be above maxTimeoutMinutes",
        {"minTimeoutMinutes": 120, "maxTimeoutMinutes": 120},
        {"minTimeoutMinutes": 121, "maxTimeoutMinutes": 120},
    ),
    Case(
        "idle",
        "timeoutMinutes must not be below minTimeoutMinutes",
        {"timeoutMinutes": 90, "minTimeoutMinutes": 90},
        {"timeoutMinutes": 89, "minTimeoutMinutes": 90},
    ),
    Case(
        "idle",
        "timeoutMinutes must not be above maxTimeoutMinutes",
        {"timeoutMinutes": 90, "maxTimeoutMinutes": 90},
        {"timeoutMinutes": 91, "maxTimeoutMinutes": 90},
    ),
    Case(
        "spaceStorage",
        "defaultGiB must not be above maximumGiB",
        {"defaultGiB": 20, "maximumGiB": 20},
        {"defaultGiB": 21, "maximumGiB": 20},
    ),
]

NEW_DOMAIN = (
    "a new domain needs vpcId, subnetIds and defaultUserSettings; "
    "give domainId to take over an existing one"
)
TAKE_OVER = {"domainId": "d-a1b2c3", "vpcId": None, "subnetIds": None, "defaultUserSettings": None}
SPARE = {"tagPropagation": "ENABLED"}

DOMAIN = [
    Case("spec", NEW_DOMAIN, TAKE_OVER, {"vpcId": None}),
    Case("spec", NEW_DOMAIN, {}, {"subnetIds": None}, kind="StudioDomain"),
    Case("spec", NEW_DOMAIN, {}, {"defaultUserSettings": None}, kind="StudioDomain"),
    fixed("StudioDomain", "domainName", "Research", "Churn"),
    fixed("StudioDomain", "domainName", "Research", None),
    fixed("StudioDomain", "domainName", None, "Research", BEGUN),
    fixed("StudioDomain", "domainId", "d-a1b2c3", "d-d4e5f6"),
    fixed("StudioDomain", "domainId", None, "d-d4e5f6"),
    fixed("StudioDomain", "aws", {"region": "eu-central-1"}, {"region": "us-east-1"}),
    fixed("StudioDomain", "aws", {"region": "eu-central-1"}, {"region": None}, BEGUN),
    fixed("StudioDomain", "aws", None, {"region": "us-east-1"}),
    fixed("StudioDomain", "authMode", None, "SSO", default="IAM"),
    fixed("StudioDomain", "authMode", "SSO", None, BEGUN, default="IAM"),
    fixed("StudioDomain", "vpcId", "vpc-0a1b2c3d", "vpc-d4e5f6"),
    fixed("StudioDomain", "kmsKeyId", "alias/studio", "alias/other"),
    fixed("StudioDomain", "kmsKeyId", None, "alias/other", BEGUN),
]

OTHER_PERSON = {"value": "bob@example.com"}
PERSON = {"value": "alice@example.com"}
PROFILE = [
    fixed("UserProfile", "domainRef", {"name": "research"}, {"name": "other"}),
    fixed("UserProfile", "userProfileName", "Alice", "Bob"),
    fixed("UserProfile", "userProfileName", None, "Bob", BEGUN),
    fixed("UserProfile", "singleSignOn", PERSON, OTHER_PERSON),
    fixed("UserProfile", "singleSignOn", PERSON, None, BEGUN),
    fixed("UserProfile", "singleSignOn", None, PERSON),
    fixed("UserProfile", "userSettings.posixUser", POSIX_USER, {"uid": 200002}),
    fixed("UserProfile", "userSettings.posixUser", POSIX_USER, None, BEGUN),
    fixed("UserProfile", "userSettings.posixUser", None, POSIX_USER),
]

CLASSIC = {"app": "JupyterServer", "sharing": "Shared", "storage": None}
REPOSITORY = "https://git.example.com/team/notebooks.git"
BACKUP = {"s3Uri": "s3://team-backups/studio"}
CLASSIC_TYPE = "JupyterServer (Classic) spaces run on instanceType system only"
SYSTEM_TYPE = "instanceType system is for JupyterServer only: give a type such as ml.t3.medium"
CLASSIC_EXTRAS = (
    "JupyterServer (Classic) spaces live on the domain's EFS and know no idle shutdown: "
    "leave storage and idleShutdown out"
)
ONE_IMAGE = "give exactly one of image.distribution and image.imageArn"
WHOLE_DAY = 'from and to are equal: for a whole day give "00:00" and "24:00"'
START_RANGE = "startTimeout must lie between 5m and 1d"
RUN_RANGE = "maxRunTime must lie between 60m and 365d"
IDLE_RANGE = "idleShutdown.after must lie between 60m and 365d"
OBSERVED_SIZE = (
    "a volume can grow but never shrink: spec.storage.sizeGiB must not be below status.storageGiB"
)


def grown_in_studio(size: int | None) -> dict[str, Any]:
    """A space whose volume AWS shows with 100 GiB, and what its spec says."""
    storage = {"sizeGiB": size} if size else None
    return {"spec": {"storage": storage}, "status": {"storageGiB": 100}}


def sized(size: int) -> dict[str, Any]:
    """A patch of the declared size."""
    return {"spec": {"storage": {"sizeGiB": size}}}


def left_out() -> dict[str, Any]:
    """A patch that takes the volume out of the spec."""
    return {"spec": {"storage": None}}


SPACE = [
    fixed("Space", "domainRef", {"name": "research"}, {"name": "other"}),
    fixed("Space", "domainRef", {"name": "research"}, {"namespace": "platform"}, BEGUN),
    fixed("Space", "ownerRef", {"name": "alice"}, {"name": "bob"}),
    fixed("Space", "app", "JupyterLab", "CodeEditor", BEGUN),
    fixed("Space", "spaceName", "Churn", "Other"),
    fixed("Space", "spaceName", "Churn", None, BEGUN),
    fixed("Space", "spaceName", None, "Churn"),
    fixed("Space", "sharing", None, "Shared", default="Private"),
    fixed("Space", "sharing", "Shared", None, BEGUN, default="Private"),
    Case(
        "spec",
        "ownerRef is required: name the UserProfile that owns the space",
        CLASSIC | {"ownerRef": None},
        {"ownerRef": None},
    ),
    Case(
        "spec", "JupyterServer (Classic) spaces must be Shared", CLASSIC, {"app": "JupyterServer"}
    ),
    Case(
        "spec",
        CLASSIC_TYPE,
        CLASSIC | {"instanceType": "system"},
        CLASSIC | {"instanceType": "ml.t3.medium"},
    ),
    Case("spec", SYSTEM_TYPE, {"instanceType": "ml.t3.medium"}, {"instanceType": "system"}),
    Case("", OBSERVED_SIZE, sized(100), sized(99), before=grown_in_studio(None)),
    Case("", OBSERVED_SIZE, sized(100), sized(99), before=grown_in_studio(20)),
    Case("", OBSERVED_SIZE, sized(20), sized(21), before=grown_in_studio(20)),
    Case("", OBSERVED_SIZE, sized(20), sized(19), before=grown_in_studio(20)),
    # A growth that AWS has not made can be taken back as far as the volume, or left out.
    Case("", OBSERVED_SIZE, sized(100), sized(99), before=grown_in_studio(200)),
    Case("", OBSERVED_SIZE, left_out(), sized(99), before=grown_in_studio(200)),
    Case(
        "spec",
        CLASSIC_EXTRAS,
        {"app": "JupyterLab", "storage": {"sizeGiB": 20}},
        {"app": "JupyterServer", "sharing": "Shared", "storage": {"sizeGiB": 20}},
    ),
    Case(
        "spec",
        CLASSIC_EXTRAS,
        CLASSIC,
        CLASSIC | {"idleShutdown": {"after": "2h"}},
    ),
    Case(
        "spec",
        "only JupyterLab spaces have codeRepositories: leave them out",
        {"codeRepositories": [REPOSITORY]},
        {"app": "CodeEditor", "codeRepositories": [REPOSITORY]},
    ),
    Case(
        "spec",
        "backup runs as the space's lifecycle configuration: leave lifecycleConfigArn out, and "
        "let the domain run what it does",
        {"backup": BACKUP},
        {"backup": BACKUP, "lifecycleConfigArn": LIFECYCLE},
    ),
    Case(
        "spec",
        "JupyterServer (Classic) spaces have no volume of their own: leave backup out",
        {"backup": BACKUP},
        CLASSIC | {"backup": BACKUP},
    ),
    Case(
        "spec",
        "JupyterServer (Classic) spaces know no remoteAccess: leave it out",
        {"app": "CodeEditor", "remoteAccess": "Enabled"},
        CLASSIC | {"remoteAccess": "Disabled"},
    ),
    *(
        Case("spec", TOO_SMALL, accepted, {"instanceType": small, "remoteAccess": "Enabled"})
        for small, accepted in (
            ("ml.t3.medium", {"instanceType": "ml.t3.medium", "remoteAccess": "Disabled"}),
            ("ml.c5.large", {"instanceType": "ml.c5.large"}),
            ("ml.c6i.large", {"instanceType": "ml.t3.large", "remoteAccess": "Enabled"}),
            ("ml.c6id.large", {"instanceType": "ml.m5.large", "remoteAccess": "Enabled"}),
            ("ml.c7i.large", {"remoteAccess": "Enabled"}),
        )
    ),
    Case(
        "spec",
        "remoteAccess takes instances with 8 GiB of memory or more: name only such in "
        "fallbackInstanceTypes, or set remoteAccess to Disabled",
        REMOTE_ON_GPU | {"fallbackInstanceTypes": ["ml.g4dn.xlarge"]},
        REMOTE_ON_GPU | {"fallbackInstanceTypes": ["ml.g4dn.xlarge", "ml.t3.medium"]},
    ),
    Case(
        "fallbackInstanceTypes",
        "fallbackInstanceTypes has a type twice: name each once",
        ["ml.g5.xlarge", "ml.g4dn.xlarge"],
        ["ml.g5.xlarge", "ml.g4dn.xlarge", "ml.g5.xlarge"],
        beside={"instanceType": "ml.t3.medium"},
    ),
    Case("image", ONE_IMAGE, {"distribution": "4.2"}, {"distribution": "4.2", "imageArn": IMAGE}),
    Case("image", ONE_IMAGE, {"imageArn": IMAGE}, {}),
    Case(
        "image",
        "image.versionAlias and image.versionArn go with image.imageArn",
        {"imageArn": IMAGE, "versionAlias": "1.0"},
        {"distribution": "4.2", "versionAlias": "1.0"},
    ),
    Case(
        "image",
        "give image.versionAlias or image.versionArn, not both",
        {"imageArn": IMAGE, "versionArn": IMAGE_VERSION},
        {"imageArn": IMAGE, "versionArn": IMAGE_VERSION, "versionAlias": "1.0"},
    ),
    Case(
        "spec",
        "resizePolicy Window and resizeWindow go together: give both or neither",
        {"resizePolicy": "Window"},
        {"resizePolicy": "Immediate"},
    ),
    Case(
        "spec",
        "resizePolicy Window and resizeWindow go together: give both or neither",
        {"resizePolicy": None, "resizeWindow": None},
        {"resizeWindow": None},
    ),
    Case("schedule.windows[]", WHOLE_DAY, WINDOW | {"to": "24:00"}, WINDOW | {"to": "08:00"}),
    Case("resizeWindow", WHOLE_DAY, {"from": "00:00", "to": "24:00"}, {"from": "19:00"}),
    Case("startTimeout", START_RANGE, "5m", "4m"),
    Case("startTimeout", START_RANGE, "1d", "25h"),
    *(
        Case(
            "spec",
            "fallbackInstanceTypes and rollback go with instanceType",
            {"instanceType": "ml.t3.medium", **given},
            given,
        )
        for given in ({"rollback": True}, {"fallbackInstanceTypes": ["ml.g5.xlarge"]})
    ),
    Case("maxRunTime", RUN_RANGE, "60m", "59m"),
    Case("maxRunTime", RUN_RANGE, "365d", "366d"),
    Case("idleShutdown.after", IDLE_RANGE, "60m", "59m"),
    Case("idleShutdown.after", IDLE_RANGE, "1h", "0h59m"),
    Case("idleShutdown.after", IDLE_RANGE, "364d23h60m", "364d23h61m"),
    Case("idleShutdown.after", IDLE_RANGE, "365d", "366d"),
]

TENANT = [
    Case(
        "spec",
        "graceHours goes with enforcement Stop",
        {"graceHours": 8, "enforcement": "Stop"},
        {"graceHours": 8, "enforcement": "Block"},
    ),
    Case("spec", "graceHours goes with enforcement Stop", {}, {"graceHours": 8}),
    *(
        Case(
            f"posixIds.{name}[]",
            "from must not be above to",
            {"from": 200000, "to": 200000},
            {"from": 200001, "to": 200000},
        )
        for name in ("uids", "gids")
    ),
    *(
        Case(
            f"{path}[]",
            "a name may have 8 stars at most",
            f"{begin}{'a*' * 8}a",
            f"{begin}{'a*' * 9}",
        )
        for path, begin in (
            ("namespaces.names", ""),
            ("executionRoles", ""),
            ("allow.subnets", ""),
            ("allow.securityGroups", ""),
            ("kmsKeys", ""),
            ("allow.fileSystems", ""),
            ("lifecycleConfigs", ""),
            ("images", ""),
            ("imageOwners", ""),
            ("s3Places", "s3://"),
            ("adoption", ""),
        )
    ),
]

CEL_CASES = [*TENANT, *NAMES, *TAGS, *FILE_SYSTEMS, *STUDIO_SETTINGS, *DOMAIN, *PROFILE, *SPACE]
