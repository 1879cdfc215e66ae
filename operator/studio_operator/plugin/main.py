"""The command group; the module of a verb, in `plugin.commands`, is imported when it is used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping

import click
from click.shell_completion import CompletionItem

from studio_operator.plugin.errors import PluginError

COMMANDS = "studio_operator.plugin.commands"
# What `--help` says of each verb. Its module has the name of the verb, with _ for -.
VERBS: Mapping[str, str] = {
    "open": "Open a space, or Studio itself, in the browser.",
    "start": "Start the apps of spaces.",
    "stop": "Stop the apps of spaces.",
    "restart": "Stop the apps of spaces and start them again.",
    "snooze": "Let the schedule of a space sleep for a while.",
    "apply-now": "Apply changes that wait for the app to be stopped.",
    "reconcile": "Have domains, profiles or spaces looked at now.",
    "why": "Explain what a space, profile or domain waits for.",
    "top": "Show what running spaces cost, the dearest first.",
    "lingering": "Show what goes on costing money after its space was stopped.",
    "prices": "Show the table of prices, or fetch it from AWS.",
    "tenants": "Show the tenants, and what they do not allow.",
    "plan": "Show what files or Git revisions would change in AWS.",
    "export": "Write an existing AWS estate as YAML to commit.",
    "reassign": "Move what a cluster that is gone had in AWS to this one.",
    "iam-policy": "Print the IAM policy that the operator needs.",
    "completion": "Print a script that completes commands and names in a shell.",
}
# The verbs that ask the operator for something by an annotation are in one module.
REQUESTS = frozenset({"start", "stop", "restart", "apply-now", "reconcile"})
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class LazyGroup(click.Group):
    """A group whose help is a table and whose verbs are imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The verbs, in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one verb; None when there is none of that name."""
        return load(cmd_name) if cmd_name in VERBS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table without importing what it names."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The verbs by the table, or the group's own options, without importing a verb."""
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        found = (item for item in VERBS.items() if item[0].startswith(incomplete))
        return [CompletionItem(verb, help=text) for verb, text in found]


def load(verb: str) -> click.Command:
    """The command of a verb of the table. Raises PluginError when this version does not have it."""
    name = f"{COMMANDS}.{'request' if verb in REQUESTS else verb.replace('-', '_')}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise PluginError(f"this version of kubectl-studio lacks the command {verb!r}") from error
    command: click.Command = module.COMMANDS[verb] if verb in REQUESTS else module.command
    return command


@click.group(name="kubectl studio", cls=LazyGroup, context_settings=CONTEXT)
@click.version_option(package_name="studio-operator", message="%(version)s")
def group() -> None:
    """Open, start, stop and explain SageMaker Studio spaces that are kept as YAML."""


# Click answers a shell that asks for completions by this variable.
COMPLETE_VARIABLE = "_KUBECTL_STUDIO_COMPLETE"
# kubectl's script for completions of the plug-in calls us with this word in front.
COMPLETE_FOR_KUBECTL = "__complete"


def main(arguments: list[str] | None = None) -> None:
    """The entry point `kubectl-studio`; ends the process with an exit code of `plugin.errors`."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == [COMPLETE_FOR_KUBECTL]:
        from studio_operator.plugin.completion import answer_kubectl  # noqa: PLC0415 - rarely used

        click.echo(answer_kubectl(group, words[1:]))
        return
    group.main(args=words, prog_name="kubectl studio", complete_var=COMPLETE_VARIABLE)
