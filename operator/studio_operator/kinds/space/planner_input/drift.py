"""What others changed in AWS, as against what the spec changed: drift, and what is done about it.

`status.applied` remembers each declared value once AWS has shown it. A value that was applied and
is not what AWS shows was changed by others; one that was not applied yet is the spec's own change,
and is carried out whatever the drift policy says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast

from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.in_aws.observed import SpaceSettings
from studio_operator.kinds.space.in_aws.settings import (
    BY_FIELD,
    INSTANCE_TYPE,
    OF_RESOURCE_SPEC,
    live_value,
)
from studio_operator.kinds.space.planner_input.comparison import Change, Comparison
from studio_operator.kinds.space.planner_input.settings import WantedSettings
from studio_operator.plan.ownership import tag_changes
from studio_operator.plan.remedies import Edit, field, set_field
from studio_operator.plan.settings.table import Setting

Section = Literal["instance", "storage", "image", "state", "tags", "other"]
Policy = Literal["Enforce", "Report", "Ignore"]

TAGS: Literal["tags"] = "tags"


def policy_of(spec: SpaceSpec, section: Section) -> Policy:
    """What is done about drift of the section: its own policy, else the space's, else the usual."""
    drift = spec.drift
    own = getattr(drift, section, None)
    usual: Policy = "Report" if section == "state" else "Enforce"
    return own or (drift.default if drift else None) or usual


def split_drift(
    spec: SpaceSpec, applied: Mapping[str, str], compared: Iterable[Comparison]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """The changes to make, and what others changed and is left as it is."""
    differing = [one for one in compared if one.differs]
    drifted = tuple(
        one.change
        for one in differing
        if applied.get(one.change.field) == one.change.wanted
        and policy_of(spec, section_of(one.change.field)) != "Enforce"
    )
    left = {change.field for change in drifted}
    changes = [one for one in differing if one.change.field not in left]
    if INSTANCE_TYPE.field in left:  # what would only follow the instance type stays along with it
        changes = [one for one in changes if one.is_declared]
    return tuple(one.change for one in changes), drifted


def leave_as_is(
    wanted: WantedSettings, present: SpaceSettings, left: Iterable[Change]
) -> WantedSettings:
    """The settings to start an app on, where some changes are not made (now)."""
    kept: dict[Setting, Any] = {}
    for change in left:
        setting = BY_FIELD[change.field]
        if setting is INSTANCE_TYPE:  # what the app runs on, which its space need not name
            kept |= {setting: change.live} if change.live else {}
        elif setting in OF_RESOURCE_SPEC:
            kept[setting] = live_value(setting, None, present)
    return wanted.with_values(kept)


def next_applied(
    before: Mapping[str, str], declared: Mapping[str, str], differing: Iterable[Change]
) -> dict[str, str] | None:
    """`status.applied`: the declared values that AWS shows, or has shown since they were declared.

    `declared` holds the wanted text of each declared field.
    """
    unlike = {change.field for change in differing}
    shown = {name: text for name, text in declared.items() if name not in unlike}
    kept = {name: text for name, text in before.items() if declared.get(name) == text}
    return {**kept, **shown} or None


def digest_tags(tags: Mapping[str, str]) -> str:
    """A short text that differs when the tags do: they may be too many for status."""
    return hashlib.sha256(json.dumps(tags, sort_keys=True).encode()).hexdigest()[:16]


def describe_tags(
    declared: Mapping[str, str], live: Mapping[str, str], managed: tuple[str, ...]
) -> tuple[str, str]:
    """The tags that differ, as they are and as they are declared."""
    add, remove = tag_changes(declared, live, managed)
    keys = sorted({*add, *remove})
    told_live = ", ".join(f"{key}={live[key]}" if key in live else f"no {key}" for key in keys)
    told = ", ".join(f"{key}={declared[key]}" if key in declared else f"no {key}" for key in keys)
    return told_live, told


def describe(drifted: Iterable[tuple[str, str, str]]) -> str:
    """Fields with what is declared and what is live, for a condition."""
    return "; ".join(f"{name}: declared {wanted}, live {live}" for name, live, wanted in drifted)


def section_of(name: str) -> Section:
    """The section of `spec.drift` that a field belongs to."""
    if name == TAGS:
        return TAGS
    setting = BY_FIELD.get(name)
    return cast("Section", setting.section) if setting is not None else "other"


def is_reported(spec: SpaceSpec, name: str) -> bool:
    """Whether drift of the field is told, as against ignored."""
    return policy_of(spec, section_of(name)) == "Report"


# --- words about what is changed back ------------------------------------------------------------


def because_of(corrections: Iterable[Change]) -> str:
    """Why it is changed, to begin a message with; empty where the spec asks for all of it."""
    fields = _named([field(change.field) for change in corrections])
    return f"others changed {fields} in AWS: " if fields else ""


def ways_to_keep(corrections: Iterable[Change]) -> tuple[Edit, ...]:
    """The edit by which what others picked would stay; none where nothing is taken back."""
    sections = {section_of(change.field) for change in corrections}
    if not sections:
        return ()
    section = "default" if len(sections) > 1 or "other" in sections else sections.pop()
    return (set_field(f"drift.{section}", "Report", goal="to keep it"),)


def _named(fields: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(fields[:-1]), *fields[-1:])))
