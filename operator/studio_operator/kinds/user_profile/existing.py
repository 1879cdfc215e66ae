"""A user profile that AWS has: whether it moves, and what of it nobody can change."""

from __future__ import annotations

from collections.abc import Iterator

from studio_operator.kinds.shared.existing import Fixed, await_or_report, refuse_fixed
from studio_operator.kinds.shared.holds import Hold
from studio_operator.kinds.user_profile.view import ProfileView
from studio_operator.plan.decisions import Decision
from studio_operator.plan.ownership import Claim
from studio_operator.plan.remedies import in_aws, leave_out
from studio_operator.plan.settings.mapping import read_member


def await_profile(view: ProfileView) -> Decision | None:
    """A profile that moves is left alone; one that failed for good needs a person."""
    mend = in_aws("mend what AWS says and delete the failed profile in AWS: it is made anew")
    return await_or_report(view, mend)


def refuse_immutable(view: ProfileView) -> Decision | None:
    """A profile that differs in what AWS never changes is not even marked as ours.

    One that is ours already has its tags and other settings follow the spec.
    """
    fixed = _fixed_settings(view) if view.claim is not Claim.OURS else ()
    return refuse_fixed(view, _other_person(view)) or refuse_fixed(view, fixed[:1])


def hold_fixed_settings(view: ProfileView) -> Iterator[Hold]:
    """Settings that AWS takes at creation only."""
    for one in _fixed_settings(view):
        decision = refuse_fixed(view, (one,))
        if decision is not None:
            yield Hold(frozenset({one.path}), decision)


def _fixed_settings(view: ProfileView) -> tuple[Fixed, ...]:
    sets = view.differing.sets.items() if view.differing else ()
    return tuple(
        Fixed(setting.field, value, read_member(view.live, setting.member))
        for setting, value in sets
        if setting.fixed
    )


def _other_person(view: ProfileView) -> Iterator[Fixed]:
    """AWS never changes whom a profile is for."""
    person, live = view.spec.single_sign_on, view.live.get("SingleSignOnUserValue")
    if view.found is None or view.found.details is None or person is None or live == person.value:
        return
    edit = None if live else leave_out("singleSignOn")
    yield Fixed("singleSignOn.value", person.value, live, edit)
