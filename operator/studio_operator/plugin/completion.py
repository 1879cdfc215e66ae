"""Completion of names from the cluster. A cluster that does not answer completes nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem, ShellComplete

from studio_operator.plugin.errors import PluginError
from studio_operator.plugin.options import connection_of
from studio_operator.printable import printable


def complete_names(ctx: click.Context, _param: click.Parameter, word: str) -> list[CompletionItem]:
    """Names of spaces; of profiles and domains behind `profile/` and `domain/`."""
    # Imported here: whoever only defines a command does without the Kubernetes library.
    from studio_operator.plugin.kube.cluster import connect  # noqa: PLC0415
    from studio_operator.plugin.names import DEFAULT_KIND, kind_of  # noqa: PLC0415

    prefix, slash, _ = word.rpartition("/")
    kind = kind_of(prefix) if slash else DEFAULT_KIND
    if kind is None:
        return []
    # A kubeconfig's helper that fails must not write into the line being typed.
    logging.disable()
    try:
        found = connect(connection_of(ctx)).list_all(kind)
    except PluginError:
        return []
    finally:
        logging.disable(logging.NOTSET)
    given = {*ctx.params.get("names", ())}
    names = [f"{prefix}{slash}{one['metadata']['name']}" for one in found]
    return [
        CompletionItem(name, help=one.get("status", {}).get("phase", ""))
        for name, one in zip(names, found, strict=True)
        if name.startswith(word) and name not in given
    ]


# Cobra's ShellCompDirectiveNoFileComp: kubectl is not to offer names of files.
NO_FILES = ":4"


def answer_kubectl(group: click.Group, words: Sequence[str]) -> str:
    """What kubectl expects of a plug-in's completion program.

    A candidate a line, with its description behind a tab, and in the last line a directive of
    cobra, the library that kubectl's command line is made of. The last word is the unfinished one.
    """
    *before, unfinished = words or [""]
    found = ShellComplete(group, {}, "kubectl studio", "").get_completions(before, unfinished)
    lines = [as_line(item) for item in found]
    return "\n".join([*lines, NO_FILES])


def as_line(item: CompletionItem) -> str:
    """A candidate and its description, which can't add another one."""
    shown = printable(str(item.value))
    return f"{shown}\t{printable(item.help)}" if item.help else shown
