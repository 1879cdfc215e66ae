"""How AWS shows a space, and what of it a space's rules decide from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio_operator.kinds.aws_type import AwsType
from studio_operator.kinds.space.in_aws.observed import ObservedSpace, SpaceSettings
from studio_operator.kinds.space.in_aws.settings import APP_SETTINGS, DESCRIBED, member_of
from studio_operator.plan.settings.mapping import read_member

Json = Mapping[str, Any]

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
)
