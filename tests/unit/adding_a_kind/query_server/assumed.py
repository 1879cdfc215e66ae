"""A query server, and who may reach it, as spec and recorded status tell of them."""

from __future__ import annotations

from studio_operator.kinds.assumed import Assumption, AssumptionInput
from studio_operator.plan.settings.mapping import creation_members, declared_values

from .observe import ObservedRule, ObservedServer
from .view import SETTINGS


def assume(given: AssumptionInput) -> Assumption:
    """As recorded, where it is; else as declared, and running."""
    spec, old = given.declared.spec, given.status
    is_recorded = old.arn is not None
    stopped = old.phase == "Stopped" if is_recorded else spec.state == "Stopped"
    status = {"status": "Stopped" if stopped else "InService"}
    details = creation_members(declared_values(spec, SETTINGS))
    record = ObservedServer(**given.members | status, details=details, server_id=given.id)
    cidr = old.allowed_cidr if is_recorded else spec.allowed_cidr
    return Assumption(record, ObservedRule("InService", cidr, given.created_at) if cidr else None)
