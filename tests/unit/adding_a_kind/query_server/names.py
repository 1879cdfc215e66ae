"""The fields of a QueryServer that name what a tenant needs permission for."""

from __future__ import annotations

from studio_operator.plan.tenancy.check import Named
from studio_operator.plan.tenancy.policy import Subject

NAMES = (
    Named(("serverId",), Subject.ADOPTION),
    Named(("deletionPolicy",), Subject.DELETION_POLICIES),
)
