"""What a spec names that is not allowed: each with its field, its value and what helps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio_operator.plan.messages import Message, plain, tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import (
    Remedy,
    Resource,
    add_to,
    another,
    field,
    in_kubernetes,
    set_field,
)
from studio_operator.plan.tenancy.policy import RANGES, NamespacePolicy, Standing, Subject

# In a path: each item of a list, or each member.
EACH = "*"


@dataclass(frozen=True, slots=True)
class Named:
    """A field of a spec that names something which a tenant needs permission for.

    - `path`: where it stands in the spec, with EACH for items of lists.
    - `by_name`: the field is a switch, and what it is about is the resource's name in AWS.
    - `setting`: the field of the setting that it belongs to, where that is another.
    """

    path: tuple[str, ...]
    subject: Subject
    by_name: bool = False
    setting: str = ""

    @property
    def field(self) -> str:
        """The field as people write it: a list as a whole."""
        steps = self.path[: self.path.index(EACH)] if EACH in self.path else self.path
        return ".".join(steps)


@dataclass(frozen=True, slots=True)
class Violation:
    """One value that is not allowed, or a namespace in which nothing is.

    - `path`: its field as people write it; empty where it is about the namespace.
    - `setting`: the field of the setting that it is part of.
    - `on`: the resource that has the field; None for the one that is judged.
    """

    policy: NamespacePolicy
    path: str = ""
    setting: str = ""
    value: str = ""
    subject: Subject | None = None
    on: Resource | None = None

    @property
    def reason(self) -> Reason:
        """The reason that conditions show for it."""
        return _REASONS[self.policy.standing]

    @property
    def problem(self) -> str:
        """What is wrong, in words."""
        policy = self.policy
        if policy.standing is Standing.CONFLICT:
            names = " and ".join(str(one) for one in policy.tenants[:2])
            return f"namespace {policy.namespace} is claimed by {names}, so neither counts"
        if policy.standing is Standing.MISSING:
            return f"namespace {policy.namespace} has no {policy.kind}, and here each needs one"
        does = "would take over" if self.subject is Subject.ADOPTION else "is"
        said = f"{field(self.path)} {does}" if self.on is None else f"{self.on} has"
        return f"{said} {plain(self.value)}, which {policy.tenants[0]} does not allow"

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """What helps."""
        policy = self.policy
        if policy.standing is Standing.CONFLICT:
            return (in_kubernetes("have a cluster admin take it out of one of them"),)
        if self.subject is None:
            where = f"{field('namespaces.names')} of a {policy.kind}"
            return (in_kubernetes(f"have a cluster admin add it to {where}"),)
        permission = _permission(self.subject, self.value, policy.tenants[0])
        return (_edit(self.subject, self.path, self.on), permission)


_REASONS = {
    Standing.RULED: Reason.POLICY_VIOLATION,
    Standing.CONFLICT: Reason.TENANT_CONFLICT,
    Standing.MISSING: Reason.TENANT_REQUIRED,
}


def check(
    rows: Iterable[Named], spec: Mapping[str, Any], name: str, policy: NamespacePolicy
) -> tuple[Violation, ...]:
    """All that a spec names and must not. `name`: what it is called in AWS.

    The spec is as it was written: what has another form than the field takes is left to others.
    """
    if not policy.judges:
        return ()
    if policy.standing is not Standing.RULED:
        return (Violation(policy),)
    return tuple(
        Violation(policy, row.field, row.setting or row.field, value, row.subject)
        for row in rows
        for value in _named_by(row, spec, name)
        if not policy.allows(row.subject, value)
    )


def judge(
    policy: NamespacePolicy,
    subject: Subject,
    values: Iterable[str],
    path: str,
    *,
    setting: str = "",
    on: Resource | None = None,
) -> Iterator[Violation]:
    """The same of values that were read elsewhere, such as those that a resource inherits."""
    if policy.standing is Standing.RULED:
        for value in values:
            if not policy.allows(subject, value):
                yield Violation(policy, path, setting or path, value, subject, on)


def tell_violations(violations: Sequence[Violation]) -> Message:
    """The first in words, and how many more there are."""
    first, more = violations[0], len({(one.path, one.value) for one in violations}) - 1
    counted = f" ({more} more {'value is' if more == 1 else 'values are'} not allowed)"
    return tell(f"{first.problem}{counted if more else ''}", *first.remedies)


def _edit(subject: Subject, path: str, on: Resource | None) -> Remedy:
    if subject is Subject.DELETION_POLICIES:
        return set_field(path, "Retain", on=on)
    if subject is Subject.REMOTE_ACCESS:
        return set_field(path, "Disabled", on=on)
    if subject is Subject.ADOPTION and path == "adopt":
        return set_field(path, False, on=on)
    return another(path, "what it allows", on=on)


def _permission(subject: Subject, value: str, tenant: Resource) -> Remedy:
    """What an admin does to allow it."""
    path = f"allow.{subject}"
    if subject in RANGES:
        return another(path, "a range with it", on=tenant)
    if subject is Subject.REMOTE_ACCESS:
        return set_field(path, value, on=tenant)
    return add_to(path, value, words=plain(value) if len(value) <= _SHOWN else "it", on=tenant)


# A longer value would take the room of the problem.
_SHOWN = 24


def _named_by(row: Named, spec: Mapping[str, Any], name: str) -> Iterator[str]:
    for value in _values_at(spec, row.path):
        if row.by_name:
            if value is True:
                yield name
        elif isinstance(value, str) or (
            row.subject in RANGES and isinstance(value, int) and not isinstance(value, bool)
        ):
            yield str(value)


def _values_at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    if not path:
        yield value
        return
    step, rest = path[0], path[1:]
    if step == EACH:
        inside: Iterable[Any] = ()
        if isinstance(value, list):
            inside = value
        elif isinstance(value, Mapping):
            inside = value.values()
        for one in inside:
            yield from _values_at(one, rest)
    elif isinstance(value, Mapping) and step in value:
        yield from _values_at(value[step], rest)
