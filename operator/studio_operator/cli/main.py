"""The commands and their arguments."""

from __future__ import annotations

import click

from studio_operator.cli.run import run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Keeps Amazon SageMaker Studio domains, user profiles and spaces as declared.

    Exit codes: 0 done, 1 failed, 2 wrongly called or set up.
    """


main.add_command(run)
