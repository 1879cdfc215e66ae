"""Whose a thing in AWS is, before anything is done with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from studio_operator.api.common import OWNER_TAG, CommonStatus
from studio_operator.kinds.shared.admission import refuse_namespace
from studio_operator.kinds.shared.policy import refuse_by_policy
from studio_operator.plan.decisions import ADOPT, KEEP, Decision, Rule, decide_unobserved, started
from studio_operator.plan.lifecycle import Holding, edit_or_apply_anew, look, stalled, waiting
from studio_operator.plan.ownership import (
    HELD_BY_OTHERS,
    LOST,
    Claim,
    Elsewhere,
    OwnerMark,
    as_tag_list,
    tag_changes,
)
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import (
    Edit,
    Remedy,
    Resource,
    another,
    apply,
    apply_anew,
    command,
    in_aws,
    in_kubernetes,
)
from studio_operator.plan.tenancy.policy import Subject
from studio_operator.plan.types import Call, Declared, DomainFacts, Health, Look, Note


class Owned(Protocol):
    """What the views of all kinds have in common."""

    @property
    def situation(self) -> Any:
        """What the kind is planned from."""

    @property
    def title(self) -> str:
        """What it is, in a message."""

    @property
    def noun(self) -> str:
        """The kind as AWS's operations name it: Domain, UserProfile, Space."""

    @property
    def holding(self) -> Holding | None:
        """What AWS shows; None for nothing."""

    @property
    def claim(self) -> Claim | None:
        """How that relates to the resource; None while its tags are not known."""

    @property
    def is_begun(self) -> bool:
        """Whether what AWS fixes at creation can't be edited any more."""

    @property
    def rename(self) -> Remedy:
        """The edit by which the resource wants something else."""

    @property
    def policy(self) -> str:
        """The deletion policy that holds."""

    @property
    def is_unexplained(self) -> bool:
        """Whether something failed and only a look tells why."""


class InDomain(Owned, Protocol):
    """The same of what lives in a domain."""

    @property
    def domain_resource(self) -> Resource:
        """The StudioDomain that it refers to."""


def look_at(view: Owned, *looks: Look) -> Decision:
    """Ask AWS before anything is decided."""
    declared: Declared[Any] = view.situation.declared
    status: CommonStatus = view.situation.status
    return look(declared, status, f"looking at {view.title}", *looks)


def learn_owner(view: Owned) -> Decision | None:
    """Tags say whose it is; nothing is touched before they are known."""
    return look_at(view, Look.TAGS) if view.holding is not None and view.claim is None else None


def tell_loss(view: Owned) -> Decision | None:
    """Nothing is done with what this resource owned, and two clusters or ids of one dispute.

    It is told by everything concerned, whatever the domain says.
    """
    holding, claim = view.holding, view.claim
    return refuse_owned(holding, claim) if holding and claim in LOST else None


def await_observation(view: Owned) -> Decision | None:
    """Nothing is decided before AWS has been observed whole."""
    if view.situation.is_observed:
        return None
    return decide_unobserved(view.situation.declared, view.situation.status)


def await_observation_of_domain(view: Owned) -> Decision | None:
    """Nothing is decided before AWS has been observed whole, and whose the domain is."""
    domain: DomainFacts | None = view.situation.domain
    if domain is not None and not domain.is_owner_known:
        return decide_unobserved(view.situation.declared, view.situation.status)
    return await_observation(view)


def yield_to_older(view: Owned) -> Decision | None:
    """Two resources claim one thing: the older gets it, unless it is the younger's already."""
    if view.holding is not None and view.claim in (None, Claim.OURS):
        return None
    rival = view.situation.rival
    if rival is None:
        return None
    if view.situation.rival_is_leaving:
        return waiting(
            Reason.DELETING, f"waiting until {rival}, which has {view.title}, is deleted"
        )
    problem = f"{rival} claims {view.title} too and came first"
    return stalled(Reason.OWNERSHIP_CONFLICT, problem, view.rename)


