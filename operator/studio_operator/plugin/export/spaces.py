"""A space in AWS as the spec of a Space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studio_operator.aws.inventory.parsing import described
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.in_aws.observe import SPACE_TYPE
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
from studio_operator.plan.settings.mapping import IMAGE_MEMBERS, read_member
from studio_operator.plan.settings.table import CLEARED, Setting, put_member
from studio_operator.plugin.export.estate import Described
from studio_operator.plugin.export.parts import Omission
from studio_operator.plugin.export.reading import find_leftovers

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


def space_members(space: Described) -> dict[str, Any]:
    """What a space is, and cannot be changed: the spec but for references, settings, tags, adopt.

    No `state`: a first state is a trigger, and would start or stop an app. People go on to do
    that. `resizePolicy: WhenStopped`: a value that is edited later interrupts nobody.
    """
    seen = described(SPACE_TYPE, space.answer)
    return {
        "sharing": seen.sharing or "Shared",
        "app": app_of(space.answer),
        "resizePolicy": "WhenStopped",
    }


def space_settings(space: Described, app: ObservedApp | None, region: str) -> dict[str, Any]:
    """What people may change of a space in AWS. `app`: the one that runs or ran last."""
    seen = described(SPACE_TYPE, space.answer)
    left_out = _left_out(seen, app, is_classic=app_of(space.answer) == CLASSIC)
    members: dict[str, Any] = {}
    for setting in SETTINGS:
        value = None if setting in left_out else _declared(setting, seen, region)
        if value is not None:
            put_member(members, setting.path, value)
    return members


def _left_out(
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


def space_omissions(thing: str, space: Described, app: ObservedApp | None) -> Iterator[Omission]:
    """What of a space has no place in the spec."""
    seen = described(SPACE_TYPE, space.answer)
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
        is_plan = member.endswith(".TrainingPlanArn")
        yield Omission(thing, member, NOT_STARTED_WITH if is_plan else NO_FIELD)
    if _runs_on_another(seen, app) and app is not None:
        named = read_member(space.answer, (*resource, "InstanceType")) or "none"
        yield Omission(
            thing,
            "spec.instanceType",
            f"the app runs on {app.instance_type}, the space names {named}: declare the one you "
            "want once nobody minds a restart",
        )
