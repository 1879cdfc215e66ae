"""Commands of the documentation are commands: bash reads them, and kubectl runs what it can."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from studio_operator.cli.main import main

from sandbox.access import Access
from tests.docs.pages import Block, all_blocks, page, tables

SHELL = ("sh", "bash", "shell")
BLOCKS = all_blocks(*SHELL)


@pytest.mark.parametrize("block", [*BLOCKS, *all_blocks("console")], ids=str)
def test_bash_can_read_it(block: Block) -> None:
    text = block.text
    if block.language == "console":
        prompts = [line[2:] for line in text.splitlines() if line.startswith("$ ")]
        assert prompts, "a console block shows commands after a dollar sign"
        text = "\n".join(prompts)
    subprocess.run(["bash", "-n"], input=text, text=True, check=True, timeout=10)


def commands(*verbs: str) -> Iterator[tuple[str, list[str]]]:
    """The kubectl commands of all shell blocks with one of these verbs, each with its place."""
    for block in BLOCKS:
        for line in block.text.replace("\\\n", " ").splitlines():
            stripped = line.strip()
            if re.match(rf"kubectl ({'|'.join(verbs)})\b", stripped) and not re.search(
                r"[|$<>]", re.sub(r"'[^']*'", "", stripped)
            ):
                yield str(block), shlex.split(stripped)[1:]


ASKING = [
    (place, words)
    for place, words in commands("get", "explain", "api-resources")
    if len([word for word in words if not word.startswith("-")]) <= 4
    and not any(word in words for word in ("lease", "--watch", "-w", "-A"))
]
WAITING = [pair for pair in commands("wait") if "--for=delete" not in pair[1]]


@pytest.mark.parametrize(("place", "words"), ASKING, ids=[f"{p} {' '.join(w)}" for p, w in ASKING])
def test_questions_to_the_cluster_are_answered(
    place: str, words: list[str], control_plane: Access, team: str
) -> None:
    _ = place
    control_plane.kubectl(*_in_namespace(words, team))


@pytest.mark.parametrize(
    ("place", "words"), WAITING, ids=[f"{p} {' '.join(w)}" for p, w in WAITING]
)
def test_waits_end_when_status_says_so(
    place: str, words: list[str], control_plane: Access, team: str
) -> None:
    _ = place
    resource = next(word for word in words if "/" in word)
    status = _status_for(next(word for word in words if word.startswith("--for=")))
    _set_status(control_plane, team, resource, status)
    quick = ["--timeout=10s" if word.startswith("--timeout") else word for word in words]
    control_plane.kubectl(*_in_namespace(quick, team))


@pytest.fixture(scope="module")
def team(control_plane: Access) -> str:
    """A namespace with the resources that the pages name."""
    name = f"docs-{uuid.uuid4().hex[:10]}"
    control_plane.create_namespace(name)
    control_plane.kubectl("apply", "-f", "-", text_input=yaml.safe_dump_all(_resources(name)))
    return name


def _resources(namespace: str) -> Iterator[dict[str, Any]]:
    """The first block of each kind's page."""
    for kind in ("studiodomain", "userprofile", "space"):
        resource = yaml.safe_load(page(f"kinds/{kind}.md").blocks[0].text)
        yield {**resource, "metadata": {**resource["metadata"], "namespace": namespace}}


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


def _in_namespace(words: list[str], namespace: str) -> list[str]:
    """The command in a namespace of the tests, which do not have the pages' own."""
    if "-n" in words:
        words = [*words[: words.index("-n")], *words[words.index("-n") + 2 :]]
    return words if words[0] in {"explain", "api-resources"} else [*words, "-n", namespace]


def test_every_option_of_the_operator_is_on_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    listed = {row[0] for row in tables(page("how-to/operate.md").text)[0]}
    assert {re.findall(r"--[a-z-]+", row)[0] for row in listed} == options
