"""Tags follow the spec; those that others set stay."""

from __future__ import annotations

from collections.abc import Mapping

from studio_operator.kinds.shared.ownership import Owned, look_at
from studio_operator.plan.decisions import Decision
from studio_operator.plan.lifecycle import Holding, calling
from studio_operator.plan.messages import tell
from studio_operator.plan.ownership import as_tag_list, is_reserved, tag_changes
from studio_operator.plan.reasons import Reason
from studio_operator.plan.types import Call, Health, Look


def follow_tags(view: Owned) -> Decision | None:
    """Tags follow the spec, one request at a time."""
    decision = _change_tags(view.holding) if view.holding else None
    if decision is not None and view.holding and not view.holding.arn:
        return look_at(view, Look.SETTINGS)
    return decision


def _change_tags(holding: Holding) -> Decision | None:
    add, remove = tag_changes(holding.declared_tags, holding.tags or {}, holding.tag_keys)
    if add and holding.had_tags:
        return _put_back(holding, add)
    if add:
        message = f"setting tags {', '.join(sorted(add))} of {holding.title}"
        call = Call("AddTags", {"ResourceArn": holding.arn, "Tags": as_tag_list(add)})
        return Decision(Health.PROGRESSING, Reason.UPDATING, message, call=call)
    if remove:
        message = f"removing tags {', '.join(remove)} of {holding.title}"
        call = Call("DeleteTags", {"ResourceArn": holding.arn, "TagKeys": remove})
        return Decision(Health.PROGRESSING, Reason.UPDATING, message, call=call)
    return None


def _put_back(holding: Holding, add: Mapping[str, str]) -> Decision:
    """Set what others changed or took away, and tell it by an Event: nobody edited the spec."""
    observed = holding.tags or {}
    names = sorted(add)
    live = ", ".join(
        f"{name}={observed[name]}" if name in observed else f"no {name}" for name in names
    )
    wanted = ", ".join(f"{name}={add[name]}" for name in names)
    message = tell(
        f"others changed tags of {holding.title} in AWS: {live} becomes {wanted}",
        *holding.keep_tags_by,
    )
    call = Call("AddTags", {"ResourceArn": holding.arn, "Tags": as_tag_list(add)})
    return calling(Reason.UPDATING, "Updating", message, call)


def next_tag_keys(holding: Holding) -> tuple[str, ...] | None:
    """`status.tagKeys`: what the spec sets, and what it once set and AWS still shows."""
    observed = set(holding.tags if holding.tags is not None else holding.tag_keys)
    keys = set(holding.declared_tags) | (set(holding.tag_keys) & observed)
    return tuple(sorted([key for key in keys if not is_reserved(key)])) or None
