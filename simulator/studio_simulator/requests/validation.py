"""Checks an operation's input against botocore's model, and words the findings as AWS does.

botocore's clients check only what is required, types and lower bounds. The service also checks
upper bounds, patterns and enums, and so does this module. Each shape is turned into a function
once; validating is then a walk over the input alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from studio_simulator.errors import ServiceError, validation
from studio_simulator.requests import service_model
from studio_simulator.requests.patterns import compile_pattern

Check = Callable[[Any, str, list[str]], None]
"""(value, path as AWS writes it, findings to add to)"""

TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), "String"),
    "integer": ((int,), "Integer"),
    "long": ((int,), "Long"),
    "float": ((int, float), "Float"),
    "double": ((int, float), "Double"),
    "boolean": ((bool,), "Boolean"),
    "timestamp": ((int, float), "Timestamp"),
    "blob": ((str,), "Blob"),
    "list": ((list,), "List"),
    "map": ((dict,), "Map"),
    "structure": ((dict,), "Structure"),
}


def check_input(service_name: str, operation_name: str, parameters: dict[str, Any]) -> None:
    """Refuse input that the model does not allow; drop members that are null.

    Raises:
        ServiceError: SerializationException for a wrong type, ValidationException for the rest,
            all findings in one message.

    """
    findings: list[str] = []
    checks_of(service_name, operation_name)(parameters, "", findings)
    if findings:
        noun = "error" if len(findings) == 1 else "errors"
        raise validation(
            f"{len(findings)} validation {noun} detected: {'; '.join(findings)}"[:4096]
        )


@cache
def checks_of(service_name: str, operation_name: str) -> Check:
    """Return the check of an operation's input."""
    shape = service_model.operation(service_name, operation_name).input_shape
    if shape is None:
        return _accept
    return _check_of(shape, {})


def _accept(value: Any, path: str, findings: list[str]) -> None:
    """Find nothing."""


def _check_of(shape: Shape, known: dict[str, Check]) -> Check:
    """Build the check of a shape; ``known`` ends the recursion of shapes that hold themselves."""
    if shape.name in known:
        return known[shape.name]

    def later(value: Any, path: str, findings: list[str]) -> None:
        known[shape.name](value, path, findings)

    known[shape.name] = later
    if isinstance(shape, StructureShape):
        check = _structure(shape, known)
    elif isinstance(shape, ListShape):
        check = _list(shape, known)
    elif isinstance(shape, MapShape):
        check = _map(shape, known)
    else:
        check = _scalar(shape)
    known[shape.name] = check
    return check


def _structure(shape: StructureShape, known: dict[str, Check]) -> Check:
    members = {
        name: (lower_first(name), _check_of(member, known))
        for name, member in shape.members.items()
    }
    required = [(name, lower_first(name)) for name in shape.required_members]
    is_union = bool(getattr(shape, "is_tagged_union", False))

    def check(value: Any, path: str, findings: list[str]) -> None:
        _require_type(value, "structure")
        prefix = f"{path}." if path else ""
        for name in [name for name, member in value.items() if member is None]:
            del value[name]
        for name, label in required:
            if name not in value:
                findings.append(_finding(None, prefix + label, "Member must not be null"))
        for name, member in value.items():
            if name not in members:
                raise validation(f"Unknown parameter {name} in {shape.name}.")
            label, member_check = members[name]
            member_check(member, prefix + label, findings)
        if is_union and len(value) != 1:
            findings.append(_finding(value, path, "Member must have exactly one member set"))

    return check


def _list(shape: ListShape, known: dict[str, Check]) -> Check:
    member_check = _check_of(shape.member, known)
    limits = _limits(shape, "length")
    is_scalar = not isinstance(shape.member, StructureShape | ListShape | MapShape)
    constraints = ", ".join(text for _, text in _constraints(shape.member)) if is_scalar else ""

    def check(value: Any, path: str, findings: list[str]) -> None:
        _require_type(value, "list")
        for broken, text in limits:
            if broken(len(value)):
                findings.append(_finding(value, path, text))
        inner: list[str] = []
        for number, member in enumerate(value, 1):
            member_check(member, f"{path}.{number}.member", inner)
        if inner and is_scalar:
            text = f"Member must satisfy constraint: [{constraints}]"
            findings.append(_finding(value, path, text))
        else:
            findings.extend(inner)

    return check


def _map(shape: MapShape, known: dict[str, Check]) -> Check:
    key_check, value_check = _check_of(shape.key, known), _check_of(shape.value, known)
    limits = _limits(shape, "length")

    def check(value: Any, path: str, findings: list[str]) -> None:
        _require_type(value, "map")
        for broken, text in limits:
            if broken(len(value)):
                findings.append(_finding(value, path, text))
        for key, member in value.items():
            key_check(key, f"{path}.key", findings)
            value_check(member, f"{path}.{key}.member", findings)

    return check


def _scalar(shape: Shape) -> Check:
    constraints = _constraints(shape)
    type_name = shape.type_name

    def check(value: Any, path: str, findings: list[str]) -> None:
        _require_type(value, type_name)
        for broken, text in constraints:
            if broken(value):
                findings.append(_finding(value, path, text))

    return check


Constraint = tuple[Callable[[Any], bool], str]
"""(is it broken?, the words for it)"""


def _constraints(shape: Shape) -> list[Constraint]:
    found: list[Constraint] = []
    metadata = shape.metadata
    if metadata.get("enum"):
        allowed = list(metadata["enum"])
        known = frozenset(allowed)
        found.append(
            (
                lambda value: value not in known,
                f"Member must satisfy enum value set: [{', '.join(allowed)}]",
            )
        )
    if metadata.get("pattern"):
        pattern = metadata["pattern"]
        matches = compile_pattern(pattern).fullmatch
        found.append(
            (
                lambda value: matches(value) is None,
                f"Member must satisfy regular expression pattern: {pattern}",
            )
        )
    if shape.type_name == "string":
        found += [(_of_length(broken), text) for broken, text in _limits(shape, "length")]
    elif shape.type_name in {"integer", "long", "float", "double"}:
        found += _limits(shape, "value")
    return found


def _of_length(broken: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: broken(len(value))


def _limits(shape: Shape, noun: str) -> list[Constraint]:
    found: list[Constraint] = []
    lowest, highest = shape.metadata.get("min"), shape.metadata.get("max")
    if lowest is not None:
        text = f"Member must have {noun} greater than or equal to {lowest}"
        found.append((lambda size: size < lowest, text))
    if highest is not None:
        text = f"Member must have {noun} less than or equal to {highest}"
        found.append((lambda size: size > highest, text))
    return found


def _require_type(value: Any, type_name: str) -> None:
    accepted, label = TYPES[type_name]
    is_right = isinstance(value, accepted) and (
        type_name == "boolean" or not isinstance(value, bool)
    )
    if not is_right:
        kind = "NULL" if value is None else type(value).__name__.upper()
        raise ServiceError(
            "SerializationException", f"{kind}_VALUE can not be converted to a {label}"
        )


def _finding(value: Any, path: str, text: str) -> str:
    shown = "null" if value is None else f"'{_shown(value)}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {text}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(_shown(member) for member in value)}]"
    if isinstance(value, dict):
        members = ", ".join(f"{name}={_shown(member)}" for name, member in value.items())
        return f"{{{members}}}"
    return str(value)


def lower_first(name: str) -> str:
    """Return a member's name as AWS writes it in a path: SpaceSettings is spaceSettings."""
    return name[:1].lower() + name[1:]
