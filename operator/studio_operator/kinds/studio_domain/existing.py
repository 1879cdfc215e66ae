"""A domain that AWS has: whose it is, whether it moves, and what of it nobody can change."""

from __future__ import annotations

from dataclasses import replace

from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.shared import ownership
from studio_operator.kinds.shared.existing import Fixed, await_or_report, refuse_fixed
from studio_operator.kinds.shared.ownership import hand_over, refuse_owned
from studio_operator.kinds.studio_domain.creation import take_over_or_rename
from studio_operator.kinds.studio_domain.view import DomainView
from studio_operator.plan.decisions import Decision
from studio_operator.plan.lifecycle import edit_or_apply_anew, waiting
from studio_operator.plan.ownership import HELD_BY_OTHERS, Claim, released_mark
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import (
    Remedy,
    another,
    in_aws,
)


def leave_found(view: DomainView) -> Decision | None:
    """A domain that was found by its name, and not taken yet, is left when the name is edited."""
    found = view.found
    if found is None or view.is_begun or view.spec.domain_id or found.name == view.name:
        return None
    left = waiting(
        Reason.CREATING,
        f"{view.title} is left as it is: the spec names domain {view.name}",
        wake_at=view.situation.now,
    )
    return replace(left, remember={"domain_id": None})


def refuse_foreign(view: DomainView) -> Decision | None:
    """What another resource owns or let go is not touched, what nobody owns only by spec.domainId.

    That status names it proves nothing: of a tag that is gone, only this process can know.
    """
    found, holding = view.found, view.holding
    if found is None or holding is None or view.claim is None:
        return None
    if view.claim in HELD_BY_OTHERS:
        return refuse_owned(holding, view.claim, *hand_over(holding, view.claim))
    is_meant = view.spec.domain_id == found.domain_id or view.situation.was_owned
    if view.claim is Claim.UNOWNED and not is_meant:
        return refuse_owned(
            holding,
            view.claim,
            *_put_tag_back(view),
            *take_over_or_rename(view, found.domain_id),
        )
    return None


def _put_tag_back(view: DomainView) -> tuple[Remedy, ...]:
    """What spares a domain whose tag is gone that all in it is deleted: who may set it in AWS."""
    if view.status.arn is None:
        return ()
    let_go = released_mark(view.situation.declared, view.situation.cluster)
    return (in_aws(f"set its tag {OWNER_TAG} in AWS to {let_go}"),)


def await_domain(view: DomainView) -> Decision | None:
    """A domain that moves is left alone; one that failed for good needs a person."""
    domain = view.found
    if domain is None:
        return None
    if domain.status == "Deleting" and view.creation_failed:
        message = f"{view.title}, which AWS could not create, is being deleted in AWS"
        return waiting(Reason.CREATION_FAILED, message)
    mend: Remedy = in_aws("mend what AWS says and delete the failed domain in AWS: it is made anew")
    if view.spec.domain_id:
        mend = edit_or_apply_anew(view.is_begun, another("domainId"))
    return await_or_report(view, mend)


def refuse_immutable(view: DomainView) -> Decision | None:
    """What AWS fixed at creation stays; a domain that differs there is not even marked as ours."""
    domain = view.found
    if domain is None or domain.details is None:
        return None
    pairs = (
        ("domainName", view.spec.domain_name, domain.name),
        ("authMode", view.spec.auth_mode, view.live.get("AuthMode")),
        ("vpcId", view.spec.vpc_id, view.live.get("VpcId")),
        ("kmsKeyId", view.spec.kms_key_id, view.live.get("KmsKeyId")),
    )
    wrong = (
        Fixed(name, declared, live)
        for name, declared, live in pairs
        if declared is not None and not _is_same_value(name, declared, live)
        if name != "vpcId" or live is not None  # one may be added where there is none
    )
    return refuse_fixed(view, wrong, holder="the domain")


def _is_same_value(name: str, declared: str, live: str | None) -> bool:
    """Whether both name the same. AWS may show a key's ARN for its id; an alias tells nothing."""
    if name == "kmsKeyId":
        return (
            "alias/" in declared or (live or "").rpartition("/")[2] == declared.rpartition("/")[2]
        )
    return declared == live


def take_ownership(view: DomainView) -> Decision | None:
    """Put our mark on it; a domain's id is on status from then on."""
    taken = ownership.take_ownership(view)
    if taken is None or view.found is None:
        return None
    return replace(taken, remember={**taken.remember, "domain_id": view.found.domain_id})
