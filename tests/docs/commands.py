"""The shell commands of the documentation, each with how it is checked.

A command that can be run is run: against the tests' API server, by Helm, by the plug-in's own
parser. For each kind of command that is not, `NOT_RUN` says why. One that no rule knows fails.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from tests.docs.pages import ROOT, Block, all_blocks

SHELL = ("sh", "bash", "shell")
# Run from top to bottom, with all of the sandbox, by a test of its own: the page, and the heading
# that ends it.
TOUR, TOUR_ENDS = "docs/start.md", "## On a cluster"
A_TIME = "2026-03-02T09:30:00Z"  # what `$(date ...)` might give
CONTROL = {"do", "then", "else", "if", "!", "time"}
ENDS = {"\n", "|", "||", "&&", ";", "(", ")", "<(", "&"}
REDIRECTIONS = {">", ">>", "<"}


@dataclass(frozen=True)
class Command:
    """One command of a block, with the line that its block begins on."""

    block: Block
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.block} {self.text}"

    @cached_property
    def text(self) -> str:
        """The command as one line, without quotes."""
        return " ".join(self.words)

    @property
    def is_in_tour(self) -> bool:
        """Whether it is run as a part of the tour."""
        return is_in_tour(self.block)


# How commands are checked, by what they begin with. The first that fits decides.
CHECKED = {
    "make": r"make ",
    "operator": r"\S*python -m studio_operator |studio-operator ",
    "plug-in": r"kubectl studio |kubectl-studio ",
    "asked": r"kubectl (get|explain|api-resources|describe|events) ",
    "waited for": r"kubectl wait (?!.*--for=delete)",
    "tried": r"kubectl (annotate|patch|label|delete) ",
    "helm": r"helm (install|upgrade|template|lint) ",
    "aws": r"aws ",
}
NOT_RUN = {
    r".*\.(services\.k8s\.aws|upbound\.io)|kubectl get managed": "needs the CRDs of another tool",
    r"kubectl patch \{\}": "gets its names from the command before it",
    r"(while|read) ": "of the shell",
    r".*\$": "holds a variable that only a shell before it knows",
    r".*(--watch|-w)\b": "never ends",
    r"kubectl .*--for=delete": "waits for what only a running operator does",
    r"kubectl .*\b(leases?|pods?|deployments?|deploy|logs|rollout|port-forward|secrets?)\b": (
        "asks about the operator's own Pods, which the tests' API server has no kubelet for"
    ),
    r"kubectl (apply|diff) ": "its file is on the page, and is applied by a test",
    r"kubectl krew ": "run by the tests of the plug-in as one file, by krew itself",
    r"terraform ": "Terraform is no part of the sandbox, and needs an account",
    r"(helm (uninstall|test|rollback|history|show|get|repo|package|push|registry)|kind|docker) ": (
        "needs a cluster with nodes; the suite for kind does it"
    ),
    r"eksctl ": "needs an account",
    r"(argocd|flux) ": "needs a cluster that runs them",
    r"(export|unset|cd|for|done|mkdir|source|chmod|mv|cp|cat|echo|eval)\b": "of the shell",
    r"(git|gh|curl|jq|xargs|less|grep|sed|sort|open|python3?|pip|pipx) ": "no part of the product",
    r"\w+=": "of the shell",
    r"promtool ": "run by the tests of the alerts",
    r"aws s3(api)? ": "run by the tests of the back-ups, against S3 in the simulator",
}


def all_commands() -> list[Command]:
    """Every command of every shell block, in order, with what its page has exported before."""
    exported: dict[str, dict[str, str]] = {}
    found: list[Command] = []
    for block in [_prompts(block) for block in all_blocks(*SHELL, "console")]:
        variables = exported.setdefault(block.page, {})
        for command in commands_of(block, variables):
            found.append(command)
            if command.words[0] == "export":
                variables |= {
                    name: _expand(value, variables)
                    for name, _, value in (word.partition("=") for word in command.words[1:])
                }
    return found


def _prompts(block: Block) -> Block:
    """The block without what its commands print."""
    if block.language != "console":
        return block
    lines = [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
    return replace(block, text="\n".join(lines))


def is_in_tour(block: Block) -> bool:
    """Whether the block comes before the heading that ends the tour."""
    if block.page != TOUR:
        return False
    lines = (ROOT / TOUR).read_text(encoding="utf-8").splitlines()
    return block.line < lines.index(TOUR_ENDS)


def _expand(text: str, variables: Mapping[str, str]) -> str:
    return re.sub(r"\$\{?(\w+)\}?", lambda match: variables.get(match[1], match[0]), text)


def how_checked(command: Command) -> str | None:
    """The kind of check, "not run", or None if no rule knows the command."""
    if command.is_in_tour:
        return "tour"
    if any(re.match(rule, command.text) for rule in NOT_RUN):
        return "not run"
    fitting = (kind for kind, rule in CHECKED.items() if re.match(rule, f"{command.text} "))
    return next(fitting, None)


def commands_of(block: Block, variables: Mapping[str, str]) -> Iterator[Command]:
    """The simple commands of a block, those of pipes and loops included."""
    text = re.sub(r"\$\(date\b[^)]*\)", A_TIME, block.text.replace("\\\n", " "))
    text = re.sub(r"(^|\s)#\s.*$", "", text, flags=re.MULTILINE)
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace = " \t\r"
    lexer.wordchars += "{}[]$%^@:,+"
    lexer.commenters = ""
    words: list[str] = []
    for token in (*lexer, "\n"):
        if token.strip(" \t") in ENDS or ("\n" in token and not token.strip()):
            yield from _command(block, [_expand(word, variables) for word in words])
            words = []
        else:
            words.append(token)


def _command(block: Block, words: list[str]) -> Iterator[Command]:
    while words and words[0] in CONTROL:
        words = words[1:]
    for sign in REDIRECTIONS & set(words):
        del words[words.index(sign) : words.index(sign) + 2]
    if words:
        yield Command(block, tuple(words))
