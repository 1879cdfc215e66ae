"""From AWS's settings to members of a spec, and what of them no spec has a place for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from studio_operator.kinds.exporting import LeftOut
from studio_operator.plan.settings.mapping import CLEARED, Setting, read_member
from studio_operator.plan.settings.table import put_member

Json = Mapping[str, Any]
_EMPTY: tuple[Any, ...] = (None, "", CLEARED)


def read_settings(answer: Json, settings: Iterable[Setting]) -> dict[str, Any]:
    """The members of a spec that say what AWS shows; what is AWS's default is left out."""
    spec: dict[str, Any] = {}
    for setting in settings:
        value = read_member(answer, setting.member)
        if _is_empty(value) or value == setting.empty:
            continue
        said = setting.form.from_aws(value)
        if said is not None:
            put_member(spec, setting.path, said)
    _choose_versions(spec)
    return spec


def left_out(
    answer: Json, settings: Iterable[Setting], told: Iterable[str], why: str
) -> Iterator[LeftOut]:
    """The members that neither settings nor other fields say, each with the same reason.

    `told`: members that only tell about the thing, or have another place in the spec.
    """
    known = (*((name,) for name in told), *_members_read(answer, settings))
    yield from ((member, why) for member in find_leftovers(answer, known))


def _members_read(answer: Json, settings: Iterable[Setting]) -> Iterator[tuple[str, ...]]:
    """Paths of the members that `read_settings` has words for; a value may be one without."""
    for setting in settings:
        value = read_member(answer, setting.member)
        if _is_empty(value) or setting.form.from_aws(value) is not None:
            yield setting.member


def _choose_versions(spec: dict[str, Any]) -> None:
    """An image's version is given by alias or by ARN: AWS may show both, the alias is enough."""
    for value in spec.values():
        if isinstance(value, dict):
            _choose_versions(value)
    if "versionAlias" in spec:
        spec.pop("versionArn", None)


def find_leftovers(answer: Json, known: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Members that nothing knows, as dotted paths, each at the height where it becomes unknown.

    `known` are paths of members that are read or that only tell about the thing.
    """
    yield from _leftovers(answer, frozenset(known), ())


def _leftovers(
    value: Json, known: frozenset[tuple[str, ...]], path: tuple[str, ...]
) -> Iterator[str]:
    for name, inner in value.items():
        here = (*path, name)
        if here in known or _is_empty(inner):
            continue
        leads_on = any(one[: len(here)] == here for one in known)
        if leads_on and isinstance(inner, Mapping):
            yield from _leftovers(inner, known, here)
        else:
            yield ".".join(here)


def _is_empty(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_is_empty(one) for one in value.values())
    return value in _EMPTY or value == []
