"""The command line: `studio-operator` and `python -m studio_operator`."""

from studio_operator.cli.main import main

__all__ = ["main"]
