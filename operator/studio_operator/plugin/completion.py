"""Completion of names from the cluster. A cluster that does not answer completes nothing."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from studio_operator.plugin.errors import PluginError
from studio_operator.plugin.options import connection_of


def complete_names(ctx: click.Context, _param: click.Parameter, word: str) -> list[CompletionItem]:
    """Names of spaces; of profiles and domains behind `profile/` and `domain/`."""
    # Imported here: whoever only defines a command does without the Kubernetes library.
    from studio_operator.plugin.cluster import connect, kind_of  # noqa: PLC0415

    prefix, slash, _ = word.rpartition("/")
    kind = kind_of(prefix) if slash else "Space"
    if kind is None:
        return []
    try:
        found = connect(connection_of(ctx)).list_all(kind)
    except PluginError:
        return []
    given = {*ctx.params.get("names", ())}
    names = [f"{prefix}{slash}{one['metadata']['name']}" for one in found]
    return [
        CompletionItem(name, help=one.get("status", {}).get("phase", ""))
        for name, one in zip(names, found, strict=True)
        if name.startswith(word) and name not in given
    ]
