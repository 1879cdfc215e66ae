"""Globs, and what holds in a namespace by the tenants that there are."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio_operator.plan.tenancy.globs import matches, matches_any
from studio_operator.plan.tenancy.policy import Enforcement, Standing, Subject

from tests.unit.tenancy.judged import policy, ruled, rules

IMAGE = "arn:aws:sagemaker:eu-central-1:123456789012:image/churn-r"
ROLE = "arn:aws:iam::123456789012:role/churn-notebooks"


@pytest.mark.parametrize(
    ("pattern", "text", "is_meant"),
    [
        ("churn", "churn", True),
        ("churn", "churns", False),
        ("churn-*", "churn-", True),
        ("churn-*", "churn", False),
        ("*", "", True),
        ("*-dev", "churn-dev", True),
        ("a*a", "a", False),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("a**b", "ab", True),
        ("arn:aws:iam::*:role/churn-*", ROLE, True),
        ("arn:aws:iam::*:role/forecast-*", ROLE, False),
        ("a.c", "abc", False),
        ("[a]", "a", False),
        ("a+", "aa", False),
    ],
)
def test_a_star_is_for_any_characters_and_all_else_for_itself(
    pattern: str, text: str, is_meant: bool
) -> None:
    assert matches(pattern, text) is is_meant


@given(
    st.lists(st.text("ab*", min_size=1, max_size=6), min_size=1, max_size=4),
    st.text("ab", max_size=8),
)
def test_they_mean_what_regular_expressions_mean(patterns: list[str], text: str) -> None:
    found = any(re.fullmatch(one.replace("*", ".*"), text) for one in patterns)
    assert matches_any(patterns, text) is found


def test_no_glob_takes_long() -> None:
    begun = time.process_time()
    assert not matches("*a" * 128, "a" * 127 + "b" * 2000)
    assert time.process_time() - begun < 1


def test_nothing_means_nothing() -> None:
    assert not matches_any((), "")


# --- whose a namespace is ---


def test_a_namespace_of_nobody_is_not_judged() -> None:
    assert policy().standing is Standing.UNRULED
    assert policy(rules(names=["forecast"])).standing is Standing.UNRULED
    assert not policy().judges


def test_a_namespace_of_nobody_is_refused_where_it_needs_a_tenant() -> None:
    found = policy(rules(names=["forecast"]), is_required=True)
    assert (found.standing, found.enforcement) == (Standing.MISSING, Enforcement.BLOCK)


def test_one_tenant_rules() -> None:
    found = policy(rules(names=["ml-team"]), rules("forecast", names=["forecast"]))
    assert found.standing is Standing.RULED
    assert [one.name for one in found.tenants] == ["churn"]


def test_audit_is_what_a_tenant_does_that_says_nothing() -> None:
    assert policy(rules()).enforcement is Enforcement.AUDIT


@pytest.mark.parametrize(
    ("first", "second", "does"),
    [
        ("Audit", "Audit", Enforcement.AUDIT),
        ("Audit", "Block", Enforcement.BLOCK),
        ("Stop", "Stop", Enforcement.BLOCK),
    ],
)
def test_of_two_tenants_neither_counts_and_nobody_is_stopped(
    first: str, second: str, does: Enforcement
) -> None:
    allow = {"executionRoles": ["*"]}
    found = policy(
        rules(enforcement=first, allow=allow), rules("forecast", enforcement=second, allow=allow)
    )
    assert (found.standing, found.enforcement) == (Standing.CONFLICT, does)
    assert not found.allow


# --- what is allowed ---

UID = "200001"


@pytest.mark.parametrize(
    ("allow", "subject", "value", "is_allowed"),
    [
        ({}, Subject.EXECUTION_ROLES, ROLE, False),
        ({"executionRoles": ["arn:aws:iam::*:role/churn-*"]}, Subject.EXECUTION_ROLES, ROLE, True),
        ({"subnets": ["subnet-1"]}, Subject.SUBNETS, "subnet-12", False),
        ({}, Subject.DELETION_POLICIES, "Retain", True),
        ({}, Subject.DELETION_POLICIES, "Delete", False),
        ({"deletionPolicies": ["Delete"]}, Subject.DELETION_POLICIES, "Delete", True),
        ({}, Subject.REMOTE_ACCESS, "Disabled", True),
        ({}, Subject.REMOTE_ACCESS, "Enabled", False),
        ({"remoteAccess": "Enabled"}, Subject.REMOTE_ACCESS, "Enabled", True),
        ({}, Subject.UIDS, UID, False),
        ({"posixIds": {"uids": [{"from": 200000, "to": 200001}]}}, Subject.UIDS, UID, True),
        ({"posixIds": {"uids": [{"from": 200002, "to": 200009}]}}, Subject.UIDS, UID, False),
        ({"posixIds": {"gids": [{"from": 200000, "to": 200001}]}}, Subject.UIDS, UID, False),
        ({"images": ["*:image/churn-*"]}, Subject.IMAGES, IMAGE, True),
        (
            {"images": ["*:image/churn-*"]},
            Subject.IMAGES,
            f"{IMAGE.replace(':image/', ':image-version/')}/3",
            True,
        ),
        (
            {"images": ["*:image/churn"]},
            Subject.IMAGES,
            f"{IMAGE.replace(':image/', ':image-version/')}/3",
            False,
        ),
        ({"imageOwners": ["123456789012"]}, Subject.IMAGES, IMAGE, True),
        ({"imageOwners": ["210987654321"]}, Subject.IMAGES, IMAGE, False),
        ({"imageOwners": ["123456789012"]}, Subject.IMAGE_OWNERS, "123456789012", True),
        ({"adoption": ["churn-*"]}, Subject.ADOPTION, "churn-old", True),
        ({"adoption": ["churn-*"]}, Subject.ADOPTION, "forecast", False),
    ],
)
def test_what_is_left_out_is_denied(
    allow: dict[str, Any], subject: Subject, value: str, is_allowed: bool
) -> None:
    assert ruled(**allow).allows(subject, value) is is_allowed
