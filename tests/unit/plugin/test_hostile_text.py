"""As an attacker who writes a Space: no text of it reaches a terminal, a log or a file as code.

Whatever he may choose is tried: names, descriptions, tags, messages of conditions and of Events
that he forges, and what AWS repeats of it.
"""

from __future__ import annotations

import ast
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.shell_completion import CompletionItem
from rich.console import Group, RenderableType
from studio_operator.kube.resources import Key
from studio_operator.plugin import completion
from studio_operator.plugin.commands.why import as_data, render
from studio_operator.plugin.costs import lingering, spending
from studio_operator.plugin.errors import PluginError
from studio_operator.plugin.explanation.why import explain
from studio_operator.plugin.export.files import render_stream
from studio_operator.plugin.export.parts import Export, Exported, Omission
from studio_operator.plugin.output import Format, dump_yaml, lines, note, serialise, show, table
from studio_operator.plugin.planning.rendering import as_text
from studio_operator.printable import is_printable

from tests.docs.pages import ROOT
from tests.unit.plugin.plan_stage import estate, plan, space
from tests.unit.plugin.resources import condition, event, resource, stalled

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
# Clears the screen, sets the title, turns the text round, hides itself, and forges a line.
HOSTILE = "x\x1b[2J\x1b]0;owned\x07\x9b31m\u202eyp\u202c\u200b\rall well\nerror: Ready"
FORGED_LINES = ("error: Ready", "all well")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def hostile_space() -> dict[str, Any]:
    return resource(
        name=HOSTILE,
        spec={
            "domainRef": {"name": HOSTILE},
            "ownerRef": {"name": HOSTILE},
            "displayName": HOSTILE,
            "tags": {"team": HOSTILE},
        },
        phase=HOSTILE,
        conditions=[*stalled(HOSTILE, HOSTILE), condition("Drifted", "True", HOSTILE, HOSTILE)],
        instanceType=HOSTILE,
        cost={"hour": "1", "currency": HOSTILE},
        lingeringResources={"count": 1, "arns": [HOSTILE]},
        substitute={"instanceType": HOSTILE, "kind": HOSTILE, "message": HOSTILE},
    )


def explanation() -> RenderableType:
    key = Key("Space", "team", HOSTILE)
    found = explain(key, {key: hostile_space()}, {key: [event(HOSTILE, HOSTILE)]}, NOW)
    return Group(*render(found, NOW))


def costs() -> RenderableType:
    found = spending.find_spending([hostile_space()], NOW, "team", ())
    rows = [spending.as_row(one) for one in found]
    return Group(
        table(spending.COLUMNS, rows), lines(spending.describe_total(spending.add_up(found)))
    )


def left_over() -> RenderableType:
    spaces = [hostile_space()]
    found = lingering.find_lingering(spaces)
    rows = [lingering.as_row(one, NOW) for one in found]
    return Group(table(lingering.COLUMNS, rows), lines(*lingering.summarise(spaces, found)))


def planned() -> RenderableType:
    before = estate(space(displayName="x"))
    after = estate(
        space(displayName=HOSTILE, instanceType=HOSTILE, tags={HOSTILE: HOSTILE}),
        space(HOSTILE, ownerRef={"name": HOSTILE}),
    )
    return as_text(plan(before, after))


VERBS = {"why": explanation, "top": costs, "lingering": left_over, "plan": planned}


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_passes_it_to_a_pipe(verb: str) -> None:
    stream = io.StringIO()
    show(VERBS[verb](), stream)
    assert is_printable(stream.getvalue())
    assert_no_forged_line(stream.getvalue())


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_passes_it_to_a_terminal(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "400")
    stream = Terminal()
    show(VERBS[verb](), stream)
    written = stream.getvalue()
    for code in ("\x1b[2J", "\x1b]", "\x07", "\x9b", "\u202e", "\u200b", "\r"):
        assert code not in written
    assert_no_forged_line(written)


def assert_no_forged_line(written: str) -> None:
    assert not [one for one in written.splitlines() if one.strip().startswith(FORGED_LINES)]


@pytest.mark.parametrize("style", [Format.JSON, Format.YAML])
def test_data_keep_it_and_do_nothing(style: Format) -> None:
    key = Key("Space", "team", HOSTILE)
    data = as_data(explain(key, {key: hostile_space()}, {}, NOW))
    written = serialise(style, json.loads(json.dumps(data)))
    assert is_printable(written)
    read: Callable[[str], Any] = json.loads if style is Format.JSON else yaml.safe_load
    assert read(written)["name"] == HOSTILE


def test_an_export_keeps_it_and_nothing_of_it_leaves_its_comment() -> None:
    omission = Omission(HOSTILE, HOSTILE, "\nkind: Secret\n---\n" + HOSTILE)
    one = Exported(Key("Space", "team", "churn"), {"displayName": HOSTILE}, (omission,))
    written = render_stream(Export((one,), (omission,)), None)
    assert is_printable(written)
    (found,) = yaml.safe_load_all(written)
    assert found["spec"]["displayName"] == HOSTILE
    assert found["kind"] == "Space"


def test_errors_and_notes_have_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    PluginError(f"space {HOSTILE} is not there").show()
    note(HOSTILE)
    written = capsys.readouterr().err
    assert is_printable(written)
    assert len(written.splitlines()) == 2


def test_a_completion_offers_one_candidate(monkeypatch: pytest.MonkeyPatch) -> None:
    item = CompletionItem("churn", help="InService\n; rm -rf ~\t\x1b[2J")
    offered = completion.as_line(item)
    assert offered.count("\n") == 0
    assert offered.count("\t") == 1
    assert is_printable(offered.replace("\t", ""))


def test_yaml_of_harmless_text_stays_readable() -> None:
    assert dump_yaml({"displayName": "Zoës Räume"}) == "displayName: Zoës Räume\n"


# What writes to a terminal, and who may: all else goes through `plugin.output`.
WRITERS = {
    "rich.text": {"output.py"},
    "click.echo": {"errors.py", "open.py", "main.py", "completion.py"},
    "stdout.write": {"output.py", "iam_policy.py", "export.py", "open.py", "plan.py", "prices.py"},
}


def test_nothing_writes_to_a_terminal_beside_the_one_place() -> None:
    folder = ROOT / "operator" / "studio_operator" / "plugin"
    used = {
        name: {path.name for path in folder.rglob("*.py") if _uses(path, name)} for name in WRITERS
    }
    assert used == WRITERS


def _uses(path: Path, name: str) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {one.module for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)}
    called = {ast.unparse(one) for one in ast.walk(tree) if isinstance(one, ast.Attribute)}
    return name in imported or any(one.endswith(name) for one in called)
