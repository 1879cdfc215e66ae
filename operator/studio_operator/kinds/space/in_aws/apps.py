"""How AWS shows the apps of spaces, and those that people have beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from studio_operator.kinds.aws_type import Companion
from studio_operator.kinds.space.in_aws.forms import image_of
from studio_operator.kinds.space.in_aws.observed import (
    NO_IMAGE,
    ImageRef,
    ObservedSpace,
    SpaceSettings,
)
from studio_operator.plan.observed import told_failure

Json = Mapping[str, Any]

# botocore: AppStatus. An app in one of these holds its space: no update, no deletion, no other app.
APP_ACTIVE = frozenset({"Pending", "InService", "Deleting"})
# The app of a space (SageMaker: one app per space, of this name, for JupyterLab and Code Editor).
APP_NAME = "default"
# Of records for the same app: one that runs or starts, then one that stops, then the rest.
_RANK_OF_STATUS = {"InService": 2, "Pending": 2, "Deleting": 1}
# The members that the listing gives. Where none of them differs, the record known stays as it is.
_LISTED = attrgetter("status", "created_at", "app_type", "name", "instance_type", "image")
_NOTHING: Json = {}


@dataclass(frozen=True, slots=True)
class ObservedApp:
    """The newest app record of a space. AWS lists a deleted one for up to 24 hours.

    `failure` is FailureReason, known after DescribeApp only, as is `built_in_config_arn`, the
    lifecycle configuration that runs before its own. `lifecycle_config_arn` is what it was started
    with, where AWS says so.
    """

    app_type: str
    name: str
    status: str
    instance_type: str | None = None
    image: ImageRef = NO_IMAGE
    created_at: datetime | None = None
    failure: str | None = None
    lifecycle_config_arn: str | None = None
    built_in_config_arn: str | None = None

    # Whether it runs, starts or stops, and so holds its space. All rules ask for it: told once.
    is_active: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_active", self.status in APP_ACTIVE)

    @property
    def title(self) -> str:
        """The app in a message: by its type, and by its name where that is not the usual one."""
        return self.app_type if self.name == "default" else f"{self.app_type} {self.name}"


def apps_by_space(items: Iterable[Json]) -> dict[str, ObservedApp]:
    """The app of each space from the items of ListApps.

    AWS lists an app for up to 24 hours after its end, so that one space may have several records.
    The one that holds the space counts, else the newest. Apps of profiles are left out. The apps of
    a space of Studio Classic may have any name, and there may be several: each holds the space.
    """
    apps: dict[str, ObservedApp] = {}
    for item in items:
        space = item.get("SpaceName")
        if not space:
            continue
        app = app_from(item)
        known = apps.get(space)
        if known is None or _newness(app) > _newness(known):
            apps[space] = app
    return apps


def apps_by_profile(items: Iterable[Json]) -> dict[str, tuple[ObservedApp, ...]]:
    """The apps of people, which are in no space, from the items of ListApps, by lower-cased name.

    Those that ended are left out: AWS lists them for a day, and they hold nothing. The app of an
    RStudio server belongs to `domain-shared`, a name that no person can have: it is the domain's.
    """
    apps: dict[str, tuple[ObservedApp, ...]] = {}
    for item in items:
        profile = item.get("UserProfileName")
        if not profile or item.get("SpaceName"):
            continue
        app = app_from(item)
        if app.is_active:
            apps[profile.lower()] = (*apps.get(profile.lower(), ()), app)
    return apps


def app_from(item: Json) -> ObservedApp:
    """An app from an item of ListApps, which has not its failure, or from a request like one."""
    resource = item.get("ResourceSpec", _NOTHING)
    return ObservedApp(
        app_type=item["AppType"],
        name=item["AppName"],
        status=item["Status"],
        instance_type=resource.get("InstanceType"),
        image=image_of(resource),
        lifecycle_config_arn=resource.get("LifecycleConfigArn"),
        created_at=item.get("CreationTime"),
    )


def app_from_description(answer: Json) -> ObservedApp:
    """An app from DescribeApp."""
    return replace(
        app_from(answer),
        failure=told_failure(answer["Status"], answer.get("FailureReason")),
        built_in_config_arn=answer.get("BuiltInLifecycleConfigArn"),
    )


def app_from_request(parameters: Json) -> ObservedApp:
    """The app that CreateApp has begun to start."""
    return app_from({**parameters, "Status": "Pending"})


def app_as_described(app: ObservedApp) -> ObservedApp:
    """A listed app; why one failed counts as not told by AWS."""
    return replace(app, failure=app.failure or "")


def app_started(space: ObservedSpace) -> ObservedApp:
    """The app of a space, running on the space's own settings."""
    present = space.settings or SpaceSettings()
    app = space.app_type or ""
    return ObservedApp(app, APP_NAME, "InService", present.instance_type, present.image)


def merge_app(known: ObservedApp | None, observed: ObservedApp) -> ObservedApp:
    """A listed app; what only DescribeApp tells of a failure is kept while nothing changed."""
    if known is None:
        return observed
    if _LISTED(known) == _LISTED(observed):
        return known
    unmoved = (known.status, known.created_at) == (observed.status, observed.created_at)
    if not unmoved or known.failure is None:
        return observed
    return replace(observed, failure=known.failure, built_in_config_arn=known.built_in_config_arn)


def _question(space: ObservedSpace | None, app: ObservedApp | None) -> Json | None:
    """Which app of a space to ask for: also one that no listing has shown yet.

    Somebody may have started it a moment ago.
    """
    app_type = app.app_type if app else (space.app_type if space else None)
    if app_type is None:
        return None
    return {"AppType": app_type, "AppName": app.name if app else APP_NAME}


def _is_meant(app: ObservedApp, parameters: Json) -> bool:
    return (app.app_type, app.name) == (parameters["AppType"], parameters["AppName"])


def _newness(app: ObservedApp) -> tuple[int, float]:
    created = app.created_at.timestamp() if app.created_at else 0.0
    return _RANK_OF_STATUS.get(app.status, 0), created


APPS = Companion(
    name="App",
    listing="ListApps",
    describing="DescribeApp",
    items="Apps",
    noun="app",
    arn_segment="app",
    listed=apps_by_space,
    merged=merge_app,
    described=app_from_description,
    requested=app_from_request,
    resource=lambda parameters: parameters.get("SpaceName"),
    is_meant=_is_meant,
    question=_question,
    as_described=app_as_described,
    started=app_started,
    beside=("UserProfile", apps_by_profile),
)
