"""What a domain's status says of AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio_operator.kinds.shared import outcome
from studio_operator.kinds.studio_domain.api import StudioDomainStatus
from studio_operator.kinds.studio_domain.view import DomainView, shared_spaces
from studio_operator.plan.decisions import Decision
from studio_operator.plan.settings.mapping import read_member
from studio_operator.plan.types import Plan


def finish(view: DomainView, decision: Decision) -> Plan[StudioDomainStatus]:
    """The complete status: what AWS shows of a domain of ours, else what it showed last."""
    domain, shown = view.found, dict[str, Any]()
    if domain is not None:
        shown = {
            "domain_id": domain.domain_id,
            "domain_name": domain.name,
            "url": domain.url or view.status.url,
        }
        if domain.details is not None:
            shown |= _from_details(domain.details)
    known = {"region": view.situation.region}
    return outcome.finish(view, decision, known=known, shown=shown)


def _from_details(details: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "auth_mode": read_member(details, ("AuthMode",)),
        "network": read_member(details, ("AppNetworkAccessType",)),
        "home_efs_file_system_id": read_member(details, ("HomeEfsFileSystemId",)),
        "shared_spaces": shared_spaces(details),
    }
