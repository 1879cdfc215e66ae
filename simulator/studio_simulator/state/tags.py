"""Tags as SageMaker keeps them: one value a key, at most 50, none that begins with ``aws:``."""

from __future__ import annotations

from studio_simulator.errors import validation
from studio_simulator.state.resources import Json

MOST_TAGS = 50


def tags_of(parameters: Json) -> dict[str, str]:
    """Return the Tags of a request by key."""
    return checked_tags(parameters.get("Tags", []))


def checked_tags(given: list[dict[str, str]]) -> dict[str, str]:
    """Return a request's list of tags by key; refuse a key that comes twice, and AWS's own."""
    tags = {tag["Key"]: tag["Value"] for tag in given}
    if len(tags) != len(given):
        raise validation("Duplicate tag keys found. Please note that tag keys are case sensitive.")
    reserved = sorted(key for key in tags if key.lower().startswith("aws:"))
    if reserved:
        raise validation(f"Tag keys [{', '.join(reserved)}] use the reserved prefix aws:.")
    return tags


def merged_tags(*sources: dict[str, str]) -> dict[str, str]:
    """Return all tags, later sources before earlier ones; refuse more than 50."""
    merged: dict[str, str] = {}
    for source in sources:
        merged.update(source)
    if len(merged) > MOST_TAGS:
        raise validation(
            f"The number of tags [{len(merged)}] exceeds the maximum of [{MOST_TAGS}]."
        )
    return merged


def as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """Return tags as the API shows them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
