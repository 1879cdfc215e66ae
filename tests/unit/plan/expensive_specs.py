"""The most expensive specs that the CRDs admit: each list, map and text as long as it may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from studio_operator.api.reading import read_spec
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.rules import plan_space
from studio_operator.kinds.studio_domain.api import StudioDomainSpec
from studio_operator.kinds.studio_domain.names import NAMES as DOMAIN_NAMES
from studio_operator.kinds.studio_domain.rules import plan_domain
from studio_operator.kinds.studio_tenant.api import StudioTenantSpec
from studio_operator.kinds.studio_tenant.compiled import compile_tenant
from studio_operator.kinds.user_profile.api import UserProfileSpec
from studio_operator.kinds.user_profile.rules import plan_profile
from studio_operator.plan.tenancy.check import check
from studio_operator.plan.tenancy.policy import policy_for

from tests.unit.plan.aws_model import Aws
from tests.unit.plan.engine_model import DomainEngine, ProfileEngine
from tests.unit.plan.space_world import OWNER, SpaceWorld

ROLE = "arn:aws:iam::123456789012:role/"
SAGEMAKER = "arn:aws:sagemaker:eu-central-1:123456789012:"
# On the day before clocks are put forward, where no day is like the others.
NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
ALL_DAYS = ",".join(["Mon-Sun"] * 8)
TAGS = {f"key-{number:02}".ljust(128, "k"): "v" * 256 for number in range(49)}


def _numbered(form: str, number: int, length: int, filler: str = "a") -> list[str]:
    return [form.format(f"{n:02}").ljust(length, filler) for n in range(number)]


REPOSITORIES = _numbered("https://git.example.com/{}", 10, 1024)
GROUPS = _numbered("sg-{}", 5, 32)


def windows_without_gap() -> list[dict[str, str]]:
    """Twenty windows that together cover each day, each over the end of the one before."""
    minutes = [number * 72 for number in range(21)]
    ends = [*(f"{m // 60:02}:{m % 60:02}" for m in minutes[:20]), "24:00"]
    return [
        {"days": ALL_DAYS, "from": begins, "to": ends[number + 1]}
        for number, begins in enumerate(ends[:20])
    ]


def short_windows() -> list[dict[str, str]]:
    """Twenty windows a day that do not meet."""
    return [{"days": ALL_DAYS, "from": f"{n:02}:00", "to": f"{n:02}:3{n % 10}"} for n in range(20)]


def windows_over_midnight() -> list[dict[str, str]]:
    """Twenty windows that each end a minute before they begin, a day later."""
    return [
        {"days": ALL_DAYS, "from": f"{n:02}:3{n % 10}", "to": f"{n:02}:2{n % 10}"}
        for n in range(20)
    ]


def rare_windows() -> list[dict[str, str]]:
    """Windows on a Monday, each of which is a holiday."""
    return [{"days": "Mon", "from": f"{n:02}:00", "to": f"{n:02}:30"} for n in range(20)]


def holidays(step: int, first: date = date(2026, 3, 30)) -> list[str]:
    """A hundred of them, one each so many days."""
    return [str(first + timedelta(days=step * number)) for number in range(100)]


SCHEDULES: Mapping[str, dict[str, Any]] = {
    "without a gap": {"windows": windows_without_gap(), "holidays": holidays(90)},
    "without a gap or a holiday near": {
        "windows": windows_without_gap(),
        "holidays": holidays(1, date(1999, 1, 1)),
    },
    "short windows": {"windows": short_windows(), "holidays": holidays(2)},
    "windows over midnight": {"windows": windows_over_midnight(), "holidays": holidays(3)},
    "windows on holidays": {"windows": rare_windows(), "holidays": holidays(7)},
    "a hundred days without": {"windows": short_windows(), "holidays": holidays(1)},
}


def space_spec(schedule: Mapping[str, Any], zone: str = "Europe/Berlin") -> dict[str, Any]:
    """A Space with all that one may have."""
    return {
        "domainRef": {"name": "research", "namespace": "n" * 63},
        "ownerRef": {"name": "alice"},
        "spaceName": "churn",
        "displayName": "d" * 64,
        "sharing": "Private",
        "app": "JupyterLab",
        "state": "Running",
        "instanceType": "ml.m5.large",
        "storage": {
            "sizeGiB": 16384,
            "fileSystems": [{"efs": {"fileSystemId": f"fs-{n:018}"}} for n in range(5)],
        },
        "image": {
            "imageArn": (SAGEMAKER + "image/").ljust(256, "i"),
            "versionArn": (SAGEMAKER + "image-version/").ljust(250, "i") + "/12345",
        },
        "idleShutdown": {"after": "364d23h59m"},
        "codeRepositories": REPOSITORIES,
        "remoteAccess": "Enabled",
        "schedule": {
            "timezone": zone,
            **schedule,
        },
        "maxRunTime": "364d23h59m",
        "startTimeout": "23h59m",
        "fallbackInstanceTypes": [f"ml.m5.{n}xlarge" for n in range(2, 7)],
        "rollback": True,
        "resizePolicy": "Window",
        "resizeWindow": {"timezone": zone, "days": ALL_DAYS, "from": "02:00", "to": "02:30"},
        "drift": {
            "default": "Report",
            "instance": "Report",
            "storage": "Report",
            "image": "Report",
            "state": "Enforce",
            "tags": "Report",
        },
        "stopPolicy": "Block",
        "backup": {"s3Uri": "s3://bucket/".ljust(512, "p"), "before": ["Resize", "Delete"]},
        "deletionPolicy": "Delete",
        "adopt": True,
        "tags": TAGS,
    }


def _app(app: str) -> dict[str, Any]:
    own = {
        "defaultResourceSpec": {
            "instanceType": "ml.m5.large",
            "imageArn": (SAGEMAKER + "image/").ljust(256, "i"),
            "versionArn": (SAGEMAKER + "image-version/").ljust(250, "i") + "/12345",
            "lifecycleConfigArn": f"{SAGEMAKER}studio-lifecycle-config/{app}00".ljust(256, "s"),
        },
        "lifecycleConfigArns": _numbered(
            SAGEMAKER + "studio-lifecycle-config/" + app + "{}", 50, 256, "s"
        ),
        "codeRepositories": REPOSITORIES,
        "idle": {
            "enabled": True,
            "timeoutMinutes": 60,
            "minTimeoutMinutes": 60,
            "maxTimeoutMinutes": 525600,
        },
    }
    if app == "codeEditor":
        del own["codeRepositories"]
    return own


def _file_systems() -> list[dict[str, Any]]:
    return [
        {"efs": {"fileSystemId": f"fs-{n:018}", "path": f"/{n}".ljust(256, "p")}} for n in range(10)
    ]


def profile_settings() -> dict[str, Any]:
    """All that a person's settings may have."""
    return {
        "executionRole": ROLE.ljust(2048, "r"),
        "securityGroups": GROUPS,
        "jupyterLab": _app("jupyterLab"),
        "codeEditor": _app("codeEditor"),
        "fileSystems": _file_systems(),
        "defaultLandingUri": "u" * 1023,
    }


