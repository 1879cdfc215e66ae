"""What the help of `kubectl studio export` says."""

from __future__ import annotations

import click
from studio_operator.plugin.commands.export import command
from studio_operator.plugin.export.things import EXPORTABLE


def test_the_domain_is_told_as_required_where_nothing_else_can_be_exported() -> None:
    told = command.get_help(click.Context(command)).partition("--domain-id")[2]
    assert ("[required]" in told.partition("--region")[0]) == (not EXPORTABLE)
