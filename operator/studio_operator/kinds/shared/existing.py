"""What AWS has of a resource: whether it moves or failed, and what of it nobody can change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from studio_operator.kinds.shared.ownership import Owned, look_at
from studio_operator.plan.decisions import KEEP, Decision
from studio_operator.plan.lifecycle import edit_or_apply_anew, stalled, waiting
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import Edit, Remedy, field, in_aws, leave_out, set_field
from studio_operator.plan.types import Look

_MOVES = {
    "Pending": (Reason.CREATING, "being created"),
    "Updating": (Reason.UPDATING, "being updated"),
    "Starting": (Reason.STARTING, "being started"),
    "Stopping": (Reason.STOPPING, "being stopped"),
    "Deleting": (Reason.DELETING, "being deleted"),
}


def await_standstill(view: Owned) -> Decision | None:
    """What AWS is changing is left alone until it stands still."""
    if view.holding is None or view.holding.status not in _MOVES:
        return None
    reason, words = _MOVES[view.holding.status]
    return waiting(reason, f"{view.title} is {words} in AWS")


def await_or_report(view: Owned, mend: Remedy, *, is_over: bool = True) -> Decision | None:
    """What moves is left alone; what failed for good needs a person.

    `mend`: what helps where AWS could not create it; `is_over`: whether the creation ends by that.
    """
    holding = view.holding
    if holding is None or holding.status not in {"Failed", "Delete_Failed"}:
        return await_standstill(view)
    if view.is_unexplained:
        return look_at(view, Look.SETTINGS)
    said = holding.failure or "no reason"
    if holding.status == "Failed":
        problem, operation = f"AWS could not create {view.title}", None if is_over else KEEP
        return stalled(
            Reason.CREATION_FAILED, problem, mend, aws=said, phase="Failed", operation=operation
        )
    problem, again = f"someone's deletion of {view.title} failed", in_aws("delete it again in AWS")
    return stalled(Reason.DELETION_FAILED, problem, again, aws=said, phase="Failed")


@dataclass(frozen=True, slots=True)
class Fixed:
    """A field that AWS fixed at creation, and that the spec has otherwise.

    `edit`: how the spec comes to say what AWS has; made of the field and the value if left out.
    """

    path: str
    declared: Any
    live: Any
    edit: Edit | None = None

    @property
    def as_it_is(self) -> Edit:
        """The edit by which the spec says what AWS has."""
        by_value = set_field(self.path, self.live) if self.live else leave_out(self.path)
        return self.edit or by_value


def refuse_fixed(
    view: Owned, wrong: Iterable[Fixed], *others: Remedy, holder: str = ""
) -> Decision | None:
    """What AWS never changes is told, with the values that it has; `holder`: what has them."""
    fields, has = tuple(wrong), f"{holder or view.title} has"
    if not fields:
        return None
    said = "; ".join(
        f"{field(one.path)} is {one.declared}, {has} {one.live or 'none'}" for one in fields
    )
    edits = (one.as_it_is for one in fields)
    return stalled(
        Reason.IMMUTABLE_FIELD,
        f"{said}, and AWS never changes that",
        edit_or_apply_anew(view.is_begun, *edits),
        *others,
    )
