"""Profiles and spaces of a namespace that their StudioDomain does not admit."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from studio_operator.api.common import CommonStatus
from studio_operator.plan.decisions import Decision, as_plan, common_status
from studio_operator.plan.lifecycle import domain_resource, phase_without, stalled
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import Resource, add_to
from studio_operator.plan.types import Declared, DomainFacts, Plan

StatusT = TypeVar("StatusT", bound=CommonStatus)


def refuse_namespace(named: Resource, namespace: str) -> Decision:
    """The StudioDomain does not admit the namespace."""
    return stalled(
        Reason.NAMESPACE_NOT_ALLOWED,
        f"{named} does not admit namespace {namespace}",
        add_to("allowedNamespaces", namespace, words="this namespace", on=named),
    )


def refuse_stranger(
    declared: Declared[Any],
    old: StatusT,
    domain: DomainFacts | None,
    now: datetime,
) -> Plan[StatusT] | None:
    """The plan of what was never admitted: nothing else of its spec is looked at.

    So it costs nothing whatever it declares, and its status tells nothing of the domain. None for
    what is admitted, was begun before, or is to be deleted.
    """
    is_begun = old.arn is not None or old.operation is not None
    if domain is None or domain.admits or is_begun or declared.deleting:
        return None
    if declared.unreadable is not None:
        return None
    named = domain_resource(declared, declared.spec.domain_ref)
    decision = refuse_namespace(named, declared.namespace)
    status = old.model_copy(
        update={
            "phase": phase_without(decision, old),
            **common_status(declared, old, decision, now),
        }
    )
    return as_plan(decision, old, status)
