"""A space in AWS as the spec of a Space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from studio_operator.kinds.exporting import Answered, Exporting, LeftOut
from studio_operator.kinds.shared.exported import find_leftovers
from studio_operator.kinds.space.in_aws.apps import APP_ACTIVE, ObservedApp
from studio_operator.kinds.space.in_aws.observed import ImageRef, ObservedSpace, SpaceSettings
from studio_operator.kinds.space.in_aws.settings import (
    APP_SETTINGS,
    CODE_REPOSITORIES,
    DISPLAY_NAME,
    FILE_SYSTEMS,
    IMAGE,
    INSTANCE_TYPE,
    LIFECYCLE_CONFIG,
    SETTINGS,
    live_value,
    member_of,
)
from studio_operator.kinds.space.planner_input.images import distribution_arn
from studio_operator.plan.remedies import field
from studio_operator.plan.settings.mapping import IMAGE_MEMBERS, read_member
from studio_operator.plan.settings.table import CLEARED, Setting, put_member

CLASSIC = "JupyterServer"
# What people may change of a space of Studio Classic, as far as a spec can say it.
_OF_CLASSIC = frozenset({INSTANCE_TYPE, IMAGE, LIFECYCLE_CONFIG, DISPLAY_NAME})
# Members of DescribeSpace that tell about it, and those that have another place in the spec.
_TOLD = tuple(
    (name,)
    for name in (
        "DomainId",
        "SpaceArn",
        "SpaceName",
        "HomeEfsFileSystemUid",
        "Status",
        "CreationTime",
        "LastModifiedTime",
        "FailureReason",
        "OwnershipSettings",
        "SpaceSharingSettings",
        "SpaceDisplayName",
        "Url",
    )
)
NO_FIELD = "Space has no field for it; it stays in AWS as it is"
NOT_STARTED_WITH = "Space has no field for it; an app that the operator starts runs without it"
OTHER_APP = "Space knows the apps JupyterLab, CodeEditor and JupyterServer only"
NO_APP = "AWS does not show which app it is for: set its AppType in AWS, or leave it to people"


def app_of(answer: Mapping[str, Any]) -> str | None:
    """The app of a space, None for one that Space does not know.

    Spaces of Studio Classic may show no AppType, only settings of its apps, or nothing at all: the
    API takes a space by its name alone, and such a one is Classic's, shared and without an owner.
    (Spaces of JupyterLab and Code Editor have both: botocore, CreateSpaceRequest.)
    """
    settings = answer.get("SpaceSettings") or {}
    named = settings.get("AppType")
    if named:
        return str(named) if named in APP_SETTINGS else None
    found = [app for app, member in APP_SETTINGS.items() if settings.get(member)]
    if not found and not (answer.get("OwnershipSettings") or {}).get("OwnerUserProfileName"):
        return CLASSIC
    return found[0] if len(found) == 1 else None


def _owner(answer: Mapping[str, Any]) -> str | None:
    owner = (answer.get("OwnershipSettings") or {}).get("OwnerUserProfileName")
    return str(owner) if owner else None


def _app(space: Answered) -> ObservedApp | None:
    """The app that a Space stands for: the one that runs or ran last."""
    app: ObservedApp | None = space.companion
    type_ = app_of(space.answer)
    # Kernels are in spaces of Studio Classic only, and hold them as its server does.
    return app if app is not None and type_ in {app.app_type, CLASSIC} else None


def _refused(space: Answered) -> str | None:
    if app_of(space.answer) is not None:
        return None
    named = (space.answer.get("SpaceSettings") or {}).get("AppType")
    return f"it is for {named}, and {OTHER_APP}" if named else NO_APP


def _members(space: Answered) -> dict[str, Any]:
    """What a space is, and cannot be changed.

    No `state`: a first state is a trigger, and would start or stop an app. People go on to do
    that. `resizePolicy: WhenStopped`: a value that is edited later interrupts nobody.
    """
    return {
        "sharing": space.record.sharing or "Shared",
        "app": app_of(space.answer),
        "resizePolicy": "WhenStopped",
        "drift": {"default": space.drift},
    }


def _settings(space: Answered) -> dict[str, Any]:
    """What people may change of a space in AWS."""
    seen: ObservedSpace = space.record
    left = _not_declared(seen, _app(space), is_classic=app_of(space.answer) == CLASSIC)
    members: dict[str, Any] = {}
    for setting in SETTINGS:
        value = None if setting in left else _declared(setting, seen, space.region)
        if value is not None:
            put_member(members, setting.path, value)
    return members


def _not_declared(
    seen: ObservedSpace, app: ObservedApp | None, *, is_classic: bool
) -> frozenset[Setting]:
    """The settings that the spec is not to have, though AWS shows them."""
    left = frozenset(SETTINGS) - _OF_CLASSIC if is_classic else frozenset[Setting]()
    if seen.storage_gib is None:  # file systems go with the size
        left |= {FILE_SYSTEMS}
    return left | {INSTANCE_TYPE} if _runs_on_another(seen, app) else left


def _declared(setting: Setting, seen: ObservedSpace, region: str) -> Any:
    """A setting as a spec has it; None where AWS has none, or one that no spec can have."""
    if setting is IMAGE:
        return _image(seen, region)
    value = live_value(setting, seen, seen.settings or SpaceSettings())
    return None if value is None or value == () else setting.form.to_spec(value)


def _settled_type(seen: ObservedSpace) -> str | None:
    return seen.settings.instance_type if seen.settings else None


def _runs_on_another(seen: ObservedSpace, app: ObservedApp | None) -> bool:
    """Whether declaring the space's own type would mean a change at once."""
    if app is None or not app.is_active or app.app_type == CLASSIC:
        return False  # Studio Classic's app has one type only, named or not
    return app.instance_type != _settled_type(seen)