def profile_spec() -> dict[str, Any]:
    """A UserProfile with all that one may have."""
    return {
        "domainRef": {"name": "research"},
        "userProfileName": "alice",
        "userSettings": profile_settings(),
        "tags": TAGS,
    }


def domain_spec() -> dict[str, Any]:
    """A StudioDomain with all that one may have."""
    return {
        "domainName": "research",
        "aws": {"region": "eu-central-1"},
        "vpcId": "vpc-".ljust(32, "0"),
        "subnetIds": _numbered("subnet-{}", 16, 32),
        "kmsKeyId": "k" * 2048,
        "defaultUserSettings": profile_settings(),
        "defaultSpaceSettings": {
            "executionRole": ROLE.ljust(2048, "r"),
            "securityGroups": GROUPS,
            "jupyterLab": _app("jupyterLab"),
            "fileSystems": _file_systems(),
        },
        "domainSettings": {
            "securityGroupIds": _numbered("sg-{}", 3, 32),
            "docker": {"trustedAccounts": [f"{n:012}" for n in range(20)]},
        },
        "allowedNamespaces": _numbered("team-{}", 256, 63),
        "tags": TAGS,
    }


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass: reading a spec, planning, and the status as it is compared and written."""

    story: str
    run: Callable[[], object]


def passes() -> list[Pass]:
    """The passes over the most expensive specs, at moments of their lives."""
    found = []
    for name, schedule in SCHEDULES.items():
        found += _of_space(f"Space, {name}", space_spec(schedule))
        snoozed = {**schedule, "snoozeUntil": "2027-03-01T09:00:00Z"}
        found += _of_space(f"Space, {name}, snoozed", space_spec(snoozed))
    found += _of_space("Space, unknown zone", space_spec(SCHEDULES["short windows"], "No/Zone"))
    found += _of_profile()
    found += _of_domain()
    found += _of_tenant()
    return found


def _of_space(name: str, raw: dict[str, Any]) -> list[Pass]:
    spec, unreadable = read_spec(SpaceSpec, raw)
    world = SpaceWorld(spec, unreadable, now=NOW, owner=OWNER)

    def run(situation: Any) -> Callable[[], object]:
        def one() -> object:
            read_spec(SpaceSpec, raw)
            return plan_space(situation).status.dump()

        return one

    found = []
    for number in range(8):
        found.append(Pass(f"{name}, pass {number}", run(world.situation())))
        world.step()
    world.person_resizes("ml.m5.4xlarge")
    world.tick(60)
    found.append(Pass(f"{name}, changed by others", run(world.situation())))
    return found


def _of_profile() -> list[Pass]:
    raw = profile_spec()
    made = ProfileEngine.of(Aws(), {k: v for k, v in raw.items() if k != "domainRef"})

    def run(situation: Any) -> Callable[[], object]:
        def one() -> object:
            read_spec(UserProfileSpec, raw)
            return plan_profile(situation).status.dump()

        return one

    found = []
    for number in range(6):
        found.append(Pass(f"UserProfile, pass {number}", run(made.situation())))
        made.step()
    return found


def _of_domain() -> list[Pass]:
    raw = domain_spec()
    made = DomainEngine.of(Aws(), raw)

    def run(situation: Any) -> Callable[[], object]:
        def one() -> object:
            read_spec(StudioDomainSpec, raw)
            return plan_domain(situation).status.dump()

        return one

    found = []
    for number in range(6):
        found.append(Pass(f"StudioDomain, pass {number}", run(made.situation())))
        made.step()
    return found


def tenant_spec() -> dict[str, Any]:
    """A tenant that names as much as it may, in globs that fit nothing."""
    globs = _numbered("arn:*:churn*-{}", 64, 256)
    named = (
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
    ranges = [{"from": 1001 + n, "to": 2000 + n} for n in range(16)]
    return {
        "namespaces": {"names": [*_numbered("ml-*-{}", 63, 63), "ml-team"]},
        "allow": {
            **dict.fromkeys(named, globs),
            "s3Places": _numbered("s3://churn*/*{}", 64, 256),
            "posixIds": {"uids": ranges, "gids": ranges},
            "deletionPolicies": ["Delete", "Orphan"],
        },
    }


def _of_tenant() -> list[Pass]:
    """A domain that names as much as it may, judged by a tenant that allows none of it."""
    raw, judged = tenant_spec(), domain_spec()

    def run() -> object:
        spec, _ = read_spec(StudioTenantSpec, raw)
        rules = compile_tenant("churn", spec)
        policy = policy_for("ml-team", "StudioTenant", [rules], is_required=False)
        return check(DOMAIN_NAMES, judged, "research", policy)

    run()  # a tenant's globs are compiled once, and not in each pass
    return [Pass("StudioDomain, judged by its tenant", run)]
