"""The documentation as its tests read it: pages with their headings, links and code blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Block:
    """A fenced block of code: its language and the line on which its text begins."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Page:
    """One Markdown file; `name` is its path below the repository's root."""

    name: str
    text: str
    anchors: frozenset[str]
    links: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def folder(self) -> Path:
        """The folder that its relative links begin at."""
        return (ROOT / self.name).parent


def all_pages() -> tuple[Page, ...]:
    """Every page of docs/. Those at the repository's root have tests of their own."""
    return tuple(read_page(path) for path in sorted(DOCS.rglob("*.md")))


@cache
def read_page(path: Path) -> Page:
    """The page in that file."""
    text = path.read_text(encoding="utf-8")
    name = str(path.relative_to(ROOT))
    return Page(
        name=name,
        text=text,
        anchors=frozenset(_anchors(text)),
        links=tuple(_links(text)),
        blocks=tuple(_blocks(name, text)),
    )


def page(name: str) -> Page:
    """The page of that name below docs/."""
    return read_page(DOCS / name)


def all_blocks(*languages: str) -> list[Block]:
    """All blocks in these languages."""
    return [block for one in all_pages() for block in one.blocks if block.language in languages]


def section(page: Page, title: str) -> str:
    """The text below a heading, up to the next one that is not below it."""
    lines = page.text.splitlines()
    begin, level = 0, 0
    for line, depth, name in _headings(page.text):
        if begin and depth <= level:
            return "\n".join(lines[begin:line])
        if name == title:
            begin, level = line + 1, depth
    assert begin, f"{page.name} has no heading {title!r}"
    return "\n".join(lines[begin:])


def tables(text: str) -> list[list[list[str]]]:
    """The tables of a page: rows of cells as Markdown text, without the heading row."""
    found: list[list[list[str]]] = []
    in_body = False
    for token in MARKDOWN.parse(text):
        if token.type in {"tbody_open", "tbody_close"}:
            in_body = token.type == "tbody_open"
            found += [[]] if in_body else []
        elif token.type == "tr_open" and in_body:
            found[-1].append([])
        elif token.type == "inline" and in_body:
            found[-1][-1].append(token.content)
    return found


def _headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Each heading's line (from 0), depth and plain text."""
    for opening, inline in pairwise(MARKDOWN.parse(text)):
        if opening.type == "heading_open" and opening.map:
            title = "".join(child.content for child in inline.children or ())
            yield opening.map[0], int(opening.tag[1]), title


def _anchors(text: str) -> Iterator[str]:
    """The anchors that GitHub makes of the headings."""
    seen: Counter[str] = Counter()
    for _, _, title in _headings(text):
        anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        yield f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor
        seen[anchor] += 1


def _links(text: str) -> Iterator[str]:
    for token in MARKDOWN.parse(text):
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if target:
                yield str(target)


def _blocks(name: str, text: str) -> Iterator[Block]:
    for token in MARKDOWN.parse(text):
        if token.type == "fence":
            line = (token.map or [0])[0] + 2
            yield Block(name, line, token.info.strip(), token.content)
