"""The planner of query servers: the server, who may reach it, and whether it runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.shared import outcome, ownership
from studio_operator.kinds.shared.admission import refuse_stranger
from studio_operator.kinds.shared.deletion import (
    await_showing_up,
    delete,
    go_when_gone,
    go_without_finalizer,
    leave_others,
    let_go,
    pause_after_failure,
    release_unless_deleted,
)
from studio_operator.kinds.shared.existing import await_or_report, await_standstill
from studio_operator.kinds.shared.made_ids import create_once
from studio_operator.kinds.shared.ownership import (
    await_domain,
    await_observation,
    keep_what_is_marked,
    learn_owner,
    look_at,
    refuse_adoption,
    refuse_owned,
    tell_loss,
    yield_to_older,
)
from studio_operator.kinds.shared.policy import hold_for_policy, refuse_new
from studio_operator.kinds.shared.running import start_stop
from studio_operator.kinds.shared.running.cost import cost_of_run
from studio_operator.kinds.shared.running.situation import ACTIVE
from studio_operator.kinds.shared.tags import follow_tags
from studio_operator.kinds.shared.updates import (
    report_failed_update,
    report_held,
    update_settings,
)
from studio_operator.plan.decisions import Decision, Rule
from studio_operator.plan.lifecycle import edit_or_apply_anew, stalled, waiting
from studio_operator.plan.ownership import HELD_BY_OTHERS, Claim, as_tag_list, classify
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import another, in_aws, set_field
from studio_operator.plan.settings.mapping import creation_members
from studio_operator.plan.types import Call, Health, Look, Note, Plan

from .api import QueryServerStatus, price_of
from .view import ServerSituation, ServerView


def _found(view: ServerView, reason: Reason) -> Decision | None:
    """A server with this resource's mark, made or let go before; its id goes on status."""
    mine = view.mine_among_namesakes
    if mine is None:
        return None
    return Decision(
        Health.PROGRESSING,
        reason,
        f"found {view.title} as {mine.server_id}",
        wake_at=view.situation.now,
        remember={"server_id": mine.server_id},
    )


def _learn_namesakes(view: ServerView) -> Decision | None:
    unknown = any(one.tags is None for one in view.namesakes)
    return look_at(view, Look.TAGS) if unknown else None


def await_named_domain(view: ServerView) -> Decision | None:
    """It is of use where there are people; who names none needs none."""
    return await_domain(view) if view.spec.domain_ref is not None else None


def report_gone(view: ServerView) -> Decision | None:
    """A server holds no data: one that is gone is made anew, one that is given is asked for."""
    if view.known_id is None or view.found is not None:
        return None
    if view.status.arn is None:
        return stalled(
            Reason.NOT_APPLIED,
            f"region {view.situation.region} has no query server {view.known_id}",
            edit_or_apply_anew(view.is_begun, another("serverId")),
        )
    if view.spec.server_id is not None:
        return stalled(Reason.DELETED_OUTSIDE_OF_GIT, f"{view.title} was deleted in AWS")
    return replace(
        waiting(
            Reason.CREATING, f"{view.title} is gone: making it anew", wake_at=view.situation.now
        ),
        remember={"server_id": None, "arn": None},
        operation=None,
    )


def find_again(view: ServerView) -> Decision | None:
    """A server of that name may be ours; one of others keeps the name."""
    if view.known_id is not None or not view.namesakes:
        return None
    decision = _found(view, Reason.RETAKING) or _learn_namesakes(view)
    if decision is not None:
        return decision
    there = view.namesakes[0]
    claim = classify(there.tags or {}, view.mark)
    take_over = set_field("serverId", there.server_id, goal="to take it over")
    ways = () if claim in HELD_BY_OTHERS else (edit_or_apply_anew(view.is_begun, take_over),)
    return refuse_owned(view.hold(there), claim, *ways, view.rename)


def create_server(view: ServerView) -> Decision | None:
    """Create it, where it has no id yet."""
    if view.known_id is not None:
        return None
    return create_once(view, view.title, creation_parameters(view))


def creation_parameters(view: ServerView) -> dict[str, Any]:
    """Parameters of CreateQueryServer."""
    return {
        "QueryServerName": view.name,
        "Tags": as_tag_list({**(view.spec.tags or {}), OWNER_TAG: str(view.mark)}),
        **creation_members(view.declared),
    }


def learn_more(view: ServerView) -> Decision | None:
    """Nothing is touched before it is known whose it is, and how it differs."""
    if view.found is None or (view.claim is not None and view.differing is not None):
        return None
    looks = {Look.TAGS} if view.claim is None else set()
    return look_at(view, *looks, *({Look.SETTINGS} if view.differing is None else ()))


