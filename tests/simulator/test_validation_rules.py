"""The check of input and the translation of patterns by themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from studio_simulator.errors import ServiceError
from studio_simulator.operations.catalogue import OPERATIONS
from studio_simulator.requests import service_model
from studio_simulator.requests.patterns import compile_pattern, translate
from studio_simulator.requests.validation import check_input, checks_of, lower_first


@pytest.mark.parametrize(
    ("java", "python"),
    [
        (r"\d{12}", r"[0-9]{12}"),
        (r"[\d-]+", r"[0-9-]+"),
        (r"\w", r"[a-zA-Z0-9_]"),
        (r"[-\w]", r"[-a-zA-Z0-9_]"),
        (r"\.", r"\."),
        (r"[.]", r"[.]"),
        (r"\[.", r"\[[^\n\r\u0085\u2028\u2029]"),
        (r"[\]\d].", r"[\]0-9][^\n\r\u0085\u2028\u2029]"),
        (r"\p{L}\S", r"\p{L}\S"),
    ],
)
def test_a_java_pattern_is_translated(java: str, python: str) -> None:
    assert translate(java) == python


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        (r"\d+", "12", True),
        (r"\d+", "١٢", False),
        (r"\w+", "é", False),
        (r"\p{L}+", "é", True),
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "größe 大:1", True),
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "a!", False),
        (r".+", "a\u2028b", False),
        (r"[\S\s]+", "a\nb\u00a0", True),
        (r"(?!\s*$).+", "  ", False),
        (r"(?!\s*$).+", " x", True),
        ("ab", "abc", False),
    ],
)
def test_a_pattern_matches_the_whole_value_as_in_java(pattern: str, value: str, fits: bool) -> None:
    assert (compile_pattern(pattern).fullmatch(value) is not None) == fits


def test_every_operation_has_a_check_of_its_whole_input() -> None:
    for name in OPERATIONS:
        assert callable(checks_of("sagemaker", name))


def test_every_pattern_of_every_operation_can_be_compiled() -> None:
    seen: set[str] = set()

    def walk(shape: Any) -> None:
        if shape.name in seen:
            return
        seen.add(shape.name)
        if "pattern" in shape.metadata:
            compile_pattern(shape.metadata["pattern"])
        for member in getattr(shape, "members", {}).values():
            walk(member)
        for name in ("member", "key", "value"):
            if hasattr(shape, name):
                walk(getattr(shape, name))

    for name in OPERATIONS:
        walk(service_model.operation("sagemaker", name).input_shape)
    assert "TagKey" in seen


def findings(parameters: dict[str, Any], operation: str = "CreateUserProfile") -> str:
    with pytest.raises(ServiceError) as refused:
        check_input("sagemaker", operation, parameters)
    return refused.value.message


KEY = {"DomainId": "d-abc", "UserProfileName": "alice"}


def test_findings_on_simple_members_of_a_list_are_one_finding_on_the_list() -> None:
    message = findings({**KEY, "UserSettings": {"SecurityGroups": ["sg-1", "sg_2", "sg_3"]}})
    assert message == (
        "1 validation error detected: Value '[sg-1, sg_2, sg_3]' at "
        "'userSettings.securityGroups' failed to satisfy constraint: Member must satisfy "
        "constraint: [Member must satisfy regular expression pattern: [-0-9a-zA-Z]+, Member must "
        "have length greater than or equal to 0, Member must have length less than or equal to 32]"
    )


def test_a_list_has_a_length() -> None:
    message = findings({**KEY, "UserSettings": {"SecurityGroups": ["sg"] * 6}})
    assert "Member must have length less than or equal to 5" in message


def test_a_number_has_bounds() -> None:
    user = {"CustomPosixUserConfig": {"Uid": 9999, "Gid": 1001}}
    assert "Member must have value greater than or equal to 10000" in findings(
        {**KEY, "UserSettings": user}
    )


def test_input_that_fits_is_left_as_it_is_but_for_nulls() -> None:
    parameters = {**KEY, "UserSettings": {"SecurityGroups": ["sg-1"], "ExecutionRole": None}}
    before = json.loads(json.dumps(parameters))
    check_input("sagemaker", "CreateUserProfile", parameters)
    del before["UserSettings"]["ExecutionRole"]
    assert parameters == before


def test_paths_begin_with_a_small_letter() -> None:
    assert [lower_first(name) for name in ("KmsKeyId", "EFSFileSystem")] == [
        "kmsKeyId",
        "eFSFileSystem",
    ]
