"""IAM policies: made from one table, which holds what the operator's code calls and no more."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from studio_operator.plugin.errors import PluginError
from studio_operator.plugin.permissions import Level, Scope, policy, table_actions

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "operator" / "studio_operator"
# Not calls of the operator's own: IAM asks for them when domains and profiles name roles.
# And S3 tells only whom it lets list that an object is not there.
ASKED_BY_IAM = {"iam:PassRole", "iam:CreateServiceLinkedRole", "s3:ListBucket"}
PREFIXES = {
    "sagemaker": "sagemaker",
    "resourcegroupstaggingapi": "tag",
    "emr-serverless": "emr-serverless",
    "s3": "s3",
}
NARROW = Scope("eu-central-1", "123456789012", ("d-a1b2c3", "d-d4e5f6"), ("studio", "team/lead"))


def called() -> set[str]:
    """IAM's names of what the operator's code calls; what the plug-in calls is a person's."""
    session = botocore.session.get_session()
    known = {
        operation: f"{prefix}:{operation}"
        for service, prefix in PREFIXES.items()
        for operation in session.get_service_model(service).operation_names
    }
    return {
        known[node.value]
        for path in PACKAGE.rglob("*.py")
        if "plugin" not in path.relative_to(PACKAGE).parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in known
    }


def actions(document: dict[str, Any]) -> Iterator[str]:
    for statement in document["Statement"]:
        action = statement["Action"]
        yield from [action] if isinstance(action, str) else action


def resources(document: dict[str, Any], sid: str) -> Any:
    return next(one["Resource"] for one in document["Statement"] if one["Sid"] == sid)


def test_the_table_holds_exactly_what_the_code_calls() -> None:
    assert len(called()) > 15, "the search finds the operations"
    assert set(table_actions()) - ASKED_BY_IAM == called()
    assert len(list(table_actions())) == len(set(table_actions()))


@pytest.mark.parametrize(
    ("file", "level"),
    [
        ("iam-policy.json", Level.FULL),
        ("iam-policy-no-delete.json", Level.NO_DELETE),
        ("iam-policy-read-only.json", Level.READ_ONLY),
    ],
)
def test_the_policies_of_the_documentation_are_made_from_it(file: str, level: Level) -> None:
    text = (ROOT / "docs" / "how-to" / file).read_text(encoding="utf-8")
    assert json.loads(text) == policy(level), (
        f"write it anew: kubectl studio iam-policy --level {level}"
    )


def test_back_ups_are_allowed_in_named_buckets_only() -> None:
    assert not any("s3:" in name or "Lifecycle" in name for name in actions(policy(Level.FULL)))
    document = policy(Level.FULL, Scope(backup_buckets=("team-backups", "more")))
    assert resources(document, "AskForBackups") == [
        "arn:aws:s3:::team-backups/*/request.json",
        "arn:aws:s3:::more/*/request.json",
    ]
    assert resources(document, "SeeThatNoBackupIsThere") == [
        "arn:aws:s3:::team-backups",
        "arn:aws:s3:::more",
    ]
    looks = set(actions(policy(Level.READ_ONLY, Scope(backup_buckets=("team-backups",)))))
    assert {name for name in looks if name.startswith("s3:")} == {"s3:GetObject", "s3:ListBucket"}


def test_levels_take_away() -> None:
    full, careful, looks = (set(actions(policy(level))) for level in Level)
    assert full - careful == {
        "sagemaker:DeleteDomain",
        "sagemaker:DeleteUserProfile",
        "sagemaker:DeleteSpace",
    }
    assert looks < careful
    assert {action.split(":")[1][:4] for action in looks} == {"List", "Desc", "GetR"}


def test_nothing_is_allowed_by_a_wildcard_action() -> None:
    assert [action for action in table_actions() if "*" in action] == []


def test_a_policy_is_narrowed_to_region_account_domains_and_roles() -> None:
    narrow = policy(Level.FULL, NARROW)
    place = "eu-central-1:123456789012"
    assert resources(narrow, "KeepSpacesAndApps") == [
        f"arn:aws:sagemaker:{place}:{kind}/{domain}/*"
        for kind in ("app", "space")
        for domain in ("d-a1b2c3", "d-d4e5f6")
    ]
    assert resources(narrow, "PassExecutionRoles") == [
        "arn:aws:iam::123456789012:role/studio",
        "arn:aws:iam::123456789012:role/team/lead",
    ]
    look = next(one for one in narrow["Statement"] if one["Sid"] == "LookAtStudio")
    assert look["Condition"] == {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}


def test_domains_that_are_given_are_not_created() -> None:
    created = {"sagemaker:CreateDomain", "iam:CreateServiceLinkedRole"}
    assert created <= set(actions(policy(Level.FULL)))
    assert not created & set(actions(policy(Level.FULL, NARROW)))


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_arns_have_the_partition_of_the_region(region: str, partition: str) -> None:
    arn = resources(policy(Level.FULL, Scope(region=region)), "KeepDomains")
    assert arn == f"arn:{partition}:sagemaker:{region}:*:domain/*"


def test_roles_may_be_given_by_arn() -> None:
    arn = "arn:aws:iam::210987654321:role/studio"
    assert resources(policy(Level.FULL, Scope(roles=(arn,))), "PassExecutionRoles") == arn


def test_a_region_that_nobody_knows_is_refused() -> None:
    with pytest.raises(PluginError, match="check --region"):
        policy(Level.FULL, Scope(region="mars-1"))
