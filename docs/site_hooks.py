"""What MkDocs is taught about this repository, so that its pages work here and as a site.

The pages are written to be read in the repository: links lead to any of its files, lists are
indented as CommonMark has it, and the fields of each kind are on a generated page of their own. For
the site, this module

- adds the pages of `ELSEWHERE`, which are kept outside of docs/,
- lists all pages of a folder where the navigation names the folder,
- leads links to files that are no pages to `extra.repository`; where that is empty, it shows their
  paths as text,
- puts the generated fields of a kind onto the kind's page, in place of `<!-- fields: NAME -->` and
  the paragraph after it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown  # type: ignore[import-untyped]
from markdown.blockprocessors import build_block_parser  # type: ignore[import-untyped]
from markdown.extensions import Extension  # type: ignore[import-untyped]
from markdown.treeprocessors import Treeprocessor  # type: ignore[import-untyped]
from markdown.util import AtomicString  # type: ignore[import-untyped]
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
# Pages of the site that are kept elsewhere: path in the site, and in the repository.
ELSEWHERE = {
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "release.md": "RELEASE.md",
    "reporting.md": "SECURITY.md",
    "simulator.md": "simulator/README.md",
    "reference/chart.md": "charts/studio-operator/README.md",
}
FIELDS = re.compile(r"^<!-- fields: (\w+) -->\n(?:.+\n?)*", re.MULTILINE)
BREAK = re.compile(r"(?<=\w[./])(?=\w)")
OPTION = re.compile(r"--?[\w-]+$")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)


@dataclass
class Site:
    """Where the files of the repository are found in the site; paths have forward slashes.

    Attributes:
        repository: what a path in the repository is appended to for an address, or "".
        pages: from paths in the repository to paths in the site, for all that is in both.
        included: from generated pages to the pages of the site that they are put onto.

    """

    repository: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    included: dict[str, str] = field(default_factory=dict)

    def lead(self, source: str, link: str) -> str | None:
        """Where a link on the page leads in the site; None if the site has nothing there.

        Args:
            source: the page's path in the repository.
            link: as it is written there: relative, with or without an anchor.

        """
        parts = urlsplit(link)
        if parts.scheme or parts.netloc or not parts.path:
            return link
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), parts.path))
        anchor = parts.fragment
        if target in self.included:
            found, anchor = self.included[target], f"fields-{anchor}" if anchor else "every-field"
        elif target in self.pages:
            found = self.pages[target]
        else:
            return f"{self.repository.rstrip('/')}/{target}" if self.repository else None
        here = posixpath.dirname(self.pages[source])
        return posixpath.relpath(found, here or ".") + (f"#{anchor}" if anchor else "")


class Links(Treeprocessor):  # type: ignore[misc]  # Markdown has no types
    """Rewrites the links of the page that `source` names."""

    def __init__(self, markdown: Markdown, site: Site, source: Callable[[], str]) -> None:
        super().__init__(markdown)
        self._site = site
        self._source = source

    def run(self, root: Element) -> None:
        """Lead each link of the page to its place, and make text of those that have none."""
        for element in root.iter("a"):
            link = element.get("href", "")
            found = self._site.lead(self._source(), link)
            if found is None:
                _show_path(element, posixpath.normpath(urlsplit(link).path).replace("../", ""))
            else:
                element.set("href", found)


class Code(Treeprocessor):  # type: ignore[misc]  # Markdown has no types
    """Code in text and tables: where it is broken, and bars in cells, which are escaped there."""

    def run(self, root: Element) -> None:
        """Let paths in cells be broken after dots and slashes, and options nowhere."""
        for code in root.iter("code"):
            if OPTION.match(code.text or ""):
                code.set("class", "option")  # not broken after its dashes
        for cell in root.iter("td"):
            for code in cell.iter("code"):
                first, *others = BREAK.split((code.text or "").replace("\\|", "|"))
                code.text = AtomicString(first)
                for other in others:
                    SubElement(code, "wbr").tail = AtomicString(other)


def _show_path(element: Element, path: str) -> None:
    """Make text of a link, with the path after it unless the text already says it."""
    text = "".join(element.itertext())
    element.tag = "span"
    element.attrib = {"class": "path", "title": path}
    if not path.endswith(text.strip("./")):
        if len(element):
            element[-1].tail = f"{element[-1].tail or ''} ("
        else:
            element.text = f"{element.text or ''} ("
        code = SubElement(element, "code")
        code.text, code.tail = AtomicString(path), ")"


class RepositoryMarkdown(Extension):  # type: ignore[misc]  # Markdown has no types
    """The Markdown of the repository's pages, as its own web page would show it."""

    def __init__(self) -> None:
        super().__init__()
        self.site = Site()
        self.source = ""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name that Markdown calls
        """Take lists that are indented by two or three blanks; lead links."""
        # CommonMark's lists: below "- " two blanks, below "1. " three. Parts of the parser keep the
        # length that they were made with, so it is made anew; extensions after this one add to it.
        md.tab_length = 2
        md.parser = build_block_parser(md)
        # After inline patterns (20), which make the links, and before MkDocs looks at them (0).
        md.treeprocessors.register(Links(md, self.site, lambda: self.source), "repository", 10)
        md.treeprocessors.register(Code(md), "code", 9)


_markdown = RepositoryMarkdown()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Have all pages rendered with our extension, and folders of the navigation opened."""
    _markdown.site.repository = str(config.extra.get("repository") or "")
    config.markdown_extensions.insert(0, _markdown)
    config.nav = open_folders(config.nav, Path(config.docs_dir))
    return config


def open_folders(entry: Any, docs: Path) -> Any:
    """The navigation with the pages of a folder for each path that ends with a slash."""
    if isinstance(entry, list):
        return [open_folders(item, docs) for item in entry]
    if isinstance(entry, dict):
        return {title: open_folders(item, docs) for title, item in entry.items()}
    if str(entry).endswith("/"):
        pages = sorted((docs / entry).glob("*.md"), key=lambda page: (page.stem != "README", page))
        return [page.relative_to(docs).as_posix() for page in pages]
    return entry


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages kept elsewhere, and take out those that are put onto others."""
    for name, path in ELSEWHERE.items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / path)))
    site = _markdown.site
    excluded = config.exclude_docs
    site.pages = {
        ELSEWHERE.get(file.src_uri, f"docs/{file.src_uri}"): file.src_uri
        for file in files
        if not (excluded and excluded.match_file(file.src_uri))
    }
    site.included = {}
    for page in files.documentation_pages():
        for name in FIELDS.findall(page.content_string):
            site.included[f"docs/reference/{name}.md"] = page.src_uri
    for path in site.included:
        if file := files.get_file_from_path(path.removeprefix("docs/")):
            files.remove(file)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Remember which page is rendered next, and put the fields of its kind onto it."""
    _ = config, files
    _markdown.source = ELSEWHERE.get(page.file.src_uri, f"docs/{page.file.src_uri}")
    return FIELDS.sub(lambda match: fields_of(match[1]), markdown)


def fields_of(name: str) -> str:
    """The generated tables of a kind, below a heading of the second level."""
    text = (ROOT / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8")
    tables = text[text.index("\n## ") :]
    lowered = HEADING.sub(
        lambda match: f"#{match[1]} {match[2]} {{#fields-{_anchor(match[2])}}}", tables
    )
    return f'<div class="fields" markdown="1">\n{lowered}\n</div>'


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
