"""Before there is a space: what it waits for, what is refused, and its creation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio_operator.api.common import RECREATE_REQUEST
from studio_operator.kinds.shared.ownership import (
    await_domain,
    await_observation_of_domain,
    domain_not_ready,
    keep_what_is_marked,
    yield_to_older,
)
from studio_operator.kinds.space.api.status import EffectiveState, SpaceRequests, SpaceStatus
from studio_operator.kinds.space.checks.stop_checks import (
    learn_lifecycle_configs,
    learn_owner_settings,
    refuse_creation,
)
from studio_operator.kinds.space.features.backup.script_rules import provide_script_first
from studio_operator.kinds.space.in_aws.parameters import creation_members
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.decisions import CREATE, Decision, Rule, started
from studio_operator.plan.lifecycle import (
    edit_or_apply_anew,
    refuse_namesake,
    stalled,
    waiting,
)
from studio_operator.plan.ownership import as_tag_list
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import (
    Resource,
    Steps,
    annotate,
    another,
    apply,
    apply_anew,
    in_kubernetes,
    set_field,
)
from studio_operator.plan.types import Call, Health, Note


def await_domain_in_service(view: SpaceView) -> Decision | None:
    """For a new space the domain must be in service."""
    domain = view.situation.domain
    if domain is None or not domain.problem or view.status.arn is not None:
        return None
    return domain_not_ready(view, domain.problem)


def refuse_silent_recreation(view: SpaceView) -> Decision | None:
    """A space that was ours and is gone held files: no empty one is put in its place."""
    if view.situation.space is not None or view.status.arn is None:
        return None
    return stalled(
        Reason.DELETED_OUTSIDE_OF_GIT,
        f"space {view.name} was deleted in AWS, with its volume",
        annotate(RECREATE_REQUEST, "to have a new one with an empty volume"),
        phase="Failed",
    )


def begin_anew(situation: SpaceSituation) -> SpaceSituation | None:
    """The situation of a new resource, where a person asks for a new space in a lost one's place.

    None where nobody asks, or nothing is lost. What is remembered of the lost one is dropped.
    """
    status, asked = situation.status, situation.declared.annotations.get(RECREATE_REQUEST)
    handled = status.handled_requests or SpaceRequests()
    lost = situation.is_observed and situation.space is None and status.arn is not None
    if (
        not lost
        or situation.elsewhere
        or situation.declared.deleting
        or asked in {None, handled.recreate}
    ):
        return None
    if situation.declared.unreadable is not None:
        return None
    fresh = SpaceStatus(
        conditions=status.conditions,
        last_handled_reconcile_at=status.last_handled_reconcile_at,
        handled_requests=handled.model_copy(update={"recreate": asked}),
        # As if it had run before: what else people ask for is not taken for a copy's.
        effective=EffectiveState(by="People", trigger="lost"),
    )
    return replace(situation, status=fresh)


def refuse_taken_name(view: SpaceView) -> Decision | None:
    """Space `legacy` can't be made beside AWS's `Legacy`, nor beside a profile of that name."""
    namesake = view.situation.namesake
    if view.situation.space is not None or namesake is None:
        return None
    kind, _, real = namesake.rpartition(" ")
    remedy = view.rename
    if kind == "space":
        edits = (set_field("spaceName", real), set_field("adopt", True))
        remedy = apply_anew(*edits, goal="to take it over")
    return refuse_namesake(namesake, remedy)


def await_owner(view: SpaceView) -> Decision | None:
    """AWS creates a space only for an owner that is in service."""
    owner, reference = view.situation.owner, view.spec.owner_ref
    if view.situation.space is not None or reference is None:
        return None
    if owner is None:
        return waiting(
            Reason.DEPENDENCY_NOT_READY,
            f"UserProfile {reference.name} does not exist",
            apply(Resource("UserProfile", reference.name)),
            edit_or_apply_anew(view.is_begun, another("ownerRef.name")),
        )
    if owner.problem or owner.user_profile_name is None:
        return waiting(
            Reason.DEPENDENCY_NOT_READY,
            f"UserProfile {reference.name} is not ready: {owner.problem}",
        )
    return None


def await_defaults(view: SpaceView) -> Decision | None:
    """What a space is made with stays: a default that comes later would be none of its own.

    A default is not known while a domain waits to be described, or a profile can't be read.
    """
    if view.situation.space is not None or view.wanted is None or not view.wanted.undecided:
        return None
    owner, domain = view.situation.owner, view.situation.domain
    if view.spec.is_shared or owner is None or owner.defaults is not None:
        whose = str(view.domain_resource)
    elif domain is not None and domain.defaults is not None:
        return waiting(
            Reason.DEPENDENCY_NOT_READY,
            f"the spec of UserProfile {owner.name} can't be read, so its defaults are not known",
            in_kubernetes(f"correct UserProfile {owner.name} as its status says"),
        )
    else:
        whose = f"UserProfile {owner.name}"
    return waiting(Reason.DEPENDENCY_NOT_READY, f"the defaults of {whose} are not known yet")


def refuse_unprepared_domain(view: SpaceView) -> Decision | None:
    """A shared space takes a role, and in a VpcOnly domain security groups, of the domain."""
    domain = view.situation.domain
    if view.situation.space is not None or not view.spec.is_shared or domain is None:
        return None
    lacks_role = domain.shared_role is None
    block, named = "defaultSpaceSettings", view.domain_resource
    role = another(f"{block}.executionRole", "the ARN of a role", on=named)
    if domain.vpc_only and not domain.shared_security_groups:
        groups = another(f"{block}.securityGroups", "the ids of security groups", on=named)
        return stalled(
            Reason.VPC_SECURITY_GROUPS_MISSING,
            f"StudioDomain {domain.name} is VpcOnly and has {'no role and ' if lacks_role else ''}"
            "no security groups for shared spaces",
            Steps((role, groups)) if lacks_role else groups,
        )
    if lacks_role:
        return stalled(
            Reason.SHARED_SPACES_NOT_ENABLED,
            f"StudioDomain {domain.name} has no role for shared spaces",
            role,
        )
    return None


def refuse_missing_image(view: SpaceView) -> Decision | None:
    """AWS starts no JupyterLab or Code Editor app without an image."""
    wanted, domain = view.wanted, view.situation.domain
    if wanted is None or wanted.image is not None or view.app_is_active:
        return None
    return stalled(
        Reason.IMAGE_REQUIRED,
        f"no SageMaker Distribution is known for region {domain.region if domain else '?'}",
        another("image.imageArn", "the ARN of an image"),
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
        **creation_members(spec, view.wanted),
        "SpaceSharingSettings": {"SharingType": spec.sharing or "Private"},
    }
    if owner is not None and owner.user_profile_name is not None:
        parameters["OwnershipSettings"] = {"OwnerUserProfileName": owner.user_profile_name}
    else:
        del parameters["SpaceSharingSettings"]
    return Decision(
        Health.PROGRESSING,
        Reason.CREATING,
        f"{view.title} is being created in AWS",  # as after the call: one write tells both
        call=Call("CreateSpace", parameters),
        notes=(Note("Creating", "CreateSpace", f"Creating space {view.name}"),),
        record_first=True,
        operation=started(view.status, CREATE, view.situation.now),
    )


CREATION_RULES: tuple[Rule[SpaceView], ...] = (
    await_domain,  # first: a domain that admits no stranger tells none whose a name is
    await_domain_in_service,
    yield_to_older,
    await_observation_of_domain,
    keep_what_is_marked,
    refuse_silent_recreation,
    refuse_taken_name,
    await_owner,
    await_defaults,
    refuse_unprepared_domain,
    refuse_missing_image,
    learn_owner_settings,
    learn_lifecycle_configs,
    refuse_creation,
    provide_script_first,
    create_space,
)
