"""An estate as AWS's answers tell of it, for tests of what is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from studio_operator.kinds.space.in_aws.apps import apps_by_space
from studio_operator.plugin.export.estate import Described, Estate
from studio_operator.plugin.export.exporting import Choices, export_estate
from studio_operator.plugin.export.parts import Export
from studio_operator.plugin.export.proof import keep_quiet

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
REGION = "eu-central-1"
ACCOUNT = "123456789012"
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/studio"
DOMAIN_ID = "d-a1b2c3"
NAMESPACE = "ml-team"
DISTRIBUTION = f"arn:aws:sagemaker:{REGION}:545423591354:image/sagemaker-distribution-cpu"
GPU = DISTRIBUTION.replace("-cpu", "-gpu")

Json = dict[str, Any]


def _common(**more: Any) -> Json:
    times = {"CreationTime": NOW, "LastModifiedTime": NOW}
    return {"DomainId": DOMAIN_ID, "Status": "InService", **times, **more}


def domain(tags: Mapping[str, str] | None = None, **members: Any) -> Described:
    answer = _common(
        DomainArn=f"{ARN}:domain/{DOMAIN_ID}",
        DomainName="Research",
        AuthMode="IAM",
        VpcId="vpc-0a1b2c3d",
        SubnetIds=["subnet-0a1b2c3d"],
        AppNetworkAccessType="PublicInternetOnly",
        DefaultUserSettings={"ExecutionRole": ROLE},
        HomeEfsFileSystemCreation="Enabled",
        TagPropagation="DISABLED",
    )
    return Described({**answer, **members}, tags or {})


def profile(
    name: str = "alice",
    settings: Json | None = None,
    tags: Mapping[str, str] | None = None,
    **more: Any,
) -> Described:
    arn = f"{ARN}:user-profile/{DOMAIN_ID}/{name.lower()}"
    answer = _common(UserProfileArn=arn, UserProfileName=name, UserSettings=settings or {}, **more)
    return Described(answer, tags or {})


def space(
    name: str = "churn",
    *,
    owner: str | None = "alice",
    sharing: str = "Private",
    app: str | None = "JupyterLab",
    settings: Json | None = None,
    size: int | None = 20,
    tags: Mapping[str, str] | None = None,
    more: Json | None = None,
    **members: Any,
) -> Described:
    """A space; `settings` are its app's, `more` are further members of SpaceSettings."""
    whole: Json = {"AppType": app} if app else {}
    if settings is not None:
        whole[f"{app}AppSettings"] = settings
    if size:
        whole["SpaceStorageSettings"] = {"EbsStorageSettings": {"EbsVolumeSizeInGb": size}}
    answer = _common(
        SpaceArn=f"{ARN}:space/{DOMAIN_ID}/{name}",
        SpaceName=name,
        SpaceSettings={**whole, **(more or {})},
        Url=f"https://{DOMAIN_ID}.studio",
        **members,
    )
    if owner:
        answer["OwnershipSettings"] = {"OwnerUserProfileName": owner}
        answer["SpaceSharingSettings"] = {"SharingType": sharing}
    return Described(answer, tags or {})


def app(space_name: str | None, instance_type: str, **members: Any) -> Json:
    """An item of ListApps."""
    named = {"SpaceName": space_name} if space_name else {"UserProfileName": "alice"}
    item = {
        "DomainId": DOMAIN_ID,
        "AppType": "JupyterLab",
        "AppName": "default",
        "Status": "InService",
        "CreationTime": NOW,
        "ResourceSpec": {"InstanceType": instance_type, "SageMakerImageArn": DISTRIBUTION},
    }
    return {**item, **named, **members}


def resource(instance_type: str | None = "ml.t3.medium", **more: Any) -> Json:
    """Settings of an app with a DefaultResourceSpec."""
    spec = {"InstanceType": instance_type} if instance_type else {}
    return {"DefaultResourceSpec": {**spec, **more}}


def export(
    *spaces: Described,
    of: Described | None = None,
    profiles: tuple[Described, ...] | None = None,
    apps: tuple[Json, ...] = (),
    namespace: str = NAMESPACE,
    choices: Choices | None = None,
) -> Export:
    """What is made of a domain with these spaces, after the proof."""
    people = (profile(),) if profiles is None else profiles
    beside = apps_by_space(apps)
    whole = tuple(replace(one, companion=beside.get(one.answer["SpaceName"])) for one in spaces)
    things = {"StudioDomain": (of or domain(),), "UserProfile": people, "Space": whole}
    estate = Estate(REGION, things, {"App": apps})
    return keep_quiet(export_estate(estate, namespace, choices), estate, NOW)


def spec_of(exported: Export, name: str) -> Json:
    """The spec of the resource of that name."""
    return next(dict(one.spec) for one in exported.resources if one.key.name == name)


def left_out(exported: Export) -> list[str]:
    """What was left out, in words."""
    return [str(one) for one in exported.all_omissions]
