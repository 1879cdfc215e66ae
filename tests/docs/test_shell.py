"""Commands of the documentation are commands: bash reads them, and what can be run is run."""

from __future__ import annotations

import json
import re
import subprocess
import uuid
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import botocore.session
import click
import pytest
import yaml
from botocore import xform_name
from studio_operator.cli.main import main
from studio_operator.kinds.registry import KINDS
from studio_operator.plugin.main import group, load

from sandbox.access import Access
from sandbox.tools import get_tool
from tests.chart.helm import Helm
from tests.docs.commands import CHECKED, SHELL, Command, all_commands, how_checked
from tests.docs.pages import ROOT, Block, all_blocks, page, read_page, tables

COMMANDS = all_commands()
# Options that `helm template` lacks.
HELM_UPGRADES = {"--install", "--reuse-values", "--reset-values", "--reset-then-reuse-values"}


def checked_as(kind: str) -> pytest.MarkDecorator:
    """The commands of that kind, as the parameters of a test."""
    found = [command for command in COMMANDS if how_checked(command) == kind]
    return pytest.mark.parametrize("command", found, ids=str)


@pytest.mark.parametrize("block", [*all_blocks(*SHELL), *all_blocks("console")], ids=str)
def test_bash_can_read_it(block: Block) -> None:
    text = block.text
    if block.language == "console":
        prompts = [line[2:] for line in text.splitlines() if line.startswith("$ ")]
        assert prompts, "a console block shows commands after a dollar sign"
        text = "\n".join(prompts)
    subprocess.run(["bash", "-n"], input=text, text=True, check=True, timeout=10)


def test_every_command_is_checked_or_has_a_reason_not_to_be() -> None:
    assert len(COMMANDS) > 80
    assert [str(command) for command in COMMANDS if how_checked(command) is None] == []


def test_a_command_that_nobody_knows_would_be_noticed() -> None:
    unknown = Command(COMMANDS[0].block, ("kubectl", "frobnicate", "spaces"))
    assert how_checked(unknown) is None
    assert how_checked(Command(unknown.block, ("kubectl", "get", "spaces"))) in CHECKED


@pytest.fixture(scope="module")
def team(control_plane: Access) -> str:
    """A namespace with the resources that the pages name."""
    name = f"docs-{uuid.uuid4().hex[:10]}"
    control_plane.create_namespace(name)
    control_plane.kubectl("apply", "-f", "-", text_input=yaml.safe_dump_all(_resources(name)))
    return name


def _resources(namespace: str) -> Iterator[dict[str, Any]]:
    """The first block of each kind's page."""
    for kind in KINDS:
        name = kind.model.__name__.lower()
        resource = yaml.safe_load(page(f"kinds/{name}.md").blocks[0].text)
        place = {"namespace": namespace} if kind.is_namespaced else {}
        yield {**resource, "metadata": {**resource["metadata"], **place}}


@checked_as("asked")
def test_questions_to_the_cluster_are_answered(
    command: Command, control_plane: Access, team: str
) -> None:
    control_plane.kubectl(*_in_namespace(command, team))


@checked_as("tried")
def test_the_api_server_would_take_a_change(
    command: Command, control_plane: Access, team: str
) -> None:
    control_plane.kubectl(*_in_namespace(command, team), "--dry-run=server")


@checked_as("waited for")
def test_waits_end_when_status_says_so(command: Command, control_plane: Access, team: str) -> None:
    words = _in_namespace(command, team)
    condition = next(word for word in words if word.startswith("--for="))
    resource = next((word for word in words if "/" in word), words[1])
    name = "" if "/" in resource else control_plane.kubectl("get", resource, "-n", team, "-o=name")
    _set_status(control_plane, team, name.strip() or resource, _status_for(condition))
    quick = ["--timeout=10s" if word.startswith("--timeout") else word for word in words]
    control_plane.kubectl(*quick)


