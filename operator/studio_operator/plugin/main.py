"""The command group; each verb is a module of `plugin.commands`."""

from __future__ import annotations

import click


@click.group(name="kubectl studio")
@click.version_option(package_name="studio-operator", message="%(version)s")
def main() -> None:
    """Open, start, stop and explain SageMaker Studio spaces that are kept as YAML."""
