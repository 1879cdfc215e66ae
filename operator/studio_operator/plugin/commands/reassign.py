"""`kubectl studio reassign`: what a cluster that is gone had in AWS passes to this cluster."""

from __future__ import annotations

import re

import click

from studio_operator.plugin.aws.reassigning import (
    ACTIONS,
    OwnedResource,
    TaggedEstate,
    belonging_to,
    clusters_of,
)
from studio_operator.plugin.errors import NotFoundError, PluginError, RefusedError
from studio_operator.plugin.kube.cluster import connect
from studio_operator.plugin.kube.cluster_ids import ask_contexts, own_cluster_id
from studio_operator.plugin.options import Connection, cluster_options
from studio_operator.plugin.output import note, progress, show, table
from studio_operator.settings import CLUSTER_ID


def _cluster_id(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(CLUSTER_ID, value):
        raise click.BadParameter(f"{value!r} is no id of a cluster, such as team-a-prod")
    return value


@click.command()
@click.option(
    "--from-cluster",
    "old",
    required=True,
    metavar="ID",
    callback=_cluster_id,
    help="Id of the cluster that is gone, as in its tags and in messages.",
)
@click.option(
    "--to-cluster",
    "new",
    metavar="ID",
    callback=_cluster_id,
    help="Id of this cluster; else what its operator tells on its Lease.",
)
@click.option("--domain-id", metavar="ID", help="Only this domain and what is in it.")
@click.option("--region", metavar="NAME", help="AWS region; else that of your AWS configuration.")
@click.option("--profile", metavar="NAME", help="Profile of the AWS configuration.")
@click.option("--yes", is_flag=True, help="Change the tags; without it they are only shown.")
@cluster_options
def command(
    *,
    old: str,
    new: str | None,
    domain_id: str | None,
    region: str | None,
    profile: str | None,
    yes: bool,
    connection: Connection,
) -> None:
    """Move what a cluster that is gone had in AWS to this cluster.

    Only the tag studio-operator.dev/owner changes, and of it only the cluster's id: nothing is
    started, stopped or created. Then the resources here of the same namespaces and names take over
    what they had there. Without --yes it is only shown what would be done.
    """
    new = new or own_cluster_id(connect(connection))
    if new == old:
        raise RefusedError(
            f"{old} is this cluster's own id. Give the id of the cluster that is gone."
        )
    _refuse_living(connection, old)
    estate = TaggedEstate(profile, region)
    found = estate.read()
    wanted = belonging_to(found, old, domain_id)
    if not wanted:
        raise _nothing_found(estate.region, clusters_of(found), old)
    if yes:
        _move(estate, wanted, new)
    else:
        _show(wanted, new)


def _refuse_living(connection: Connection, old: str) -> None:
    """A cluster that answers may have an operator that looks after what is in AWS."""
    living = ask_contexts(connection, old)
    if living.found:
        raise RefusedError(
            f"cluster {old} lives: context {living.found[0]} answers. Let its resources go there, "
            "by deleting them with deletionPolicy Orphan, and set adopt here."
        )
    for context in living.silent:
        note(f"context {context} could not be asked whether it is cluster {old}")


def _nothing_found(region: str, clusters: dict[str, int], old: str) -> NotFoundError:
    there = ", ".join(f"{name} ({count})" for name, count in sorted(clusters.items()))
    said = f"What is there belongs to: {there}." if there else "Nothing there has an owner."
    return NotFoundError(
        f"region {region} has nothing of cluster {old}. {said} Check --from-cluster, --region and "
        "--profile."
    )


def _show(wanted: tuple[OwnedResource, ...], new: str) -> None:
    rows = [(one.title, one.domain_id, str(one.mark), str(one.moved_to(new))) for one in wanted]
    show(table(("in aws", "domain", "owner", "owner after"), rows))
    note(f"Nothing was changed: {len(wanted)} tags would be. Give --yes to change them.")
    note(f"This takes the IAM actions {', '.join(ACTIONS)}.")


def _move(estate: TaggedEstate, wanted: tuple[OwnedResource, ...], new: str) -> None:
    left = 0
    with progress(total=float(len(wanted))) as advance:
        for number, one in enumerate(wanted):
            advance(one.title, float(number))
            problem = estate.move(one, new)
            if problem is not None:
                left += 1
                note(f"{one.title} is left as it is: {problem}")
    note(f"{len(wanted) - left} passed to cluster {new}.")
    if left:
        raise PluginError(f"{left} were left as they are. Run it again to see what is left.")
