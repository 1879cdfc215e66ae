"""An operation of AWS that the operator calls: of which API it is, and what it does.

What it does decides the rate limit that it counts against, whether it goes before others, what a
view of AWS and a dry run make of it, and what is granted. Each kind brings its own, and so
does a feature; here are those of all. `kinds.registry` has them all together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_VERB = re.compile("^(Create|Describe|Update|Delete|Start|Stop|List)")
_READS = ("Describe", "Get", "List")


class Does(StrEnum):
    """What an operation does."""

    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    START = "start"
    STOP = "stop"
    TAG = "tag"
    PREPARE = "prepare"  # what others of its feature need or wait for


@dataclass(frozen=True, slots=True)
class AwsOperation:
    """An operation, by its name in the API; `api` is what boto3 calls the API.

    `is_sent_once`: whether two that are made alike are two things in AWS. A request whose answer
    got lost may have been carried out, and CreateDomain takes no token by which AWS would know the
    second one. `is_named_by_content`: whether what is there already under such a name is just what
    was to be made, unless others made it: it is looked at next.
    """

    name: str
    does: Does
    api: str = "sagemaker"
    is_sent_once: bool = False
    is_named_by_content: bool = False

    @property
    def type(self) -> str:
        """The type of things that it is about: its name without the verb."""
        return _VERB.sub("", self.name)

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.does is Does.READ

    @property
    def moves_machines(self) -> bool:
        """Whether it starts or ends an instance."""
        return self.does in {Does.START, Does.STOP}

    @property
    def goes_first(self) -> bool:
        """Whether it ends costs, or lets somebody else begin: that waits for no other change."""
        return self.does in {Does.STOP, Does.DELETE}


# Those of no kind or feature.
SHARED = (
    AwsOperation("ListTags", Does.READ),
    AwsOperation("AddTags", Does.TAG),
    AwsOperation("DeleteTags", Does.TAG),
    AwsOperation("GetResources", Does.READ, "resourcegroupstaggingapi"),
    AwsOperation("ListStudioLifecycleConfigs", Does.READ),
)


def is_read(operation: str) -> bool:
    """Whether an operation changes nothing: AWS's verbs say so."""
    return operation.startswith(_READS)
