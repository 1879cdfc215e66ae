"""One table of AWS operations: whatever is called is in it, and every other table knows it all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
import pytest
import studio_operator
from studio_operator.aws.inventory import effects
from studio_operator.kinds.permissions import Access
from studio_operator.kinds.registry import (
    BY_TYPE,
    CALLS_OF_FEATURES,
    CHANGES,
    COMPANIONS,
    OPERATIONS,
)
from studio_operator.plan.operations import Does, is_read
from studio_operator.plugin.aws.statements import STATEMENTS
from studio_operator.plugin.planning import effects as effects_in_words
from studio_operator.plugin.planning import in_memory_aws

PACKAGE = Path(studio_operator.__file__).parent
# The plug-in calls AWS as the person who types: what it asks is no operation of the operator.
# These stand in a table of their own elsewhere, and name all of it.
NOT_SEARCHED = {"plugin", "operations.py"}
# What a view of AWS does not hold.
NOT_IN_VIEWS = {one.name for one in OPERATIONS.values() if one.does is Does.PREPARE}


@cache
def apis() -> dict[str, set[str]]:
    session = botocore.session.get_session()
    return {
        api: set(session.get_service_model(api).operation_names)
        for api in {one.api for one in OPERATIONS.values()}
    }


# The rules that kinds share put an operation's name together from a verb and a kind's type.
SHARED_VERBS = ("Create", "Update", "Delete")


def named_in_code() -> Iterator[str]:
    """Operations of these APIs that the operator's code names."""
    yield from (f"{verb}{type_}" for verb in SHARED_VERBS for type_ in BY_TYPE)
    known = set().union(*apis().values())
    for path in PACKAGE.rglob("*.py"):
        if NOT_SEARCHED & set(path.relative_to(PACKAGE).parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in known:
                yield str(node.value)


def test_the_table_has_what_the_code_names_and_nothing_else() -> None:
    assert set(named_in_code()) == set(OPERATIONS)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_each_is_one_of_its_api(name: str) -> None:
    assert name in apis()[OPERATIONS[name].api]


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_a_dry_run_carries_out_each_change_and_has_words_for_it(name: str) -> None:
    operation = OPERATIONS[name]
    if operation.type in BY_TYPE:
        assert operation.does in in_memory_aws.EFFECTS_ON_RESOURCES
    elif operation.type in COMPANIONS:
        assert operation.does in in_memory_aws.EFFECTS_ON_COMPANIONS
    else:
        assert operation.does is Does.TAG or name in CALLS_OF_FEATURES
    assert operation.does in effects_in_words.EFFECTS
    if operation.does is Does.PREPARE:
        assert name in CALLS_OF_FEATURES


@pytest.mark.parametrize("name", sorted(CHANGES - NOT_IN_VIEWS))
def test_each_change_is_entered_into_the_view_of_aws(name: str) -> None:
    operation = OPERATIONS[name]
    if operation.type in BY_TYPE:
        assert operation.does in {Does.CREATE, *effects.ON_RESOURCES}
    elif operation.type in COMPANIONS:
        assert operation.does in effects.ON_COMPANIONS
    else:
        assert operation.does is Does.TAG


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_a_policy_that_only_reads_allows_what_changes_nothing(name: str) -> None:
    operation = OPERATIONS[name]
    access = {
        access
        for statement in STATEMENTS
        for action, access in statement.actions.items()
        if action.rpartition(":")[2] == name
    }
    assert (access == {Access.READ}) is operation.is_read
    assert (access == {Access.DELETE}) is (operation.does is Does.DELETE)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_what_only_reads_is_told_by_its_verb(name: str) -> None:
    assert is_read(name) is OPERATIONS[name].is_read
