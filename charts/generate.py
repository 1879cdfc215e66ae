"""What the chart says a second time: CRDs, settings in its schema, its table of values.

`python charts/generate.py --write` writes them; with `--check` it writes nothing, shows what would
change, and fails when something would.
"""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from studio_operator.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
CHART = Path("charts", "studio-operator")
COMMAND = "python charts/generate.py --write"
BEGIN, END = "<!-- values -->\n", "<!-- end of values -->\n"
# The chart itself decides on these: Role, Service, probes and ConfigMap go with them.
OF_THE_CHART = {"health_port", "lease_name", "lease_namespace", "prices_file"}
TYPES = {"float": "number", "int": "integer", "bool": "boolean", "str": "string"}


class UnexplainedValueError(Exception):
    """A value has no comment in values.yaml; the message names it."""


@dataclasses.dataclass(frozen=True)
class Value:
    """A value of the chart; the default is JSON, empty for a group of values."""

    path: str
    default: str
    text: str


def generate_files(root: Path) -> dict[Path, str]:
    """Text by path, relative to the root, of what is generated from the other files there."""
    crds = {
        CHART / "files" / "crds" / path.name: path.read_text(encoding="utf-8")
        for path in sorted((root / "crds").glob("*.yaml"))
    }
    schema = json.loads((root / CHART / "values.schema.json").read_text(encoding="utf-8"))
    schema["properties"]["settings"]["properties"] = settings_schema()
    head, _, rest = (root / CHART / "README.md").read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    table = values_table((root / CHART / "values.yaml").read_text(encoding="utf-8"))
    return {
        **crds,
        CHART / "values.schema.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n",
        CHART / "README.md": f"{head}{BEGIN}\n{table}\n{END}{tail}",
    }


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


def show_outdated(root: Path) -> str:
    """A unified diff from what is there to what is generated; empty when current.

    A CRD in the chart that is not in `crds/` counts as well: it would be installed.
    """
    wanted = generate_files(root)
    present = (root / CHART / "files" / "crds").glob("*.yaml")
    paths = {*wanted, *(path.relative_to(root) for path in present)}
    return "".join(
        line
        for path in sorted(paths)
        for line in difflib.unified_diff(
            _read_lines(root / path),
            wanted.get(path, "").splitlines(keepends=True),
            fromfile=f"{path} (present)",
            tofile=f"{path} (generated)",
        )
    )


def _read_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Generate parts of the Helm chart.")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="write the generated files")
    action.add_argument("--check", action="store_true", help="fail with a diff when not current")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository's folder")
    options = parser.parse_args(arguments)
    if options.write:
        for path, text in generate_files(options.root).items():
            (options.root / path).write_text(text, encoding="utf-8")
        return 0
    if difference := show_outdated(options.root):
        sys.stdout.write(difference)
        sys.stderr.write(f"Generated parts of the chart are not current: run `{COMMAND}`.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
