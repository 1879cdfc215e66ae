"""What the pages at the root show is accepted by a real API server, and what they name exists."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
import yaml

from sandbox.access import Access
from tests.docs.pages import ROOT, Block, Page, read_page

PAGES = [read_page(ROOT / name) for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
YAML = [block for page in PAGES for block in page.blocks if block.language == "yaml"]


def named_targets(page: Page) -> set[str]:
    """What the page tells people to call make with."""
    code = re.findall(r"`([^`\n]+)`", page.text)
    code += [block.text for block in page.blocks if block.language == "console"]
    return {name for text in code for name in re.findall(r"\bmake (?:-s )?([a-z][a-z-]*)", text)}


def test_the_readme_shows_yaml() -> None:
    assert [block.page for block in YAML] == ["README.md"]


@pytest.mark.parametrize("block", YAML, ids=str)
def test_the_api_server_takes_it(control_plane: Access, namespace: str, block: Block) -> None:
    resource = yaml.safe_load(block.text)
    resource["metadata"]["namespace"] = namespace
    answer = control_plane.kubectl(
        *("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-"),
        text_input=yaml.safe_dump(resource),
    )
    assert "serverside-applied (server dry run)" in answer


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_exists(page: Page) -> None:
    paths = [urlsplit(link).path for link in page.links if not urlsplit(link).scheme]
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_named_targets_of_make_exist(page: Page) -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert {name for name in named_targets(page) if f"\n{name}:" not in makefile} == set()


def test_the_two_commands_of_the_readme_are_found() -> None:
    assert {"demo", "test"} <= named_targets(PAGES[0])
