"""The fields of a Space that name what a tenant needs permission for."""

from __future__ import annotations

from studio_operator.kinds.shared.policy import named_by
from studio_operator.kinds.space.in_aws.settings import IMAGE, SETTINGS
from studio_operator.plan.tenancy.check import Named
from studio_operator.plan.tenancy.policy import Subject

NAMES = (
    *named_by(SETTINGS),
    Named(("image", "imageArn"), Subject.IMAGES, setting=IMAGE.field),
    Named(("image", "versionArn"), Subject.IMAGES, setting=IMAGE.field),
    Named(("backup", "s3Uri"), Subject.S3_PLACES),
    Named(("adopt",), Subject.ADOPTION, by_name=True),
    Named(("deletionPolicy",), Subject.DELETION_POLICIES),
)