def refuse_foreign(view: ServerView) -> Decision | None:
    """What nobody owns is taken by spec.serverId only, what others own never."""
    if view.found is None or view.holding is None or view.claim is None:
        return None
    if view.claim in HELD_BY_OTHERS:
        return refuse_owned(view.holding, view.claim)
    is_meant = view.spec.server_id == view.found.server_id or view.situation.was_owned
    if view.claim is Claim.UNOWNED and not is_meant:
        return refuse_owned(view.holding, view.claim, view.rename)
    return None


def await_server(view: ServerView) -> Decision | None:
    """A server that moves is left alone; one that failed needs a person."""
    return await_or_report(view, in_aws("mend what AWS says and delete the failed server in AWS"))


def take_ownership(view: ServerView) -> Decision | None:
    """Put our mark on it; its id is on status from then on."""
    taken = ownership.take_ownership(view)
    if taken is None or view.found is None:
        return None
    return replace(taken, remember={**taken.remember, "server_id": view.found.server_id})


def _call(view: ServerView, operation: str, reason: Reason, message: str, **more: Any) -> Decision:
    call = Call(operation, {**view.identity, **more})
    note = Note(str(reason), operation, message[0].upper() + message[1:])
    return Decision(Health.PROGRESSING, reason, message, call=call, notes=(note,))


def follow_rule(view: ServerView) -> Decision | None:
    """Who may reach it: a rule can't be changed, so another one takes its place."""
    rule, wanted = view.situation.rule, view.spec.allowed_cidr
    if rule is None:
        message = f"letting {wanted} reach {view.title}"
        return _call(view, "CreateAccessRule", Reason.UPDATING, message, Cidr=wanted)
    if rule.status != "InService":
        return waiting(Reason.UPDATING, f"who may reach {view.title} is being changed in AWS")
    if rule.cidr == wanted:
        return None
    return _call(view, "DeleteAccessRule", Reason.UPDATING, f"letting {rule.cidr} go")


RULES: tuple[Rule[ServerView], ...] = (
    tell_loss,
    await_named_domain,
    yield_to_older,
    await_observation,
    report_gone,
    find_again,
    keep_what_is_marked,
    refuse_new,
    create_server,
    learn_more,
    refuse_foreign,
    refuse_adoption,
    start_stop.await_restart,
    await_server,
    take_ownership,
    update_settings,
    follow_tags,
    follow_rule,
    start_stop.stop,
    start_stop.restart,
    start_stop.start,
    report_failed_update,
    report_held,
    start_stop.rest,
)


# What holds a setting back before AWS is asked; all else goes its own way.
CHECKS = (hold_for_policy,)


def find_unfinished(view: ServerView) -> Decision | None:
    """A creation that was begun may have left a server whose id is not known yet."""
    if view.known_id is not None:
        return None
    decision = _found(view, Reason.RELEASING) or _learn_namesakes(view)
    settling = decision or await_showing_up(view, view.settles_at)
    return settling or let_go(f"{view.title} does not exist")


def remove_rule(view: ServerView) -> Decision | None:
    """AWS deletes no server that anybody may still reach."""
    if view.situation.rule is None:
        return None
    return _call(view, "DeleteAccessRule", Reason.DELETING, f"nobody is to reach {view.title}")


def delete_server(view: ServerView) -> Decision:
    """Delete it: nothing depends on it any more."""
    return delete(view, view.identity)


DELETION_RULES: tuple[Rule[ServerView], ...] = (
    go_without_finalizer,
    await_observation,
    find_unfinished,
    go_when_gone,
    learn_owner,
    leave_others,
    release_unless_deleted,
    await_standstill,
    pause_after_failure,
    remove_rule,
    delete_server,
)


def plan_server(situation: ServerSituation) -> Plan[QueryServerStatus]:
    """What to do now for a query server, and its complete new status."""
    declared, status = situation.declared, situation.status
    refused = refuse_stranger(declared, status, situation.domain, situation.now)
    if refused is not None:
        return refused
    view = ServerView(situation, CHECKS)
    return finish(view, outcome.decide(view, RULES, DELETION_RULES, start_stop.UNREADABLE_RULES))


def finish(view: ServerView, decision: Decision) -> Plan[QueryServerStatus]:
    """The complete status: what AWS shows of a server of ours, else what it showed last."""
    server, rule, shown = view.found, view.situation.rule, dict[str, Any]()
    if server is not None:
        shown = {"server_id": server.server_id, "server_name": server.name}
        shown["allowed_cidr"] = rule.cidr if rule else None
        if server.details is not None:
            shown["size"] = server.details.get("Size")
        size = price_of(shown.get("size") or view.status.size)
        on = size if view.observed_run.status in ACTIVE else None
        shown["cost"] = cost_of_run(view.situation.prices, view.situation.region, on)
    return outcome.finish(view, decision, known={"region": view.situation.region}, shown=shown)
