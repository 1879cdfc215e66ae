"""Roster: people of a team and when they are on call. AWS knows nothing of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from studio_operator.api.common import (
    AWS_NAME,
    CommonStatus,
    Model,
    NamespacedReference,
    Tags,
    UniqueList,
)


class RosterSpec(Model):
    """The desired state of a roster."""

    domain_ref: NamespacedReference = Field(
        description="The StudioDomain whose people are on call, for example {name: research, "
        "namespace: ml-team}."
    )
    people: UniqueList[str] = Field(
        max_length=20, description="Who is on call, in turn, for example [alice, bob]."
    )
    escalation: str | None = Field(
        None, max_length=63, pattern=AWS_NAME, description="Who is asked next, for example carol."
    )
    tags: Tags | None = None


class RosterStatus(CommonStatus):
    """The roster as last looked at."""

    phase: Literal["Pending", "InService", "Failed"] | None = Field(
        None, description="One word for where the roster stands: Pending, InService or Failed."
    )


class Roster(Model):
    """Who of a domain's people is on call."""

    spec: RosterSpec = Field(description="The desired state of the roster.")
    status: RosterStatus | None = Field(
        None, description="The roster as last looked at; written by the operator."
    )


SPEC_RULES = (
    ("size(self.people) > 0", "people is empty: name somebody, or delete the roster"),
    ("has(self.domainRef.namespace)", "domainRef needs a namespace: a roster is in none"),
)
