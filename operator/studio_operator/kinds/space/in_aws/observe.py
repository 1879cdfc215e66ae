"""How AWS shows a space, what of it a space's rules decide from, and what AWS makes of requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio_operator.kinds.aws_type import AwsType
from studio_operator.kinds.space.in_aws.observed import ObservedSpace, SpaceSettings
from studio_operator.kinds.space.in_aws.settings import APP_SETTINGS, DESCRIBED, member_of
from studio_operator.plan.observed import Observed
from studio_operator.plan.settings.mapping import CLEARED, read_member

Json = Mapping[str, Any]

# AWS's size for a space that names none (Developer Guide, studio-updated-jl-admin-guide).
DEFAULT_GIB = 5
_NOTHING: Json = {}


def members_from(answer: Json) -> dict[str, Any]:
    """A space's own members; listings have them in summaries, named like the whole."""
    settings = _whole_or_summary(answer, "SpaceSettings")
    storage = settings.get("SpaceStorageSettings", _NOTHING)
    return {
        "sharing": _whole_or_summary(answer, "SpaceSharingSettings").get("SharingType"),
        "owner": _whole_or_summary(answer, "OwnershipSettings").get("OwnerUserProfileName"),
        "app_type": settings.get("AppType"),
        "storage_gib": storage.get("EbsStorageSettings", _NOTHING).get("EbsVolumeSizeInGb"),
        "display_name": answer.get("SpaceDisplayName"),
    }


def _whole_or_summary(answer: Json, name: str) -> Json:
    found: Json = answer.get(name) or answer.get(f"{name}Summary") or _NOTHING
    return found


def settings_from(settings: Json) -> SpaceSettings:
    """The settings in SpaceSettings, which has the same form in requests and answers."""
    whole, app = {"SpaceSettings": settings}, app_in(settings)
    shown = ((one, read_member(whole, member_of(one, app))) for one in DESCRIBED)
    return SpaceSettings(
        **{one.attribute: one.form.from_aws(value) for one, value in shown if value is not None}
    )


def app_in(settings: Json) -> str:
    """The app whose settings are there; an update names none."""
    apps = [settings.get("AppType", ""), *APP_SETTINGS]
    return next((app for app in apps if APP_SETTINGS.get(app) in settings), "JupyterLab")


def with_volume(space: ObservedSpace, domain: Observed | None) -> ObservedSpace:
    """A space that was just made: one that names no size has the domain's default, else AWS's."""
    if space.storage_gib is not None or space.app_type == "JupyterServer":
        return space
    block = "DefaultSpaceSettings" if space.sharing == "Shared" else "DefaultUserSettings"
    path = (block, "SpaceStorageSettings", "DefaultEbsStorageSettings", "DefaultEbsVolumeSizeInGb")
    size = read_member(domain.details if domain else None, path)
    return replace(space, storage_gib=int(size or DEFAULT_GIB))


def updated_space(known: ObservedSpace, given: Json) -> ObservedSpace:
    """A space after UpdateSpace."""
    asked = members_from(given)
    return replace(
        known,
        details=_updated_settings(known.settings or SpaceSettings(), given),
        storage_gib=asked["storage_gib"] or known.storage_gib,
        display_name=asked["display_name"] or known.display_name,
    )


def _updated_settings(known: SpaceSettings, given: Json) -> SpaceSettings:
    """UpdateSpace merges; the word None clears, and so does an empty list."""
    values, app = {}, app_in(given.get("SpaceSettings", _NOTHING))
    for setting in DESCRIBED:
        value = read_member(given, member_of(setting, app))
        if value is not None:
            values[setting.attribute] = setting.form.from_aws(_without_cleared(value))
    return replace(known, **values)


def _without_cleared(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: None if one == CLEARED else one for name, one in value.items()}
    return None if value == CLEARED else value


SPACE_TYPE = AwsType(
    name="Space",
    listing="ListSpaces",
    describing="DescribeSpace",
    items="Spaces",
    id="SpaceName",
    arn="SpaceArn",
    record=ObservedSpace,
    own=members_from,
    details=lambda answer: settings_from(answer.get("SpaceSettings", _NOTHING)),
    details_asked=True,
    completed=with_volume,
    updated=updated_space,
)
