"""The operations of AWS that only back-ups need, and what is granted for them."""

from __future__ import annotations

from studio_operator.kinds.permissions import HERE, Access, Statement, actions_of
from studio_operator.plan.operations import AwsOperation, Does

_LOOK_AT_SCRIPT = AwsOperation("DescribeStudioLifecycleConfig", Does.READ)
_MAKE_SCRIPT = AwsOperation("CreateStudioLifecycleConfig", Does.PREPARE, is_named_by_content=True)
_GET = AwsOperation("GetObject", Does.READ, "s3")
_PUT = AwsOperation("PutObject", Does.PREPARE, "s3")
OPERATIONS = (_LOOK_AT_SCRIPT, _MAKE_SCRIPT, _GET, _PUT)

_SCRIPTS = (f"{HERE}studio-lifecycle-config/studio-operator-backup-*",)
_BUCKET = "arn:{partition}:s3:::{bucket}"
STATEMENTS = (
    Statement(
        "MakeBackupScripts",
        actions_of((_MAKE_SCRIPT, _LOOK_AT_SCRIPT)),
        _SCRIPTS,
        needs_buckets=True,
    ),
    Statement(
        "TagBackupScripts",
        {"sagemaker:AddTags": Access.WRITE},
        _SCRIPTS,
        # There only while a creation puts its tags on, as with what carries the ownership tag.
        {"Null": {"sagemaker:TaggingAction": "false"}},
        needs_buckets=True,
    ),
    Statement(
        "AskForBackups", actions_of((_PUT,)), (f"{_BUCKET}/*/request.json",), needs_buckets=True
    ),
    Statement(
        "LookAtBackups",
        actions_of((_GET,)),
        tuple(f"{_BUCKET}/*/{name}" for name in ("request.json", "completed.json", "failed.json")),
        needs_buckets=True,
    ),
    Statement(
        # Else S3 says Access Denied of an object that is not there (API reference, GetObject).
        "SeeThatNoBackupIsThere",
        {"s3:ListBucket": Access.READ},
        (_BUCKET,),
        needs_buckets=True,
    ),
)
