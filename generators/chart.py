"""What the chart says a second time: CRDs, rights, settings in its schema, its table of values."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from studio_operator.api.common import GROUP
from studio_operator.kinds.managed_kind import ManagedKind
from studio_operator.kinds.registry import KINDS
from studio_operator.settings import Settings

CHART = Path("charts", "studio-operator")
RULES = CHART / "templates" / "_rules.tpl"
# What is granted of our own group, of all kinds and of those in no namespace, and what follows it.
_OURS = f"- apiGroups: [{GROUP}]"
_EVENTS = "- apiGroups: [events.k8s.io]"
_OF_CLUSTER = '{{- define "studio-operator.clusterRules" -}}\n'
_OF_WHOLE = '{{- define "studio-operator.wholeClusterRules" -}}\n'
_END = "{{- end }}"
BEGIN, END = "<!-- values -->\n", "<!-- end of values -->\n"
# The chart itself decides on these: Role, Service, probes and ConfigMap go with them.
OF_THE_CHART = {
    "backup_bucket_owners",
    "backup_places",
    "cluster_id",
    "health_port",
    "lease_name",
    "lease_namespace",
    "metrics_port",
    "prices_file",
    "tenancy_required",
}
TYPES = {"float": "number", "int": "integer", "bool": "boolean", "str": "string"}


class UnexplainedValueError(Exception):
    """A value has no comment in values.yaml; the message names it."""


@dataclasses.dataclass(frozen=True)
class Value:
    """A value of the chart; the default is JSON, empty for a group of values."""

    path: str
    default: str
    text: str


def chart_files(root: Path) -> dict[Path, str]:
    """Text by path, relative to the root, of what is generated from the other files there."""
    crds = {
        CHART / "files" / "crds" / path.name: path.read_text(encoding="utf-8")
        for path in sorted((root / "crds").glob("*.yaml"))
    }
    schema = json.loads((root / CHART / "values.schema.json").read_text(encoding="utf-8"))
    schema["properties"]["settings"]["properties"] = settings_schema()
    head, _, rest = (root / CHART / "README.md").read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    rules = (root / RULES).read_text(encoding="utf-8")
    table = values_table((root / CHART / "values.yaml").read_text(encoding="utf-8"))
    return {
        **crds,
        RULES: with_kinds(rules, KINDS),
        CHART / "values.schema.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n",
        CHART / "README.md": f"{head}{BEGIN}\n{table}\n{END}{tail}",
    }


def with_kinds(rules: str, kinds: Sequence[ManagedKind]) -> str:
    """The operator's rights, with the resources of our API group in them and their status."""
    served = [kind for kind in kinds if not kind.needs_whole_cluster]
    whole = [kind.plural for kind in kinds if kind.needs_whole_cluster]
    head, mark, rest = rules.partition(_EVENTS)
    rules = f"{head[: head.index(_OURS)]}{_ours([kind.plural for kind in served])}{mark}{rest}"
    of_cluster = _ours([kind.plural for kind in served if not kind.is_namespaced])
    rules = _fill(rules, _OF_CLUSTER, of_cluster)
    return _fill(rules, _OF_WHOLE, _ours(whole, verbs="list, watch"))


def _fill(rules: str, begin: str, with_: str) -> str:
    """The rights with these in the template that begins so."""
    head, mark, rest = rules.partition(begin)
    return f"{head}{mark}{with_}{rest[rest.index(_END) :]}"


def _ours(plurals: Sequence[str], verbs: str = "list, watch, patch") -> str:
    if not plurals:
        return ""
    named, statuses = ", ".join(plurals), ", ".join(f"{one}/status" for one in plurals)
    return (
        f"{_OURS}\n  resources: [{named}]\n  verbs: [{verbs}]\n"
        f"{_OURS}\n  resources: [{statuses}]\n  verbs: [patch]\n"
    )


def settings_schema() -> dict[str, Any]:
    """The JSON schema of each setting by its name in camel case, with the limits of its form."""
    return {
        _camel_case(field.name): _setting(field)
        for field in dataclasses.fields(Settings)
        if field.name not in OF_THE_CHART
    }


def _setting(field: dataclasses.Field[Any]) -> dict[str, Any]:
    form: str = field.metadata["form"]
    schema: dict[str, Any] = {"type": TYPES[str(field.type)], "description": form}
    if limits := re.search(r"from ([\d.]+) to ([\d.]+)", form):
        least, most = (json.loads(limit) for limit in limits.groups())
        schema |= {"minimum": least, "maximum": most}
    return schema


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def values_table(text: str) -> str:
    """A table in Markdown of the values in a file, whose comments explain them."""
    rows = [
        f"| `{value.path}` | {f'`{value.default}`' if value.default else ''} | {value.text} |"
        for value in read_values(text)
    ]
    return "\n".join(["| Value | Default | What it is |", "|---|---|---|", *rows]) + "\n"


def read_values(text: str) -> tuple[Value, ...]:
    """The values in a file; UnexplainedValueError for one without a comment."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    return tuple(_values(node, "", text.splitlines()))


def _values(group: Any, prefix: str, lines: Sequence[str]) -> Iterator[Value]:
    for key, value in group.value:
        path = f"{prefix}{key.value}"
        comment = _comment_above(lines, key.start_mark.line)
        is_group = isinstance(value, yaml.MappingNode) and not value.flow_style
        if is_group:
            if comment:
                yield Value(path, "", comment)
            yield from _values(value, f"{path}.", lines)
        elif comment:
            yield Value(path, json.dumps(_plain(value), ensure_ascii=False), comment)
        else:
            raise UnexplainedValueError(f"values.yaml: {path} has no comment above it")


def _comment_above(lines: Sequence[str], line: int) -> str:
    """The lines of comment right above a line, as one."""
    words: list[str] = []
    while line and (found := re.match(r" *# (.+)$", lines[line - 1])):
        words.insert(0, found[1])
        line -= 1
    return " ".join(words)


def _plain(node: yaml.Node) -> Any:
    return yaml.safe_load(yaml.serialize(node))
