"""The documentation as a site: builds without a warning, holds together, asks nobody else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from mkdocs.config import load_config
from studio_operator.kinds.registry import KINDS

from docs.site_hooks import ELSEWHERE, Site, open_folders
from tests.docs.pages import DOCS, MARKDOWN, ROOT, read_page, tables

BUILD_SECONDS = 60
NAMES = [kind.model.__name__.lower() for kind in KINDS]
# What loads something: the attribute that says from where.
LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}


@dataclass
class BuiltPage(HTMLParser):
    """One page of the site: what it links to, loads and can be led to."""

    path: Path
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    without_description: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and {"stylesheet", "preload", "icon"} & set(given["rel"].split()):
            self.loads.append(given["href"])
        if given.get(LOADING.get(tag, "")):
            self.loads.append(given[LOADING[tag]])
        if tag == "img" and not given.get("alt"):
            self.without_description.append(given["src"])


@dataclass(frozen=True)
class Build:
    """The folder of a site, and what was warned of while it was made."""

    folder: Path
    warnings: tuple[str, ...]


def build(folder: Path) -> Build:
    """Build the site as `make docs` does, where each warning fails it in the end."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
        timeout=BUILD_SECONDS,
    )
    warnings = [line for line in ended.stderr.splitlines() if line.startswith(("WARN", "ERROR"))]
    assert ended.returncode == 0 or warnings, ended.stderr
    return Build(folder, tuple(warnings))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The site, built once."""
    return build(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def site(built: Build) -> Path:
    """The folder of the site."""
    return built.folder


def test_it_builds_without_a_warning(built: Build) -> None:
    assert built.warnings == ()


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, BuiltPage]:
    """Every page by its file. The one for addresses that lead nowhere is not ours."""
    return {path: BuiltPage(path) for path in site.rglob("*.html") if path.name != "404.html"}


def test_every_link_and_anchor_leads_somewhere(pages: dict[Path, BuiltPage], site: Path) -> None:
    broken = [
        f"{page.path.relative_to(site)}: {link}"
        for page in pages.values()
        for link in (*page.links, *page.loads)
        if not _leads(page, link, pages, site)
    ]
    assert broken == []


def _leads(page: BuiltPage, link: str, pages: dict[Path, BuiltPage], site: Path) -> bool:
    parts = urlsplit(link)
    if parts.scheme:
        return parts.scheme in {"http", "https", "mailto"}
    target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
    if not target.is_relative_to(site):
        return False
    target = target / "index.html" if target.is_dir() else target
    if not parts.fragment or target not in pages:
        return target.is_file()
    return unquote(parts.fragment) in pages[target].anchors


def test_a_dead_link_would_be_noticed(pages: dict[Path, BuiltPage], site: Path) -> None:
    start = pages[site / "start.html"]
    assert _leads(start, "concepts.html#ownership", pages, site)
    assert not _leads(start, "concepts.html#ownersheep", pages, site)
    assert not _leads(start, "concept.html", pages, site)


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, BuiltPage], site: Path) -> None:
    loaded = {load for page in pages.values() for load in page.loads}
    assert loaded
    assert [load for load in loaded if urlsplit(load).netloc] == []
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", styles) == []


def test_every_picture_says_what_it_shows(pages: dict[Path, BuiltPage]) -> None:
    own = {
        page.path.name: page.without_description
        for page in pages.values()
        if page.without_description
    }
    assert own == {}


def test_every_page_is_in_the_site(site: Path) -> None:
    """The fields of the kinds are on the kinds' pages."""
    written = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    fields = {Path("reference", f"{name}.html") for name in NAMES}
    added = {Path(name).with_suffix(".html") for name in ELSEWHERE}
    built = {path.relative_to(site) for path in site.rglob("*.html")}
    renamed = {Path(str(path).replace("README", "index")) for path in (written - fields) | added}
    assert built - {Path("404.html")} == renamed


