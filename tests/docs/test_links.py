"""Every link of the documentation leads somewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.docs.pages import DOCS, ROOT, Page, all_pages, read_page

PAGES = {page.name: page for page in all_pages()}


@pytest.mark.parametrize("name", PAGES)
def test_relative_links_and_anchors_resolve(name: str) -> None:
    broken = [link for link in PAGES[name].links if not _resolves(PAGES[name], link)]
    assert broken == []


def _resolves(page: Page, link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme or link.startswith("//"):
        return parts.scheme in {"http", "https", "mailto"}
    target = (page.folder / parts.path).resolve() if parts.path else ROOT / page.name
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not parts.fragment or parts.fragment in read_page(target).anchors


def test_every_page_can_be_reached_from_the_index() -> None:
    reached, todo = set(), [DOCS / "index.md"]
    while todo:
        path = todo.pop()
        if path in reached or path.suffix != ".md" or not path.is_relative_to(DOCS):
            continue
        reached.add(path)
        page = read_page(path)
        todo += [(page.folder / urlsplit(link).path).resolve() for link in page.links]
    assert sorted(set(DOCS.rglob("*.md")) - reached) == []
