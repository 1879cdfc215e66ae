"""What holds for a resource whose spec can't be read: it is told, and AWS is followed.

Nothing is changed in AWS by itself. A deletion goes on by the planners' own rules, from what can
be read and what AWS shows.
"""

from __future__ import annotations

from studio_operator.api.problems import describe_problems, zone_like
from studio_operator.api.reading import Unreadable
from studio_operator.api.schedule import UNKNOWN_ZONE
from studio_operator.kinds.shared.ownership import look_at
from studio_operator.kinds.shared.view import SettingsView
from studio_operator.plan.decisions import Decision, Rule
from studio_operator.plan.lifecycle import stalled
from studio_operator.plan.ownership import Claim
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import Remedy, another, apply_anew
from studio_operator.plan.types import Look

# What of a message the problems may take, beside the remedy, in characters.
_ROOM = 150


def report_unreadable(unreadable: Unreadable, *, is_observed: bool, is_known: bool) -> Decision:
    """What is wrong with the spec; the phase stays AWS's own.

    `is_observed`: whether AWS shows something of this resource; `is_known`: whether it ever did,
    and AWS was not looked at since.
    """
    phase = None if is_observed or is_known else "Failed"
    problem = describe_problems(unreadable.problems, _ROOM)
    return stalled(Reason.INVALID_SPEC, problem, _remedy(unreadable), phase=phase)


def _remedy(unreadable: Unreadable) -> Remedy:
    """What mends the first problem; a member that nobody may change takes a new resource."""
    problem = unreadable.problems[0]
    path = problem.path.partition("[")[0]
    if problem.field == "tags":
        path = problem.field
    if problem.type == UNKNOWN_ZONE:
        return another(path, f"an IANA name such as {zone_like(problem.value)}")
    edit = another(path)
    return apply_anew(edit) if problem.field in unreadable.fixed else edit


def look_in_spite(view: SettingsView) -> Decision | None:
    """Whose it is, and what status shows of it."""
    found = view.found
    if found is None:
        return None
    looks = {Look.TAGS} if view.claim is None else set()
    looks |= {Look.SETTINGS} if found.details is None and view.claim is Claim.OURS else set()
    return look_at(view, *looks) if looks else None


def tell_unreadable(view: SettingsView) -> Decision:
    """What is wrong with the spec, once it is known what AWS shows."""
    situation = view.situation
    unreadable = situation.declared.unreadable
    assert unreadable is not None
    is_observed = view.found is not None and view.claim is Claim.OURS
    is_known = situation.status.arn is not None and not situation.is_observed
    return report_unreadable(unreadable, is_observed=is_observed, is_known=is_known)


UNREADABLE_RULES: tuple[Rule[SettingsView], ...] = (look_in_spite, tell_unreadable)