def keep_what_is_marked(view: Owned) -> Decision | None:
    """Nothing takes the place of what has this resource's mark in AWS under another name.

    The names that AWS fixes can be edited while status names nothing, also when status was lost.
    What the spec named before would be left in AWS then, and cost money unseen. Where status still
    names it and only its name was edited, that is dropped: the edit that is offered can be made
    then. A thing of another domain stays on status, so that nobody makes a new one when it is gone.
    """
    elsewhere: tuple[Elsewhere, ...] = view.situation.elsewhere
    if not elsewhere:
        return None
    marked, status = elsewhere[0], view.situation.status
    more = f", and {len(elsewhere) - 1} more" if len(elsewhere) > 1 else ""
    is_on_status = status.arn is not None and status.arn == marked.arn and marked.is_in_scope
    begun = view.is_begun and not is_on_status
    act = "renames" if marked.is_in_scope else "moves"
    said = stalled(
        Reason.IMMUTABLE_FIELD,
        f"AWS has {marked.title}{more} with this resource's tag, and never {act} it",
        edit_or_apply_anew(begun, *marked.edits),
        in_aws(f"remove its tag {OWNER_TAG} in AWS to give it up"),
    )
    if not is_on_status:
        return said
    return replace(said, operation=None, remember={"arn": None})


def refuse_unless_adopted(adopt: Edit) -> Rule[Owned]:
    """Ours stays ours and what was let go comes back; the rest takes `spec.adopt`, as in `adopt`.

    What others own, or let go, is never taken.
    """

    def refuse_foreign(view: Owned) -> Decision | None:
        holding, claim = view.holding, view.claim
        if holding is None or claim in (None, Claim.OURS, Claim.FREE_TO_RETAKE):
            return None
        assert claim is not None
        if claim in HELD_BY_OTHERS:
            return refuse_owned(holding, claim, *hand_over(holding, claim), view.rename)
        if view.situation.declared.spec.adopt or view.situation.was_owned:
            return None
        return refuse_owned(holding, claim, adopt, view.rename)

    return refuse_foreign


def refuse_adoption(view: Owned) -> Decision | None:
    """Nothing is taken over that the tenant does not allow; what was ours is no adoption."""
    situation = view.situation
    if view.claim is not Claim.UNOWNED or situation.was_owned or not situation.policy.judges:
        return None
    subjects = {None, Subject.ADOPTION}
    denied = [one for one in situation.violations if one.subject in subjects]
    return refuse_by_policy(denied) if denied and situation.policy.refuses else None


def take_ownership(view: Owned) -> Decision | None:
    """Put our mark on it: adopted, taken back, or stripped of its tag by others."""
    if view.holding is None or view.claim is Claim.OURS:
        return None
    if not view.holding.arn:
        return look_at(view, Look.SETTINGS)
    return _take(view.holding, view.situation.status, view.situation.now)


def _take(holding: Holding, status: CommonStatus, now: datetime) -> Decision:
    """Put the ownership tag on it, and the declared tags along with that.

    That it was begun is recorded first: from then on the fields that name it can't be edited, so
    nothing is left behind with a tag of ours. What a creation that AWS refused would have set is
    nobody's to clear in what is taken instead.
    """
    is_first = status.arn is None
    add, _ = tag_changes(holding.declared_tags, holding.tags or {}, holding.tag_keys)
    tags = {**add, OWNER_TAG: str(holding.mark)}
    message = f"taking over {holding.title}: only its tags change"
    return Decision(
        Health.PROGRESSING,
        Reason.RETAKING,
        message,
        call=Call("AddTags", {"ResourceArn": holding.arn, "Tags": as_tag_list(tags)}),
        notes=(Note("TakenOver", "AddTags", f"Taking over the existing {holding.title}"),),
        record_first=is_first,
        operation=started(status, ADOPT, now) if is_first else KEEP,
        remember={"managed_fields": None} if is_first else {},
    )


