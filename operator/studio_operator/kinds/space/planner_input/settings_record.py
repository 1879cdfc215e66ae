"""A space's settings on its status, so that an operator that starts anew need not ask again."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from studio_operator.kinds.space.api.status import SettingsStatus
from studio_operator.kinds.space.in_aws.observed import SpaceSettings
from studio_operator.kinds.space.in_aws.settings import DESCRIBED


def record_settings(present: SpaceSettings, modified_at: datetime) -> SettingsStatus:
    """The settings for status; `modified_at` is the LastModifiedTime that they belong to."""
    return _record(present, modified_at.isoformat())


# A space's settings stay the same from pass to pass. A record may have 10 KB: few are kept.
@lru_cache(maxsize=128)
def _record(present: SpaceSettings, modified_at: str) -> SettingsStatus:
    values = {
        one.attribute: one.form.to_status(getattr(present, one.attribute)) for one in DESCRIBED
    }
    return SettingsStatus(modified_at=modified_at, **values)


def recall_settings(recorded: SettingsStatus) -> SpaceSettings:
    """The settings as they were recorded."""
    return SpaceSettings(
        **{
            one.attribute: one.form.from_status(getattr(recorded, one.attribute))
            for one in DESCRIBED
        }
    )
