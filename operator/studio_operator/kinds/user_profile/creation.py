"""Before there is a user profile: what it waits for, what is refused, and its creation."""

from __future__ import annotations

from typing import Any

from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.shared.ownership import (
    await_domain,
    await_observation_of_domain,
    keep_what_is_marked,
    yield_to_older,
)
from studio_operator.kinds.shared.policy import refuse_new
from studio_operator.kinds.user_profile.security_groups import lacks_groups, tell_missing_groups
from studio_operator.kinds.user_profile.view import ProfileView
from studio_operator.plan.decisions import (
    CREATE,
    Decision,
    Rule,
    started,
)
from studio_operator.plan.lifecycle import (
    edit_or_apply_anew,
    refuse_namesake,
    stalled,
    waiting,
)
from studio_operator.plan.lifecycle_configs import hold_for_lifecycle_configs
from studio_operator.plan.ownership import as_tag_list
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import another, leave_out
from studio_operator.plan.settings.mapping import (
    creation_members,
    managed_fields,
)
from studio_operator.plan.types import Call, Health, Note


def await_lost_domain(view: ProfileView) -> Decision | None:
    """Nothing is made or changed in a domain that is gone."""
    domain = view.situation.domain
    if domain is None or not domain.gone:
        return None
    return waiting(Reason.DEPENDENCY_NOT_READY, f"the domain of {view.domain_title} is gone in AWS")


def refuse_sign_on(view: ProfileView) -> Decision | None:
    """A person in IAM Identity Center is needed in SSO domains and refused in others."""
    domain, person = view.situation.domain, view.spec.single_sign_on
    mode = domain.auth_mode if domain else None
    if mode == "SSO" and person is None:
        return stalled(
            Reason.SINGLE_SIGN_ON_REQUIRED,
            f"{view.domain_title} signs people in by IAM Identity Center",
            edit_or_apply_anew(
                view.is_begun, another("singleSignOn.value", "the person's user name there")
            ),
        )
    if mode == "IAM" and person is not None:
        return stalled(
            Reason.SINGLE_SIGN_ON_NOT_ALLOWED,
            f"{view.domain_title} signs people in by IAM",
            edit_or_apply_anew(view.is_begun, leave_out("singleSignOn")),
        )
    return None


def refuse_new_without_groups(view: ProfileView) -> Decision | None:
    """AWS makes no profile without security groups in a VpcOnly domain that has none."""
    if view.found is not None or not lacks_groups(view):
        return None
    return stalled(Reason.VPC_SECURITY_GROUPS_MISSING, tell_missing_groups(view))


def refuse_taken_name(view: ProfileView) -> Decision | None:
    """A profile can't be made beside a space of that name."""
    if view.found is not None:
        return None
    return refuse_namesake(view.situation.namesake, view.rename)


def hold_creation_for_scripts(view: ProfileView) -> Decision | None:
    """No profile with a lifecycle configuration that AWS does not have, or of another app type."""
    if view.found is not None:
        return None
    return hold_for_lifecycle_configs(view.situation, view.declared)


def create_profile(view: ProfileView) -> Decision | None:
    """Create it, marked as ours from the first moment. Its name keeps AWS from making two."""
    if view.found is not None:
        return None
    where = f"{view.title} in domain {view.domain_id}"
    return Decision(
        Health.PROGRESSING,
        Reason.CREATING,
        f"{view.title} is being created in AWS",  # as after the call: one write tells both
        call=Call("CreateUserProfile", creation_parameters(view)),
        notes=(Note("Creating", "CreateUserProfile", f"Creating {where}"),),
        record_first=True,
        operation=started(view.status, CREATE, view.situation.now),
        remember={"managed_fields": managed_fields(view.declared)},
    )


def creation_parameters(view: ProfileView) -> dict[str, Any]:
    """Parameters of CreateUserProfile."""
    parameters: dict[str, Any] = {
        "DomainId": view.domain_id,
        "UserProfileName": view.name,
        "Tags": as_tag_list({**(view.spec.tags or {}), OWNER_TAG: str(view.mark)}),
        **creation_members(view.declared),
    }
    person = view.spec.single_sign_on
    if person is not None:
        parameters["SingleSignOnUserIdentifier"] = person.identifier or "UserName"
        parameters["SingleSignOnUserValue"] = person.value
    return parameters


CREATION_RULES: tuple[Rule[ProfileView], ...] = (
    await_domain,  # first: a domain that admits no stranger tells none whose a name is
    await_lost_domain,
    yield_to_older,
    await_observation_of_domain,
    keep_what_is_marked,
    refuse_sign_on,
    refuse_taken_name,
    refuse_new_without_groups,
    refuse_new,
    hold_creation_for_scripts,
    create_profile,
)
