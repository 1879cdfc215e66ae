"""How values of settings are written in the spec and in AWS, and when two of them are the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio_operator.plan.settings.file_systems import CUSTOM_FILE_SYSTEMS

# The Developer Guide, "Adding a custom file system to a domain": a file system without a path is
# all of it.
WHOLE_FILE_SYSTEM = "/"

_FIELDS = {"fileSystemId": "FileSystemId", "path": "FileSystemPath"}
# What the spec of a domain or profile can attach, by what it calls it.
_SERVICES = {
    service: f"{member}Config"
    for member, service, name in CUSTOM_FILE_SYSTEMS
    if name in _FIELDS.values()
}


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write values.

    - `to_aws`: AWS's value of what the spec says; `from_aws`: the other way round, None for what
      no spec can say.
    - `comparable`: a value in a shape in which the same things are equal; `differs`: whether what
      is wanted asks for another value than AWS shows, where that is more than being unequal.
    - `words`: a value in messages; `exact`: in a text that no other value has, where `words` are
      not, and `from_exact` the value of such a text.
    - `to_spec`: the value as a spec writes it; None for what no spec can say.
    - `to_status`, `from_status`: the value as status keeps it.
    """

    to_aws: Callable[[Any], Any]
    from_aws: Callable[[Any], Any]
    comparable: Callable[[Any], Any]
    differs: Callable[[Any, Any], bool] | None = None
    words: Callable[[Any], str] = str
    exact: Callable[[Any], str] | None = None
    from_exact: Callable[[str], Any] = str
    to_spec: Callable[[Any], Any] = _same
    to_status: Callable[[Any], Any] = _same
    from_status: Callable[[Any], Any] = _same

    def is_another(self, wanted: Any, live: Any) -> bool:
        """Whether what is wanted asks for another value than AWS shows."""
        if self.differs is not None:
            return self.differs(wanted, live)
        return bool(self.comparable(wanted) != self.comparable(live))

    def text(self, value: Any) -> str:
        """A value in a text that no other value has."""
        return (self.exact or self.words)(value)


def _in_any_order(value: Any) -> Any:
    """Order in lists means nothing to AWS."""
    return sorted(value) if isinstance(value, list | tuple) else value


def _switch_to_aws(value: bool) -> str:
    return "ENABLED" if value else "DISABLED"


def _switch_from_aws(value: str) -> bool:
    return value == "ENABLED"


def _repositories_to_aws(urls: list[str]) -> list[dict[str, str]]:
    return [{"RepositoryUrl": url} for url in urls]


def _urls(repositories: list[Mapping[str, str]]) -> list[str]:
    return [repository["RepositoryUrl"] for repository in repositories]


def _sorted_urls(repositories: list[Mapping[str, str]]) -> list[str]:
    return sorted(_urls(repositories))


def _file_systems_to_aws(items: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """CustomFileSystemConfigs of [{efs: {fileSystemId, path}}]."""
    return [
        {_SERVICES[service]: {_FIELDS[name]: value for name, value in one.items()}}
        for item in items
        for service, one in item.items()
    ]


def _file_systems_from_aws(configs: list[Mapping[str, Any]]) -> list[dict[str, Any]] | None:
    """None with one of a service that the spec does not know, such as S3: the list is one value."""
    services = {member: service for service, member in _SERVICES.items()}
    fields = {member: name for name, member in _FIELDS.items()}
    parts = [(member, one) for config in configs for member, one in config.items()]
    if any(member not in services or one.keys() - fields.keys() for member, one in parts):
        return None
    return [
        {services[member]: {fields[name]: value for name, value in one.items()}}
        for member, one in parts
    ]


def _comparable_file_systems(configs: list[Mapping[str, Any]]) -> list[str]:
    complete = [
        [member, {_FIELDS["path"]: WHOLE_FILE_SYSTEM, **one}]
        for config in configs
        for member, one in config.items()
    ]
    return sorted(json.dumps(one, sort_keys=True) for one in complete)


PLAIN = Form(_same, _same, _in_any_order)
SWITCH = Form(_switch_to_aws, _switch_from_aws, _same)
REPOSITORIES = Form(_repositories_to_aws, _urls, _sorted_urls)
FILE_SYSTEMS = Form(_file_systems_to_aws, _file_systems_from_aws, _comparable_file_systems)
