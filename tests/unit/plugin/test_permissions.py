"""IAM policies: made from one table, which holds what the operator's code calls and no more."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from studio_operator.plugin.aws.permissions import (
    Level,
    PolicyScope,
    is_any_role,
    policy,
    table_actions,
)
from studio_operator.plugin.errors import PluginError

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
NARROW = PolicyScope(
    "eu-central-1", "123456789012", ("d-a1b2c3", "d-d4e5f6"), ("studio", "team/lead")
)


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
    tagging = {"sagemaker:AddTags", "sagemaker:DeleteTags"}
    others = [action for action in table_actions() if action not in tagging]
    assert len(others) == len(set(others))


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
    assert json.loads(text) == policy(level, PolicyScope(roles=("studio-execution-*",))), (
        f"write it anew: kubectl studio iam-policy --level {level} --role 'studio-execution-*'"
    )


def test_back_ups_are_allowed_in_named_buckets_only() -> None:
    without = actions(policy(Level.FULL))
    assert not any("s3:" in name or name.endswith("LifecycleConfig") for name in without)
    document = policy(Level.FULL, PolicyScope(backup_buckets=("team-backups", "more")))
    assert resources(document, "AskForBackups") == [
        "arn:aws:s3:::team-backups/*/request.json",
        "arn:aws:s3:::more/*/request.json",
    ]
    assert resources(document, "SeeThatNoBackupIsThere") == [
        "arn:aws:s3:::team-backups",
        "arn:aws:s3:::more",
    ]
    looks = set(actions(policy(Level.READ_ONLY, PolicyScope(backup_buckets=("team-backups",)))))
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
    assert resources(narrow, "StartAndStopApps") == [
        f"arn:aws:sagemaker:{place}:app/{domain}/*" for domain in ("d-a1b2c3", "d-d4e5f6")
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
    arn = resources(policy(Level.FULL, PolicyScope(region=region)), "CreateDomains")
    assert arn == f"arn:{partition}:sagemaker:{region}:*:domain/*"


def test_roles_may_be_given_by_arn() -> None:
    arn = "arn:aws:iam::210987654321:role/studio"
    assert resources(policy(Level.FULL, PolicyScope(roles=(arn,))), "PassExecutionRoles") == arn


def test_a_region_that_nobody_knows_is_refused() -> None:
    with pytest.raises(PluginError, match="check --region"):
        policy(Level.FULL, PolicyScope(region="mars-1"))


# --- what carries the ownership tag, and what does not -------------------------------------------

OWNER = "studio-operator.dev/owner"
BY_APPS_OR_LOOKS = {"CreateApp", "DeleteApp"}


def statements(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["Sid"]: one for one in document["Statement"]}


def test_nothing_is_changed_or_deleted_that_does_not_carry_the_cluster_s_tag() -> None:
    document = policy(Level.FULL, PolicyScope(cluster_id="team-a-prod"))
    for one in document["Statement"]:
        named = [one["Action"]] if isinstance(one["Action"], str) else one["Action"]
        verbs = {name.removeprefix("sagemaker:") for name in named if "sagemaker:" in name}
        if not any(verb.startswith(("Update", "Delete", "Create", "Add")) for verb in verbs):
            continue
        if verbs <= BY_APPS_OR_LOOKS:
            continue
        tags = one["Condition"]["StringLike"]
        assert set(tags.values()) == {"team-a-prod/*"}, one["Sid"]
        assert set(tags) <= {f"aws:ResourceTag/{OWNER}", f"aws:RequestTag/{OWNER}"}


def test_tags_of_others_are_out_of_reach() -> None:
    """Only at a creation, on what is owned already, or where no such tag is."""
    found = statements(policy(Level.FULL))
    tagging = {sid for sid, one in found.items() if "sagemaker:AddTags" in one["Action"]}
    assert tagging == {"TagWhatIsCreated", "TagWhatIsOwned", "AdoptWhatNobodyOwns"}
    assert found["TagWhatIsCreated"]["Condition"]["Null"] == {"sagemaker:TaggingAction": "false"}
    adopting = found["AdoptWhatNobodyOwns"]["Condition"]
    assert adopting["Null"] == {f"aws:ResourceTag/{OWNER}": "true"}


def test_adoption_can_be_left_out_alone() -> None:
    with_, without = (
        statements(policy(Level.FULL, PolicyScope(adoption=adoption))) for adoption in (True, False)
    )
    assert with_.keys() - without.keys() == {"AdoptWhatNobodyOwns"}
    assert all(with_[sid] == without[sid] for sid in without)


@pytest.mark.parametrize(
    ("role", "any_role"),
    [
        ("*", True),
        ("**", True),
        ("*/*", True),
        ("arn:aws:iam::123456789012:role/*", True),
        ("arn:aws:iam::*:role/*", True),
        ("arn:*", True),
        ("arn:aws:iam::*", True),
        ("arn:aws:iam::123456789012:*", True),
        ("arn:aws:iam::123456789012:*/*", True),
        ("arn:aws:iam::123456789012:role*", True),
        ("arn:aws:iam::123456789012:r*/studio", True),
        ("arn:*:role/studio", True),
        ("arn:aws:iam::123456789012:role/studio-*", False),
        ("arn:aws-cn:iam::*:role/team-a/*", False),
        ("studio-execution-*", False),
        ("team-a/*", False),
        ("arn:aws:iam::123456789012:role/studio", False),
    ],
)
def test_a_star_is_known_for_every_role(role: str, any_role: bool) -> None:
    assert is_any_role(role) is any_role
