"""Which regions there are, as botocore knows them.

Each region that anybody names costs a client, and requests for as long as a resource stays in it.
So an invented one is refused before anything is asked of it, and there are no more than AWS has.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from studio_operator.aws.clients import model_loader

# Each partition lists a region that stands for all of it, of which SageMaker has nothing.
_WHOLE_PARTITION = "-global"


def known_regions(default: str | None, further: Iterable[str] = ()) -> frozenset[str]:
    """The regions that the operator works in.

    Credentials are of one partition: that of the default region, where botocore knows it. `further`
    are regions that AWS has opened since this botocore was made. They and the default count,
    whatever botocore knows.
    """
    partitions: list[dict[str, Any]] = model_loader().load_data("partitions")["partitions"]
    own = [one for one in partitions if default in one["regions"]] or partitions
    listed = {region for one in own for region in one["regions"]}
    named = {default} if default else set()
    return frozenset(
        {region for region in listed if not region.endswith(_WHOLE_PARTITION)}
        | named
        | set(further)
    )
