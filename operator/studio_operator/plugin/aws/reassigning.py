"""What a cluster had in AWS, by its ownership tags, and how it passes to another cluster.

Only the first part of the tag changes, the cluster's id. The namespace, the name and the uid stay:
the resource of that namespace and name takes it over when its operator sees it, as after a
re-creation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.registry import BY_NAME, REFERENCES
from studio_operator.kinds.resource_id import parse_arn
from studio_operator.plan.ownership import OwnerMark
from studio_operator.plan.scope import OWN_ACCOUNT
from studio_operator.plugin.export.account import NotInAwsError, ask, open_client

# What it asks of AWS, as the IAM actions are called.
ACTIONS = ("tag:GetResources", "sagemaker:ListTags", "sagemaker:AddTags")


@dataclass(frozen=True, slots=True)
class OwnedResource:
    """One thing in AWS with the tag of its owner. `kind` is the name of its kind."""

    arn: str
    kind: str
    domain_id: str
    title: str
    mark: OwnerMark

    def moved_to(self, cluster: str) -> OwnerMark:
        """The tag after it passed to that cluster."""
        return replace(self.mark, cluster=cluster)


class TaggedEstate:
    """The ownership tags of a region, read and written under the person's own identity."""

    def __init__(self, profile: str | None, region: str | None) -> None:
        """Raises PluginError when there is no region, or no such profile."""
        self._tagging = open_client(profile, region, "resourcegroupstaggingapi")
        self._sagemaker = open_client(profile, region, "sagemaker")

    @property
    def region(self) -> str:
        """The region, for example eu-central-1."""
        return str(self._sagemaker.meta.region_name)

    def read(self) -> tuple[OwnedResource, ...]:
        """All that carries an ownership tag, domains first. Raises PluginError."""
        token: Mapping[str, str] = {}
        found: list[OwnedResource] = []
        while True:
            answer = ask(
                self._tagging,
                "GetResources",
                TagFilters=[{"Key": OWNER_TAG}],
                ResourceTypeFilters=["sagemaker"],
                **token,
            )
            found += _owned(answer["ResourceTagMappingList"])
            if not answer.get("PaginationToken"):
                return tuple(sorted(found, key=_order))
            token = {"PaginationToken": answer["PaginationToken"]}

    def move(self, owned: OwnedResource, cluster: str) -> str | None:
        """Rewrite one tag; what stands against it in words, None when it is done.

        The tag is read anew: who took the thing meanwhile keeps it. Raises PluginError.
        """
        try:
            answer = ask(self._sagemaker, "ListTags", ResourceArn=owned.arn, MaxResults=100)
            tags = {tag["Key"]: tag["Value"] for tag in answer["Tags"]}
            if tags.get(OWNER_TAG) != str(owned.mark):
                return f"its owner is {tags.get(OWNER_TAG, 'nobody')} by now"
            tag = {"Key": OWNER_TAG, "Value": str(owned.moved_to(cluster))}
            ask(self._sagemaker, "AddTags", ResourceArn=owned.arn, Tags=[tag])
        except NotInAwsError:
            return "it is gone"
        return None


def belonging_to(
    estate: Iterable[OwnedResource], cluster: str, domain_id: str | None
) -> tuple[OwnedResource, ...]:
    """What that cluster has, in one domain or in all."""
    return tuple(
        one for one in estate if one.mark.cluster == cluster and domain_id in {None, one.domain_id}
    )


def clusters_of(estate: Iterable[OwnedResource]) -> dict[str, int]:
    """How much each cluster has, by its id."""
    counts: dict[str, int] = {}
    for one in estate:
        counts[one.mark.cluster] = counts.get(one.mark.cluster, 0) + 1
    return counts


def _owned(items: Iterable[Mapping[str, Any]]) -> list[OwnedResource]:
    found = []
    for item in items:
        arn = item["ResourceARN"]
        key = parse_arn(arn, OWN_ACCOUNT)
        tags = {tag["Key"]: tag["Value"] for tag in item["Tags"]}
        mark = OwnerMark.parse(tags.get(OWNER_TAG, ""))
        if key is not None and mark is not None:
            title = f"{BY_NAME[key.kind].noun} {key.name}"
            found.append(OwnedResource(arn, key.kind, key.view.domain_id or "", title, mark))
    return found


def _order(owned: OwnedResource) -> tuple[str, int, str]:
    return owned.domain_id, REFERENCES.rank_of(owned.kind), owned.title
