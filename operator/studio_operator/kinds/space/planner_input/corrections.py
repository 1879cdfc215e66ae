"""What others changed of a space and is changed back: why, and how it could stay."""

from __future__ import annotations

from collections.abc import Iterable

from studio_operator.kinds.space.planner_input.comparison import Change
from studio_operator.kinds.space.planner_input.drift import section_of
from studio_operator.plan.remedies import Edit, field, set_field


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
