"""`kubectl studio export`: an estate that exists in AWS as YAML that takes it over."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from studio_operator.plugin.errors import PluginError
from studio_operator.plugin.export.account import open_account
from studio_operator.plugin.export.estate import read_estate
from studio_operator.plugin.export.exporting import export_estate
from studio_operator.plugin.export.files import render_files, render_stream, write_files
from studio_operator.plugin.export.parts import Export
from studio_operator.plugin.export.proof import keep_quiet
from studio_operator.plugin.output import note, progress

STANDARD_OUTPUT = "-"
# What stands for the namespace while none is named: references don't need it then.
ANY_NAMESPACE = "default"


@click.command()
@click.option(
    "--domain-id", required=True, metavar="ID", help="Id of the domain, such as d-abc123."
)
@click.option("--region", metavar="NAME", help="AWS region; else that of your AWS configuration.")
@click.option("--profile", metavar="NAME", help="Profile of the AWS configuration.")
@click.option("-n", "--namespace", metavar="NAME", help="Namespace to write into the files.")
@click.option(
    "-o",
    "--output",
    metavar="DIR|-",
    default=STANDARD_OUTPUT,
    help="Folder for one file a resource and a kustomization; - for one stream (when left out).",
)
@click.option("--force", is_flag=True, help="Write over files that are there.")
def command(
    *,
    domain_id: str,
    region: str | None,
    profile: str | None,
    namespace: str | None,
    output: str,
    force: bool,
) -> None:
    """Write an existing domain, its profiles and spaces as YAML to commit.

    Applied, the resources take over what is in AWS and change nothing but the ownership tag.
    What has no field in them is named on stderr, and stays as it is. AWS is only read, under your
    own identity.
    """
    account = open_account(profile, region)
    with progress(total=1.0) as advance:
        advance(f"domain {domain_id}", 0.0)
        estate = read_estate(account, domain_id, advance)
    wanted = export_estate(estate, namespace or ANY_NAMESPACE)
    export = keep_quiet(wanted, estate, datetime.now(UTC))
    if not export.resources:
        _tell(export)
        raise PluginError(f"nothing of domain {domain_id} can be taken over; see above.")
    if output == STANDARD_OUTPUT:
        sys.stdout.write(render_stream(export, namespace))
    else:
        write_files(Path(output), render_files(export, namespace), force=force)
    _tell(export)


def _tell(export: Export) -> None:
    """What was made, and what was left out, on stderr."""
    for omission in export.all_omissions:
        note(f"left out: {omission}")
    counts = {
        kind: sum(one.key.kind == kind for one in export.resources)
        for kind in ("StudioDomain", "UserProfile", "Space")
    }
    made = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    note(f"exported {made}; {len(export.all_omissions)} left out")
