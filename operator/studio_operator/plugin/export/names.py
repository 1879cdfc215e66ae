"""Names for Kubernetes: AWS's may have capitals, and may differ in nothing but these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# RFC 1123 labels, and our CRDs' limit on names that others refer to.
LONGEST = 63


def fit_names(names: Iterable[str], taken: Mapping[str, str] | None = None) -> dict[str, str]:
    """A name in Kubernetes for each name in AWS; always the same for the same names.

    botocore's pattern allows letters, digits and hyphens in between, so lower case is enough. Where
    two would get one name, the one that has it already keeps it and the others get a number.
    `taken` are names that are given, by name in AWS.
    """
    fitted = dict(taken or {})
    used = set(fitted.values())
    for name in sorted(set(names) - fitted.keys(), key=lambda one: (one != one.lower(), one)):
        fitted[name] = _free(name.lower(), used)
        used.add(fitted[name])
    return fitted


def _free(name: str, used: set[str]) -> str:
    number, candidate = 1, name
    while candidate in used:
        number += 1
        suffix = f"-{number}"
        candidate = name[: LONGEST - len(suffix)].rstrip("-") + suffix
    return candidate
