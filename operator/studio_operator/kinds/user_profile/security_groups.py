"""Security groups in a VpcOnly domain: who needs them, and where they come from.

A profile and its private spaces need some, their own or those of the domain's DefaultUserSettings
(API reference, UserSettings.SecurityGroups); shared spaces need those of DefaultSpaceSettings
(Developer Guide, domain-space-create). AWS takes a domain without either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from studio_operator.kinds.shared.holds import Hold
from studio_operator.plan.lifecycle import stalled
from studio_operator.plan.messages import Message, tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import another
from studio_operator.plan.settings.mapping import read_member

if TYPE_CHECKING:
    from studio_operator.kinds.user_profile.view import ProfileView

_FIELD = "userSettings.securityGroups"
_FIELD_OF_DOMAIN = "defaultUserSettings.securityGroups"


def hold_last_groups(view: ProfileView) -> Iterator[Hold]:
    """No profile loses its last ones."""
    if lacks_groups(view) and view.differing is not None and _FIELD in view.differing.fields:
        decision = stalled(Reason.VPC_SECURITY_GROUPS_MISSING, tell_missing_groups(view))
        yield Hold(frozenset({_FIELD}), decision)


def hint_at_missing_groups(view: ProfileView, message: str) -> str:
    """A profile that was made before the domain was closed is Ready, and says what it lacks."""
    if view.found is None or view.found.details is None or not lacks_groups(view):
        return message
    hint = tell_missing_groups(view)
    return tell(f"{message}; {hint.problem}", *hint.remedies)


def lacks_groups(view: ProfileView) -> bool:
    """Whether neither the domain nor the profile has any, once AWS has what is declared."""
    return _is_closed_to(view) and not _has_own_groups(view)


def _is_closed_to(view: ProfileView) -> bool:
    domain = view.situation.domain
    return domain is not None and domain.vpc_only and not domain.user_security_groups


def _has_own_groups(view: ProfileView) -> bool:
    """Whether the profile will have groups of its own once AWS has what is declared."""
    settings = view.spec.user_settings
    if settings is not None and settings.security_groups is not None:
        return bool(settings.security_groups)
    if _FIELD in (view.status.managed_fields or ()):
        return False  # they left the spec, and are cleared
    details = view.found.details if view.found else None
    return bool(read_member(details, ("UserSettings", "SecurityGroups")))


def tell_missing_groups(view: ProfileView) -> Message:
    """What is missing, and where it can be set."""
    return tell(
        f"{view.domain_title} is VpcOnly and has no security groups for its users",
        another(_FIELD, "some"),
        another(_FIELD_OF_DOMAIN, "some", on=view.domain_resource),
    )
