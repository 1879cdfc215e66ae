"""The page of reasons: what each means, what helps, and what the planners say with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from studio_operator.plan.reasons import REASONS, Reason
from studio_operator.settings import Settings

from generators.reason_examples import Example, all_examples

INTRODUCTION = """\
# Reasons

<!-- Generated from the planners, by `python -m generators --write`. -->

The words that stand as `reason` on the conditions of StudioTenants, StudioDomains, UserProfiles and
Spaces. They are stable: alerts and scripts may match them.

A resource stands in one of three ways, which its conditions say together:

- **Ready**: `Ready` is True. AWS shows what is declared.
- **Reconciling**: `Ready` is False and `Reconciling` is True. The operator goes on by itself.
- **Stalled**: `Ready` is False and `Stalled` is True. A person has to act. A corrected spec is
  taken up at once. So is a new value of the annotation
  `reconcile.studio-operator.dev/requested-at`. AccessDenied and QuotaExceeded are tried again
  without that: within {first:.0f} minutes at first, later within the hour.

`Drifted`, `PendingRestart`, `LingeringResources`, `IdleShutdownInactive` and `PolicyViolation` are
conditions of their own beside these. The examples below are what the planners say, word for word,
of resources with made-up names.
"""


def reasons_page() -> str:
    """The page in Markdown; ValueError when a reason has no explanation or no example."""
    examples: dict[Reason, list[Example]] = defaultdict(list)
    for example in dict.fromkeys(all_examples()):  # each once, in their order
        examples[example.reason].append(example)
    missing = sorted(set(Reason) - (REASONS.keys() & examples.keys()))
    if missing:
        raise ValueError(f"lacking in REASONS or in the examples of this folder: {missing}")
    entries = (_entry(reason, examples[reason]) for reason in sorted(Reason))
    introduction = INTRODUCTION.format(first=Settings().person_retry / 60)
    return "\n".join([introduction, *_index(examples), *entries])


def _index(examples: Mapping[Reason, list[Example]]) -> Iterator[str]:
    yield "| Reason | Stands as | Meaning |"
    yield "|---|---|---|"
    for reason in sorted(Reason):
        standings = ", ".join(sorted({one.standing for one in examples[reason]}))
        yield f"| [{reason}](#{reason.lower()}) | {standings} | {REASONS[reason].meaning} |"
    yield ""


def _entry(reason: Reason, examples: list[Example]) -> str:
    explanation = REASONS[reason]
    lines = [f"## {reason}\n", explanation.meaning, f"\n**What helps:** {explanation.remedy}\n"]
    lines.append("Examples:\n" if len(examples) > 1 else "Example:\n")
    lines += [f"- {one.kind}, {one.standing}: `{one.message}`" for one in examples]
    return "\n".join(lines) + "\n"
