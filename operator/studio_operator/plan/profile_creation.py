"""Before there is a user profile: what it waits for, what is refused, and its creation."""

from __future__ import annotations

from typing import Any

from studio_operator.api.common import OWNER_TAG
from studio_operator.plan.decisions import (
    Decision,
    Rule,
    decide_unseen,
    started,
)
from studio_operator.plan.keeping import (
    refuse_rival,
    stalled,
    waiting,
)
from studio_operator.plan.ownership import Claim, as_tag_list
from studio_operator.plan.profile_view import ProfileView
from studio_operator.plan.reasons import Reason
from studio_operator.plan.settings_mapping import (
    creation_members,
    managed_fields,
)
from studio_operator.plan.types import Call, Health, Note


def yield_to_older(view: ProfileView) -> Decision | None:
    """Two resources claim one profile: the older gets it, unless it is the younger's already."""
    if view.profile is not None and view.claim in {None, Claim.OURS}:
        return None
    remedy = "Set spec.userProfileName to another name."
    return refuse_rival(view.title, view.situation.rival, remedy)


def await_domain(view: ProfileView) -> Decision | None:
    """The domain must exist and admit this namespace."""
    domain, named = view.situation.domain, view.domain_title
    if domain is None:
        return waiting(
            Reason.DEPENDENCY_NOT_READY,
            f"{named} does not exist: apply it, or correct spec.domainRef.",
        )
    if not domain.admits:
        namespace = view.situation.declared.namespace
        return stalled(
            Reason.NAMESPACE_NOT_ALLOWED,
            f"{named} does not admit namespace {namespace}: add it to its spec.allowedNamespaces.",
        )
    if domain.gone:
        return waiting(Reason.DEPENDENCY_NOT_READY, f"the domain of {named} is gone in AWS")
    if domain.domain_id is None:
        problem = domain.problem or "it has no domain id yet"
        return waiting(Reason.DEPENDENCY_NOT_READY, f"{named} is not ready: {problem}")
    return None


def await_sight(view: ProfileView) -> Decision | None:
    """Nothing is decided before AWS has been seen whole."""
    if view.situation.visible:
        return None
    return decide_unseen(view.situation.declared, view.memory)


def refuse_sign_on(view: ProfileView) -> Decision | None:
    """A person in IAM Identity Center is needed in SSO domains and refused in others."""
    domain, person = view.situation.domain, view.spec.single_sign_on
    mode = domain.auth_mode if domain else None
    if mode == "SSO" and person is None:
        return stalled(
            Reason.SINGLE_SIGN_ON_REQUIRED,
            f"{view.domain_title} signs people in by IAM Identity Center. Delete this resource and "
            "apply it again with the person's user name there as spec.singleSignOn.value.",
        )
    if mode == "IAM" and person is not None:
        return stalled(
            Reason.SINGLE_SIGN_ON_NOT_ALLOWED,
            f"{view.domain_title} signs people in by IAM. Delete this resource and apply it again "
            "without spec.singleSignOn.",
        )
    return None


def create_profile(view: ProfileView) -> Decision | None:
    """Create it, marked as ours from the first moment. Its name keeps AWS from making two."""
    if view.profile is not None:
        return None
    where = f"{view.title} in domain {view.domain_id}"
    return Decision(
        Health.PROGRESSING,
        Reason.CREATING,
        f"creating {where}",
        phase="Pending",
        call=Call("CreateUserProfile", creation_parameters(view)),
        notes=(Note("Creating", "CreateUserProfile", f"Creating {where}"),),
        operation=started(view.memory, "Create", view.situation.now),
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


CREATING: tuple[Rule[ProfileView], ...] = (
    await_domain,  # first: a domain that admits no stranger tells none whose a name is
    yield_to_older,
    await_sight,
    refuse_sign_on,
    create_profile,
)
