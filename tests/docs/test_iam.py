"""The IAM page allows and explains what the operator calls, no less and no more."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import botocore.session
from studio_operator.plugin.aws.permissions import Level, PolicyScope, policy, table_actions

from tests.docs.pages import DOCS, ROOT, page, tables

PACKAGE = ROOT / "operator" / "studio_operator"
POLICY = json.loads((DOCS / "how-to" / "iam-policy.json").read_text(encoding="utf-8"))
# Not calls of the operator's own: IAM asks for them when domains and profiles name roles.
ASKED_BY_IAM = {"iam:PassRole", "iam:CreateServiceLinkedRole"}
PREFIXES = {
    "emr-serverless": "emr-serverless",
    "sagemaker": "sagemaker",
    "resourcegroupstaggingapi": "tag",
    "s3": "s3",
}


def operations() -> dict[str, str]:
    """Every operation of the APIs that the operator uses, with the IAM action of it."""
    session = botocore.session.get_session()
    return {
        operation: f"{prefix}:{operation}"
        for service, prefix in PREFIXES.items()
        for operation in session.get_service_model(service).operation_names
    }


def called() -> set[str]:
    """The operations whose names stand in the code as strings: planners and inventory name them."""
    known = operations()
    return {
        node.value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in known
    }


def test_the_search_finds_what_is_known_to_be_called() -> None:
    assert {"CreateSpace", "DeleteApp", "ListApps", "GetResources", "DescribeApp"} <= called()


def test_the_policy_allows_exactly_what_is_called() -> None:
    known = operations()
    of_backups = set(table_actions()) - set(_allowed())
    assert set(_allowed()) - ASKED_BY_IAM == {known[one] for one in called()} - of_backups
    assert set(_allowed()) >= ASKED_BY_IAM
    assert all("s3:" in name or "LifecycleConfig" in name for name in of_backups)


def test_the_policy_deletes_nothing_by_a_wildcard() -> None:
    assert [action for action in _allowed() if "*" in action] == []


def test_the_page_says_when_each_operation_is_called() -> None:
    listed = {name for row in tables(page("how-to/iam.md").text)[1] for name in row[0].split(", ")}
    assert listed == called()


def test_the_page_explains_each_statement() -> None:
    explained = {
        name
        for row in tables(page("how-to/iam.md").text)[0]
        for name in re.findall(r"`(\w+)`", row[0])
    }
    with_backups = policy(Level.FULL, PolicyScope(backup_buckets=("team-backups",)))
    assert explained == {statement["Sid"] for statement in with_backups["Statement"]}


def _allowed() -> Iterator[str]:
    for statement in POLICY["Statement"]:
        assert statement["Effect"] == "Allow"
        actions: Any = statement["Action"]
        yield from [actions] if isinstance(actions, str) else actions
