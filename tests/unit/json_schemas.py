"""check-jsonschema as the tests use it: in the tests' own process, and never by the network."""

from __future__ import annotations

from pathlib import Path

from check_jsonschema import main  # type: ignore[import-untyped]
from click.testing import CliRunner


def check(schema: str | Path, *files: Path) -> tuple[int, str]:
    """Check files against a schema; its exit code, 1 for what the schema refuses, and its words.

    A name is that of a schema that comes with check-jsonschema, such as vendor.github-workflows.
    """
    named = "--schemafile" if isinstance(schema, Path) else "--builtin-schema"
    result = CliRunner().invoke(main, [named, str(schema), *map(str, files)])
    return result.exit_code, result.output
