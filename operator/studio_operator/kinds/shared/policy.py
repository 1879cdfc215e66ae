"""What a tenant does not allow: no new resource with it, no change to it, and nothing undone.

Updates are judged by what they change: a value that AWS has already stays. Deletions are no matter
of a tenant's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from studio_operator.api.common import ConditionType
from studio_operator.kinds.shared.holds import Hold
from studio_operator.kinds.shared.view import SettingsView
from studio_operator.plan.decisions import Decision
from studio_operator.plan.settings.table import Setting
from studio_operator.plan.tenancy.check import Named, Violation, tell_violations
from studio_operator.plan.tenancy.policy import RANGES, NamespacePolicy, Subject
from studio_operator.plan.types import Health

# Fields that only make sense together: a part of them is not changed without the others.
_TOGETHER = frozenset({Subject.IMAGES, *RANGES})


def named_by(settings: Iterable[Setting]) -> tuple[Named, ...]:
    """The rows of the settings that name what a tenant needs permission for."""
    return tuple(
        Named((*one.path, *one.inside), one.names, setting=one.field)
        for one in settings
        if one.names is not None
    )


def refuse_by_policy(violations: Sequence[Violation]) -> Decision:
    """Nothing is done, since this is not allowed."""
    return Decision(Health.STALLED, violations[0].reason, tell_violations(violations))


def refuse_new(view: Any) -> Decision | None:
    """Nothing is made with what is not allowed."""
    policy: NamespacePolicy = view.situation.policy
    violations: Sequence[Violation] = view.situation.violations
    if view.holding is not None or not policy.refuses or not violations:
        return None
    return refuse_by_policy(violations)


def hold_for_policy(view: SettingsView) -> Iterator[Hold]:
    """Settings whose values are not allowed stay as AWS has them; all else goes its own way."""
    policy: NamespacePolicy = view.situation.policy
    if view.differing is None or not policy.refuses:
        return
    for one in view.situation.violations:
        fields = _held_by(one, view)
        if fields:
            yield Hold(fields, refuse_by_policy([one]))


def policy_condition(
    violations: Sequence[Violation], *, is_ours: bool
) -> Mapping[ConditionType, tuple[str, str]]:
    """The condition that tells what is not allowed, whether anything is refused or not."""
    found = standing(violations) if is_ours else ()
    if not found:
        return {}
    return {ConditionType.POLICY_VIOLATION: (found[0].reason, tell_violations(found))}


def standing(violations: Iterable[Violation]) -> tuple[Violation, ...]:
    """Of what is not allowed, all that counts for what was made or taken over already."""
    return tuple(one for one in violations if one.subject is not Subject.ADOPTION)


def _held_by(violation: Violation, view: SettingsView) -> frozenset[str]:
    assert view.differing is not None
    if violation.subject is None:
        return frozenset(view.differing.fields)
    sets = {setting.field for setting in view.differing.sets}
    if violation.setting not in sets:
        return frozenset()
    if violation.subject not in _TOGETHER:
        return frozenset({violation.setting})
    block = violation.setting.rpartition(".")[0]
    return frozenset(one for one in sets if one.rpartition(".")[0] == block)
