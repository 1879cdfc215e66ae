"""`kubectl studio completion`: scripts by which a shell, or kubectl itself, completes our words."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from studio_operator.plugin.main import COMPLETE_VARIABLE, group

SHELLS = ("bash", "zsh", "fish")
PROGRAM = "kubectl-studio"
# kubectl runs a program of this name for a plug-in's completions (kubernetes/kubernetes #105867).
FOR_KUBECTL = """\
#!/bin/sh
# Save this as kubectl_complete-studio, executable, in a folder of PATH.
exec kubectl-studio __complete "$@"
"""


@click.command(name="completion")
@click.argument("shell", type=click.Choice([*SHELLS, "kubectl"]))
def command(shell: str) -> None:
    """Print a script that completes verbs, options and names from the cluster.

    bash, zsh and fish complete `kubectl-studio`; the script for kubectl, saved on PATH as
    kubectl_complete-studio, lets kubectl's own completion go on behind `kubectl studio`.
    """
    if shell == "kubectl":
        click.echo(FOR_KUBECTL, nl=False)
        return
    complete = get_completion_class(shell)
    assert complete is not None, f"click knows {shell}"
    click.echo(complete(group, {}, PROGRAM, COMPLETE_VARIABLE).source())
