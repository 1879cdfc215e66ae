"""Before there is a space: what it waits for, what is refused, and its creation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio_operator.api.common import RECREATE_REQUEST
from studio_operator.api.space_status import EffectiveState, HandledRequests, SpaceStatus
from studio_operator.plan.backup_rules import provide_script_first
from studio_operator.plan.decisions import Decision, Rule, decide_unseen
from studio_operator.plan.idle_limits import refuse_idle_time
from studio_operator.plan.keeping import refuse_rival, stalled, waiting
from studio_operator.plan.mounting import await_attachment, learn_owner_settings
from studio_operator.plan.ownership import Claim, as_tag_list
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remote_access import refuse_too_small
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_requests import creation_settings
from studio_operator.plan.space_view import SpaceView
from studio_operator.plan.types import Call, Health, Note


def yield_to_older(view: SpaceView) -> Decision | None:
    """Two resources claim one space: the older gets it, unless it is the younger's already."""
    if view.situation.space is not None and view.claim in {None, Claim.OURS}:
        return None
    remedy = "Set spec.spaceName to another name."
    return refuse_rival(view.title, view.situation.rival, remedy)


def await_domain(view: SpaceView) -> Decision | None:
    """The domain must exist and admit this namespace; for a new space it must be in service."""
    reference, domain = view.spec.domain_ref, view.situation.domain
    namespace = reference.namespace or view.situation.declared.namespace
    named = f"StudioDomain {namespace}/{reference.name}"
    if domain is None:
        return waiting(
            Reason.DEPENDENCY_NOT_READY,
            f"{named} does not exist: apply it, or correct spec.domainRef.",
        )
    if not domain.admits:
        return stalled(
            Reason.NAMESPACE_NOT_ALLOWED,
            f"{named} does not admit namespace {view.situation.declared.namespace}: "
            "add it to its spec.allowedNamespaces.",
        )
    if domain.domain_id is None or (domain.problem and view.memory.arn is None):
        return waiting(
            Reason.DEPENDENCY_NOT_READY,
            f"{named} is not ready: {domain.problem or 'it has no domain id yet'}.",
        )
    return None


def await_sight(view: SpaceView) -> Decision | None:
    """Nothing is decided before AWS has been seen whole."""
    if view.situation.visible:
        return None
    return decide_unseen(view.situation.declared, view.memory)


def refuse_silent_recreation(view: SpaceView) -> Decision | None:
    """A space that was ours and is gone held files: no empty one is put in its place."""
    if view.situation.space is not None or view.memory.arn is None:
        return None
    return stalled(
        Reason.DELETED_OUTSIDE_OF_GIT,
        f"space {view.name} was deleted in AWS, with its volume. To have a new one with an empty "
        f"volume, annotate this resource with {RECREATE_REQUEST} and a new value.",
        phase="Failed",
    )


def begin_anew(situation: SpaceSituation) -> SpaceSituation | None:
    """The situation of a new resource, where a person asks for a new space in a lost one's place.

    None where nobody asks, or nothing is lost. What is remembered of the lost one is dropped.
    """
    memory, asked = situation.memory, situation.declared.annotations.get(RECREATE_REQUEST)
    handled = memory.handled_requests or HandledRequests()
    lost = situation.visible and situation.space is None and memory.arn is not None
    if not lost or situation.declared.deleting or asked in {None, handled.recreate}:
        return None
    fresh = SpaceStatus(
        conditions=memory.conditions,
        last_handled_reconcile_at=memory.last_handled_reconcile_at,
        handled_requests=handled.model_copy(update={"recreate": asked}),
        # As if it had run before: what else people ask for is not taken for a copy's.
        effective=EffectiveState(by="People", trigger="lost"),
    )
    return replace(situation, memory=fresh)


def await_owner(view: SpaceView) -> Decision | None:
    """AWS creates a space only for an owner that is in service."""
    owner, reference = view.situation.owner, view.spec.owner_ref
    if view.situation.space is not None or reference is None:
        return None
    if owner is None:
        return waiting(
            Reason.DEPENDENCY_NOT_READY,
            f"UserProfile {reference.name} does not exist: apply it, or correct spec.ownerRef.",
        )
    if owner.problem or owner.user_profile_name is None:
        return waiting(
            Reason.DEPENDENCY_NOT_READY,
            f"UserProfile {reference.name} is not ready: {owner.problem}.",
        )
    return None


def refuse_unprepared_domain(view: SpaceView) -> Decision | None:
    """A shared space takes a role, and in a VpcOnly domain security groups, of the domain."""
    domain = view.situation.domain
    if view.situation.space is not None or not view.spec.is_shared or domain is None:
        return None
    role = "spec.defaultSpaceSettings.executionRole"
    groups = "spec.defaultSpaceSettings.securityGroups"
    lacks_role = domain.shared_role is None
    if domain.vpc_only and not domain.shared_security_groups:
        also, fields = ("no role and ", f"{role} and {groups}") if lacks_role else ("", groups)
        return stalled(
            Reason.VPC_SECURITY_GROUPS_MISSING,
            f"StudioDomain {domain.name} is VpcOnly and has {also}no security groups for shared "
            f"spaces: set its {fields}.",
        )
    if lacks_role:
        return stalled(
            Reason.SHARED_SPACES_NOT_ENABLED,
            f"StudioDomain {domain.name} has no role for shared spaces: set its {role}.",
        )
    return None


def refuse_missing_image(view: SpaceView) -> Decision | None:
    """AWS starts no JupyterLab or Code Editor app without an image."""
    wanted, domain = view.wanted, view.situation.domain
    if wanted is None or wanted.image is not None or view.app_is_active:
        return None
    return stalled(
        Reason.IMAGE_REQUIRED,
        f"no SageMaker Distribution is known for region {domain.region if domain else '?'}: "
        "set spec.image.imageArn.",
    )


def create_space(view: SpaceView) -> Decision | None:
    """Create the space, marked as ours from the first moment."""
    if view.situation.space is not None or view.wanted is None:
        return None
    spec, owner = view.spec, view.situation.owner
    parameters: dict[str, Any] = {
        "DomainId": view.domain_id,
        "SpaceName": view.name,
        "Tags": as_tag_list(view.tags),
        "SpaceSettings": creation_settings(spec, view.wanted),
        "SpaceSharingSettings": {"SharingType": spec.sharing or "Private"},
    }
    if owner is not None and owner.user_profile_name is not None:
        parameters["OwnershipSettings"] = {"OwnerUserProfileName": owner.user_profile_name}
    else:
        del parameters["SpaceSharingSettings"]
    if spec.display_name is not None:
        parameters["SpaceDisplayName"] = spec.display_name
    return Decision(
        Health.PROGRESSING,
        Reason.CREATING,
        f"creating space {view.name} in domain {view.domain_id}",
        call=Call("CreateSpace", parameters),
        notes=(Note("Creating", "CreateSpace", f"Creating space {view.name}"),),
    )


CREATING: tuple[Rule[SpaceView], ...] = (
    await_domain,  # first: a domain that admits no stranger tells none whose a name is
    yield_to_older,
    await_sight,
    refuse_silent_recreation,
    await_owner,
    refuse_unprepared_domain,
    refuse_missing_image,
    refuse_idle_time,
    refuse_too_small,
    learn_owner_settings,
    await_attachment,
    provide_script_first,
    create_space,
)
