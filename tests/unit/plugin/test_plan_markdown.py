"""The comment on a pull request, as its reader and as an attacker who writes the YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from studio_operator.kube.resources import Key
from studio_operator.plugin.planning.markdown import MARKER, as_markdown, code, prose
from studio_operator.plugin.planning.report import (
    Action,
    Cost,
    CostChange,
    Effect,
    PlanReport,
    ResourceReport,
)
from studio_operator.printable import is_printable, printable

from tests.unit.plugin.plan_stage import documents, domain, estate, plan, profile, space

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
# All the markup that there is in a comment of ours.
TAGS = {"h3", "p", "blockquote", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
HTML = {MARKER, "<details><summary>What this is based on</summary>", "</details>", "<br>"}
# After our own signs: they are to be pictures.
EMOJI = "\ufe0f"
# What GitHub or GitLab make of plain text: people, links, issues, commands, pictures.
ACTIVE = re.compile(r"[@#!~$^]\w|://|www\.|:\w+:|gh-\d|^\s*/", re.IGNORECASE)


def flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or [])


def assert_harmless(comment: str) -> None:
    """Nothing in it is markup, or means anything, but what we wrote ourselves."""
    tokens = list(flat(PARSER.parse(comment)))
    html = {one.content.strip() for one in tokens if one.type in {"html_block", "html_inline"}}
    assert html <= HTML
    assert {one.tag for one in tokens if one.nesting == 1} <= TAGS
    assert not [one for one in tokens if one.type in {"image", "link_open", "fence", "hr"}]
    assert [one.type for one in tokens].count("heading_open") == 1
    for one in tokens:
        if one.type == "text" and one.content != "[!CAUTION]":
            assert not ACTIVE.search(one.content), one.content
    assert is_printable(comment.replace(EMOJI, ""))
    assert not [line for line in comment.splitlines() if line.lstrip().startswith(("::", "/"))]
    assert "##[" not in comment


@pytest.fixture
def mixed() -> PlanReport:
    """A space that restarts, one that is deleted with its files, one without change."""
    around = (domain(), profile(), space("three"))
    before = documents(*around, space("one"), space("two", deletionPolicy="Delete"))
    return plan(before, documents(*around, space("one", instanceType="ml.m5.large")))


def test_the_comment_warns_of_data_loss_before_anything_else(mixed: PlanReport) -> None:
    comment = as_markdown(mixed)
    assert comment.startswith(MARKER)
    assert comment.index("**Data loss**: `Space ml-team/two`") < comment.index("| Resource |")
    rows = [line for line in comment.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1
    assert_harmless(comment)


def test_what_usually_happens_is_told_in_plain_words(mixed: PlanReport) -> None:
    comment = as_markdown(mixed)
    assert "changes ml.t3.medium to ml.m5.large, starts it again" in comment
    assert "1 delete, 1 restart; 3 without change. Cost while the apps run: +0.02 USD" in comment


# --- as an attacker -----------------------------------------------------------------------------

PIECES = (
    *(
        "# Approved",
        "## x",
        "=====",
        "---",
        "***",
        "- item",
        "1. one",
        " 1. one",
        "\t2) two",
        "> quote",
        "```",
        "~~~",
        "`",
    ),
    *("|", "\\", "\\|", "\n", "\n\n", "\r\n", "\t", " ", "  ", "\u2028", "\x0b"),
    *(
        "<!-- ",
        " -->",
        "<img src=x>",
        "<script>",
        "</details>",
        "<br>",
        "&lt;b&gt;",
        "&#64;x",
        "<!--",
    ),
    *("![x](https://evil.example/x.png)", "[x](https://evil.example)", "[x]: https://evil.example"),
    *(
        "https://evil.example",
        "www.evil.example",
        "<https://evil.example>",
        "mailto:a@evil.example",
    ),
    *("@everyone", "@org/team", "#1", "GH-1", "!1", "~label", "%1", "$1", "/merge", ":tada:"),
    *("**bold**", "__bold__", "*x*", "_x_", "~~x~~", "$x$", "[^1]", "- [x] done"),
    *("::error::x", "##[error]x", "\x1b[2J", "\u202e", "\u200b", MARKER, "No change in AWS."),
)
HOSTILE = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(max_size=12), st.sampled_from(["a", "word"])),
    max_size=12,
).map("".join)


def reported(text: str, name: str) -> PlanReport:
    """A report of which every text is somebody else's."""
    cost = CostChange(Cost(Decimal(1)), Cost())
    return PlanReport(
        resources=(
            ResourceReport(
                Key("Space", name, text),
                (Effect(Action.DELETE, text, data_loss=True), Effect(Action.NOTE, name)),
                people=text,
                cost=cost,
            ),
        ),
        basis=text,
        assumptions=(name, text),
        currency=text,
        sources=(text,),
    )


@given(HOSTILE, HOSTILE)
def test_whoever_writes_yaml_writes_no_markup_into_the_comment(text: str, name: str) -> None:
    comment = as_markdown(reported(text, name))
    assert_harmless(comment)
    rows = [one for one in flat(PARSER.parse(comment)) if one.type == "tr_open"]
    cells = [one for one in flat(PARSER.parse(comment)) if one.type == "td_open"]
    assert (len(rows), len(cells)) == (2, 6)
    assert comment.startswith(MARKER)


@given(HOSTILE)
def test_a_text_is_shown_as_it_is(text: str) -> None:
    shown = " ".join(printable(text).split())
    if not 0 < len(shown) <= 300 or "|" in shown or "##[" in shown:
        return
    for marked in (prose(shown), code(shown)):
        tokens = flat(PARSER.parse(f"word {marked}"))
        read = "".join(one.content for one in tokens if one.type in {"text", "code_inline"})
        assert " ".join(read.split()) == f"word {shown}"


@pytest.mark.parametrize("piece", PIECES)
def test_no_field_of_a_space_becomes_markup(piece: str) -> None:
    hostile: dict[str, Any] = {
        "displayName": piece,
        "instanceType": piece,
        "tags": {piece: piece},
        "ownerRef": {"name": piece},
    }
    after = estate(space(**hostile), space(f"x{piece}y", **hostile))
    assert_harmless(as_markdown(plan(estate(), after)))


@pytest.mark.parametrize("name", ["a/b", "x`y", "", "x\n# Approved", "Space", "-"])
def test_a_name_that_no_api_server_takes_is_refused_and_stops_no_plan(name: str) -> None:
    hostile = space(name, ownerRef={"name": name}, domainRef={"name": name, "namespace": name})
    elsewhere = space("churn", instanceType="ml.m5.large")
    elsewhere["metadata"]["namespace"] = name or "x/y"
    own = space("churn", instanceType="ml.m5.large")
    after = {**estate(own), **documents(hostile, elsewhere)}
    report = plan(estate(), after)
    assert {one.action for one in report.resources if one.key.namespace != "ml-team"} == {
        Action.REFUSE
    }
    assert report.count(Action.RESTART) == 1
    assert (
        plan({**estate(), **documents(hostile, elsewhere)}, estate(own)).count(Action.RESTART) == 1
    )


def test_nobody_pushes_the_warning_of_data_loss_out_of_the_comment() -> None:
    deleted = tuple(
        ResourceReport(
            Key("Space", "team", f"{number}{'x' * 5_000}"),
            (Effect(Action.DELETE, "y" * 5_000, data_loss=True),),
        )
        for number in range(500)
    )
    comment = as_markdown(PlanReport(deleted, ""))
    (warning,) = (line for line in comment.splitlines() if "Data loss" in line)
    assert "and 490 more" in warning
    assert len(warning) < 6_000