def _status_for(condition: str) -> dict[str, Any]:
    """The status that a `--for=` waits for."""
    if match := re.fullmatch(r"--for=condition=(\w+)", condition):
        return {
            "conditions": [
                {
                    "type": match[1],
                    "status": "True",
                    "reason": "Test",
                    "message": "said by a test",
                    "lastTransitionTime": "2026-03-02T09:30:00Z",
                }
            ]
        }
    match = re.fullmatch(r"--for=jsonpath=\{\.status\.(\w+)\}=(\w+)", condition)
    assert match, condition
    return {match[1]: match[2]}


def _set_status(control_plane: Access, namespace: str, resource: str, status: Any) -> None:
    patch = json.dumps({"status": status})
    control_plane.kubectl(
        *("patch", resource, "-n", namespace, "--subresource=status", "--type=merge", "-p", patch)
    )


def _in_namespace(command: Command, namespace: str) -> list[str]:
    """kubectl's words, in a namespace of the tests, which do not have the pages' own."""
    words = list(command.words[1:])
    if "-n" in words:
        words = [*words[: words.index("-n")], *words[words.index("-n") + 2 :]]
    everywhere = {"explain", "api-resources", "-A", "--all-namespaces"}
    return words if everywhere & set(words) else [*words, "-n", namespace]


@checked_as("make")
def test_the_makefile_has_the_target(command: Command) -> None:
    target = next(word for word in command.words[1:] if not word.startswith("-"))
    assert f"\n{target}:" in (ROOT / "Makefile").read_text(encoding="utf-8")


@checked_as("plug-in")
def test_the_plug_in_knows_the_verb_and_its_options(command: Command) -> None:
    words = list(command.words[2 if command.words[0] == "kubectl" else 1 :])
    verb = group if words[0].startswith("-") else load(words.pop(0))
    if isinstance(verb, click.Group) and words and words[0] in verb.commands:
        verb = verb.commands[words.pop(0)]
    verb.make_parser(click.Context(verb)).parse_args(words)


@checked_as("operator")
def test_the_operator_knows_the_options(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    start = next(at for at, word in enumerate(command.words) if "operator" in word)
    with pytest.raises(SystemExit) as ended:
        main([*command.words[start + 1 :], "--help"])
    assert ended.value.code == 0, capsys.readouterr().err


@checked_as("aws")
def test_aws_has_the_operation_and_its_parameters(command: Command) -> None:
    service, operation, *rest = command.words[1:]
    model = botocore.session.get_session().get_service_model(service)
    (name,) = [one for one in model.operation_names if xform_name(one, "-") == operation]
    shape = model.operation_model(name).input_shape
    members = shape.members if shape else {}
    options = {word.partition("=")[0] for word in rest if word.startswith("--")}
    general = {"--query", "--output", "--region", "--profile", "--cli-input-json", "--no-cli-pager"}
    assert options - general <= {f"--{xform_name(member, '-')}" for member in members}
    files = [word.removeprefix("file://") for word in rest if word.startswith("file://")]
    assert [path for path in files if not (ROOT / path).exists()] == []


@checked_as("helm")
def test_helm_renders_the_chart_with_these_values(
    command: Command, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("helm")
    helm = Helm(get_tool("helm"), folder)
    files = _write_values(command, folder)
    words = [
        ROOT / word if word.startswith("charts/") else files.get(word, word)
        for word in command.words[2:]
    ]
    verb = "lint" if command.words[1] == "lint" else "template"
    assert helm.run(verb, *(word for word in words if word not in HELM_UPGRADES))


def _write_values(command: Command, folder: Path) -> dict[str, Path]:
    """The files that the command names by -f, each with the values that its page shows last."""
    named = [word for option, word in pairwise(command.words) if option == "-f"]
    shown = [
        block.text
        for block in read_page(ROOT / command.block.page).blocks
        if block.language == "yaml" and block.line < command.block.line
    ]
    files = {word: folder / word for word in named}
    for path in files.values():
        path.write_text(shown[-1], encoding="utf-8")
    return files


def test_every_option_of_the_operator_is_on_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    listed = {row[0] for row in tables(page("how-to/operate.md").text)[0]}
    assert {re.findall(r"--[a-z-]+", row)[0] for row in listed} == options