def test_no_code_of_the_builder_is_in_the_site(site: Path) -> None:
    assert [path for path in site.rglob("*.py*") if path.is_file()] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_a_kind_shows_every_field(name: str, site: Path) -> None:
    generated = read_page(DOCS / "reference" / f"{name}.md")
    html = (site / "kinds" / f"{name}.html").read_text(encoding="utf-8")
    shown = html.replace("<wbr />", "")
    paths = [row[0].strip("`") for table in tables(generated.text)[:2] for row in table]
    assert len(paths) > 20
    assert [path for path in paths if f"<code>{path}</code>" not in shown] == []


STRUCTURE = ("h1", "h2", "h3", "h4", "ul", "ol", "li", "table", "tr", "pre", "blockquote", "img")


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(DOCS.rglob("*.md")) if path.parent.name not in {"kinds", "reference"}],
    ids=lambda path: str(path.relative_to(DOCS)),
)
def test_a_page_has_the_structure_that_the_repository_shows(path: Path, site: Path) -> None:
    """The site's Markdown is not CommonMark: lists and blocks inside of them could fall apart."""
    name = str(path.relative_to(DOCS).with_suffix(".html")).replace("README", "index")
    built = (site / name).read_text(encoding="utf-8")
    article = built.partition("<article")[2].partition("</article>")[0]
    assert _structure(article) == _structure(MARKDOWN.render(path.read_text(encoding="utf-8")))


def _structure(html: str) -> Counter[str]:
    return Counter(tag for tag in re.findall(r"<(\w+)[\s>/]", html) if tag in STRUCTURE)


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("StorageCooldown", "reasons.html"),
        ("allowedNamespaces", "kinds/studiodomain.html"),
        ("aws_sagemaker_space", "coming-from/terraform.html"),
    ],
)
def test_the_search_knows_the_words_that_people_type(words: str, page: str, site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    found = {
        entry["location"].partition("#")[0]
        for entry in index["docs"]
        if words in entry["text"] or words in entry["title"]
    }
    assert page in found


SITE = Site(
    pages={
        "docs/kinds/space.md": "kinds/space.md",
        "docs/index.md": "index.md",
        "CONTRIBUTING.md": "contributing.md",
    },
    included={"docs/reference/space.md": "kinds/space.md"},
)


@pytest.mark.parametrize(
    ("source", "link", "found"),
    [
        ("docs/index.md", "kinds/space.md#deleting", "kinds/space.md#deleting"),
        ("docs/index.md", "../CONTRIBUTING.md", "contributing.md"),
        ("CONTRIBUTING.md", "docs/kinds/space.md", "kinds/space.md"),
        ("docs/kinds/space.md", "../../CONTRIBUTING.md#commits", "../contributing.md#commits"),
        ("docs/index.md", "reference/space.md", "kinds/space.md#every-field"),
        ("docs/index.md", "reference/space.md#status", "kinds/space.md#fields-status"),
        ("docs/index.md", "#sources", "#sources"),
        ("docs/index.md", "https://kubernetes.io", "https://kubernetes.io"),
        ("docs/index.md", "../examples/gitops", None),
    ],
)
def test_links_between_files_of_the_repository_lead_to_pages(
    source: str, link: str, found: str | None
) -> None:
    assert SITE.lead(source, link) == found


def test_links_to_other_files_lead_to_the_repository_where_its_address_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = "https://git.example.com/studio-operator/blob/main/"
    monkeypatch.setenv("DOCS_REPOSITORY_URL", address)
    given = load_config(str(ROOT / "mkdocs.yml")).extra["repository"]
    found = Site(repository=given, pages=SITE.pages).lead("docs/index.md", "../examples/gitops")
    assert found == f"{address}examples/gitops"


def test_without_an_address_the_path_is_shown(site: Path) -> None:
    shown = (site / "index.html").read_text(encoding="utf-8")
    assert "README (<code>README.md</code>)" in shown


def test_a_folder_in_the_navigation_stands_for_its_pages() -> None:
    ((names,),) = (entry.values() for entry in open_folders([{"Decisions": "adr/"}], DOCS))
    assert names[:2] == ["adr/README.md", "adr/0001-on-event-and-own-queue.md"]
    assert names[1:] == sorted(names[1:])
