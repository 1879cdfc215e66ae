"""AddTags, DeleteTags and ListTags over everything that Studio holds."""

from __future__ import annotations

from studio_simulator.errors import no_record, validation
from studio_simulator.state.resources import Json, Resource
from studio_simulator.state.studio import Studio
from studio_simulator.state.tags import as_list, checked_tags, merged_tags


def find_tags(studio: Studio, arn: str) -> dict[str, str] | None:
    """Return the tags of what an ARN names, to be changed in place; None when it is not ours."""
    foreign = studio.foreign.get(arn)
    if foreign is not None:
        return foreign.tags
    found = find_resource(studio, arn)
    return found.tags if found is not None else None


def find_resource(studio: Studio, arn: str) -> Resource | None:
    """Return what an ARN names, if it is there; an app only while it is active."""
    _, _, path = arn.partition(f":{studio.region}:{studio.account}:")
    kind, _, name = path.partition("/")
    found: Resource | None = None
    if kind == "domain":
        found = studio.domains.get(name)
    elif kind == "user-profile":
        found = studio.find_user_profile(*_pair(name))
    elif kind == "space":
        found = studio.find_space(*_pair(name))
    elif kind == "app":
        app = studio.apps.get(arn)
        found = app if app is not None and app.is_active else None
    elif kind == "studio-lifecycle-config":
        configs = studio.lifecycle_configs.values()
        found = next((config for config in configs if config.arn == arn), None)
    return found


def _pair(name: str) -> tuple[str, str]:
    domain_id, _, rest = name.partition("/")
    return domain_id, rest


def _tags(studio: Studio, parameters: Json) -> dict[str, str]:
    tags = find_tags(studio, parameters["ResourceArn"])
    if tags is None:
        raise no_record(f"Resource [{parameters['ResourceArn']}]")
    return tags


def add_tags(studio: Studio, parameters: Json) -> Json:
    """Set tags; a key that is there gets the new value."""
    tags = _tags(studio, parameters)
    tags.update(merged_tags(tags, checked_tags(parameters["Tags"])))
    return {"Tags": as_list(tags)}


def delete_tags(studio: Studio, parameters: Json) -> Json:
    """Remove tags by key; a key that is not there is no error."""
    tags = _tags(studio, parameters)
    for key in parameters["TagKeys"]:
        tags.pop(key, None)
    return {}


def list_tags(studio: Studio, parameters: Json) -> Json:
    """List tags. A page holds at least 50 and a resource at most 50, so there is no second page."""
    if "NextToken" in parameters:
        raise validation("Invalid NextToken.")
    return {"Tags": as_list(_tags(studio, parameters))}
