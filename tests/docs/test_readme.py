"""What the README shows is accepted by a real API server, and what it points to exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from sandbox.access import Access

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def fenced(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


def yaml_blocks() -> list[str]:
    return [block for page in PAGES for block in fenced(page, "yaml")]


def make_targets(text: str) -> list[str]:
    return re.findall(r"\bmake (?:-s )?([a-z][a-z-]*)", text)


def linked(page: Path) -> list[str]:
    targets = LINK.findall(page.read_text())
    return [target.partition("#")[0] for target in targets if not target.startswith("http")]


def test_there_is_yaml_to_look_at() -> None:
    assert yaml_blocks() != []


@pytest.mark.parametrize("block", yaml_blocks())
def test_the_api_server_accepts_the_yaml(control_plane: Access, namespace: str, block: str) -> None:
    resource = yaml.safe_load(block)
    resource["metadata"]["namespace"] = namespace
    answer = control_plane.kubectl(
        *("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-"),
        text_input=yaml.safe_dump(resource),
    )
    assert "serverside-applied (server dry run)" in answer


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_exists(page: Path) -> None:
    missing = [target for target in linked(page) if not (ROOT / target).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_named_targets_of_make_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    commands = re.findall(r"`([^`\n]*make[^`\n]*)`", page.read_text()) + fenced(page, "console")
    named = {target for command in commands for target in make_targets(command)}
    assert {name for name in named if f"\n{name}:" not in makefile} == set()