def _image(seen: ObservedSpace, region: str) -> dict[str, str] | None:
    """A SageMaker Distribution by its version; one of no known version follows the instance."""
    image = seen.settings.image if seen.settings else ImageRef()
    if image.image_arn is None:
        return None
    own = distribution_arn(region, _settled_type(seen) or "")
    if image.image_arn == own:
        if image.version_alias and image.version_alias.replace(".", "").isdigit():
            return {"distribution": image.version_alias}
        if image.version_alias is None and image.version_arn in {None, CLEARED}:
            return None
    versions = (("versionAlias", image.version_alias), ("versionArn", image.version_arn))
    chosen = next(((name, value) for name, value in versions if value and value != CLEARED), None)
    return {"imageArn": image.image_arn, **dict([chosen] if chosen else ())}


def _left_out(space: Answered) -> Iterator[LeftOut]:
    """What of a space has no place in the spec, and apps beside its one."""
    seen, app = space.record, _app(space)
    app_type = app_of(space.answer) or ""
    is_classic = app_type == CLASSIC
    has_volume = seen.storage_gib is not None
    resource = member_of(IMAGE, app_type)
    known = [*_TOLD, ("SpaceSettings", "AppType"), *((*resource, name) for name in IMAGE_MEMBERS)]
    for setting in SETTINGS:
        if setting is CODE_REPOSITORIES and is_classic:
            continue
        if setting is FILE_SYSTEMS and not (has_volume and _declared(setting, seen, "")):
            continue
        if setting is not IMAGE:
            known.append(member_of(setting, app_type))
    for member in find_leftovers(space.answer, known):
        yield member, NOT_STARTED_WITH if member.endswith(".TrainingPlanArn") else NO_FIELD
    if _runs_on_another(seen, app) and app is not None:
        named = read_member(space.answer, (*resource, "InstanceType")) or "none"
        yield (
            field("instanceType"),
            f"the app runs on {app.instance_type}, the space names {named}: declare the one you "
            "want once nobody minds a restart",
        )
    for item in space.listed:
        is_own = app is not None and item["AppName"] == app.name
        if item.get("SpaceName") == seen.name and not is_own and item["Status"] in APP_ACTIVE:
            yield _title(item), _BESIDE_THE_ONE


def _title(item: Mapping[str, Any]) -> str:
    return f"app {item['AppName']} ({item['AppType']})"


def _apps_without_space(items: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    for item in items:
        if not item.get("SpaceName") and item["Status"] in APP_ACTIVE:
            owner = item.get("UserProfileName")
            is_shared = owner == RSTUDIO_OWNER
            thing = "the domain itself" if is_shared else f"user profile {owner}"
            yield thing, _title(item), _OF_THE_DOMAIN if is_shared else _OF_A_PERSON


# The name under which ListApps shows an app of the domain itself; nobody's profile.
RSTUDIO_OWNER = "domain-shared"
_BESIDE_THE_ONE = "it is beside the one app that a Space stands for; it is left alone"
_OF_THE_DOMAIN = "it is the domain's RStudio server, which no resource stands for; it is left alone"
_OF_A_PERSON = "it is in no space, and a Space stands for apps in spaces only; it is left alone"

EXPORTING = Exporting(_members, _settings, _left_out, _refused, _owner, _apps_without_space)
