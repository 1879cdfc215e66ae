"""The commands and their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from studio_operator.cli.run import add_run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code: 0 done, 1 failed, 2 wrongly called or set up."""
    parser = argparse.ArgumentParser(
        prog="studio-operator",
        description="Keeps Amazon SageMaker Studio domains, user profiles and spaces as declared.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add_run_command(commands)
    chosen = parser.parse_args(arguments)
    code: int = chosen.perform(chosen)
    return code
