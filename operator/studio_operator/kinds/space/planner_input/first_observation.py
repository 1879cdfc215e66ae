"""A space that is in AWS before its resource knows of it: what AWS shows is where it begins.

Its app is left as it is found, as of any kind that starts and stops: see
`kinds/shared/running/rules.py`. Settings that differ from the spec stop no app that
runs then: they wait for the next stop, edit, resize window or request.

The one exception is our own creation that a crash interrupted before there was a status: it goes on
and starts.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from studio_operator.kinds.shared.running.run import Run
from studio_operator.kinds.space.api.status import EffectiveState
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.plan.ownership import has_owned

# AWS lists an app that was deleted for so long (Developer Guide, studio-updated-running-stop): of a
# space that is younger and shows none, no app ever ran.
_APPS_ARE_LISTED_FOR = timedelta(hours=24)


def is_there_unowned(situation: SpaceSituation) -> bool:
    """Whether the space is in AWS, and this resource never owned it as far as status knows."""
    return situation.space is not None and not has_owned(situation.status)


def is_still_to_be_found(situation: SpaceSituation) -> bool:
    """Whether what is in AWS becomes this resource's only later, and is found as it is then.

    That is a space of others, or its own that its spec does not name.
    """
    return is_there_unowned(situation) or bool(situation.elsewhere)


def is_interrupted_creation(situation: SpaceSituation) -> bool:
    """Whether nothing was done yet but the creation itself: AWS has no record of an app."""
    space = situation.space
    if space is None or situation.app is not None or has_owned(situation.status):
        return False
    made_at = space.created_at
    return made_at is None or situation.now - made_at < _APPS_ARE_LISTED_FOR


def found_running_at(situation: SpaceSituation, run: Run[EffectiveState]) -> int | None:
    """`status.foundRunningAt`: the generation at which the running app was found.

    None once the spec is another one or the app is not there any more.
    """
    status, generation = situation.status, situation.declared.generation
    if not situation.is_observed:
        return status.found_running_at
    if not run.situation.is_ours or situation.app is None or not situation.app.is_active:
        return None
    is_known = status.found_running_at == generation
    return generation if is_known or run.is_first_observation else None


def may_have_grown_at(situation: SpaceSituation) -> datetime | None:
    """When the volume of a space that is first seen grew at the latest; None where that is over.

    AWS shows when a space was changed last (LastModifiedTime) and not what was changed: it may have
    been the volume. A second growth too soon leaves a space that neither starts nor can be deleted
    (amazon-sagemaker-feedback #100, #160), so the time is waited for.
    """
    space, cooldown = situation.space, situation.tuning.storage_cooldown_seconds
    if space is None or space.modified_at is None or space.created_at is None:
        return None
    is_over = situation.now >= space.modified_at + timedelta(seconds=cooldown)
    if is_over or space.modified_at <= space.created_at:
        return None
    return space.modified_at.replace(microsecond=0)
