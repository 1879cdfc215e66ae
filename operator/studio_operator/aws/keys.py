"""Names of what the inventory holds."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["domain", "profile", "space"]

_KINDS_OF_ARNS: dict[str, Kind] = {"domain": "domain", "user-profile": "profile", "space": "space"}


class RecordKey(NamedTuple):
    """One record of the inventory.

    `name` is empty for a domain. Names of profiles are lower-cased: AWS takes them in any case.
    A domain key without an id stands for the list of a region's domains.
    """

    kind: Kind
    region: str
    domain_id: str
    name: str = ""


def parse_arn(arn: str) -> RecordKey | None:
    """The record that an ARN names; None for an ARN of anything else, such as an app's.

    Forms: `arn:aws:sagemaker:{region}:{account}:` and then `domain/{id}`,
    `user-profile/{id}/{name}` or `space/{id}/{name}` (pattern of SpaceArn in botocore's model).
    """
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[2] != "sagemaker":
        return None
    type_, *names = parts[5].split("/")
    kind = _KINDS_OF_ARNS.get(type_)
    if kind is None or len(names) != (1 if kind == "domain" else 2):
        return None
    name = "" if kind == "domain" else names[1]
    return RecordKey(kind, parts[3], names[0], name.lower() if kind == "profile" else name)
