"""Which id a cluster has in AWS's tags, and whether a cluster with a given id still lives.

The operator tells its cluster's id on its Lease. Whoever may not list Leases gives it as an option.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from kubernetes.config import ConfigException
from kubernetes.config.kube_config import KUBE_CONFIG_DEFAULT_LOCATION, KubeConfigMerger

from studio_operator.api.common import CLUSTER_ID
from studio_operator.plugin.errors import PluginError, RefusedError
from studio_operator.plugin.kube.cluster import Cluster, connect
from studio_operator.plugin.kube.presence import USUAL_LEASE
from studio_operator.plugin.options import Connection

# Contexts asked at once: each may wait for a server that does not answer.
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Living:
    """Contexts that were asked for an id: of clusters that have it, and those without an answer."""

    found: tuple[str, ...]
    silent: tuple[str, ...]


def own_cluster_id(cluster: Cluster) -> str:
    """The id that the operator of this cluster tells on its Lease. Raises PluginError."""
    try:
        ids = _usual_id(cluster) or cluster.told_cluster_ids()
    except PluginError as error:
        said = error.format_message()
        raise type(error)(f"{said} Or give this cluster's id as --to-cluster.") from error
    if len(ids) == 1:
        return ids.pop()
    if ids:
        raise PluginError(
            f"operators with several ids run here: {', '.join(sorted(ids))}. Give one of them as "
            "--to-cluster."
        )
    raise PluginError(
        "no operator here tells its cluster's id. Install it first, or give the id as --to-cluster."
    )


def _usual_id(cluster: Cluster) -> set[str]:
    """What the operator tells where the page Install puts it: many may read that Lease alone."""
    namespace, _, name = USUAL_LEASE.partition("/")
    try:
        lease, _ = cluster.lease(namespace, name)
    except RefusedError:
        return set()
    told = ((lease or {}).get("metadata", {}).get("annotations") or {}).get(CLUSTER_ID)
    return {str(told)} if told else set()


def ask_contexts(connection: Connection, cluster_id: str) -> Living:
    """Which other clusters of the kubeconfig have that id, as far as they answer."""
    contexts = list(_other_contexts(connection))
    own_uid = _uid(connect(connection)) if contexts else None
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(partial(_has_id, connection, cluster_id, own_uid), contexts))
    asked = list(zip(contexts, answers, strict=True))
    return Living(
        tuple(context for context, has_id in asked if has_id),
        tuple(context for context, has_id in asked if has_id is None),
    )


def _has_id(
    connection: Connection, cluster_id: str, own_uid: str | None, context: str
) -> bool | None:
    """None where it does not answer. A second way to this very cluster is no other cluster."""
    try:
        there = connect(replace(connection, context=context))
        uid = there.kube_system_uid()
        return uid != own_uid and cluster_id in {uid, *there.told_cluster_ids()}
    except PluginError:
        return None


def _uid(cluster: Cluster) -> str | None:
    """The uid of kube-system; None for a person who may not read it."""
    try:
        return cluster.kube_system_uid()
    except PluginError:
        return None


def _other_contexts(connection: Connection) -> Iterator[str]:
    """The first context of each other cluster in the kubeconfig."""
    path = connection.kubeconfig or KUBE_CONFIG_DEFAULT_LOCATION
    try:
        merged = KubeConfigMerger(path).config  # type: ignore[no-untyped-call]
    except ConfigException:
        return
    contexts = {one["name"]: one["context"]["cluster"] for one in merged.value["contexts"] or ()}
    current = connection.context or merged.value.get("current-context")
    seen = {contexts.get(current)}
    for name, cluster in contexts.items():
        if cluster not in seen:
            seen.add(cluster)
            yield str(name)
