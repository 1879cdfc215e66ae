"""What a person can do about a problem, as records from which the words are made.

A remedy is an edit of a spec or an action. The words for all of them are made here, in one place,
so that each edit can be tried on a real API server: one that it would refuse is no remedy.
Records are made by the functions below (`set_field`, `another`, `leave_out`, `apply_anew`, ...);
`say` puts them into words, and `messages.tell` adds them to a problem.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from studio_operator.api.common import REQUESTED_AT


def field(path: str) -> str:
    """The name of a field of the spec in a message: `spec.storage.sizeGiB` for that path in it.

    Problems name fields by this function only, remedies by their records: a test looks each path
    up in the CRDs.
    """
    return f"spec.{path}"


class Change(Enum):
    """How an edit changes its field."""

    SET = "set"
    SET_ANOTHER = "set another"  # any other value that fits
    LEAVE_OUT = "leave out"
    ADD = "add"  # to a list


@dataclass(frozen=True, slots=True)
class Resource:
    """Another resource that an edit is to be made on, or that is to be applied or deleted."""

    kind: str
    name: str
    namespace: str | None = None

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {where}{self.name}"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one field.

    - `path`: the field below `spec`, such as `ownerRef.name`.
    - `value`: as in YAML; None unless it is set or added.
    - `words`: what the value is, such as "another name"; the value itself when left out.
    - `on`: the resource to edit; None for the one that the message is about.
    - `goal`: what it is good for, such as "to take it over".
    """

    path: str
    change: Change
    value: Any = None
    words: str = ""
    on: Resource | None = None
    goal: str = ""


class Way(Enum):
    """What sort of act a remedy is, other than an edit."""

    ANNOTATE = "annotate"  # this resource, with a new value
    APPLY_ANEW = "apply anew"  # delete this resource and apply it again, edited
    IN_KUBERNETES = "in Kubernetes"  # apply, delete or look at another resource
    COMMAND = "command"  # a verb of kubectl studio
    IN_AWS = "in AWS"  # with the rights of an administrator of Studio
    IN_IAM = "in IAM"  # with the rights of an administrator of roles
    WAIT = "wait"  # the operator goes on by itself


@dataclass(frozen=True, slots=True)
class Instruction:
    """Something to do that is no edit of a spec that exists.

    - `words`: the act as an imperative clause, without a full stop.
    - `annotation`: the one to set, for ANNOTATE.
    - `edits`: what is to be different when the resource is applied again, for APPLY_ANEW.
    """

    way: Way
    words: str
    annotation: str | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """Several remedies of which all are needed, in this order."""

    steps: tuple[Edit | Instruction, ...]


Remedy = Edit | Instruction | Steps

# --- edits --------------------------------------------------------------------------------------


def set_field(
    path: str, value: Any, *, words: str = "", on: Resource | None = None, goal: str = ""
) -> Edit:
    """Set the field to that value."""
    return Edit(path, Change.SET, value, words, on, goal)


def another(path: str, words: str = "", *, on: Resource | None = None, goal: str = "") -> Edit:
    """Set the field to another value that fits: "another name", or whatever `words` say."""
    return Edit(path, Change.SET_ANOTHER, None, words, on, goal)


def leave_out(path: str, *, on: Resource | None = None, goal: str = "") -> Edit:
    """Take the field out of the spec."""
    return Edit(path, Change.LEAVE_OUT, None, "", on, goal)


def add_to(path: str, value: Any, *, words: str = "", on: Resource | None = None) -> Edit:
    """Add an item to the list."""
    return Edit(path, Change.ADD, value, words, on)


# --- actions ------------------------------------------------------------------------------------


def annotate(name: str, goal: str) -> Instruction:
    """Give this resource the annotation, with a new value."""
    return Instruction(
        Way.ANNOTATE, f"set annotation {name} to a new value {goal}", annotation=name
    )


TRY_AGAIN = annotate(REQUESTED_AT, "to try again")


def apply_anew(*edits: Edit, goal: str = "") -> Instruction:
    """Delete this resource and apply it again with these edits, where AWS has nothing to lose."""
    changed = "".join(f" {_as_applied(edit)}" for edit in edits[:1])
    changed += "".join(f" and {_as_applied(edit)}" for edit in edits[1:])
    words = f"delete this resource and apply it again{changed}"
    return Instruction(Way.APPLY_ANEW, f"{words} {goal}".rstrip(), edits=edits)


def apply(resource: Resource) -> Instruction:
    """Apply a resource that is missing."""
    return Instruction(Way.IN_KUBERNETES, f"apply {resource}")


def in_kubernetes(words: str) -> Instruction:
    """Do something with other resources in the cluster."""
    return Instruction(Way.IN_KUBERNETES, words)


def command(words: str) -> Instruction:
    """Use a verb of `kubectl studio`."""
    return Instruction(Way.COMMAND, words)


def in_aws(words: str) -> Instruction:
    """Do something in AWS: the SageMaker console, Service Quotas, S3."""
    return Instruction(Way.IN_AWS, words)


def in_iam(words: str) -> Instruction:
    """Change a role or a policy in IAM."""
    return Instruction(Way.IN_IAM, words)


def wait(words: str = "wait") -> Instruction:
    """Nothing has to be done: the operator goes on by itself."""
    return Instruction(Way.WAIT, words)


# --- words --------------------------------------------------------------------------------------


def say(remedies: Iterable[Remedy]) -> str:
    """One sentence that offers all of them, the first as the best; empty without any."""
    clauses = [clause_of(remedy) for remedy in remedies]
    if not clauses:
        return ""
    sentence = ", or ".join(clauses)
    return f"{sentence[0].upper()}{sentence[1:]}."


def clause_of(remedy: Remedy) -> str:
    """One remedy as an imperative clause: no capital, no full stop."""
    if isinstance(remedy, Instruction):
        return remedy.words
    if isinstance(remedy, Edit):
        return _clause_of_edit(remedy)
    return ", then ".join(clause_of(step) for step in remedy.steps)


def edits_of(remedies: Iterable[Remedy]) -> tuple[Edit, ...]:
    """All edits among them, those of a resource that is applied anew left out."""
    found: list[Edit] = []
    for remedy in remedies:
        steps = remedy.steps if isinstance(remedy, Steps) else (remedy,)
        found += [step for step in steps if isinstance(step, Edit)]
    return tuple(found)


def _clause_of_edit(edit: Edit) -> str:
    where = f" of {edit.on}" if edit.on else ""
    named, value = f"{field(edit.path) if edit.path else 'the spec'}{where}", _value(edit)
    verb = {
        Change.SET: f"set {named} to {value}",
        Change.SET_ANOTHER: f"set {named} to {edit.words}" if edit.words else f"correct {named}",
        Change.LEAVE_OUT: f"leave out {named}",
        Change.ADD: f"add {value} to {named}",
    }[edit.change]
    return f"{verb} {edit.goal}".rstrip()


def _as_applied(edit: Edit) -> str:
    """The edit as part of "apply it again ..."."""
    named = field(edit.path)
    if edit.change is Change.LEAVE_OUT:
        return f"without {named}"
    if edit.change is Change.SET:
        return f"with {named} {_value(edit)}"
    return f"with {edit.words} as {named}" if edit.words else f"with another {named}"


def _value(edit: Edit) -> str:
    if edit.words:
        return edit.words
    return str(edit.value).lower() if isinstance(edit.value, bool) else str(edit.value)