def refuse_owned(holding: Holding, claim: Claim, *remedies: Remedy) -> Decision:
    """It exists, and it is not this resource's; one that is being deleted only has to go first."""
    if holding.status == "Deleting":
        return waiting(Reason.DELETING, f"waiting until another {holding.title} is deleted in AWS")
    owner = _owner_of(holding)
    told = _of_two_clusters(holding, claim, owner) if owner is not None else None
    if told is not None:
        return told
    if claim is Claim.RELEASED and owner is not None:
        who = name_owner(owner, holding.mark)
        said = f"{holding.title} was let go by {who}, which alone may take it back"
    elif claim is not Claim.FOREIGN:
        said = f"{holding.title} exists in AWS and this resource did not make it"
    elif owner is not None:
        said = f"{holding.title} belongs to {name_owner(owner, holding.mark)}"
    else:
        said = f"{holding.title} belongs to others by its tag {OWNER_TAG}"
    return stalled(Reason.OWNERSHIP_CONFLICT, said, *remedies)


def name_owner(owner: OwnerMark, mark: OwnerMark) -> str:
    """Who has what the resource with this mark wants, as far as it may be told.

    A namespace is a tenant: what another one has is not named to it.
    """
    is_told = owner.namespace == mark.namespace
    who = owner.resource if is_told else "a resource of another namespace"
    return who if owner.cluster == mark.cluster else f"{who} of cluster {owner.cluster}"


def hand_over(holding: Holding, claim: Claim) -> tuple[Remedy, ...]:
    """How what another resource holds, or let go, becomes free to be taken over."""
    owner = _owner_of(holding)
    if owner is None or claim not in {Claim.FOREIGN, Claim.RELEASED}:
        return ()
    theirs = owner.namespace != holding.mark.namespace or owner.cluster != holding.mark.cluster
    whom = "have its owner " if theirs else ""
    it = "it" if theirs else owner.resource
    if claim is Claim.FOREIGN:
        return (in_kubernetes(f"{whom}delete {it} with deletionPolicy Orphan"),)
    return (in_kubernetes(f"{whom}apply {it} again with deletionPolicy Orphan and delete it"),)


def _owner_of(holding: Holding) -> OwnerMark | None:
    return OwnerMark.parse((holding.tags or {}).get(OWNER_TAG, ""))


def _of_two_clusters(holding: Holding, claim: Claim, owner: OwnerMark) -> Decision | None:
    """What stands between two clusters, or two ids of one, with what mends it; else None."""
    title, mark, conflict = holding.title, holding.mark, Reason.OWNERSHIP_CONFLICT
    move = command(f"run kubectl studio reassign --from-cluster {owner.cluster}")
    if claim is Claim.TAKEN:
        problem = f"another {mark.resource} took {title}: two clusters run with clusterId "
        back = apply_anew(goal="to have it back here")
        return stalled(
            conflict, f"{problem}{mark.cluster}", in_kubernetes("stop one of the operators"), back
        )
    if claim is Claim.OTHER_ID:
        problem = f"clusterId is {mark.cluster}, and this resource has {title} by another one"
        return stalled(
            conflict, problem, in_kubernetes(f"set clusterId back to {owner.cluster}"), move
        )
    if owner.cluster != mark.cluster and owner.resource == mark.resource:
        problem = f"{title} belongs to {owner.resource} of cluster {owner.cluster}"
        return stalled(conflict, f"{problem}. If that cluster is gone, its tags can be moved", move)
    return None


def await_domain(view: InDomain) -> Decision | None:
    """The domain must exist and admit this namespace."""
    domain = view.situation.domain
    if domain is None:
        named = view.domain_resource
        return waiting(
            Reason.DEPENDENCY_NOT_READY,
            f"{named} does not exist",
            apply(named),
            edit_or_apply_anew(view.is_begun, another("domainRef.name")),
        )
    if not domain.admits:
        return refuse_namespace(view.domain_resource, view.situation.declared.namespace)
    if domain.domain_id is None:
        return domain_not_ready(view, domain.problem or "it has no domain id yet")
    return None


def domain_not_ready(view: InDomain, problem: str) -> Decision:
    """The domain is not as it has to be."""
    return waiting(Reason.DEPENDENCY_NOT_READY, f"{view.domain_resource} is not ready: {problem}")
