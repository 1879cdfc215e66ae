"""A plan as the comment on a pull request, in which whoever wrote the YAML can write nothing.

What files hold is shown as it is: words of letters and figures as text, all else as code, in which
GitHub and GitLab look for no markup, no link, no person and no number of an issue (GitHub Docs,
page basic-writing-and-formatting-syntax; CommonMark, section 6.1, code spans).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from studio_operator.kube.resources import Key
from studio_operator.plan.messages import shorten
from studio_operator.plugin.planning.rendering import by_gravity, cost_cells, summarise
from studio_operator.plugin.planning.report import Action, PlanReport, ResourceReport
from studio_operator.printable import printable

# By this an integration finds its own comment again.
MARKER = "<!-- kubectl studio plan -->"
# A comment takes 65,536 characters: nobody may fill it with one text, or with one list of names.
TEXT_LIMIT = 400
NAMES_LIMIT = 10
_SIGNS = {
    Action.DELETE: "🗑️",
    Action.REFUSE: "⛔",
    Action.RESTART: "🔁",
    Action.STOP: "⏹️",
    Action.WAIT: "⏳",
    Action.BLOCKED: "⏳",
    Action.SCHEDULE: "🕒",
    Action.NOTE: "⚠️",
}
# A word that is nothing but itself: letters, figures, and such marks before, between and after them
# as mean nothing. GH-1 is an issue, and www. begins a link.
_PLAIN = re.compile(
    r"(?!.*(?:gh-\d|www\.))['\"(+-]?[a-z0-9]+(?:[-./'+,][a-z0-9]+)*%?['\"]?[)]?[.,;:]?",
    re.ASCII | re.IGNORECASE,
)
# At the beginning of a line these would make a list.
_NUMBERED = re.compile(r"\d+[.)]")


def as_markdown(report: PlanReport) -> str:
    """The comment: what matters first, what is taken for granted folded away."""
    lines = [MARKER, "### What this change does in AWS", "", *_warnings(report)]
    lines += [prose(summarise(report)), ""]
    if report.changed:
        lines += [
            "| | Resource | What happens | People | An hour | Volume a month |",
            "|---|---|---|---|---:|---:|",
            *map(_row, report.changed),
            "",
        ]
    if remarks := [f"- {prose(one)}" for one in _remarks(report)]:
        lines += [
            "<details><summary>What this is based on</summary>",
            "",
            *remarks,
            "",
            "</details>",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _remarks(report: PlanReport) -> Iterator[str]:
    yield from (line for line in (report.basis, *report.assumptions) if line)
    if any(one.cost for one in report.resources):
        yield from (f"Prices ({report.currency}): {source}." for source in report.sources)


def _warnings(report: PlanReport) -> Iterator[str]:
    losing = [one.key for one in report.changed if one.loses_data]
    if losing:
        yield "> [!CAUTION]"
        yield f"> **Data loss**: {_names(losing)}. The files there can't be brought back."
        yield ""


def _names(keys: Sequence[Key]) -> str:
    listed = ", ".join(code(str(key)) for key in keys[:NAMES_LIMIT])
    left = len(keys) - NAMES_LIMIT
    return f"{listed} and {left} more" if left > 0 else listed


def _row(one: ResourceReport) -> str:
    sign = _SIGNS.get(one.action, "")
    what = "<br>".join(prose(effect.text) for effect in by_gravity(one))
    cells = (f"{sign} {one.action}".strip(), code(str(one.key)), what, prose(one.people or ""))
    return f"| {' | '.join((*cells, *cost_cells(one.cost)))} |"


# --- text of others -------------------------------------------------------------------------------


def prose(text: str) -> str:
    """Text as Markdown that reads as the text does: what could mean anything else is code."""
    words = shorten(printable(text).strip(), TEXT_LIMIT).split(" ")
    runs = groupby(enumerate(words), key=lambda one: _is_plain(*one))
    return " ".join(
        said if is_plain else code(said)
        for is_plain, run in runs
        if (said := " ".join(word for _, word in run)).strip()
    )


def _is_plain(position: int, word: str) -> bool:
    if not word:
        return True
    begins_list = position == 0 and _NUMBERED.fullmatch(word)
    return bool(_PLAIN.fullmatch(word)) and not begins_list


def code(text: str) -> str:
    """Text as a code span, also in a cell of a table, in which a pipe needs a backslash.

    A backslash before that would take its place, so a space comes between.
    """
    shown = shorten(printable(text), TEXT_LIMIT)
    shown = re.sub(r"(\\?)\|", lambda found: f"{found[1]} \\|" if found[1] else r"\|", shown)
    # GitHub's runner takes what follows this in a log for a command.
    shown = shown.replace("##[", "## [")
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    edge = " " if shown[:1] in {"`", " "} or shown[-1:] in {"`", " "} else ""
    return f"{fence}{edge}{shown}{edge}{fence}" if shown.strip() else ""
