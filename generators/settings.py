"""The page of settings: variables, defaults and forms from the class, reasons from its comments.

The reasons stand in `settings.py` as comments, since that is where one reads them before changing a
value. A comment speaks of all fields up to the next one, a `# --- title ---` begins a section.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass

from studio_operator.settings import PREFIX, Settings

INTRODUCTION = f"""\
# Settings

<!-- Generated from operator/studio_operator/settings.py by `python -m generators --write`. -->

Every interval, limit and rate of the operator, with its reason. Each is set by an environment
variable. An empty variable counts as not set. A value that can't be read ends the operator at once,
with a message that names the variable and the form wanted. Unknown variables that begin with
`{PREFIX}` are ignored: Kubernetes sets some itself.

The defaults are meant to do. Durations are in seconds. Where no reason is given, the row above has
it.
"""
TABLE = ("| Variable | Default | Form | Why |", "|---|---|---|---|")
SECTION = re.compile(r"    # --- (.+) ---$")
COMMENT = re.compile(r"    # (.+)$")
FIELD = re.compile(r"    ([a-z_]+): \w+ = ")


@dataclass(frozen=True)
class Explained:
    """A field of the settings with its section and its reason."""

    name: str
    section: str
    reason: str


def settings_page() -> str:
    """The page in Markdown: a table for each section."""
    sections: dict[str, list[Explained]] = {}
    for explained in explained_fields():
        sections.setdefault(explained.section, []).append(explained)
    return INTRODUCTION + "".join(_section(title, rows) for title, rows in sections.items())


def explained_fields() -> list[Explained]:
    """All fields in the order of the source."""
    return list(_read(inspect.getsource(Settings).splitlines()))


def _read(lines: list[str]) -> Iterator[Explained]:
    section, reason, in_comment = "", "", False
    for line in lines:
        if title := SECTION.match(line):
            section, reason, in_comment = title[1], "", False
        elif comment := COMMENT.match(line):
            reason = f"{reason} {comment[1]}" if in_comment else comment[1]
            in_comment = True
        else:
            in_comment = False
            if field := FIELD.match(line):
                yield Explained(field[1], section, reason)


def _section(title: str, rows: list[Explained]) -> str:
    fields = {field.name: field for field in dataclasses.fields(Settings)}
    lines = [f"\n## {title[0].upper()}{title[1:]}\n", *TABLE]
    before = ""
    for row in rows:
        why = "" if row.reason == before else row.reason
        lines.append(_row(fields[row.name], why))
        before = row.reason
    return "\n".join(lines) + "\n"


def _row(field: dataclasses.Field[object], why: str) -> str:
    default = str(field.default).lower() if isinstance(field.default, bool) else field.default
    form = field.metadata["form"].partition(", such as ")[0]
    shown = f"`{default}`" if default != "" else "not set"
    return f"| `{PREFIX}{field.name.upper()}` | {shown} | {form} | {why} |"
