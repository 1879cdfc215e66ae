"""The fields of a StudioDomain that name what a tenant needs permission for."""

from __future__ import annotations

from studio_operator.kinds.shared.policy import named_by
from studio_operator.plan.settings.table import DOMAIN_SETTINGS
from studio_operator.plan.tenancy.check import Named
from studio_operator.plan.tenancy.policy import Subject

NAMES = (
    *named_by(DOMAIN_SETTINGS),
    Named(("kmsKeyId",), Subject.KMS_KEYS),
    Named(("domainId",), Subject.ADOPTION),
    Named(("deletionPolicy",), Subject.DELETION_POLICIES),
)
