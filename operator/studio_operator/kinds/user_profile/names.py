"""The fields of a UserProfile that name what a tenant needs permission for."""

from __future__ import annotations

from studio_operator.kinds.shared.policy import named_by
from studio_operator.plan.settings.table import PROFILE_SETTINGS
from studio_operator.plan.tenancy.check import Named
from studio_operator.plan.tenancy.policy import Subject

NAMES = (
    *named_by(PROFILE_SETTINGS),
    Named(("adopt",), Subject.ADOPTION, by_name=True),
    Named(("deletionPolicy",), Subject.DELETION_POLICIES),
)
