"""Before there is a domain: whose it will be, what is refused, and its creation, only once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.shared.made_ids import create_once
from studio_operator.kinds.shared.ownership import (
    await_observation,
    keep_what_is_marked,
    refuse_owned,
    yield_to_older,
)
from studio_operator.kinds.shared.policy import refuse_new
from studio_operator.kinds.studio_domain.view import OTHER_NAME, DomainView
from studio_operator.plan.decisions import Decision, Rule
from studio_operator.plan.lifecycle import PHASES, edit_or_apply_anew, look, stalled, waiting
from studio_operator.plan.lifecycle_configs import hold_for_lifecycle_configs
from studio_operator.plan.observed import Observed
from studio_operator.plan.ownership import (
    HELD_BY_OTHERS,
    as_tag_list,
    classify,
    is_this_elsewhere,
)
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import (
    Remedy,
    Steps,
    another,
    apply_anew,
    field,
    leave_out,
    set_field,
)
from studio_operator.plan.settings.mapping import creation_members
from studio_operator.plan.types import Health, Look


def take_over_or_rename(view: DomainView, domain_id: str) -> tuple[Remedy, ...]:
    """What helps where a domain of that name exists that this resource does not own."""
    take_over = set_field("domainId", domain_id, goal="to take it over")
    edits = (take_over, OTHER_NAME)
    return tuple(edit_or_apply_anew(view.is_begun, edit) for edit in edits)


def report_gone(view: DomainView) -> Decision | None:
    """A domain that was there and is gone held people's files: no empty one takes its place."""
    if view.known_id is None or view.found is not None:
        return None
    if view.status.arn is None:
        return stalled(
            Reason.DOMAIN_NOT_FOUND,
            f"region {view.situation.region} has no domain {view.known_id}",
            edit_or_apply_anew(view.is_begun, another("domainId")),
            edit_or_apply_anew(view.is_begun, another("aws.region")),
        )
    if view.spec.domain_id is None and view.creation_failed:
        return replace(
            waiting(
                Reason.CREATING,
                f"the domain that AWS could not create ({view.known_id}) is gone: making it anew",
                wake_at=view.situation.now,
            ),
            remember={"domain_id": None, "arn": None, "url": None},
            operation=None,
        )
    without_id = (leave_out("domainId"),) if view.spec.domain_id else ()
    return stalled(
        Reason.DELETED_OUTSIDE_OF_GIT,
        f"domain {view.known_id} was deleted in AWS",
        apply_anew(*without_id, goal="to start with an empty one"),
        phase="Failed",
    )


def find_again(view: DomainView) -> Decision | None:
    """A domain of that name may be ours: created before a crash, or let go by Retain."""
    if view.known_id is not None or not view.namesakes:
        return None
    mine = view.mine_among_namesakes
    if mine is not None:
        return Decision(
            Health.PROGRESSING,
            Reason.RETAKING,
            f"found domain {mine.name} as {mine.domain_id}",
            phase=PHASES.get(mine.status),
            wake_at=view.situation.now,
            remember={"domain_id": mine.domain_id},  # its ARN, once the tag is this resource's
        )
    if any(one.tags is None for one in view.namesakes):
        message = f"a {view.title} exists: looking whose it is"
        return look(view.situation.declared, view.status, message, Look.TAGS)
    there = view.namesakes[0]
    if there.status == "Deleting":
        return waiting(Reason.DELETING, f"waiting until another {view.title} is deleted in AWS")
    return _refuse_namesake(view, there)


def _refuse_namesake(view: DomainView, there: Observed) -> Decision:
    """A domain of the name that others own, or that nobody does."""
    claim, tags = classify(there.tags or {}, view.mark), there.tags or {}
    ways = take_over_or_rename(view, there.domain_id)
    if claim in HELD_BY_OTHERS:
        elsewhere = is_this_elsewhere(tags, view.mark)
        ways = () if elsewhere else (edit_or_apply_anew(view.is_begun, OTHER_NAME),)
    return refuse_owned(view.hold(there), claim, *ways)


def keep_what_is_marked_before(view: DomainView) -> Decision | None:
    """As of all kinds, before one is made; one that is found only may have to be left first."""
    return keep_what_is_marked(view) if view.known_id is None else None


def refuse_incomplete(view: DomainView) -> Decision | None:
    """What AWS needs for a new domain."""
    if view.known_id is not None:
        return None
    required = {
        "vpcId": view.spec.vpc_id,
        "subnetIds": view.spec.subnet_ids,
        "defaultUserSettings": view.spec.default_user_settings,
    }
    missing = [name for name, value in required.items() if value is None]
    if missing:
        return stalled(
            Reason.INVALID_SPEC,
            f"a new domain needs {', '.join(field(name) for name in missing)}",
            Steps(tuple(another(name, "a value") for name in missing)),
            another("domainId", "the id of an existing domain", goal="to take it over"),
        )
    return None


def hold_creation_for_scripts(view: DomainView) -> Decision | None:
    """No domain with a lifecycle configuration that AWS does not have, or of another app type."""
    if view.known_id is not None:
        return None
    return hold_for_lifecycle_configs(view.situation, view.declared)


def create_domain(view: DomainView) -> Decision | None:
    """Create it, where it has no id yet."""
    if view.known_id is not None:
        return None
    where = f"{view.title} in {view.situation.region}"
    return create_once(view, where, creation_parameters(view))


def creation_parameters(view: DomainView) -> dict[str, Any]:
    """Parameters of CreateDomain."""
    spec = view.spec
    return {
        "DomainName": view.name,
        "AuthMode": spec.auth_mode or "IAM",
        **({"KmsKeyId": spec.kms_key_id} if spec.kms_key_id is not None else {}),
        **creation_members(view.declared),
        "Tags": as_tag_list({**(spec.tags or {}), OWNER_TAG: str(view.mark)}),
    }


CREATION_RULES: tuple[Rule[DomainView], ...] = (
    yield_to_older,
    await_observation,
    report_gone,
    find_again,
    keep_what_is_marked_before,
    refuse_incomplete,
    refuse_new,
    hold_creation_for_scripts,
    create_domain,
)
